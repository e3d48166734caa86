//! Files of a known kind that cannot be read at all.

use crate::conform::replaced;
use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::parse::Dialect;
use crate::tree::{Artifact, Format, Tree};

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
pub(super) fn check(tree: &Tree, artifact: &Artifact, findings: &mut Findings) {
    let (rule, name) = match artifact.kind.format {
        Format::Yaml(_) => (&YAML, "YAML"),
        Format::Json => (&JSON, "JSON"),
        _ => return,
    };
    if !artifact.certain {
        return;
    }
    if let Some(error) = artifact.syntax.first() {
        if replaced::is_hidden(tree, artifact, error.span) {
            return;
        }
        findings.report(rule, error.span, format!("not readable as {name}: {}", error.message));
        return;
    }
    if let Some(error) = artifact.behind.as_ref().filter(|error| !replaced::is_hidden(tree, artifact, error.span)) {
        findings.push(
            Diagnostic::new(rule, error.span, "the YAML document ends above, and nothing from here on is read")
                .severity(Severity::Warning)
                .help("one document is read: put all into it, with its keys in one column"),
        );
    }
    // yaml.v3 and its successor refuse a key that stands twice (`go-yaml/yaml decode.go` mapping@v3.0.1); yaml.v2 does only
    // where its caller asks for that.
    if let (Format::Yaml(Dialect::V3 | Dialect::V4), Some(document)) = (artifact.kind.format, artifact.data()) {
        for twice in document.duplicates().iter().filter(|twice| document.is_first(twice.span)) {
            findings.push(
                Diagnostic::new(rule, twice.span, "not readable as YAML: this key stands twice")
                    .label(twice.first, "first here")
                    .help("remove one of the two"),
            );
        }
    }
}
