//! `tempo-local-not-single`.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::tempo) static RULE: Rule = Rule {
    id: "tempo-local-not-single",
    aliases: &[],
    summary: "blocks in a folder, and a process that is one of several",
    tier: Tier::B,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("local_not_single.md"),
};
