//! `prom-config-not-mounted`.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::prometheus) static RULE: Rule = Rule {
    id: "prom-config-not-mounted",
    aliases: &[],
    summary: "nothing is mounted where Prometheus reads its config",
    tier: Tier::C,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("config_not_mounted.md"),
};
