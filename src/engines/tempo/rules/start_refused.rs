//! Settings with which a module of Tempo does not start.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::tempo) static RULE: Rule = Rule {
    id: "tempo-start-refused",
    aliases: &[],
    summary: "a setting with which a module of Tempo does not start, and which `-config.verify` lets pass",
    tier: Tier::B,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("start_refused.md"),
};
