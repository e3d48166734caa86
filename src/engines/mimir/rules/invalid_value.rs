//! `mimir-invalid-value`.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::mimir) static RULE: Rule = Rule {
    id: "mimir-invalid-value",
    aliases: &[],
    summary: "a value that Mimir cannot read into its field",
    tier: Tier::A,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("invalid_value.md"),
};
