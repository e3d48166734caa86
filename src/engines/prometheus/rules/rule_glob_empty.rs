//! `prom-rule-glob-empty`.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::prometheus) static RULE: Rule = Rule {
    id: "prom-rule-glob-empty",
    aliases: &[],
    summary: "a pattern of rule files that fits none in the container",
    tier: Tier::C,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("rule_glob_empty.md"),
};
