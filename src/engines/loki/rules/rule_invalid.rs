//! `loki-rule-invalid`.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::loki) static RULE: Rule = Rule {
    id: "loki-rule-invalid",
    aliases: &[],
    summary: "a rule or group that the ruler of Loki refuses",
    tier: Tier::B,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("rule_invalid.md"),
};
