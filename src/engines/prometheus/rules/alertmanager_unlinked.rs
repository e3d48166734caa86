//! `prom-alertmanager-unlinked`.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::prometheus) static RULE: Rule = Rule {
    id: "prom-alertmanager-unlinked",
    aliases: &[],
    summary: "alert rules are loaded, and the config does not name the Alertmanager of the stack",
    tier: Tier::C,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("alertmanager_unlinked.md"),
};
