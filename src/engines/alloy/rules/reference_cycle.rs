//! Components that refer to each other in a ring. Found by [`crate::engines::alloy::check`], which sees a config as a whole.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::alloy) static RULE: Rule = Rule {
    id: "alloy-reference-cycle",
    aliases: &[],
    summary: "components that refer to each other in a ring",
    tier: Tier::A,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("reference_cycle.md"),
};
