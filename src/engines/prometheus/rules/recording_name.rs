//! `rules-recording-name`.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::prometheus) static RULE: Rule = Rule {
    id: "rules-recording-name",
    aliases: &[],
    summary: "a recorded metric whose name does not say so",
    tier: Tier::C,
    severity: Severity::Info,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("recording_name.md"),
};
