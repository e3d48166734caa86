//! `alertmanager-receiver-undefined`.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::alertmanager) static RULE: Rule = Rule {
    id: "alertmanager-receiver-undefined",
    aliases: &[],
    summary: "a route to a receiver that is not defined",
    tier: Tier::A,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("receiver_undefined.md"),
};
