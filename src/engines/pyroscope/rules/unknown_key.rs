//! `pyro-unknown-key`.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::pyroscope) static RULE: Rule = Rule {
    id: "pyro-unknown-key",
    aliases: &[],
    summary: "a key that this version of Pyroscope does not know",
    tier: Tier::A,
    severity: Severity::Error,
    fix: FixKind::Unsafe,
    since: "0.1.0",
    page: include_str!("unknown_key.md"),
};
