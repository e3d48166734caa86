//! Files of a known kind that cannot be read at all.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::tree::{Artifact, Format};

/// YAML that its engine's reader refuses.
pub(super) static YAML: Rule = Rule {
    id: "gen-yaml-unreadable",
    aliases: &[],
    summary: "a YAML file that its engine cannot read",
    tier: Tier::A,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("yaml_unreadable.md"),
};

/// JSON that its engine's reader refuses.
pub(super) static JSON: Rule = Rule {
    id: "gen-json-unreadable",
    aliases: &[],
    summary: "a JSON file that its engine cannot read",
    tier: Tier::A,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("json_unreadable.md"),
};

/// Reports the first thing that is wrong: what follows is most often its echo.
pub(super) fn check(artifact: &Artifact, findings: &mut Findings) {
    let (rule, name) = match artifact.kind.format {
        Format::Yaml(_) => (&YAML, "YAML"),
        Format::Json => (&JSON, "JSON"),
        _ => return,
    };
    if !artifact.certain {
        return;
    }
    if let Some(error) = artifact.syntax.first() {
        findings.report(rule, error.span, format!("not readable as {name}: {}", error.message));
    }
}
