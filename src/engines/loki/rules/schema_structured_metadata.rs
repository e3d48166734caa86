//! `loki-schema-structured-metadata`.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::loki) static RULE: Rule = Rule {
    id: "loki-schema-structured-metadata",
    aliases: &[],
    summary: "structured metadata in a period that cannot hold them",
    tier: Tier::A,
    severity: Severity::Error,
    fix: FixKind::Safe,
    since: "0.1.0",
    page: include_str!("schema_structured_metadata.md"),
};
