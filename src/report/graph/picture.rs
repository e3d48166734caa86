//! What a drawing says, as texts and places: nothing in it leads back to the tree.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::link::spoken;
use crate::report::text::clean;
use crate::report::{severity, trace};
use crate::source::{LineIndex, SourceId, Sources, Span};
use crate::topology::drawn::{Drawn, draw};
use crate::topology::{Edge, State, Topology, Way};

/// Members of one box, edges of one line and findings that are listed.
const LISTED: usize = 200;

/// A place as people name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The file.
    pub path: String,
    /// 1-based.
    pub line: u32,
}

impl Place {
    /// `tempo/tempo.yaml:3`.
    pub fn shown(&self) -> String {
        format!("{}:{}", self.path, self.line)
    }
}

/// A line of details.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Detail {
    /// What.
    pub text: String,
    /// Where.
    pub place: Option<Place>,
}

/// A finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Said {
    /// Its rule.
    pub rule: &'static str,
    /// `error`, `warning`, `info`.
    pub severity: &'static str,
    /// What is wrong.
    pub message: String,
    /// Where.
    pub place: Place,
}

/// A box.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Shape {
    /// What it is, as a machine reads it.
    pub kind: &'static str,
    /// Its title.
    pub title: String,
    /// The service that runs it.
    pub service: Option<String>,
    /// Where it is configured, and what it stands for.
    pub details: Vec<Detail>,
    /// What was found in it.
    pub findings: Vec<Said>,
}

/// A line between two boxes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// From which box.
    pub from: usize,
    /// To which box.
    pub to: usize,
    /// What travels; empty = whatever comes.
    pub signals: Vec<&'static str>,
    /// What is spoken, and the port: `otlp-grpc :4317`.
    pub label: String,
    /// `fine`, `broken`, `unknown`.
    pub state: &'static str,
    /// Why it is not fine.
    pub why: Option<String>,
    /// The rule that told it.
    pub rule: Option<&'static str>,
    /// Where both ends are written.
    pub details: Vec<Detail>,
}

/// All of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Picture {
    /// What was looked at.
    pub title: String,
    /// Boxes.
    pub nodes: Vec<Shape>,
    /// Lines.
    pub edges: Vec<Line>,
    /// Findings that no box shows.
    pub findings: Vec<Said>,
}

struct Words<'t, 'a> {
    topology: &'t Topology<'a>,
    sources: &'t Sources,
    lines: BTreeMap<SourceId, LineIndex>,
}

impl Picture {
    /// Draws a graph.
    pub fn of(topology: &Topology<'_>, title: &str) -> Self {
        let Drawn { shapes, lines, rest } = draw(topology);
        let mut words = Words { topology, sources: &topology.linked.tree.sources, lines: BTreeMap::new() };
        let nodes = shapes.iter().map(|shape| {
            let service =
                shape.service.and_then(|_| topology.service(topology.node(shape.nodes[0]))).map(|s| clean(&s));
            let members = shape.nodes.iter().take(LISTED).map(|id| {
                let node = topology.node(*id);
                Detail { text: clean(&node.name.replace('`', "")), place: node.span.map(|s| words.place(s)) }
            });
            let details = members.collect();
            let findings = shape.findings.iter().take(LISTED).map(|f| words.said(*f)).collect();
            Shape { kind: shape.kind.word(), title: clean(&shape.title), service, details, findings }
        });
        let nodes = nodes.collect();
        let edges = lines.iter().map(|line| {
            let edges: Vec<&Edge<'_>> = line.edges.iter().map(|e| topology.edge(*e)).collect();
            let (state, why, rule) = match &line.state {
                State::Fine => ("fine", None, None),
                State::Unknown(why) => ("unknown", Some(clean(why)), None),
                State::Broken(why, None) => ("broken", Some(clean(why)), None),
                State::Broken(_, Some(at)) => {
                    let found = &topology.findings[*at];
                    ("broken", Some(clean(&found.message)), Some(found.rule.id))
                }
            };
            let mut details = Vec::new();
            for edge in edges.iter().take(LISTED) {
                words.ends(edge, &mut details);
            }
            let signals = line.signals.iter().map(|s| s.name()).collect();
            Line { from: line.from, to: line.to, signals, label: label(&edges), state, why, rule, details }
        });
        let edges = edges.collect();
        let findings = rest.iter().take(LISTED).map(|f| words.said(*f)).collect();
        Self { title: clean(title), nodes, edges, findings }
    }

    /// How many lines are in that state.
    pub fn count(&self, state: &str) -> usize {
        self.edges.iter().filter(|e| e.state == state).count()
    }
}

impl Words<'_, '_> {
    fn place(&mut self, span: Span) -> Place {
        let source = self.sources.get(span.source);
        let lines = self.lines.entry(span.source).or_insert_with(|| LineIndex::new(&source.text));
        Place { path: clean(&source.path), line: lines.line(span.start) }
    }

    fn said(&mut self, at: usize) -> Said {
        let found = &self.topology.findings[at];
        Said {
            rule: found.rule.id,
            severity: severity(found.severity),
            message: clean(&found.message),
            place: self.place(found.primary.span),
        }
    }

    fn ends(&mut self, edge: &Edge<'_>, details: &mut Vec<Detail>) {
        let place = Some(self.place(edge.span));
        match &edge.way {
            Way::Inside => details.push(Detail { text: "passed on".to_owned(), place }),
            Way::Reads { by, count } => {
                let more = count - by.len().min(*count);
                let more = if more > 0 { format!(" and {more} more") } else { String::new() };
                let text =
                    format!("{}{more}", by.iter().map(|b| clean(&b.replace('`', ""))).collect::<Vec<_>>().join(", "));
                details.push(Detail { text, place });
            }
            Way::Dialled { listener, .. } => {
                let text = trace::how(self.topology, edge).replace('`', "");
                details.push(Detail { text, place });
                if let Some(listener) = listener {
                    let text = format!("{} listens", clean(&listener.name.replace('`', "")));
                    details.push(Detail { text, place: Some(self.place(listener.origin.span())) });
                }
            }
        }
    }
}

/// What is spoken on a line; of several things, the first.
fn label(edges: &[&Edge<'_>]) -> String {
    let mut all: Vec<String> = Vec::new();
    for edge in edges {
        let Way::Dialled { url, listener, .. } = &edge.way else { continue };
        let protocol = listener.map_or(url.protocol, |l| spoken(url, l)).name();
        let port = url.port.map_or(String::new(), |p| format!(" :{p}"));
        let one = format!("{protocol}{port}");
        if !all.contains(&one) && all.len() < 4 {
            all.push(one);
        }
    }
    match &all[..] {
        [] => String::new(),
        [one] => one.clone(),
        [one, rest @ ..] => format!("{one} +{}", rest.len()),
    }
}
