//! One pass over all queries, for every rule that holds them against the ways of series.

use super::Flows;
use crate::diagnostic::Rule;
use crate::engine::{Asked, Findings};
use crate::engines;
use crate::lang::promql::{Matcher, NodeKind, Query, Selection};
use crate::link::{Linked, rules};

/// A rule that looks at queries.
pub(in crate::link) struct Look {
    /// Whether there is anything to look for.
    pub(in crate::link) wanted: fn(&Linked<'_>) -> bool,
    /// Looks at one selector of a query.
    pub(in crate::link) run: fn(&Linked<'_>, &mut Flows<'_>, &Reading<'_, '_>, &mut Findings),
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
    let Some(mut flows) = (!wanted.is_empty()).then(|| Flows::of(linked)).flatten() else { return findings };
    for (id, asked) in engines::asked(linked.tree) {
        // What a test of rules asks is made up there.
        if linked.tree.artifact(id).kind.name == "prometheus-rule-tests" {
            continue;
        }
        let Some(query) = asked.parse() else { continue };
        // Of two alternatives one may well be empty, and so may what is taken off.
        let either =
            |n: &NodeKind| matches!(n, NodeKind::Binary { operator, .. } if matches!(operator.symbol, "or" | "unless"));
        if query.nodes().any(|(_, n)| either(&n.kind)) {
            continue;
        }
        query.selections(|selection| {
            let reading = Reading { asked: &asked, query: &query, selection };
            wanted.iter().for_each(|l| (l.run)(linked, &mut flows, &reading, &mut findings));
        });
    }
    findings
}

impl<'q> Reading<'q, '_> {
    /// The labels that a selection reads, each with its bytes in the query: those that must be there, and those that are
    /// grouped by.
    pub(in crate::link) fn labels(&self) -> Vec<(&'q str, std::ops::Range<usize>)> {
        let (query, selection) = (self.query, self.selection);
        let must = |m: &&Matcher| m.label.value != "__name__" && !m.label.dynamic && m.matches_empty() == Some(false);
        let mut found: Vec<_> = selection
            .selector
            .matchers
            .iter()
            .filter(must)
            .map(|m| (m.label.value.as_str(), m.label.range.clone()))
            .collect();
        // A label may be made, or fetched from other series, on the way.
        let makes = query.nodes().any(|(_, n)| match &n.kind {
            NodeKind::Call { function, .. } => {
                matches!(function.value.as_str(), "label_replace" | "label_join" | "info")
            }
            NodeKind::Binary { matching, operator, .. } => matching.group.is_some() || operator.is_set(),
            NodeKind::Aggregation { operator, .. } => operator.value == "count_values",
            _ => false,
        });
        if !makes {
            let by = selection.enclosing.iter().filter_map(|e| e.grouping).filter(|g| !g.without);
            let names = by.flat_map(|g| &g.labels).filter(|n| !n.dynamic);
            found.extend(names.map(|n| (n.value.as_str(), n.range.clone())));
        }
        found
    }
}
