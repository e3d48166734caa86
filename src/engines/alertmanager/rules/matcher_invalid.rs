//! `alertmanager-matcher-invalid`.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::alertmanager) static RULE: Rule = Rule {
    id: "alertmanager-matcher-invalid",
    aliases: &[],
    summary: "a matcher or the name of a label that Alertmanager cannot read",
    tier: Tier::A,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("matcher_invalid.md"),
};
