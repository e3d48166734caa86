//! `mimir-paths-overlap`.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::mimir) static RULE: Rule = Rule {
    id: "mimir-paths-overlap",
    aliases: &[],
    summary: "folders of two parts of Mimir, of which one holds the other",
    tier: Tier::A,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("paths_overlap.md"),
};
