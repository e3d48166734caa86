//! Imports of files that are not there. Found by [`crate::engines::alloy::check`], which sees a config as a whole.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::alloy) static RULE: Rule = Rule {
    id: "alloy-import-missing-file",
    aliases: &[],
    summary: "an import of a file that is not there",
    tier: Tier::B,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("import_missing_file.md"),
};
