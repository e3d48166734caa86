//! Variables in compose values: `$X`, `${X:-word}` and their kin, with every byte of the result traced to its source.
//!
//! Follows compose-spec/compose-go `template/template.go@v2.13.0`. A variable that nothing in the tree sets is *open*: the
//! shell may set it, so its text stays as written and nothing may be concluded from it.

use std::collections::BTreeMap;
use std::ops::Range;

/// Faults of one text beyond this are not told.
const FAULT_LIMIT: usize = 1_000;

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
    /// What is wrong with its references.
    pub faults: Vec<Fault>,
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
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Env {
    /// `None` = set, to a value that is not known.
    set: BTreeMap<String, Option<String>>,
    /// What an example of an env file has, that is not there itself.
    samples: BTreeMap<String, String>,
}

impl Env {
    /// Whether a variable is set, and to what.
    pub(super) fn get(&self, name: &str) -> Option<Option<&str>> {
        self.set.get(name).map(Option::as_deref)
    }

    /// Sets a variable that is not set.
    pub(super) fn add(&mut self, name: String, value: Option<String>) {
        self.set.entry(name).or_insert(value);
    }

    /// Adds what another one has and this one has not.
    pub(super) fn fill(&mut self, other: Self) {
        other.set.into_iter().for_each(|(name, value)| self.add(name, value));
        for (name, value) in other.samples {
            self.samples.entry(name).or_insert(value);
        }
    }

    /// Notes what an example says.
    pub(super) fn sample(&mut self, name: String, value: String) {
        self.samples.insert(name, value);
    }

    /// The same for who copies the example.
    fn copied(&self, name: &str) -> Option<Option<&str>> {
        let set = self.set.get(name).map(Option::as_deref);
        set.or_else(|| self.samples.get(name).map(|value| Some(value.as_str())))
    }
}

impl FromIterator<(String, Option<String>)> for Env {
    fn from_iter<I: IntoIterator<Item = (String, Option<String>)>>(all: I) -> Self {
        Self { set: all.into_iter().collect(), samples: BTreeMap::new() }
    }
}

impl Extend<(String, Option<String>)> for Env {
    fn extend<I: IntoIterator<Item = (String, Option<String>)>>(&mut self, all: I) {
        self.set.extend(all);
    }
}

/// What is wrong with a reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    /// It is none: compose refuses the file.
    Invalid,
    /// It is none, in the default of a variable: compose refuses the file where that is not set.
    InvalidDefault,
    /// Nothing in the tree sets a variable that must be set; the reason as written.
    Required(String, String),
    /// Nothing in the tree sets it, and it has no default: it becomes empty.
    Unset(String),
}

/// A reference that is wrong, and where it stands in the text before interpolation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// Where.
    pub at: Range<usize>,
    /// What.
    pub what: What,
}

/// Replaces the variables of `text`. Their values may have `left` bytes together: after that variables stay as written.
pub(super) fn interpolate(text: &str, env: &Env, left: &mut usize) -> Expanded {
    run(text, Resolver { env, copied: false, left, faults: Vec::new() })
}

/// The same for who copies the example of an env file that is not there.
pub(super) fn interpolate_copied(text: &str, env: &Env, left: &mut usize) -> Expanded {
    run(text, Resolver { env, copied: true, left, faults: Vec::new() })
}

fn run(text: &str, mut resolver: Resolver<'_>) -> Expanded {
    let mut out = Expanded::default();
    let mut rest = 0;
    while let Some(found) = text[rest..].find('$') {
        let at = rest + found;
        if at > rest {
            out.push(&text[rest..at], rest..at, How::Copied);
        }
        let (value, end) = resolver.reference(text, at, 0, 0);
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
    out.faults = resolver.faults;
    out
}

enum Value {
    Text(String),
    Open,
    Verbatim,
}

struct Resolver<'a> {
    env: &'a Env,
    /// Whether an example of an env file counts.
    copied: bool,
    left: &'a mut usize,
    faults: Vec<Fault>,
}

impl<'a> Resolver<'a> {
    /// Reads the reference that starts with the `$` at `at`; returns what it stands for and where it ends. `base` is where
    /// the text itself starts.
    fn reference(&mut self, text: &str, at: usize, base: usize, depth: usize) -> (Value, usize) {
        let bytes = text.as_bytes();
        match bytes.get(at + 1) {
            Some(b'$') => (Value::Text("$".to_owned()), at + 2),
            Some(b'{') => self.braced(text, at, base, depth),
            Some(b) if is_name_start(*b) => {
                let end = at + 1 + name_length(&bytes[at + 1..]);
                (self.plain(&text[at + 1..end], base + at..base + end), end)
            }
            _ => (Value::Verbatim, at + 1),
        }
    }

    fn fault(&mut self, fault: Fault) {
        if self.faults.len() < FAULT_LIMIT {
            self.faults.push(fault);
        }
    }

    /// Whether a variable is set, and to what.
    fn set(&self, name: &str) -> Option<Option<&'a str>> {
        if self.copied { self.env.copied(name) } else { self.env.get(name) }
    }

    /// A variable without an operator.
    fn plain(&mut self, name: &str, at: Range<usize>) -> Value {
        match self.set(name) {
            Some(Some(value)) => self.value(value),
            Some(None) => Value::Open,
            None => {
                self.fault(Fault { at, what: What::Unset(name.to_owned()) });
                Value::Open
            }
        }
    }

    /// The value of a variable, as long as values are taken.
    fn value(&mut self, value: &str) -> Value {
        match self.left.checked_sub(value.len()) {
            Some(rest) => {
                *self.left = rest;
                Value::Text(value.to_owned())
            }
            None => {
                *self.left = 0;
                Value::Open
            }
        }
    }

    fn braced(&mut self, text: &str, at: usize, base: usize, depth: usize) -> (Value, usize) {
        let Some(braces) = Braces::read(text, at) else {
            let what = if depth == 0 { What::Invalid } else { What::InvalidDefault };
            self.fault(Fault { at: base + at..base + at + 2, what });
            return (Value::Open, at + 2);
        };
        let (name, end) = (&text[braces.name.clone()], braces.end);
        if depth >= DEPTH_LIMIT {
            return (Value::Open, end);
        }
        let Some((empty_counts, operator, word)) = braces.operator else {
            return (self.plain(name, base + at..base + end), end);
        };
        let set = match self.set(name) {
            Some(None) => return (Value::Open, end),
            Some(Some(value)) if empty_counts || !value.is_empty() => Some(value),
            _ => None,
        };
        let found = match (operator, set) {
            (b'-' | b'?', Some(set)) => self.value(set),
            (b'-', None) | (b'+', Some(_)) => self.words(&text[word.clone()], base + word.start, depth + 1),
            (b'?', None) => {
                let what = What::Required(name.to_owned(), text[word].to_owned());
                self.fault(Fault { at: base + at..base + end, what });
                Value::Open
            }
            // Unset in the tree: the shell decides between the word and nothing.
            _ => Value::Open,
        };
        (found, end)
    }

    /// The word of a default, itself interpolated; open when any part of it is.
    fn words(&mut self, word: &str, base: usize, depth: usize) -> Value {
        let mut out = String::new();
        let mut rest = 0;
        let mut open = false;
        while let Some(found) = word[rest..].find('$') {
            let at = rest + found;
            out.push_str(&word[rest..at]);
            let (value, end) = self.reference(word, at, base, depth);
            match value {
                Value::Text(value) => out.push_str(&value),
                Value::Open => open = true,
                Value::Verbatim => out.push_str(&word[at..end]),
            }
            rest = end;
        }
        out.push_str(&word[rest..]);
        if open { Value::Open } else { Value::Text(out) }
    }
}

/// `${…}`, taken apart.
struct Braces {
    name: Range<usize>,
    /// Whether an empty value counts as set, the operator, and its word.
    operator: Option<(bool, u8, Range<usize>)>,
    end: usize,
}

impl Braces {
    /// Reads what starts at `at`; `None` when compose's pattern does not match (`template.go` patternString).
    fn read(text: &str, at: usize) -> Option<Self> {
        let bytes = text.as_bytes();
        let length = name_length(bytes.get(at + 2..)?);
        if length == 0 {
            return None;
        }
        let name = at + 2..at + 2 + length;
        let (empty_counts, operator, word) = match bytes.get(name.end..)? {
            [b'}', ..] => return Some(Self { end: name.end + 1, name, operator: None }),
            [b':', op @ (b'-' | b'+' | b'?'), ..] => (false, *op, name.end + 2),
            [op @ (b'-' | b'+' | b'?'), ..] => (true, *op, name.end + 1),
            _ => return None,
        };
        // The pattern is greedy: it runs to the last brace of the line, and is then cut where the first one closes.
        let line = text[word..].find('\n').map_or(text.len(), |n| word + n);
        let last = word + text[word..line].rfind('}')?;
        let close = closing(&bytes[..=last], at).unwrap_or(last);
        Some(Self { name, operator: Some((empty_counts, operator, word..close.max(word))), end: close + 1 })
    }
}

/// The `}` that closes the first `{` at or after `from`.
fn closing(bytes: &[u8], from: usize) -> Option<usize> {
    let mut depth = 0usize;
    let mut at = from;
    while at < bytes.len() {
        match bytes[at] {
            b'}' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at);
                }
            }
            b'{' => {
                depth += 1;
                at += 1;
            }
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
        let set = [("TAG", "2.9.1"), ("EMPTY", "")].map(|(k, v)| (k.to_owned(), Some(v.to_owned())));
        let mut env: Env = set.into_iter().collect();
        env.add("KNOWN".to_owned(), None);
        env
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
            ("${KNOWN:-d}", "${KNOWN:-d}", true),
            ("${NO:-{x}}y", "{x}y", false),
            ("${NO:-a} ${NO:-b}", "a b", false),
            ("${NO:-a\nb}", "${NO:-a\nb}", true),
        ] {
            let got = interpolate(text, &env(), &mut 1_000);
            assert_eq!((got.text.as_str(), got.open()), (want, open), "{text}");
        }
    }

    #[test]
    fn faults_are_told_with_their_places() {
        for (text, at, what) in [
            ("a ${a.b}", 2..4, What::Invalid),
            ("${}", 0..2, What::Invalid),
            ("${NO:?set it}", 0..13, What::Required("NO".to_owned(), "set it".to_owned())),
            ("${EMPTY:?}", 0..10, What::Required("EMPTY".to_owned(), String::new())),
            ("x$NO", 1..4, What::Unset("NO".to_owned())),
            ("${NO:-${NO2}}", 6..12, What::Unset("NO2".to_owned())),
        ] {
            assert_eq!(interpolate(text, &env(), &mut 1_000).faults, [Fault { at, what }], "{text}");
        }
        for text in ["${EMPTY?}", "${NO:+$NO2}", "$$NO $1 $", "${KNOWN}", "${TAG:-$NO}"] {
            assert!(interpolate(text, &env(), &mut 1_000).faults.is_empty(), "{text}");
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
        let env: Env = [("A".to_owned(), Some("x".repeat(1 << 16)))].into_iter().collect();
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
