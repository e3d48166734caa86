//! `mimir-flag-unknown`.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::mimir) static RULE: Rule = Rule {
    id: "mimir-flag-unknown",
    aliases: &[],
    summary: "a flag that Mimir does not have",
    tier: Tier::B,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("flag_unknown.md"),
};
