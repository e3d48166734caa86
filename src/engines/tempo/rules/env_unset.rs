//! `tempo-env-unset`.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::tempo) static RULE: Rule = Rule {
    id: "tempo-env-unset",
    aliases: &[],
    summary: "a variable in Tempo's config that its service does not pass",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("env_unset.md"),
};
