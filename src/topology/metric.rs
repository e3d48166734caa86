//! One metric: who makes it, by which way it arrives, who asks for it.

use std::collections::BTreeSet;

use super::{Edge, NodeId, Pull, Topology, Trace, Way, trace};
use crate::catalogue;
use crate::labels::{Hop, Names};
use crate::source::Span;
use crate::symbol::{Export, Import, MetricFamily, Owner, Role, Signal};
use crate::{engines, link};

/// Ways of series that are shown.
const LABELLED: usize = 50;

/// What makes a metric.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Maker {
    /// For messages.
    pub name: String,
    /// Where it is configured.
    pub span: Span,
    /// Its node, where it has one.
    pub node: Option<NodeId>,
}

/// A query that asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asking {
    /// Who: "panel `Requests`", "a rule".
    pub by: String,
    /// The series that is asked for.
    pub series: String,
    /// Where.
    pub span: Span,
}

/// What its series look like on one of their ways.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labelled {
    /// Who makes them, for messages.
    pub maker: String,
    /// Where that is configured.
    pub span: Span,
    /// The labels that they begin with.
    pub labels: String,
    /// What they pass, where something is known of the labels behind it.
    pub hops: Vec<Relabelled>,
}

/// The labels of series after one stage of their way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relabelled {
    /// The stage.
    pub stage: String,
    /// Where it is configured; of series that are dropped, the rule.
    pub span: Span,
    /// The labels; `None` = the series are dropped.
    pub labels: Option<String>,
}

/// All of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metric {
    /// Who makes it.
    pub makers: Vec<Maker>,
    /// Whether others may make it: names of metrics that are not known here.
    pub open: bool,
    /// By which way it arrives: from its makers, or from all that may make it.
    pub trace: Trace,
    /// What its series look like, on each way of which something is known.
    pub labelled: Vec<Labelled>,
    /// Who asks for it.
    pub asked: Vec<Asking>,
}

/// Follows a metric, or the family of one of its series.
pub fn metric(topology: &Topology<'_>, name: &str) -> Metric {
    let symbols = topology.linked.symbols;
    let makers: Vec<(Owner, &MetricFamily)> = symbols
        .exports
        .iter()
        .filter_map(|(owner, e)| if let Export::Metric(family) = e { Some((*owner, family)) } else { None })
        .filter(|(_, family)| family.holds(name))
        .collect();
    let open =
        symbols.exports.iter().any(|(_, e)| matches!(e, Export::OpenMetrics { prefix } if name.starts_with(prefix)));
    let families: Vec<&MetricFamily> = makers.iter().map(|(_, f)| *f).collect();
    let asked = asked(topology, name, &families);
    let mut makers: Vec<Maker> = makers
        .into_iter()
        .map(|(owner, f)| Maker { name: f.producer.clone(), span: f.span, node: node(topology, owner, f) })
        .collect();
    makers.extend(own(topology, name));
    let mut starts: Vec<NodeId> = makers.iter().filter_map(|m| m.node).collect();
    starts.sort_unstable();
    starts.dedup();
    let trace = match (makers.is_empty(), open) {
        (true, false) => Trace::default(),
        (true, true) => trace(topology, Signal::Metrics, None),
        (false, _) => trace(topology, Signal::Metrics, Some(&starts)),
    };
    let labelled = labelled(topology, name, makers.is_empty());
    Metric { makers, open, trace, labelled, asked }
}

/// The engines that have it of themselves, in the versions that run.
fn own(topology: &Topology<'_>, name: &str) -> Vec<Maker> {
    let mut found = Vec::new();
    for (id, service) in topology.linked.tree.services() {
        let (Some(engine), Some(version)) = (service.engine, service.version) else { continue };
        let title = catalogue::engine(engine).map_or(engine, |facts| facts.title);
        if catalogue::own(engine).is_some_and(|own| own.surely_has(name, version)) {
            let span = service.image_span();
            // It leaves where somebody scrapes it.
            let scraped = |e: &&Edge<'_>| matches!(e.way, Way::Dialled { server: Some(server), pull: Pull::Scrape, .. } if server == id);
            let node = topology.edges.iter().find(scraped).map(|e| e.from);
            found.push(Maker { name: format!("{title} {version} itself"), span, node });
        }
    }
    found
}

/// Its series on their ways: those of makers of such names, else those of all that may make it.
fn labelled(topology: &Topology<'_>, name: &str, any: bool) -> Vec<Labelled> {
    let mut found: Vec<Labelled> = Vec::new();
    for (_, series, hops) in link::hops(topology.linked, name) {
        let known = hops.iter().any(|h| h.dropped.is_some() || h.labels.listed().any(|(n, _)| n != "__name__"));
        let Some((first, rest)) = hops.split_first().filter(|_| known && (series.names == Names::Any) == any) else {
            continue;
        };
        let stage = |hop: &Hop| {
            let stage = series.stages.get(hop.stage?)?;
            let labels = hop.dropped.is_none().then(|| hop.labels.to_string());
            Some(Relabelled { stage: stage.title.clone(), span: hop.dropped.unwrap_or(stage.span), labels })
        };
        let one = Labelled {
            maker: series.maker.clone(),
            span: series.span,
            labels: first.labels.to_string(),
            hops: rest.iter().filter_map(stage).collect(),
        };
        if !found.contains(&one) && found.len() < LABELLED {
            found.push(one);
        }
    }
    found
}

/// The stage that makes a family: the one of its producer's name, else the one that it is configured in.
fn node(topology: &Topology<'_>, owner: Owner, family: &MetricFamily) -> Option<NodeId> {
    let stages = || (0..).zip(&topology.linked.symbols.stages).filter(|(_, (o, _))| o.service == owner.service);
    let named = stages().find(|(_, (_, s))| s.name == family.producer);
    let around = || stages().find(|(_, (_, s))| s.span.contains(family.span));
    // What rules record is in the store.
    let store = || stages().find(|(_, (_, s))| s.role == Role::Store && s.signals.contains(&Signal::Metrics));
    named.or_else(around).or_else(store).map(|(id, _)| id)
}

fn asked(topology: &Topology<'_>, name: &str, families: &[&MetricFamily]) -> Vec<Asking> {
    let tree = topology.linked.tree;
    // Of a family all series are meant.
    let whole = || families.iter().filter(|f| f.name == name);
    let wanted = |series: &str| series == name || whole().any(|f| f.holds(series));
    // What symbols say of queries is who asks; rules and tests are read here.
    let mut found = Vec::new();
    let mut known = BTreeSet::new();
    for (_, import) in &topology.linked.symbols.imports {
        if let Import::Metric(asked) = import
            && wanted(&asked.name)
            && known.insert(asked.span)
        {
            found.push(Asking { by: asked.by.clone(), series: asked.name.clone(), span: asked.span });
        }
    }
    for (id, asked) in engines::asked_in(tree, |text| text.contains(name)) {
        let Some(query) = asked.parse() else { continue };
        query.selections(|selection| {
            let Some(metric) = selection.metric().filter(|m| !m.dynamic && wanted(&m.value)) else { return };
            let span = asked.span(metric.range.clone());
            if known.insert(span) {
                let by = match tree.artifact(id).kind.name {
                    "prometheus-rules" => "a rule",
                    "prometheus-rule-tests" => "a test of rules",
                    "grafana-alerting" => "an alert",
                    _ => "a dashboard",
                };
                found.push(Asking { by: by.to_owned(), series: metric.value.clone(), span });
            }
        });
    }
    let path = |a: &Asking| &tree.sources.get(a.span.source).path;
    found.sort_by(|a, b| path(a).cmp(path(b)).then(a.span.start.cmp(&b.span.start)));
    found
}
