//! `alertmanager-no-integration`.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::alertmanager) static RULE: Rule = Rule {
    id: "alertmanager-no-integration",
    aliases: &[],
    summary: "no receiver of Alertmanager tells anybody: every alert ends there",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("no_integration.md"),
};
