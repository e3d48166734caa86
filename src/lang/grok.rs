//! Grok patterns, as the collector's reader knows them: names, and what becomes of those that are written down.

use std::collections::HashMap;

const EMBEDDED: &str = include_str!("../../schemas/lang/grok-patterns.txt");

/// References beyond so many are not followed.
const REFERENCES: usize = 1_000;

/// Expressions that become longer are not judged.
const LONGEST: usize = 20_000;

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

/// The regular expression that a pattern becomes, in which `a` stands for each pattern of the library, and whether there is such a one;
/// `None` = what it becomes depends on those. With `named`, only what has a name of its own is captured (elastic/go-grok
/// grok.go `expand`@v0.3.1).
#[must_use]
pub fn expanded(pattern: &str, own: &HashMap<&str, &str>, named: bool) -> Option<(String, bool)> {
    let (mut text, mut library) = (pattern.to_owned(), false);
    for _ in 0..REFERENCES {
        if text.len() > LONGEST || text.contains("\\Q") {
            return None;
        }
        let found = text.match_indices("%{").find_map(|(at, _)| {
            let end = at + 2 + text[at + 2..].find('}')?;
            let name = references(&text[at..=end]).next()?;
            let field = text[at + 2..end].split(':').nth(1);
            Some((at..end + 1, name.to_owned(), field.map(str::to_owned)))
        });
        let Some((range, name, field)) = found else { return Some((text, library)) };
        if in_class(&text[..range.start]) {
            return None;
        }
        library |= !own.contains_key(name.as_str());
        let inside = own.get(name.as_str()).copied().unwrap_or("a");
        let group = match field {
            None if named => format!("({inside})"),
            field => format!("(?P<{}>{inside})", field.unwrap_or(name).replace('.', "___")),
        };
        text.replace_range(range, &group);
    }
    None
}

/// Whether a class of characters is open at the end.
fn in_class(text: &str) -> bool {
    let (mut open, mut chars) = (false, text.chars());
    while let Some(c) = chars.next() {
        match c {
            '\\' => _ = chars.next(),
            '[' => open = true,
            ']' => open = false,
            _ => {}
        }
    }
    open
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

    #[test]
    fn own_definitions_are_put_in() {
        let own = HashMap::from([("OURS", "x|%{INT:n.m:int}"), ("LOOP", "%{LOOP}")]);
        for (pattern, named, text, library) in [
            ("abc", true, "abc", false),
            ("%{OURS} %{WORD}", true, "(x|(?P<n___m>a)) (a)", true),
            ("%{WORD}(", false, "(?P<WORD>a)(", true),
            ("[]%{not a name}]", true, "[]%{not a name}]", false),
        ] {
            assert_eq!(expanded(pattern, &own, named), Some((text.to_owned(), library)), "{pattern}");
        }
        for pattern in ["[%{WORD}]", "%{LOOP}", "\\Q%{WORD}"] {
            assert_eq!(expanded(pattern, &own, true), None, "{pattern}");
        }
    }
}
