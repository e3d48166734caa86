//! `alertmanager-template-invalid`.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::alertmanager) static RULE: Rule = Rule {
    id: "alertmanager-template-invalid",
    aliases: &[],
    summary: "a template of a receiver that cannot be read: no notification is sent",
    tier: Tier::C,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("template_invalid.md"),
};
