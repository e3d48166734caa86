//! What lies below the stability level of the process. Found by [`crate::engines::alloy::check`], which sees a config as a whole.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::alloy) static RULE: Rule = Rule {
    id: "alloy-stability-gate",
    aliases: &[],
    summary: "something below the stability level of the process",
    tier: Tier::B,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("stability_gate.md"),
};
