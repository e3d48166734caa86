//! One metric: who makes it, by which way it arrives, who asks for it.

use std::collections::BTreeSet;

use super::{NodeId, Topology, Trace, trace};
use crate::engines;
use crate::source::Span;
use crate::symbol::{Export, Import, MetricFamily, Owner, Signal};

/// What the series of a histogram end in.
const SUFFIXES: [&str; 3] = ["_bucket", "_sum", "_count"];

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

/// All of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metric {
    /// Who makes it.
    pub makers: Vec<Maker>,
    /// Whether others may make it: names of metrics that are not known here.
    pub open: bool,
    /// By which way it arrives: from its makers, or from all that may make it.
    pub trace: Trace,
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
        .filter(|(_, family)| makes(family, name))
        .collect();
    let open =
        symbols.exports.iter().any(|(_, e)| matches!(e, Export::OpenMetrics { prefix } if name.starts_with(prefix)));
    let histogram = makers.iter().any(|(_, f)| f.histogram);
    let makers: Vec<Maker> = makers
        .into_iter()
        .map(|(owner, f)| Maker { name: f.producer.clone(), span: f.span, node: node(topology, owner, f) })
        .collect();
    let mut starts: Vec<NodeId> = makers.iter().filter_map(|m| m.node).collect();
    starts.sort_unstable();
    starts.dedup();
    let trace = match (makers.is_empty(), open) {
        (true, false) => Trace::default(),
        (true, true) => trace(topology, Signal::Metrics, None),
        (false, _) => trace(topology, Signal::Metrics, Some(&starts)),
    };
    Metric { makers, open, trace, asked: asked(topology, name, histogram) }
}

fn makes(family: &MetricFamily, name: &str) -> bool {
    let stem = SUFFIXES.iter().find_map(|s| name.strip_suffix(s));
    family.name == name || family.histogram && stem == Some(family.name.as_str())
}

/// The stage that makes a family: the one of its producer's name, else the one that it is configured in.
fn node(topology: &Topology<'_>, owner: Owner, family: &MetricFamily) -> Option<NodeId> {
    let stages = || (0..).zip(&topology.linked.symbols.stages).filter(|(_, (o, _))| o.service == owner.service);
    let named = stages().find(|(_, (_, s))| s.name == family.producer);
    let around = || stages().find(|(_, (_, s))| s.span.contains(family.span));
    named.or_else(around).map(|(id, _)| id)
}

fn asked(topology: &Topology<'_>, name: &str, histogram: bool) -> Vec<Asking> {
    let tree = topology.linked.tree;
    let wanted = |series: &str| {
        let rest = series.strip_prefix(name);
        rest == Some("") || histogram && rest.is_some_and(|r| SUFFIXES.contains(&r))
    };
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
