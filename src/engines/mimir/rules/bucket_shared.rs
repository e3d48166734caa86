//! `mimir-bucket-shared`.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::mimir) static RULE: Rule = Rule {
    id: "mimir-bucket-shared",
    aliases: &[],
    summary: "rules or alerts of Mimir in the bucket of its blocks",
    tier: Tier::B,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("bucket_shared.md"),
};
