//! `prom-admin-api-open`.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::prometheus) static RULE: Rule = Rule {
    id: "prom-admin-api-open",
    aliases: &[],
    summary: "a port that everybody reaches takes orders without a password",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("admin_api_open.md"),
};
