//! Splits a command line the way compose does, which is nearly but not quite the shell's.

use std::ops::Range;

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
}
