//! `loki-env-unset`.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::loki) static RULE: Rule = Rule {
    id: "loki-env-unset",
    aliases: &[],
    summary: "a variable in Loki's config that its service does not pass",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("env_unset.md"),
};
