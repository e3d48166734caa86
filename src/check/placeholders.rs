//! What is wrong with a value that a script fills in before its engine reads the file.

use crate::diagnostic::{Diagnostic, Severity, Tier};
use crate::tree::Tree;

/// Drops findings on placeholders of files that a script fills in, and makes warnings of errors on `{{NAME}}` where no service
/// reads the file: something that is not here may fill it in.
pub(super) fn drop_filled(tree: &Tree, found: &mut [Diagnostic]) {
    let mut sources = None;
    for diagnostic in found.iter_mut().filter(|d| matches!(d.rule.tier, Tier::A | Tier::B)) {
        let text = tree.sources.slice(diagnostic.primary.span);
        if !has_placeholder(text) {
            continue;
        }
        let sources = sources.get_or_insert_with(|| super::by_source(tree));
        let Some(id) = sources.get(&diagnostic.primary.span.source) else { continue };
        let artifact = tree.artifact(*id);
        if tree.fills(artifact) {
            diagnostic.moot = true;
        } else if artifact.uses.is_empty() && text.contains("{{") {
            diagnostic.severity = diagnostic.severity.max(Severity::Warning);
        }
    }
}

/// Longest text in which a placeholder is looked for: a value, no block.
const LONGEST: usize = 400;

/// Whether a text holds what only a script replaces: `__NAME__`, `${NAME}`, `$NAME`, `{{NAME}}`, `@NAME@`, `%NAME%`.
fn has_placeholder(text: &str) -> bool {
    if text.len() > LONGEST {
        return false;
    }
    let named = |rest: &str| rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
    ["__", "${", "$", "{{", "@", "%"].into_iter().any(|open| {
        let close = match open {
            "${" => "}",
            "{{" => "}}",
            "$" => "",
            same => same,
        };
        text.match_indices(open).any(|(at, _)| {
            let rest = text[at + open.len()..].trim_start();
            let name = &rest[..named(rest)];
            let ends = rest[name.len()..].trim_start().starts_with(close) || close == "__" && name.ends_with(close);
            let placed = name.bytes().any(|b| b.is_ascii_uppercase()) && !name.bytes().any(|b| b.is_ascii_lowercase());
            placed && ends
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_told_from_texts() {
        for text in ["__SLACK_URL__", "http://${HOST}:1", "$HOST:1", "http://{{ SERVER_IP }}:3100", "@PORT@", "%A%"] {
            assert!(has_placeholder(text), "{text}");
        }
        for text in ["__name__", "${1}", "a@example.com", "{{ .Value }}", "100%", "$1", "{{ $labels.A }}", "A"] {
            assert!(!has_placeholder(text), "{text}");
        }
    }
}
