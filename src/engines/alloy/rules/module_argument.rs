//! Custom components called otherwise than declared, and blocks in a module that belong in a config, or the reverse. Found by [`crate::engines::alloy::check`], which sees a config as a whole.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::alloy) static RULE: Rule = Rule {
    id: "alloy-module-argument",
    aliases: &[],
    summary: "a custom component called otherwise than it is declared",
    tier: Tier::A,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("module_argument.md"),
};
