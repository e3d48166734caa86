//! The graph as it is drawn: services that are wired alike as one box, edges between two boxes as one line.

use std::collections::{BTreeMap, HashMap};

use super::{EdgeId, NodeId, NodeKind, State, Topology, Way};
use crate::source::Span;
use crate::symbol::Signal;
use crate::tree::ServiceId;

/// Fewer alike than this are drawn one by one.
const ALIKE: usize = 4;

/// A box.
#[derive(Debug, Clone)]
pub struct Shape {
    /// Its nodes: one, or services that are wired alike.
    pub nodes: Vec<NodeId>,
    /// What it is.
    pub kind: NodeKind,
    /// Its title, without backticks.
    pub title: String,
    /// Who runs it.
    pub service: Option<ServiceId>,
    /// Places in [`Topology::findings`] of what was found in it.
    pub findings: Vec<usize>,
}

/// A line.
#[derive(Debug, Clone)]
pub struct Line {
    /// From which box.
    pub from: usize,
    /// To which.
    pub to: usize,
    /// Its edges.
    pub edges: Vec<EdgeId>,
    /// What travels; empty = whatever comes.
    pub signals: Vec<Signal>,
    /// The worst of its edges.
    pub state: State,
}

/// What is drawn.
#[derive(Debug, Clone, Default)]
pub struct Drawn {
    /// Boxes.
    pub shapes: Vec<Shape>,
    /// Lines between them.
    pub lines: Vec<Line>,
    /// Findings that no box shows.
    pub rest: Vec<usize>,
}

/// Draws a graph: what is connected, and what something was found in.
pub fn draw(topology: &Topology<'_>) -> Drawn {
    let mut drawn = Drawn::default();
    let owned = owners(topology);
    let mut found: HashMap<NodeId, Vec<usize>> = HashMap::new();
    for (finding, owner) in owned.iter().enumerate() {
        match owner {
            Some(node) => found.entry(*node).or_default().push(finding),
            None => drawn.rest.push(finding),
        }
    }
    let mut shape_of: Vec<Option<usize>> = vec![None; topology.nodes.len()];
    let alike = alike(topology, &found);
    for (id, node) in (0..).zip(&topology.nodes) {
        let findings = found.remove(&id).unwrap_or_default();
        if topology.out(id).is_empty() && topology.into(id).is_empty() && findings.is_empty() {
            continue;
        }
        let group = alike.get(&id);
        if let Some(shape) = group.and_then(|first| shape_of[*first as usize]) {
            shape_of[id as usize] = Some(shape);
            drawn.shapes[shape].nodes.push(id);
            continue;
        }
        shape_of[id as usize] = Some(drawn.shapes.len());
        let title = node.name.replace('`', "");
        drawn.shapes.push(Shape { nodes: vec![id], kind: node.kind, title, service: node.service, findings });
    }
    for shape in drawn.shapes.iter_mut().filter(|s| s.nodes.len() > 1) {
        shape.title = format!("{} services", shape.nodes.len());
        shape.service = None;
    }
    let mut lines: BTreeMap<(usize, usize, bool), usize> = BTreeMap::new();
    for (id, edge) in (0..).zip(&topology.edges) {
        let (Some(from), Some(to)) = (shape_of[edge.from as usize], shape_of[edge.to as usize]) else { continue };
        let key = (from, to, matches!(edge.state, State::Broken(..)));
        let at = *lines.entry(key).or_insert_with(|| {
            let state = edge.state.clone();
            drawn.lines.push(Line { from, to, edges: Vec::new(), signals: edge.signals.clone(), state });
            drawn.lines.len() - 1
        });
        let line = &mut drawn.lines[at];
        line.edges.push(id);
        // One edge that takes whatever comes makes a line that does.
        if edge.signals.is_empty() {
            line.signals.clear();
        } else if !line.signals.is_empty() {
            line.signals.extend(&edge.signals);
            line.signals.sort();
            line.signals.dedup();
        }
        if line.state == State::Fine {
            line.state = edge.state.clone();
        }
    }
    drawn
}

/// A line of a service: whether it leaves from there, its other end, what travels, and by what way.
type Tie = (bool, NodeId, Vec<Signal>, u16);

/// Services that only dial, and all dial the same: each with the first of its kind. Broken ones stay apart.
fn alike(topology: &Topology<'_>, found: &HashMap<NodeId, Vec<usize>>) -> HashMap<NodeId, NodeId> {
    let mut kinds: HashMap<Vec<Tie>, Vec<NodeId>> = HashMap::new();
    for (id, node) in (0..).zip(&topology.nodes) {
        let edges = || topology.out(id).iter().map(|e| (true, *e)).chain(topology.into(id).iter().map(|e| (false, *e)));
        let fine = edges().all(|(_, e)| topology.edge(e).state == State::Fine);
        if node.kind != NodeKind::Service || !fine || found.contains_key(&id) || edges().next().is_none() {
            continue;
        }
        let mut key: Vec<_> = edges()
            .map(|(out, e)| {
                let edge = topology.edge(e);
                let port = if let Way::Dialled { url, .. } = &edge.way { url.port.unwrap_or(0) } else { 0 };
                (out, if out { edge.to } else { edge.from }, edge.signals.clone(), port)
            })
            .collect();
        key.sort();
        kinds.entry(key).or_default().push(id);
    }
    let groups = kinds.into_values().filter(|g| g.len() >= ALIKE);
    groups.flat_map(|g| g.clone().into_iter().map(move |id| (id, g[0]))).collect()
}

/// The node that each finding was made in: the smallest stage around it, else the service whose file it is in.
fn owners(topology: &Topology<'_>) -> Vec<Option<NodeId>> {
    let tree = topology.linked.tree;
    // Stages of one file, in the order of the text.
    let mut stages: HashMap<crate::source::SourceId, Vec<(Span, NodeId)>> = HashMap::new();
    let mut by_service: HashMap<ServiceId, NodeId> = HashMap::new();
    for (id, node) in (0..).zip(&topology.nodes) {
        if let (NodeKind::Stage(_), Some(span)) = (node.kind, node.span) {
            stages.entry(span.source).or_default().push((span, id));
        }
        if let Some(service) = node.service {
            by_service.entry(service).or_insert(id);
        }
    }
    for all in stages.values_mut() {
        all.sort_by_key(|(span, id)| (span.start, *id));
    }
    let files: HashMap<_, _> = tree.artifacts().map(|(_, a)| (a.source, a)).collect();
    let broken: HashMap<usize, NodeId> = topology
        .edges
        .iter()
        .filter_map(|e| if let State::Broken(_, Some(at)) = e.state { Some((at, e.from)) } else { None })
        .collect();
    let owner = |(at, finding): (usize, &crate::diagnostic::Diagnostic)| {
        // What a line shows is shown there.
        if broken.contains_key(&at) {
            return broken.get(&at).copied();
        }
        let span = finding.primary.span;
        let artifact = files.get(&span.source)?;
        if let Some(all) = stages.get(&span.source).filter(|_| artifact.kind.name == "alloy") {
            let after = all.partition_point(|(s, _)| s.start <= span.start);
            if let Some((_, id)) = after.checked_sub(1).and_then(|i| all.get(i)) {
                return Some(*id);
            }
        }
        artifact.uses.iter().find_map(|u| by_service.get(&u.service).copied())
    };
    topology.findings.iter().enumerate().map(owner).collect()
}
