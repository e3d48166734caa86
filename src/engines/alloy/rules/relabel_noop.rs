//! Relabelling rules on labels that are gone.

use vispyr_alloy::ExprKind;

use crate::diagnostic::{FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::engines::alloy::flow::Flow;

/// The rule.
pub(in crate::engines::alloy) static RULE: Rule = Rule {
    id: "alloy-relabel-noop",
    aliases: &[],
    summary: "a rule reads labels of a discovery after those are gone",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("relabel_noop.md"),
};

/// Labels that exist between a discovery and a scrape only (prometheus/prometheus scrape/target.go@v3.5.0).
const GONE: &str = "__meta_";

/// Rules of `prometheus.relabel`, which sees samples, on labels of targets.
pub(in crate::engines::alloy) fn run(flow: &Flow<'_, '_>, findings: &mut Findings) {
    for (id, part) in flow.components().filter(|(_, p)| p.name == "prometheus.relabel") {
        for rule in part.body().blocks("rule") {
            let Some(sources) = rule.body().attr("source_labels") else { continue };
            let ExprKind::Array(items) = sources.value().unparen().kind() else { continue };
            let gone = |e: vispyr_alloy::Expr<'_>| e.as_str().is_some_and(|s| s.starts_with(GONE));
            if items.is_empty() || !items.iter().all(gone) {
                continue;
            }
            let action = rule.body().attr("action").map_or(Some("replace".into()), |a| a.value().as_str());
            let effect = match action.as_deref() {
                Some("keep") => "keeps no sample at all",
                Some("replace" | "drop" | "lowercase" | "uppercase") => "never matches",
                _ => continue,
            };
            let message =
                format!("this rule {effect}: labels of a discovery are gone when samples reach {}", flow.title(id));
            let found = flow.found(&RULE, flow.file(id).span(sources.value().range()), message);
            findings.push(found.help("move the rule into a `discovery.relabel` in front of the scrape"));
        }
    }
}
