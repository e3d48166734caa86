//! `pyro-flag-unknown`.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::pyroscope) static RULE: Rule = Rule {
    id: "pyro-flag-unknown",
    aliases: &[],
    summary: "a flag that this version of Pyroscope does not have ends it at once",
    tier: Tier::B,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("flag_unknown.md"),
};
