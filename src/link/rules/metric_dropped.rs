//! A query reads a metric that a rule drops on every way.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::labels::is_report;
use crate::link::Linked;
use crate::link::flow::{Known, Look, Reading};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "link-metric-dropped",
    aliases: &[],
    summary: "a query reads a metric that relabelling drops on every way",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("metric_dropped.md"),
};

/// Looks at a selector.
pub(super) static LOOK: Look = Look { wanted, run: look };

fn wanted(linked: &Linked<'_>) -> bool {
    linked.symbols.series.iter().flat_map(|(_, s)| &s.stages).any(|s| s.drops())
}

fn look(_: &Linked<'_>, known: &mut Known<'_>, reading: &Reading<'_, '_>, findings: &mut Findings) {
    let Some(flows) = known.flows() else { return };
    let selection = reading.selection;
    let Some(metric) = flows.metric(selection).filter(|m| !is_report(m)) else { return };
    let Some(name) = selection.metric() else { return };
    let Some(lost) = flows.dropped(metric, &selection.selector.matchers) else { return };
    let message = format!("`{metric}` is dropped before it is stored: this is always empty");
    let diagnostic = Diagnostic::new(&RULE, reading.asked.span(name.range.clone()), message)
        .label(lost.rule, format!("dropped here, from {}", lost.series.maker))
        .help(format!("let `{metric}` pass this rule, or ask for another metric"));
    findings.push(diagnostic);
}
