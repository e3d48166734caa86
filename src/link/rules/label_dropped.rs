//! A query reads a label that a rule takes away from all series.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::Linked;
use crate::link::flow::{Flows, queries, read};

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

pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    let takes = linked.symbols.series.iter().flat_map(|(_, s)| &s.stages).any(|s| s.takes_labels());
    let Some(mut flows) = takes.then(|| Flows::of(linked)).flatten() else { return };
    queries(linked, "", |asked, query, selection| {
        let Some(metric) = flows.metric(selection) else { return };
        for (label, range) in read(query, selection) {
            let Some(lost) = flows.label(metric, label, &selection.selector.matchers) else { continue };
            let message = format!("no series of `{metric}` has the label `{label}`: relabelling takes it away");
            let diagnostic = Diagnostic::new(&RULE, asked.span(range), message)
                .label(lost.rule, format!("`{label}` of {} ends here", lost.series.maker))
                .help(format!("leave `{label}` on the series, or do not read it"));
            findings.push(diagnostic);
        }
    });
}
