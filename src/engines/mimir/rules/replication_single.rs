//! `mimir-replication-single`.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::mimir) static RULE: Rule = Rule {
    id: "mimir-replication-single",
    aliases: &[],
    summary: "one Mimir that wants three copies of what it is sent",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("replication_single.md"),
};
