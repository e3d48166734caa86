//! Splits a command line the way compose does, which is nearly but not quite the shell's.

use std::ops::Range;

/// The words of `text`, each with its range. Quotes and backslashes count; an unquoted operator ends the line, as in
/// mattn/go-shellwords `shellwords.go@v1.0.12`, which compose-go uses.
pub(super) fn split(text: &str) -> Vec<(String, Range<usize>)> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut start = None;
    let mut quote = None;
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match (quote, c) {
            (None | Some('"'), '\\') => {
                start.get_or_insert(at);
                if let Some((_, next)) = chars.next() {
                    word.push(next);
                }
            }
            (Some(q), c) if q == c => quote = None,
            (Some(_), c) => word.push(c),
            (None, '"' | '\'') => {
                start.get_or_insert(at);
                quote = Some(c);
            }
            (None, c) if c.is_whitespace() => {
                if let Some(start) = start.take() {
                    words.push((std::mem::take(&mut word), start..at));
                }
            }
            (None, ';' | '&' | '|' | '<' | '>') => {
                if let Some(start) = start.take() {
                    words.push((word, start..at));
                }
                return words;
            }
            (None, c) => {
                start.get_or_insert(at);
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
        assert!(split("").is_empty());
    }
}
