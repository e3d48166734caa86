//! `rules-function-removed`.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::prometheus) static RULE: Rule = Rule {
    id: "rules-function-removed",
    aliases: &[],
    summary: "a function that this version lacks, or has behind a feature flag",
    tier: Tier::A,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("function_removed.md"),
};
