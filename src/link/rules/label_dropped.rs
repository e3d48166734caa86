//! A query reads a label that a rule takes away from all series.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::Linked;
use crate::link::flow::{Flows, Look, Reading};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "link-label-dropped",
    aliases: &[],
    summary: "a query reads a label that relabelling takes away from every series",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("label_dropped.md"),
};

/// Looks at a selector.
pub(super) static LOOK: Look = Look { wanted, run: look };

fn wanted(linked: &Linked<'_>) -> bool {
    linked.symbols.series.iter().flat_map(|(_, s)| &s.stages).any(|s| s.takes_labels())
}

fn look(_: &Linked<'_>, flows: &mut Flows<'_>, reading: &Reading<'_, '_>, findings: &mut Findings) {
    let Some(metric) = flows.metric(reading.selection) else { return };
    for (label, range) in reading.labels() {
        let Some(lost) = flows.label(metric, label, &reading.selection.selector.matchers) else { continue };
        let message = format!("no series of `{metric}` has the label `{label}`: relabelling takes it away");
        let diagnostic = Diagnostic::new(&RULE, reading.asked.span(range), message)
            .label(lost.rule, format!("`{label}` of {} ends here", lost.series.maker))
            .help(format!("leave `{label}` on the series, or do not read it"));
        findings.push(diagnostic);
    }
}
