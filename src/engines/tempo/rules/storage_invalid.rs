//! A store that Tempo cannot open.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::tempo) static RULE: Rule = Rule {
    id: "tempo-storage-invalid",
    aliases: &[],
    summary: "a store for traces that Tempo cannot open",
    tier: Tier::B,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("storage_invalid.md"),
};
