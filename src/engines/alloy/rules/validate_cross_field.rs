//! Values that do not go together. Found by [`crate::engines::alloy::check`], which sees a config as a whole.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::alloy) static RULE: Rule = Rule {
    id: "alloy-validate-cross-field",
    aliases: &[],
    summary: "values that do not go together",
    tier: Tier::B,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("validate_cross_field.md"),
};
