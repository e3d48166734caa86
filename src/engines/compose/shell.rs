//! Command lines: split the way compose does, which is nearly but not quite the shell's; and what a script of a shell runs.

use std::ops::Range;

use crate::tree::path;

/// The words of `text`, each with its range. Quotes and backslashes count, `$(…)` and backticks hold together, and an
/// unquoted operator ends the line: mattn/go-shellwords `shellwords.go@0377e1d`, which compose-go uses.
pub(super) fn split(text: &str) -> Vec<(String, Range<usize>)> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut start = None;
    // The character that ends what is open: a quote, a backtick, or the `)` of `$(`.
    let mut open = None;
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match (open, c) {
            (Some('\''), '\\') => word.push(c),
            (_, '\\') => {
                start.get_or_insert(at);
                match chars.next() {
                    Some((_, 't')) => word.push('\t'),
                    Some((_, 'n')) => word.push('\n'),
                    Some((_, next)) => word.push(next),
                    None => {}
                }
            }
            (Some(end), c) if end == c => {
                open = None;
                if matches!(c, ')' | '`') {
                    word.push(c);
                }
            }
            (Some(_), c) => word.push(c),
            (None, '"' | '\'') => {
                start.get_or_insert(at);
                open = Some(c);
            }
            (None, ' ' | '\t' | '\r' | '\n') => {
                if let Some(start) = start.take() {
                    words.push((std::mem::take(&mut word), start..at));
                }
            }
            (None, ';' | '&' | '|' | '<' | '>') => {
                // The number before a redirection is a file descriptor, no word.
                let descriptor = c == '>' && word.bytes().all(|b| b.is_ascii_digit());
                if let Some(start) = start.take().filter(|_| !descriptor) {
                    words.push((word, start..at));
                }
                return words;
            }
            (None, c) => {
                start.get_or_insert(at);
                open = match c {
                    '`' => Some('`'),
                    '(' if word.ends_with('$') => Some(')'),
                    _ => None,
                };
                word.push(c);
            }
        }
    }
    if let Some(start) = start {
        words.push((word, start..text.len()));
    }
    words
}

/// The programs that a script runs, as it writes them.
pub(super) fn programs(script: &str) -> Vec<&str> {
    commands(script).into_iter().filter_map(|command| program(command.split_whitespace())).collect()
}

/// The commands of a script: what stands between its operators, outside of quotes, and in substitutions.
fn commands(script: &str) -> Vec<&str> {
    let (mut found, mut start) = (Vec::new(), 0);
    let (mut single, mut double) = (false, false);
    let bytes = script.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        let opens = *byte == b'(' && at > 0 && bytes[at - 1] == b'$';
        match byte {
            b'\'' if !double => single = !single,
            b'"' if !single => double = !double,
            b'(' if double && opens => {}
            b'`' | b')' if double => {}
            b'|' | b'&' | b';' | b'\n' | b'(' | b')' | b'`' if !single && !double => {}
            _ => continue,
        }
        if single || matches!(byte, b'\'' | b'"') {
            continue;
        }
        found.push(script[start..at].trim());
        start = at + 1;
    }
    found.push(script[start..].trim());
    found.retain(|c| !c.is_empty());
    found
}

/// Words before a command that are none.
const LEADING: [&str; 13] =
    ["if", "then", "elif", "else", "while", "until", "do", "!", "{", "exec", "time", "env", "busybox"];

/// The program that a command runs: behind the words of the shell, variables that are set for it, and `timeout 5`.
pub(super) fn program<'c>(words: impl Iterator<Item = &'c str>) -> Option<&'c str> {
    let quotes = ['"', '\''];
    let words = words.map(|w| if w.len() > 1 { w.trim_matches(quotes) } else { w });
    let mut words = words.skip_while(|w| LEADING.contains(w) || is_assignment(w));
    let first = words.next()?;
    if path::name(first) != "timeout" {
        return Some(first);
    }
    // Options, of which two have a word of their own, then the time.
    let mut words = words.filter(|w| !w.starts_with("--"));
    while let Some(word) = words.next() {
        match word {
            "-s" | "-k" => drop(words.next()),
            _ if word.starts_with('-') => {}
            _ => return words.next(),
        }
    }
    Some(first)
}

fn is_assignment(word: &str) -> bool {
    let name = word.split_once('=').map(|(name, _)| name);
    name.is_some_and(|n| !n.is_empty() && n.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_keep_their_places() {
        let text = "--a=b  '--c=d e' \"f\\\"g\" h\\ i ''";
        let got: Vec<_> = split(text).into_iter().map(|(w, r)| (w, &text[r])).collect();
        let want = [("--a=b", "--a=b"), ("--c=d e", "'--c=d e'"), ("f\"g", "\"f\\\"g\""), ("h i", "h\\ i"), ("", "''")];
        assert_eq!(got, want.map(|(w, r)| (w.to_owned(), r)));
    }

    #[test]
    fn an_operator_ends_the_line() {
        assert_eq!(split("a b > c").len(), 2);
        assert_eq!(split("a 2> c").len(), 1);
        assert_eq!(
            split("a $(b c) `d e` '\\n' \\t").iter().map(|(w, _)| w.as_str()).collect::<Vec<_>>(),
            ["a", "$(b c)", "`d e`", "\\n", "\t"]
        );
        assert!(split("").is_empty());
    }

    #[test]
    fn a_script_runs_what_stands_where_a_command_does() {
        for (script, want) in [
            ("if curl -f x; then exit 0; fi", &["curl", "exit", "fi"][..]),
            ("true && A=1 timeout -s KILL 5 /usr/bin/curl x", &["true", "/usr/bin/curl"]),
            ("timeout --kill-after=1 5 curl x || wget x", &["curl", "wget"]),
            ("[ \"$(curl x)\" = y ]", &["[", "curl", "\""]),
            ("echo 'a; curl b' && \"/bin/prometheus\" --a", &["echo", "/bin/prometheus"]),
            ("sleep 1 && exec prometheus --a", &["sleep", "prometheus"]),
            ("timeout", &["timeout"]),
            ("", &[]),
        ] {
            assert_eq!(programs(script), want, "{script}");
        }
    }
}
