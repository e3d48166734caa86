//! `loki-unknown-key`.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::loki) static RULE: Rule = Rule {
    id: "loki-unknown-key",
    aliases: &[],
    summary: "a key that this version of Loki does not know",
    tier: Tier::A,
    severity: Severity::Error,
    fix: FixKind::Unsafe,
    since: "0.1.0",
    page: include_str!("unknown_key.md"),
};
