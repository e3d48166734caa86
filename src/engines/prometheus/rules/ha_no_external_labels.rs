//! `prom-ha-no-external-labels`.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::prometheus) static RULE: Rule = Rule {
    id: "prom-ha-no-external-labels",
    aliases: &[],
    summary: "two servers write the same series to one place",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("ha_no_external_labels.md"),
};
