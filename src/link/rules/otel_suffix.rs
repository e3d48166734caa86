//! A query reads a metric of OTLP by the name that another translation gives it.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::labels::otlp;
use crate::link::Linked;
use crate::link::flow::{Known, Look, Reading};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "dash-otel-suffix",
    aliases: &[],
    summary: "a query reads a metric that comes as OTLP by a name which the way in does not give it",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("otel_suffix.md"),
};

/// Looks at a selector.
pub(super) static LOOK: Look =
    Look { wanted: |linked| linked.symbols.series.iter().any(|(_, s)| s.translation.is_some()), run: look };

fn look(linked: &Linked<'_>, known: &mut Known<'_>, reading: &Reading<'_, '_>, findings: &mut Findings) {
    let Some(flows) = known.translated() else { return };
    let Some(name) = reading.selection.metric().filter(|n| !n.dynamic) else { return };
    let Some(metric) = flows.metric(reading.selection) else { return };
    let Some((meant, ending)) = otlp::meant(metric) else { return };
    let Some(translations) = flows.translations(metric) else { return };
    if translations.iter().any(|t| t.makes(meant, metric)) || linked.makes(metric) {
        return;
    }
    let Some(translation) = translations.first() else { return };
    let Some(called) = translation.series(meant).find(|n| n.ends_with(ending) && !(ending.is_empty() && n == metric))
    else {
        return;
    };
    let message = format!(
        "nothing is called `{metric}` here: {} makes `{called}` of the metric `{}`",
        translation.title, meant.name
    );
    let written = if translation.escapes { called } else { format!("{{\"{called}\"}}") };
    let diagnostic = Diagnostic::new(&RULE, reading.asked.span(name.range.clone()), message)
        .label(translation.span, format!("{} decides on names here", translation.title))
        .help(format!("write `{written}`"));
    findings.push(diagnostic);
}
