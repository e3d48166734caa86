//! `pyro-removed-arg`.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::pyroscope) static RULE: Rule = Rule {
    id: "pyro-removed-arg",
    aliases: &[],
    summary: "a word or variable of the process that Pyroscope does not read",
    tier: Tier::B,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("removed_arg.md"),
};
