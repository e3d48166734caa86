//! `rules-duplicate`.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::prometheus) static RULE: Rule = Rule {
    id: "rules-duplicate",
    aliases: &[],
    summary: "a rule that stands twice with the same labels",
    tier: Tier::A,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("duplicate.md"),
};
