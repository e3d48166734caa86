//! `tempo-histogram-buckets`.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::tempo) static RULE: Rule = Rule {
    id: "tempo-histogram-buckets",
    aliases: &[],
    summary: "buckets of a histogram that do not go up",
    tier: Tier::B,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("histogram_buckets.md"),
};
