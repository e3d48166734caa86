//! `tempo-verify-warning`.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::tempo) static RULE: Rule = Rule {
    id: "tempo-verify-warning",
    aliases: &[],
    summary: "a setting that Tempo warns of, and on which its verification fails",
    tier: Tier::A,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("verify_warning.md"),
};
