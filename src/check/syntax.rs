//! Files of a known kind that cannot be read at all.

use crate::conform::replaced;
use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::parse::{Dialect, ParseError};
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

/// What is said of errors behind the end of a document.
const BEHIND: [&str; 3] = ["<document start>", "after document end marker", "before directive"];

/// Whether a reader that decodes one document never gets to an error: libyaml and its kin find out that no other one begins when they
/// are asked for it (go-yaml/yaml parserc.go `yaml_parser_parse_document_start`, yaml.go `unmarshal`@v2.4.0, v3.0.1).
fn is_behind(artifact: &Artifact, error: &ParseError) -> bool {
    if !matches!(artifact.kind.format, Format::Yaml(dialect) if dialect != Dialect::V4) {
        return false;
    }
    let Some(document) = artifact.data() else { return false };
    let end = document.root().filter(|root| !root.is_null()).map(|root| root.span().end as usize);
    let between = end.and_then(|end| document.source_text().get(end..error.span.start as usize));
    let marks = |text: &str| text.lines().skip(1).any(|line| line.starts_with("---") || line.starts_with("..."));
    between.is_some_and(|text| BEHIND.iter().any(|end| error.message.contains(end)) || marks(text))
}

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
        let found = if is_behind(artifact, error) {
            Diagnostic::new(rule, error.span, "the YAML document ends above, and nothing from here on is read")
                .severity(Severity::Warning)
                .help("one document is read: put all into it, with its keys in one column")
        } else {
            Diagnostic::new(rule, error.span, format!("not readable as {name}: {}", error.message))
        };
        findings.push(found);
        return;
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
