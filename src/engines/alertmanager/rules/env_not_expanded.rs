//! `alertmanager-env-not-expanded`.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::alertmanager) static RULE: Rule = Rule {
    id: "alertmanager-env-not-expanded",
    aliases: &[],
    summary: "the config uses `${X}`, and Alertmanager expands no variables",
    tier: Tier::C,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("env_not_expanded.md"),
};
