//! Lines of scripts as far as they can be read without running them: commands, their words, and variables that the script
//! itself sets to a plain text.

use std::collections::HashMap;

/// Variables of one script that are kept.
const VARIABLES: usize = 1_000;

/// Bytes that one line may grow to as variables are filled in.
const LINE: usize = 1 << 14;

/// Nobody writes a longer reference.
const REFERENCE: usize = 200;

/// Rounds of filling in: variables that name others.
const ROUNDS: usize = 4;

/// What a script sets to a plain text. A name that is set twice to different texts is not known.
#[derive(Debug, Default)]
pub(in crate::tree) struct Variables<'t>(HashMap<&'t str, Option<&'t str>>);

impl<'t> Variables<'t> {
    /// `NAME=text`, `NAME := text`, `export NAME=text`, `: "${NAME:=text}"`.
    pub(in crate::tree) fn of(text: &'t str) -> Self {
        let mut all = Self::default();
        for line in text.lines() {
            let Some((name, value)) = assigned(line) else { continue };
            if all.0.len() >= VARIABLES {
                break;
            }
            all.0.entry(name).and_modify(|known| *known = known.filter(|k| *k == value)).or_insert(Some(value));
        }
        all
    }

    /// All that are known.
    pub(in crate::tree) fn known(&self) -> impl Iterator<Item = (&'t str, &'t str)> + '_ {
        self.0.iter().filter_map(|(name, value)| Some((*name, (*value)?)))
    }

    /// A line with what is known filled in; the rest stays as it is written.
    pub(in crate::tree) fn fill(&self, line: &str) -> String {
        let mut line = line.to_owned();
        for _ in 0..ROUNDS {
            if self.0.is_empty() || !line.contains('$') {
                break;
            }
            let next = self.once(&line);
            if next == line || next.len() > LINE {
                break;
            }
            line = next;
        }
        line
    }

    fn once(&self, line: &str) -> String {
        let mut out = String::with_capacity(line.len());
        let mut rest = line;
        while let Some(at) = rest.find('$') {
            out.push_str(&rest[..at]);
            let written = &rest[at..];
            let inner = &written[1..];
            let close = match inner.as_bytes().first() {
                Some(b'{') => Some(b'}'),
                Some(b'(') => Some(b')'),
                _ => None,
            };
            // Bounded, so that a line of opening braces is not read to its end for each of them.
            let end = close.map(|close| inner.bytes().take(REFERENCE).position(|b| b == close));
            let (name, end) = match end {
                Some(Some(close)) => (inner[1..close].split([':', '-', '?']).next().unwrap_or_default(), close + 2),
                Some(None) => ("", 1),
                None => {
                    let end = inner.find(|c: char| !is_name(c)).unwrap_or(inner.len());
                    (&inner[..end], end + 1)
                }
            };
            match self.0.get(name).copied().flatten() {
                Some(value) => out.push_str(value),
                None => out.push_str(&written[..end]),
            }
            rest = &written[end..];
        }
        out.push_str(rest);
        out
    }
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// The name and the plain text that a line sets it to.
fn assigned(line: &str) -> Option<(&str, &str)> {
    let line = line.trim();
    if let Some(inner) = line.strip_prefix(':').map(|l| l.trim().trim_matches('"'))
        && let Some((name, value)) = inner.strip_prefix("${").and_then(|i| i.strip_suffix('}'))?.split_once(":=")
    {
        return plain(name, value);
    }
    let mut line = line;
    for word in ["export ", "readonly ", "local ", "set ", "ARG ", "ENV "] {
        line = line.strip_prefix(word).unwrap_or(line).trim_start();
    }
    let (name, value) = line.split_once('=')?;
    plain(name.trim_end_matches([':', '?', ' ', '\t']), value)
}

fn plain<'t>(name: &'t str, value: &'t str) -> Option<(&'t str, &'t str)> {
    let value = value.split(" #").next().unwrap_or_default().trim();
    let quoted = ['"', '\''].iter().find_map(|q| value.strip_prefix(*q)?.strip_suffix(*q));
    let value = quoted.unwrap_or(value).trim_end_matches(';');
    let is_name = !name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit()) && name.chars().all(is_name);
    // What a command prints is not known.
    let known = !value.is_empty() && !value.contains(['`', '"', '\'']) && !value.contains("$(shell") && value != name;
    (is_name && known && (quoted.is_some() || !value.contains("$(") || !value.contains(' '))).then_some((name, value))
}

/// The commands of a line, each as its words without quotes.
pub(super) fn commands(line: &str) -> Vec<Vec<&str>> {
    let mut all = vec![Vec::new()];
    for word in line.split_whitespace() {
        if matches!(word, "&&" | "||" | "|" | ";" | "then" | "do" | "{" | "}") {
            all.push(Vec::new());
            continue;
        }
        let ends = word.ends_with(';');
        let word = word.trim_matches(['"', '\'', ';', '`', ',']);
        let word = word.trim_start_matches(['@', '(', '[']);
        if !word.is_empty()
            && let Some(last) = all.last_mut()
        {
            last.push(word);
        }
        if ends {
            all.push(Vec::new());
        }
    }
    all.retain(|words| !words.is_empty());
    all
}

/// A path as it is seen from some folder: a first folder that only running the script tells (`$ROOT/x`) is left away. `None`
/// where more than that is not known.
pub(super) fn relative(word: &str) -> Option<&str> {
    let word = word.trim_matches(['"', '\'', ')', ']', '`']);
    // What ends a sentence is no part of it; `.` and `..` are folders.
    let word = if word.ends_with("/.") || word.trim_matches('.').is_empty() {
        word
    } else {
        word.trim_end_matches(['.', ',', ':'])
    };
    let rest = match word.strip_prefix('$') {
        Some(named) => named.split_once('/')?.1.trim_start_matches(['"', '\'']),
        None => word,
    };
    let is_path =
        !rest.is_empty() && !rest.contains(['$', '*', '<', '>', '{', '(', '"', '\'']) && !rest.starts_with('~');
    is_path.then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_once_is_filled_in() {
        let text = "DIR := deploy\nFILE=$(DIR)/a.env # where\n: \"${V:=2.7.1}\"\nexport Q=\"a b\"\nTWICE=1\nTWICE=2\nNOW=`date`\n";
        let variables = Variables::of(text);
        let filled = variables.fill("x ${FILE} $V ${V:-3} $Q $TWICE $NOW $(shell x) ${");
        assert_eq!(filled, "x deploy/a.env 2.7.1 2.7.1 a b $TWICE $NOW $(shell x) ${");
    }

    #[test]
    fn commands_are_divided() {
        let found = commands("@docker compose -f \"a.yml\" up; rm x && cp 'a' b");
        assert_eq!(found, [vec!["docker", "compose", "-f", "a.yml", "up"], vec!["rm", "x"], vec!["cp", "a", "b"]]);
    }

    #[test]
    fn a_root_that_is_not_known_is_left_away() {
        assert_eq!(relative("\"$ROOT/a/b.yml\""), Some("a/b.yml"));
        assert_eq!(relative("${ROOT}\"/b.yml"), Some("b.yml"));
        assert_eq!(relative("b.yml."), Some("b.yml"));
        assert_eq!(relative("."), Some("."));
        assert_eq!(relative("a/$X.yml"), None);
        assert_eq!(relative("$X"), None);
    }
}
