//! Functions of OTTL that stand in a context that has them no more. Found by [`crate::engines::alloy::check`], which sees a
//! config as a whole.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::alloy) static RULE: Rule = Rule {
    id: "alloy-ottl-context-moved",
    aliases: &[],
    summary: "an OTTL function in a context that another one has",
    tier: Tier::B,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("ottl_context_moved.md"),
};
