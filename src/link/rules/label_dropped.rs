//! A query reads a label that a rule takes away from all series.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::labels::{Series, otlp};
use crate::link::Linked;
use crate::link::flow::{Known, Look, Loss, Reading};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "link-label-dropped",
    aliases: &[],
    summary: "a query reads a label that relabelling, the rule that records it, or the way in from OTLP leaves off every series",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("label_dropped.md"),
};

/// Looks at a selector.
pub(super) static LOOK: Look = Look { wanted, run: look };

fn wanted(linked: &Linked<'_>) -> bool {
    let takes =
        |s: &Series| s.decided.is_some() || s.translation.is_some() || s.stages.iter().any(|s| s.takes_labels());
    linked.symbols.series.iter().any(|(_, s)| takes(s))
}

fn look(linked: &Linked<'_>, known: &mut Known<'_>, reading: &Reading<'_, '_>, findings: &mut Findings) {
    unpromoted(linked, known, reading, findings);
    let Some(flows) = known.flows() else { return };
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
            Loss::Unpromoted | Loss::Never => continue,
        };
        let message = format!("no series of `{metric}` has the label `{label}`: {why}");
        let diagnostic = Diagnostic::new(&RULE, span, message)
            .label(lost.rule, format!("`{label}` of {} ends here", lost.series.maker))
            .help(help);
        findings.push(diagnostic);
    }
}

/// Attributes that conventions give to resources alone: `target_info` has them, other series only where they are promoted.
fn unpromoted(linked: &Linked<'_>, known: &mut Known<'_>, reading: &Reading<'_, '_>, findings: &mut Findings) {
    let Some(flows) = known.translated() else { return };
    let selection = reading.selection;
    let Some(metric) = flows.metric(selection) else { return };
    for (label, span) in reading.labels() {
        let Some(attribute) = otlp::resource_attribute(label) else { continue };
        let Some(lost) = flows.label(metric, label, &selection.selector.matchers) else { continue };
        let Some(translation) = lost.series.translation.as_deref().filter(|_| lost.how == Loss::Unpromoted) else {
            continue;
        };
        // What makes metrics of spans names the service in each sample.
        let conventional = otlp::meant(metric).is_some_and(|(meant, _)| translation.makes(meant, metric));
        if !conventional && attribute == "service.name" || linked.makes(metric) {
            continue;
        }
        let message = format!(
            "no series of `{metric}` has the label `{label}`: `{attribute}` is an attribute of the resource, which {} leaves \
             on `target_info`",
            translation.title
        );
        let help = match attribute {
            "service.name" => format!("read `job`, or promote it with {}", translation.promotes),
            "service.instance.id" => format!("read `instance`, or promote it with {}", translation.promotes),
            _ => format!("promote it with {}, or join `target_info`", translation.promotes),
        };
        let label = format!("{} does not promote `{attribute}`", translation.title);
        findings.push(Diagnostic::new(&RULE, span, message).label(lost.rule, label).help(help));
    }
}
