//! `prom-agent-mode-field`.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::prometheus) static RULE: Rule = Rule {
    id: "prom-agent-mode-field",
    aliases: &[],
    summary: "a part of a config that an agent refuses",
    tier: Tier::A,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("agent_mode_field.md"),
};
