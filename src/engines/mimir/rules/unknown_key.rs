//! `mimir-unknown-key`.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::mimir) static RULE: Rule = Rule {
    id: "mimir-unknown-key",
    aliases: &[],
    summary: "a key that Mimir does not know",
    tier: Tier::A,
    severity: Severity::Error,
    fix: FixKind::Unsafe,
    since: "0.1.0",
    page: include_str!("unknown_key.md"),
};
