//! `pyro-storage-required`.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::pyroscope) static RULE: Rule = Rule {
    id: "pyro-storage-required",
    aliases: &[],
    summary: "a storage layer without its bucket, or with another way of writing",
    tier: Tier::B,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("storage_required.md"),
};
