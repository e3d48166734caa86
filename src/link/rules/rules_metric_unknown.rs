//! A rule that reads a series which nothing in the stack makes.

use super::metric_unknown::Known;
use super::unscraped;
use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::labels::is_report;
use crate::link::Linked;
use crate::link::flow::{queries_of, recorded};
use crate::tree::Artifact;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "rules-metric-unknown",
    aliases: &[],
    summary: "a rule reads a series of a family that the stack makes under other names",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("rules_metric_unknown.md"),
};

/// Every such query of a rule that somebody loads.
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    let known = Known::of(linked);
    let loaded = |a: &Artifact| matches!(a.kind.name, "prometheus-rules" | "grafana-alerting") && !a.uses.is_empty();
    unscraped::tell(linked, &RULE, loaded, |name| format!("the rule that reads `{name}` never has a result"), findings);
    if known.is_silent() {
        return;
    }
    let recorded = recorded(linked.tree);
    let of = |a: &Artifact| a.kind.name == "prometheus-rules" && (known.told || !a.uses.is_empty());
    queries_of(
        linked,
        of,
        |_| true,
        |asked, _, selection| {
            let Some(metric) = selection.metric().filter(|m| !m.dynamic) else { return };
            let name = metric.value.as_str();
            let made = is_report(name) || name.starts_with("ALERTS") || name.contains(':') || recorded.contains(name);
            if selection.asks_absence() || made || !known.lacks(linked, name) {
                return;
            }
            let message = format!("the rule reads `{name}`, and nothing in the stack makes it: it never has a result");
            let told = Diagnostic::new(&RULE, asked.span(metric.range.clone()), message);
            findings.push(known.shown(linked, told, name));
        },
    );
}
