//! `prom-relabel-invalid`.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::prometheus) static RULE: Rule = Rule {
    id: "prom-relabel-invalid",
    aliases: &[],
    summary: "a relabelling rule whose fields do not go together",
    tier: Tier::A,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("relabel_invalid.md"),
};
