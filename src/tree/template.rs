//! Tells a file from the template of one. Templates are left alone: what they become is not known here.
//!
//! Braces alone prove nothing: legends, annotations of rules, log formats of Docker and Alloy's `stage.template` hold them
//! legitimately. What counts is a statement (`{%`), a brace where a value starts without quotes, and expressions that
//! only Jinja or Helm know.

/// Whether `text`, which parses, is a template all the same. Only for YAML, INI and Alloy, in whose strings braces may stand: other
/// formats would not parse.
pub(super) fn is_template(text: &str) -> bool {
    text.contains("{%") && text.lines().any(statement) || text.contains("{{") && expressions(text)
}

/// Whether names such as `__HOST__` stand in a text that is no comment: a script puts something in their place.
pub fn has_marks(text: &str) -> bool {
    text.contains("__") && text.lines().filter(|line| !line.trim_start().starts_with('#')).any(marked)
}

fn marked(line: &str) -> bool {
    let in_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let capitals = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    line.split(|c| !in_word(c)).any(|word| {
        let inner = word.strip_prefix("__").and_then(|w| w.strip_suffix("__"));
        inner.is_some_and(|name| name.starts_with(|c: char| c.is_ascii_uppercase()) && name.chars().all(capitals))
    })
}

/// Whether expressions stand there that only a template has.
fn expressions(text: &str) -> bool {
    // Jinja does not read `$x`: where Go's own expressions stand bare, no other is Jinja's.
    let go = !text.contains("{%") && text.match_indices("{{").any(|(at, _)| is_go(text, at));
    text.lines().any(|line| expression(line, go))
}

/// Whether an expression of Go, such as `{{ $labels.x }}`, begins there, and not as the text of another one.
fn is_go(text: &str, at: usize) -> bool {
    let inside = text[at + 2..].trim_start_matches(['-', ' ']);
    let before = text[..at].trim_end_matches(['\'', '"', '`']).trim_end_matches(' ');
    inside.starts_with('$') && !before.ends_with("{{")
}

/// Whether `text`, which does not parse at `at`, is a template rather than broken: braces stand where it fails, or there
/// is no doubt anyway.
pub(super) fn explains(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or(text);
    // Readers often notice on the line below.
    let start = before.rmatch_indices('\n').nth(1).map_or(0, |(i, _)| i + 1);
    let end = text.get(at..).and_then(|t| t.find('\n')).map_or(text.len(), |i| at + i);
    let near = text.get(start..end).unwrap_or(text);
    ["{{", "{%", "<%", "%{"].iter().any(|b| near.contains(b)) || has_marks(near) || is_template(text)
}

fn statement(line: &str) -> bool {
    const WORDS: [&str; 11] =
        ["if", "elif", "else", "endif", "for", "endfor", "set", "raw", "endraw", "include", "macro"];
    let line = line.trim_start();
    let Some(rest) = line.strip_prefix("{%") else { return false };
    let word = rest.trim_start_matches(['-', '+', ' ']).split(|c: char| !c.is_ascii_alphabetic()).next();
    word.is_some_and(|w| WORDS.contains(&w))
}

fn expression(line: &str, go: bool) -> bool {
    let trimmed = line.trim_start();
    if trimmed.starts_with(['#', ';']) || trimmed.starts_with("//") || line.contains("legend") {
        return false;
    }
    let mut rest = line;
    while let Some(at) = rest.find("{{") {
        let inside = rest[at + 2..].trim_start_matches(['-', ' ']);
        if helm(inside) || !go && jinja(inside) {
            return true;
        }
        rest = &rest[at + 2..];
    }
    false
}

/// `.Values.x`, `include "x" .` and their kin.
fn helm(inside: &str) -> bool {
    const STARTS: [&str; 8] =
        [".Values.", ".Release.", ".Chart.", "$.Values.", "include \"", "toYaml ", "tpl ", "template \"chart"];
    STARTS.iter().any(|s| inside.starts_with(s))
}

/// Nobody writes a longer expression between braces.
const EXPRESSION: usize = 1_000;

/// A bare name, as Jinja's variables are and Go's are not: `name`, `name.field`, `name | filter`. Functions of Prometheus'
/// templates that take no argument look the same and are left out.
fn jinja(inside: &str) -> bool {
    // Bounded, so that a line of a million opening braces is not read to its end for each of them.
    let mut near = inside.len().min(EXPRESSION);
    while !inside.is_char_boundary(near) {
        near -= 1;
    }
    let Some(end) = inside[..near].find("}}") else { return false };
    let body = inside[..end].trim_end_matches(['-', ' ']);
    let name = body.split(|c: char| !(c == '_' || c.is_ascii_alphanumeric())).next().unwrap_or_default();
    // `index .Config.Labels` calls one of Go's functions: no blank stands before a field of Jinja's.
    let after = &body[name.len()..];
    let filtered = after.trim_start().starts_with('|');
    let named = name.starts_with(|c: char| c == '_' || c.is_ascii_lowercase());
    let keyword = ["end", "else", "externalURL", "pathPrefix", "json", "range", "if", "with"].contains(&name);
    named && !keyword && (after.is_empty() || filtered || after.starts_with(['.', '[']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jinja_and_helm_are_templates() {
        for text in [
            "{% if x %}\na: 1\n{% endif %}",
            "targets: ['{{ host }}:9090']",
            "targets: [\"{{ hostvars['a'].ip }}\"]",
            "a: '{{ name | default(\"x\") }}'",
            "image: \"{{ .Values.image }}\"",
            "a: '{{ name }}: {{ \"{{ $labels.pod }}\" }}'",
            "a: '{{ name }}: {% raw %}pod {{ $labels.pod }}{% endraw %}'",
            "- x: \"{{ include \"chart.name\" . }}\"",
        ] {
            assert!(is_template(text), "{text}");
        }
    }

    #[test]
    fn names_between_lines_are_marks() {
        assert!(has_marks("name: app-__ENV__\n") && has_marks("a: 1\n__NETWORKS__\n"));
        for text in ["# __ENV__", "__name__: x", "GF_PASSWORD__FILE: x", "source_labels: [__META__a__]", "a: __ENV"] {
            assert!(!has_marks(text), "{text}");
        }
    }

    #[test]
    fn a_failure_is_explained_by_braces_that_stand_there() {
        let text = "a: 1\nb: {{ x }}\nc: 2\n\n\nd: [\n";
        assert!(explains(text, text.find("{{").unwrap()));
        assert!(explains(text, text.find("c:").unwrap()));
        assert!(!explains("a: \"{{.Name}}\"\n\n\nb: [", 18));
    }

    #[test]
    fn legitimate_braces_are_not() {
        for text in [
            "summary: '{{ $labels.instance }} is down'",
            "description: '{{ $value | humanize }}'",
            "tag: \"{{.Name}}\"",
            "format: '{{json .State}}'",
            "legendFormat: '{{instance}}'",
            "# {{ host }}",
            "link: '{{ externalURL }}/x'",
            "a: '{{ .Value }}'",
            "b: {% raw",
            "tag: '{{ index .Config.Labels \"com.docker.compose.project\" }}'",
            "description: ({{value}}/65280) on {{$labels.pod}}",
        ] {
            assert!(!is_template(text), "{text}");
        }
    }
}
