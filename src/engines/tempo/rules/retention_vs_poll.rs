//! `tempo-retention-vs-poll`.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::tempo) static RULE: Rule = Rule {
    id: "tempo-retention-vs-poll",
    aliases: &[],
    summary: "blocks that go sooner than they are looked for",
    tier: Tier::B,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("retention_vs_poll.md"),
};
