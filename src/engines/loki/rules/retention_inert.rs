//! `loki-retention-inert`.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::loki) static RULE: Rule = Rule {
    id: "loki-retention-inert",
    aliases: &[],
    summary: "a retention period that no compactor applies",
    tier: Tier::C,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("retention_inert.md"),
};
