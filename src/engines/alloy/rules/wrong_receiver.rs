//! Receivers of one kind of data where another is wanted. Found by [`crate::engines::alloy::check`], which sees a config as a whole.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::alloy) static RULE: Rule = Rule {
    id: "alloy-wrong-receiver",
    aliases: &[],
    summary: "a receiver of one kind of data where another is wanted",
    tier: Tier::B,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("wrong_receiver.md"),
};
