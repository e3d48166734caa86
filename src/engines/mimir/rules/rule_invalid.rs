//! `mimir-rule-invalid`.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::mimir) static RULE: Rule = Rule {
    id: "mimir-rule-invalid",
    aliases: &[],
    summary: "a rule or group that the ruler of Mimir refuses",
    tier: Tier::B,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("rule_invalid.md"),
};
