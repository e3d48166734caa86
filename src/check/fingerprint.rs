//! What makes a finding the same finding in another run, though lines moved, numbers changed or the version went up.

use std::collections::HashMap;
use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use crate::diagnostic::Diagnostic;
use crate::source::Sources;

/// A line longer than this is a minified file's: then only what the finding points to is looked at.
const LINE: usize = 400;

/// The fingerprints of findings, in their order: hex digits, and which of the equal ones it is, from 1.
pub fn fingerprints(sources: &Sources, all: &[&Diagnostic]) -> Vec<(String, usize)> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let one = |diagnostic: &&Diagnostic| {
        let print = fingerprint(sources, diagnostic);
        let count = seen.entry(print.clone()).or_default();
        *count += 1;
        (print, *count)
    };
    all.iter().map(one).collect()
}

/// The fingerprint of one finding: its rule, its path, the words of its line and its message without numbers.
pub fn fingerprint(sources: &Sources, diagnostic: &Diagnostic) -> String {
    let span = diagnostic.primary.span;
    let path = &sources.get(span.source).path;
    let said = unnumbered(&diagnostic.message);
    let line = words(line(sources.text(span.source), span.range()));
    let mut hash = Sha256::new();
    // Their lengths keep what ends one part from passing for the start of the next.
    for part in [diagnostic.rule.id, path, &line, &said] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().iter().take(16).fold(String::with_capacity(32), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// The line that a range starts in, or the head of the range itself where that line is too long to be a person's; nothing
/// for a finding about a whole file, whose first line is no evidence.
fn line(text: &str, range: std::ops::Range<usize>) -> &str {
    if range == (0..0) {
        return "";
    }
    let Some(before) = text.get(..range.start) else { return "" };
    let near = before.len().saturating_sub(LINE);
    let start = before.as_bytes()[near..].iter().rposition(|b| *b == b'\n').map(|n| near + n + 1);
    let start = if near == 0 { start.or(Some(0)) } else { start };
    let bytes = text.as_bytes();
    let far = (range.start + LINE).min(bytes.len());
    let end = bytes[range.start..far].iter().position(|b| *b == b'\n').map(|n| range.start + n);
    let end = if far == bytes.len() { end.or(Some(far)) } else { end };
    if let (Some(start), Some(end)) = (start, end) {
        return text.get(start..end).unwrap_or_default();
    }
    let mut end = range.end.clamp(range.start, far);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(range.start..end).unwrap_or_default()
}

/// Words with one blank between them: indentation and line ends are layout.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Every run of digits becomes one sign: a message names versions, ports and counts, which move by themselves.
pub fn unnumbered(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if !c.is_ascii_digit() {
            out.push(c);
        } else if !out.ends_with('#') {
            out.push('#');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::suppress::UNUSED;
    use crate::source::Span;

    fn print(path: &str, text: &str, needle: &str, message: &str) -> String {
        let mut sources = Sources::new();
        let id = sources.add(path, text);
        let start = text.find(needle).unwrap();
        fingerprint(&sources, &Diagnostic::new(&UNUSED, Span::new(id, start..start + needle.len()), message))
    }

    #[test]
    fn moved_and_indented_lines_keep_their_fingerprint_and_others_do_not() {
        let first = print("a.yaml", "a: 1\nb: 2\n", "b", "port 3200 of Tempo 2.9.1");
        assert_eq!(first, print("a.yaml", "# x\r\n\n  b:   2\r\n", "b", "port 80 of Tempo 3.10.0"));
        assert_eq!(first.len(), 32);
        for other in [
            print("b.yaml", "b: 2\n", "b", "port 1 of Tempo 3.1.1"),
            print("a.yaml", "b: 3\n", "b", "port 1 of Tempo 3.1.1"),
            print("a.yaml", "b: 2\n", "b", "port 1 of Loki 3.1.1"),
        ] {
            assert_ne!(first, other);
        }
    }

    #[test]
    fn a_line_of_megabytes_counts_by_what_is_pointed_to() {
        let long = |fill: &str| format!("{}NEEDLE{}", fill.repeat(1 << 16), "ü".repeat(1 << 16));
        let (a, b) = (long("ä"), long("b"));
        assert_eq!(print("a.json", &a, "NEEDLE", "m"), print("a.json", &b, "NEEDLE", "m"));
        assert_ne!(print("a.json", &a, "NEEDLE", "m"), print("a.json", &a, "NEED", "m"));
    }

    #[test]
    fn equal_findings_are_counted() {
        let mut sources = Sources::new();
        let id = sources.add("a", "x\nx\n");
        let at = |n| Diagnostic::new(&UNUSED, Span::new(id, n..n + 1), "m");
        let (a, b) = (at(0), at(2));
        let prints = fingerprints(&sources, &[&a, &b]);
        assert_eq!((prints[0].1, prints[1].1), (1, 2));
        assert_eq!(prints[0].0, prints[1].0);
    }
}
