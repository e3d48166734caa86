//! Names that still work and have a successor. Found by [`crate::engines::alloy::check`], which sees a config as a whole.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::alloy) static RULE: Rule = Rule {
    id: "alloy-deprecated",
    aliases: &[],
    summary: "a name that still works and has a successor",
    tier: Tier::A,
    severity: Severity::Info,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("deprecated.md"),
};
