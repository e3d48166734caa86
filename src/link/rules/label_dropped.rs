//! A query reads a label that a rule takes away from all series.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::labels::Series;
use crate::link::Linked;
use crate::link::flow::{Known, Look, Loss, Reading};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "link-label-dropped",
    aliases: &[],
    summary: "a query reads a label that relabelling, or the rule that records it, takes away from every series",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("label_dropped.md"),
};

/// Looks at a selector.
pub(super) static LOOK: Look = Look { wanted, run: look };

fn wanted(linked: &Linked<'_>) -> bool {
    let takes = |s: &Series| s.decided.is_some() || s.stages.iter().any(|s| s.takes_labels());
    linked.symbols.series.iter().any(|(_, s)| takes(s))
}

fn look(_: &Linked<'_>, known: &mut Known<'_>, reading: &Reading<'_, '_>, findings: &mut Findings) {
    let Some(flows) = &mut known.flows else { return };
    let selection = reading.selection;
    let Some(metric) = flows.metric(selection).or_else(|| flows.recorded(selection)) else { return };
    for (label, span) in reading.labels() {
        let Some(lost) = flows.label(metric, label, &selection.selector.matchers) else { continue };
        let (why, help) = match lost.how {
            Loss::Relabelled => {
                ("relabelling takes it away", format!("leave `{label}` on the series, or do not read it"))
            }
            Loss::Aggregated => (
                "the rule that records it leaves it out",
                format!("keep `{label}` in the query that is recorded, or do not read it"),
            ),
            Loss::Never => continue,
        };
        let message = format!("no series of `{metric}` has the label `{label}`: {why}");
        let diagnostic = Diagnostic::new(&RULE, span, message)
            .label(lost.rule, format!("`{label}` of {} ends here", lost.series.maker))
            .help(help);
        findings.push(diagnostic);
    }
}
