//! `alertmanager-receiver-invalid`.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::alertmanager) static RULE: Rule = Rule {
    id: "alertmanager-receiver-invalid",
    aliases: &[],
    summary: "a receiver that lacks something, or says it twice",
    tier: Tier::A,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("receiver_invalid.md"),
};
