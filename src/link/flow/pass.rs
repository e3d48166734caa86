//! One pass over all queries, for every rule that holds them against the ways of series.

use std::collections::HashSet;

use super::Flows;
use super::families::Families;
use crate::diagnostic::Rule;
use crate::engine::{Asked, Findings};
use crate::engines;
use crate::lang::promql::{AGGREGATORS, Grouping, Matcher, Name, NodeKind, Query, Selection};
use crate::link::{Linked, rules};
use crate::source::Span;
use crate::tree::{Artifact, path};

/// A rule that looks at queries.
pub(in crate::link) struct Look {
    /// Whether there is anything to look for.
    pub(in crate::link) wanted: fn(&Linked<'_>) -> bool,
    /// Looks at one selector of a query.
    pub(in crate::link) run: fn(&Linked<'_>, &mut Known<'_>, &Reading<'_, '_>, &mut Findings),
}

/// What queries are held against.
pub(in crate::link) struct Known<'a> {
    /// All ways of series, where all in the tree are known.
    ways: Option<Flows<'a>>,
    /// Families that their makers name and label.
    pub(in crate::link) families: Families<'a>,
}

impl<'a> Known<'a> {
    /// All ways of series, where all are known.
    pub(in crate::link) fn flows(&mut self) -> Option<&mut Flows<'a>> {
        self.ways.as_mut().filter(|flows| !flows.is_public())
    }

    /// Those of a tree that something comes to as OTLP, where all in the tree are known. Who may write through a published
    /// port gives series no other names and labels than those who are meant to.
    pub(in crate::link) fn translated(&mut self) -> Option<&mut Flows<'a>> {
        self.ways.as_mut().filter(|flows| flows.is_translated())
    }
}

/// A selector of a query, with all that is around it.
pub(in crate::link) struct Reading<'q, 's> {
    /// Where the query stands.
    pub(in crate::link) asked: &'q Asked<'q>,
    /// The whole of it.
    pub(in crate::link) query: &'q Query,
    /// The selector.
    pub(in crate::link) selection: &'s Selection<'q, 's>,
}

/// Tells what a rule finds. The first one that asks looks for all.
pub(in crate::link) fn tell(linked: &Linked<'_>, rule: &'static Rule, findings: &mut Findings) {
    let all = linked.read.get_or_init(|| look(linked).all);
    findings.all.extend(all.iter().filter(|d| d.rule.id == rule.id).cloned());
}

fn look(linked: &Linked<'_>) -> Findings {
    let mut findings = Findings::default();
    let wanted: Vec<&Look> = rules::READING.iter().copied().filter(|l| (l.wanted)(linked)).collect();
    if wanted.is_empty() {
        return findings;
    }
    let mut known = Known { ways: Flows::of_scrapes(linked), families: Families::of(linked) };
    if known.flows().is_none() && known.translated().is_none() && known.families.is_empty() {
        return findings;
    }
    for (id, asked) in engines::asked(linked.tree) {
        if is_elsewhere(linked, linked.tree.artifact(id)) {
            continue;
        }
        let Some(query) = asked.parse().filter(|q| !is_either(q)) else { continue };
        query.selections(|selection| {
            let reading = Reading { asked: &asked, query: &query, selection };
            wanted.iter().for_each(|l| (l.run)(linked, &mut known, &reading, &mut findings));
        });
    }
    findings
}

/// Whether a file asks about other series than those of the services here: a test of rules makes up its own, and what lies among
/// the manifests of a cluster is asked in that.
fn is_elsewhere(linked: &Linked<'_>, artifact: &Artifact) -> bool {
    let in_cluster = || path::folder(&artifact.path).split('/').any(|s| CLUSTER.contains(&s));
    // Rules that nobody here loads are for a server that is not here.
    let unloaded = || artifact.kind.name == "prometheus-rules" && !linked.tree.services.is_empty();
    artifact.kind.name == "prometheus-rule-tests" || artifact.uses.is_empty() && (in_cluster() || unloaded())
}

/// Whether one part of a query may well be empty: one of two alternatives, or what is taken off.
fn is_either(query: &Query) -> bool {
    let either =
        |n: &NodeKind| matches!(n, NodeKind::Binary { operator, .. } if matches!(operator.symbol, "or" | "unless"));
    query.nodes().any(|(_, n)| either(&n.kind))
}

/// Runs over the queries that can be read of the files whose texts hold a word.
pub(in crate::link) fn queries(
    linked: &Linked<'_>,
    word: &str,
    each: impl FnMut(&Asked<'_>, &Query, &Selection<'_, '_>),
) {
    queries_of(linked, |_| true, |text| text.contains(word), each);
}

/// Folders of what is deployed to a cluster, whose jobs are not those of the services that are declared here.
const CLUSTER: [&str; 6] = ["charts", "helm", "k8s", "kubernetes", "kustomize", "manifests"];

/// The same of some files, and of those of their queries that may hold what is looked for: as text, which that of the file
/// holds then, too.
pub(in crate::link) fn queries_of(
    linked: &Linked<'_>,
    of: impl Fn(&Artifact) -> bool,
    may: impl Fn(&str) -> bool,
    mut each: impl FnMut(&Asked<'_>, &Query, &Selection<'_, '_>),
) {
    for (id, asked) in engines::asked_in(linked.tree, &may) {
        let artifact = linked.tree.artifact(id);
        if is_elsewhere(linked, artifact) || !of(artifact) || !may(asked.query()) {
            continue;
        }
        let Some(query) = asked.parse().filter(|q| !is_either(q)) else { continue };
        query.selections(|selection| each(&asked, &query, selection));
    }
}

/// Each label where it is read first.
pub(in crate::link) fn once(read: Vec<(&str, Span)>) -> Vec<(&str, Span)> {
    let mut seen = HashSet::new();
    read.into_iter().filter(|(label, _)| seen.insert(*label)).collect()
}

impl<'q> Reading<'q, '_> {
    /// The labels that a selection reads, each with its place: those that must be there, those that are grouped by, and
    /// those of the result that are shown.
    pub(in crate::link) fn labels(&self) -> Vec<(&str, Span)> {
        let named = |n: &'q Name| (n.value.as_str(), self.asked.span(n.range.clone()));
        let mut found: Vec<_> = self.matched().map(|m| named(&m.label)).collect();
        let by = self.grouped().into_iter().flat_map(|g| &g.labels).filter(|n| !n.dynamic);
        found.extend(by.map(named));
        found.extend(self.shown());
        once(found)
    }

    /// The labels of these series that are shown of the result, where it has no others.
    pub(in crate::link) fn shown(&self) -> Vec<(&str, Span)> {
        if self.asked.shown.is_empty() || self.makes() {
            return Vec::new();
        }
        let selectors = self.query.nodes().filter(|(_, n)| matches!(n.kind, NodeKind::Selector(_))).count();
        // What an operator leaves out on the way is no matter of the series.
        let leaves = |label: &str| {
            self.selection.enclosing.iter().filter(|e| AGGREGATORS.contains(&e.name.value.as_str())).all(|e| {
                let named = |g: &Grouping| g.labels.iter().any(|n| n.value == label);
                match e.grouping {
                    Some(grouping) => grouping.without != named(grouping),
                    None => matches!(e.name.value.as_str(), "topk" | "bottomk" | "limitk" | "limit_ratio"),
                }
            })
        };
        let shown = self.asked.shown.iter().filter(|(label, _)| selectors == 1 && leaves(label));
        shown.filter(|(label, _)| *label != "__name__").copied().collect()
    }

    /// The matchers that let no series pass without their label.
    pub(in crate::link) fn matched(&self) -> impl Iterator<Item = &'q Matcher> + use<'q> {
        let must = |m: &&Matcher| m.label.value != "__name__" && !m.label.dynamic && m.matches_empty() == Some(false);
        self.selection.selector.matchers.iter().filter(must)
    }

    /// What the series are grouped by, where the labels are theirs.
    pub(in crate::link) fn grouped(&self) -> Vec<&'q Grouping> {
        if self.makes() {
            return Vec::new();
        }
        self.selection.enclosing.iter().filter_map(|e| e.grouping).filter(|g| !g.without).collect()
    }

    /// Whether a label may be made, or fetched from other series, on the way.
    fn makes(&self) -> bool {
        self.query.nodes().any(|(_, n)| match &n.kind {
            NodeKind::Call { function, .. } => {
                matches!(function.value.as_str(), "label_replace" | "label_join" | "info")
            }
            NodeKind::Binary { matching, operator, .. } => matching.group.is_some() || operator.is_set(),
            NodeKind::Aggregation { operator, .. } => operator.value == "count_values",
            _ => false,
        })
    }
}
