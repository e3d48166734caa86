//! Names of Grok patterns, as the collector's reader knows them.

use std::collections::HashMap;

const EMBEDDED: &str = include_str!("../../schemas/lang/grok-patterns.txt");

/// References beyond so many are not followed.
const REFERENCES: usize = 1_000;

/// The first name that a pattern refers to and that nobody defines, in it or in what it refers to among `own`
/// (elastic/go-grok grok.go `expand`@v0.3.1).
#[must_use]
pub fn unknown<'t>(pattern: &'t str, own: &HashMap<&'t str, &'t str>) -> Option<&'t str> {
    let mut open = vec![pattern];
    let mut seen: Vec<&str> = Vec::new();
    while let Some(pattern) = open.pop() {
        for name in references(pattern) {
            if seen.contains(&name) {
                continue;
            }
            if seen.len() >= REFERENCES {
                return None;
            }
            seen.push(name);
            match own.get(name) {
                Some(definition) => open.push(definition),
                None if names().any(|n| n == name) => {}
                None => return Some(name),
            }
        }
    }
    None
}

/// All names, sorted.
pub fn names() -> impl Iterator<Item = &'static str> {
    EMBEDDED.lines().filter(|line| !line.starts_with('#'))
}

/// The names of `%{NAME}`, `%{NAME:field}` and `%{NAME:field:type}`; what has another form is no reference.
fn references(pattern: &str) -> impl Iterator<Item = &str> {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    pattern.split("%{").skip(1).filter_map(move |rest| {
        let inside = rest.split_once('}')?.0;
        let mut parts = inside.split(':');
        let name = parts.next().filter(|n| !n.is_empty() && n.chars().all(word))?;
        let field = parts.next().is_none_or(|f| !f.is_empty() && f.chars().all(|c| word(c) || matches!(c, '.' | '+')));
        let kind = parts.next().is_none_or(|k| !k.is_empty() && k.chars().all(word));
        (field && kind && parts.next().is_none()).then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_nobody_defines_are_found() {
        let own = HashMap::from([("OURS", "%{WORD}-%{THEIRS}"), ("GOOD", "%{INT:n:int}")]);
        for known in ["", "%{COMBINEDAPACHELOG}", "%{GOOD:a}", "a %{IP:client.ip} %{", "%{not a name}", "%{A-B}"] {
            assert_eq!(unknown(known, &own), None, "{known}");
        }
        for (pattern, name) in [("%{FOOBAR:a}", "FOOBAR"), ("%{WORD} %{word}", "word"), ("%{OURS}", "THEIRS")] {
            assert_eq!(unknown(pattern, &own), Some(name), "{pattern}");
        }
        assert!(names().is_sorted());
    }
}
