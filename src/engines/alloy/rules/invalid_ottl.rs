//! Statements and conditions that OTTL refuses. Found by [`crate::engines::alloy::check`], which sees a config as a whole.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::alloy) static RULE: Rule = Rule {
    id: "alloy-invalid-ottl",
    aliases: &[],
    summary: "a statement or condition that OTTL refuses",
    tier: Tier::B,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("invalid_ottl.md"),
};
