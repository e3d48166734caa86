//! `prom-feature-unknown`.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::prometheus) static RULE: Rule = Rule {
    id: "prom-feature-unknown",
    aliases: &[],
    summary: "a feature that this version does not know",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("feature_unknown.md"),
};
