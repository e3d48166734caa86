//! `rules-le-label-missing`.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::prometheus) static RULE: Rule = Rule {
    id: "rules-le-label-missing",
    aliases: &[],
    summary: "a rule takes a quantile of buckets that were summed without `le`",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("le_label_missing.md"),
};
