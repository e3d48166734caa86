//! `loki-replication-single`.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::loki) static RULE: Rule = Rule {
    id: "loki-replication-single",
    aliases: &[],
    summary: "one Loki that wants several copies of what it is sent",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("replication_single.md"),
};
