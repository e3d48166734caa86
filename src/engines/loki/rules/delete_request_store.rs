//! `loki-delete-request-store`.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::loki) static RULE: Rule = Rule {
    id: "loki-delete-request-store",
    aliases: &[],
    summary: "retention without a store for delete requests",
    tier: Tier::B,
    severity: Severity::Error,
    fix: FixKind::Safe,
    since: "0.1.0",
    page: include_str!("delete_request_store.md"),
};
