//! `tempo-env-not-expanded`.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::tempo) static RULE: Rule = Rule {
    id: "tempo-env-not-expanded",
    aliases: &[],
    summary: "a variable in a config that Tempo was not told to replace",
    tier: Tier::C,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("env_not_expanded.md"),
};
