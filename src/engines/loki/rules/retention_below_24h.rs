//! `loki-retention-below-24h`.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::loki) static RULE: Rule = Rule {
    id: "loki-retention-below-24h",
    aliases: &[],
    summary: "a stream that is kept for less than a day",
    tier: Tier::A,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("retention_below_24h.md"),
};
