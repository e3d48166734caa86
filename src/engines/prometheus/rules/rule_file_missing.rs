//! `prom-rule-file-missing`.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::prometheus) static RULE: Rule = Rule {
    id: "prom-rule-file-missing",
    aliases: &[],
    summary: "a rule file that is not there in the container",
    tier: Tier::C,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("rule_file_missing.md"),
};
