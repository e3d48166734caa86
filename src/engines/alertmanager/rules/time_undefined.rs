//! `alertmanager-time-undefined`.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::alertmanager) static RULE: Rule = Rule {
    id: "alertmanager-time-undefined",
    aliases: &[],
    summary: "a time interval that is not defined, or defined twice",
    tier: Tier::A,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("time_undefined.md"),
};
