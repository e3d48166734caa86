//! `rules-comparison-missing`.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::prometheus) static RULE: Rule = Rule {
    id: "rules-comparison-missing",
    aliases: &[],
    summary: "an alert that compares nothing",
    tier: Tier::C,
    severity: Severity::Info,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("comparison_missing.md"),
};
