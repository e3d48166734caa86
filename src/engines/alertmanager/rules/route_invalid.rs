//! `alertmanager-route-invalid`.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::alertmanager) static RULE: Rule = Rule {
    id: "alertmanager-route-invalid",
    aliases: &[],
    summary: "a route that Alertmanager refuses",
    tier: Tier::A,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("route_invalid.md"),
};
