//! Variables in compose values: `$X`, `${X:-word}` and their kin, with every byte of the result traced to its source.
//!
//! Follows compose-spec/compose-go `template/template.go@v2.13.0`. A variable that nothing in the tree sets is *open*: the
//! shell may set it, so its text stays as written and nothing may be concluded from it.

use std::collections::BTreeMap;
use std::ops::Range;

/// Words nested in words deeper than this stay as written.
const DEPTH_LIMIT: usize = 16;

/// No port, volume or image reference is longer.
const FIELD_LIMIT: usize = 4_096;

/// Text after interpolation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Expanded {
    /// The text; open variables stand in it as written.
    pub text: String,
    pieces: Vec<Piece>,
}

/// A run of the result and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Piece {
    out: Range<usize>,
    from: Range<usize>,
    how: How,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    /// Byte for byte.
    Copied,
    /// The value of a variable: any part of it points to the whole reference.
    Replaced,
    /// A reference that cannot be resolved, byte for byte.
    Open,
}

impl Expanded {
    fn push(&mut self, text: &str, from: Range<usize>, how: How) {
        let start = self.text.len();
        self.text.push_str(text);
        self.pieces.push(Piece { out: start..self.text.len(), from, how });
    }

    /// Whether an open variable is part of the text.
    pub(super) fn open(&self) -> bool {
        self.open_in(0..self.text.len())
    }

    /// Whether an open variable is part of that range.
    pub(super) fn open_in(&self, range: Range<usize>) -> bool {
        let first = self.pieces.partition_point(|p| p.out.end <= range.start);
        self.pieces[first..].iter().take_while(|p| p.out.start < range.end).any(|p| p.how == How::Open)
    }

    /// Where a range of the result stands in the text before interpolation.
    pub(super) fn origin(&self, range: Range<usize>) -> Range<usize> {
        let start = self.at(range.start, false);
        start..self.at(range.end, true).max(start)
    }

    fn at(&self, offset: usize, end: bool) -> usize {
        // An end belongs to the piece it closes, a start to the piece it opens.
        let after = self.pieces.partition_point(|p| p.out.start < offset || (!end && p.out.start == offset));
        match after.checked_sub(1).map(|i| &self.pieces[i]) {
            None => self.pieces.first().map_or(0, |p| p.from.start),
            Some(p) if p.how == How::Replaced => {
                if end || offset >= p.out.end {
                    p.from.end
                } else {
                    p.from.start
                }
            }
            Some(p) => (p.from.start + (offset - p.out.start)).min(p.from.end),
        }
    }

    /// The ranges between separators; separators inside of open variables do not count. Meant for short texts: one of
    /// more than a few thousand bytes is one field.
    pub(super) fn fields(&self, separator: char) -> Vec<Range<usize>> {
        let mut fields = Vec::new();
        let mut start = 0;
        if self.text.len() > FIELD_LIMIT {
            fields.push(0..self.text.len());
            return fields;
        }
        for (at, found) in self.text.match_indices(separator) {
            if !self.open_in(at..at + found.len()) {
                fields.push(start..at);
                start = at + found.len();
            }
        }
        fields.push(start..self.text.len());
        fields
    }
}

/// Variables of a project.
pub(super) type Env = BTreeMap<String, String>;

/// Replaces the variables of `text`. Their values may have `left` bytes together: after that variables stay as written.
pub(super) fn interpolate(text: &str, env: &Env, left: &mut usize) -> Expanded {
    let mut out = Expanded::default();
    let mut rest = 0;
    while let Some(found) = text[rest..].find('$') {
        let at = rest + found;
        if at > rest {
            out.push(&text[rest..at], rest..at, How::Copied);
        }
        let (value, end) = reference(text, at, env, 0, left);
        match value {
            Value::Text(value) => out.push(&value, at..end, How::Replaced),
            Value::Open => out.push(&text[at..end], at..end, How::Open),
            Value::Verbatim => out.push(&text[at..end], at..end, How::Copied),
        }
        rest = end;
    }
    if rest < text.len() || out.pieces.is_empty() {
        out.push(&text[rest..], rest..text.len(), How::Copied);
    }
    out
}

enum Value {
    Text(String),
    Open,
    Verbatim,
}

/// Reads the reference that starts with the `$` at `at`; returns what it stands for and where it ends.
fn reference(text: &str, at: usize, env: &Env, depth: usize, left: &mut usize) -> (Value, usize) {
    let bytes = text.as_bytes();
    match bytes.get(at + 1) {
        Some(b'$') => (Value::Text("$".to_owned()), at + 2),
        Some(b'{') => braced(text, at, env, depth, left),
        Some(b) if is_name_start(*b) => {
            let end = at + 1 + name_length(&bytes[at + 1..]);
            let value = env.get(&text[at + 1..end]).map_or(Value::Open, |v| value(v, left));
            (value, end)
        }
        _ => (Value::Verbatim, at + 1),
    }
}

/// The value of a variable, as long as values are taken.
fn value(value: &str, left: &mut usize) -> Value {
    match left.checked_sub(value.len()) {
        Some(rest) => {
            *left = rest;
            Value::Text(value.to_owned())
        }
        None => {
            *left = 0;
            Value::Open
        }
    }
}

fn braced(text: &str, at: usize, env: &Env, depth: usize, left: &mut usize) -> (Value, usize) {
    let bytes = text.as_bytes();
    let Some(close) = closing(bytes, at + 1) else { return (Value::Open, text.len()) };
    let end = close + 1;
    let inner = &text[at + 2..close];
    let length = name_length(inner.as_bytes());
    if length == 0 || depth >= DEPTH_LIMIT {
        return (Value::Open, end);
    }
    let (name, rest) = inner.split_at(length);
    let set = env.get(name);
    let (empty_counts, operator, word) = match rest.as_bytes() {
        [] => return (set.map_or(Value::Open, |v| value(v, left)), end),
        [b':', op @ (b'-' | b'+' | b'?'), ..] => (false, *op, &rest[2..]),
        [op @ (b'-' | b'+' | b'?'), ..] => (true, *op, &rest[1..]),
        _ => return (Value::Open, end),
    };
    let set = set.filter(|v| empty_counts || !v.is_empty());
    let found = match (operator, set) {
        (b'-' | b'?', Some(set)) => value(set, left),
        (b'-', None) | (b'+', Some(_)) => words(word, env, depth + 1, left),
        // Unset in the tree: the shell decides between the word and nothing, or must set it.
        _ => Value::Open,
    };
    (found, end)
}

/// The word of a default, itself interpolated; open when any part of it is.
fn words(word: &str, env: &Env, depth: usize, left: &mut usize) -> Value {
    let mut out = String::new();
    let mut rest = 0;
    while let Some(found) = word[rest..].find('$') {
        let at = rest + found;
        out.push_str(&word[rest..at]);
        let (value, end) = reference(word, at, env, depth, left);
        match value {
            Value::Text(value) => out.push_str(&value),
            Value::Open => return Value::Open,
            Value::Verbatim => out.push_str(&word[at..end]),
        }
        rest = end;
    }
    out.push_str(&word[rest..]);
    Value::Text(out)
}

/// The `}` that closes the `{` at `open`.
fn closing(bytes: &[u8], open: usize) -> Option<usize> {
    let mut depth = 0usize;
    let mut at = open;
    while at < bytes.len() {
        match bytes[at] {
            b'{' if at == open || bytes[at - 1] == b'$' => depth += 1,
            b'}' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            b'\n' if depth == 1 => return None,
            _ => {}
        }
        at += 1;
    }
    None
}

fn is_name_start(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphabetic()
}

fn name_length(bytes: &[u8]) -> usize {
    if !bytes.first().is_some_and(|b| is_name_start(*b)) {
        return 0;
    }
    bytes.iter().take_while(|b| **b == b'_' || b.is_ascii_alphanumeric()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env() -> Env {
        [("TAG", "2.9.1"), ("EMPTY", "")].map(|(k, v)| (k.to_owned(), v.to_owned())).into()
    }

    #[test]
    fn forms_of_compose_are_resolved() {
        for (text, want, open) in [
            ("a", "a", false),
            ("$TAG", "2.9.1", false),
            ("x${TAG}y", "x2.9.1y", false),
            ("${NO:-d}", "d", false),
            ("${EMPTY:-d}", "d", false),
            ("${EMPTY-d}", "", false),
            ("${NO:-${TAG}}", "2.9.1", false),
            ("${NO:-a${NO2:-b}c}", "abc", false),
            ("${NO:-${NO2}}", "${NO:-${NO2}}", true),
            ("${TAG:+alt}", "alt", false),
            ("${NO:+alt}", "${NO:+alt}", true),
            ("${NO:?must}", "${NO:?must}", true),
            ("$$TAG", "$TAG", false),
            ("$NO", "$NO", true),
            ("$1 $", "$1 $", false),
            ("${a.b}", "${a.b}", true),
            ("${TAG", "${TAG", true),
            ("", "", false),
        ] {
            let got = interpolate(text, &env(), &mut 1_000);
            assert_eq!((got.text.as_str(), got.open()), (want, open), "{text}");
        }
    }

    #[test]
    fn every_range_is_traced_to_its_source() {
        let text = "a:${TAG}:$NO:z";
        let got = interpolate(text, &env(), &mut 1_000);
        assert_eq!(got.text, "a:2.9.1:$NO:z");
        let fields: Vec<&str> = got.fields(':').into_iter().map(|r| &text[got.origin(r)]).collect();
        assert_eq!(fields, ["a", "${TAG}", "$NO", "z"]);
    }

    #[test]
    fn colons_of_open_variables_separate_nothing() {
        let got = interpolate("${PORT:?x}:3000", &env(), &mut 1_000);
        assert_eq!(got.fields(':').len(), 2);
    }

    #[test]
    fn a_long_value_named_often_stays_a_variable() {
        let env: Env = [("A".to_owned(), "x".repeat(1 << 16))].into();
        for text in ["$A".repeat(100_000), format!("${{B:-{}}}", "$A".repeat(100_000))] {
            let mut left = 1 << 20;
            let got = interpolate(&text, &env, &mut left);
            assert!(got.open() && got.text.len() < 2 << 20 && left == 0, "{}", got.text.len());
        }
    }

    #[test]
    fn deep_nesting_ends() {
        let text = "${A:-".repeat(50_000);
        assert!(interpolate(&text, &env(), &mut 1_000).open());
        let closed = format!("{}x{}", "${A:-".repeat(5_000), "}".repeat(5_000));
        assert!(interpolate(&closed, &env(), &mut 1_000).open());
    }
}
