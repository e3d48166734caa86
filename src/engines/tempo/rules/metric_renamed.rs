//! A query of a metric of Tempo under a name that the running version has no more: told where all files are known (`link`).

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "tempo-metric-renamed",
    aliases: &[],
    summary: "a query reads a metric of Tempo that the running version calls otherwise, or has no more",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::Unsafe,
    since: "0.1.0",
    page: include_str!("metric_renamed.md"),
};
