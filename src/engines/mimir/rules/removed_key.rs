//! `mimir-removed-key`.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::mimir) static RULE: Rule = Rule {
    id: "mimir-removed-key",
    aliases: &[],
    summary: "a key that Mimir dropped before this version",
    tier: Tier::A,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("removed_key.md"),
};
