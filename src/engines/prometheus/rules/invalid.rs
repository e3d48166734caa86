//! `rules-invalid`.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::prometheus) static RULE: Rule = Rule {
    id: "rules-invalid",
    aliases: &[],
    summary: "a rule or group that Prometheus refuses",
    tier: Tier::A,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("invalid.md"),
};
