//! `prom-retention-flag-deprecated`.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::prometheus) static RULE: Rule = Rule {
    id: "prom-retention-flag-deprecated",
    aliases: &[],
    summary: "a flag that the config has a key for",
    tier: Tier::C,
    severity: Severity::Info,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("retention_flag_deprecated.md"),
};
