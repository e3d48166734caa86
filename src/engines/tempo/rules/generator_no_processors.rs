//! A generator that makes nothing.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::parse::Node;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "tempo-generator-no-processors",
    aliases: &[],
    summary: "a metrics generator without processors: it makes no series",
    tier: Tier::C,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("generator_no_processors.md"),
};

pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let Some(root) = super::root(ctx) else { return };
    let Some(generator) = root.entry("metrics_generator") else { return };
    // One that writes nowhere is not meant to make anything.
    if generator.value.at(&["storage", "remote_write"]).is_none_or(|w| w.items().next().is_none()) {
        return;
    }
    let overrides = root.get("overrides");
    let at = |path: &[&str]| overrides.and_then(|o| o.at(path));
    let given = |n: Node<'_>| n.items().next().is_some() || n.own_entries().next().is_some() || n.scalar().is_some();
    let scoped = at(&["defaults", "metrics_generator", "processors"]).is_some_and(given);
    let flat = at(&["metrics_generator_processors"]).is_some_and(given);
    // Tenants, an API and flags may name processors too; anchors and merges were followed.
    let elsewhere = ["per_tenant_override_config", "user_configurable_overrides"].iter().any(|k| at(&[k]).is_some());
    if scoped || flat || elsewhere || overrides.is_some_and(|o| o.scalar().is_some()) {
        return;
    }
    findings.push(
        Diagnostic::new(&RULE, generator.key.span(), "the metrics generator has no processors, and makes no series")
            .help("write `overrides.defaults.metrics_generator.processors: [service-graphs, span-metrics]`")
            .note("nothing is logged: the service graph and every panel over span metrics stay empty"),
    );
}
