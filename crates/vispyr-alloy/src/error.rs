//! What is wrong with a text, and the list that keeps one mistake from being told twice.

use std::ops::Range;

use crate::span::Span;

/// A place where the text is not Alloy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// The bytes that are wrong. Always inside the text and on character boundaries.
    pub range: Range<u32>,
    /// What is wrong: lower case, no full stop.
    pub message: String,
    /// What to do about it, where the mistake is a known one.
    pub help: Option<String>,
    /// A second place that has to do with it, and what it has.
    pub related: Option<(Range<u32>, String)>,
}

impl SyntaxError {
    /// An error of the text as a whole.
    pub(crate) fn whole(message: impl Into<String>) -> Self {
        Self { range: 0..0, message: message.into(), help: None, related: None }
    }
}

/// What an error says, before its place is known.
#[derive(Debug, Default)]
pub(crate) struct Fault {
    message: String,
    help: Option<String>,
    related: Option<(Span, String)>,
}

impl Fault {
    /// Adds what to do.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds what to do, where that is known.
    pub(crate) fn perhaps(mut self, help: Option<String>) -> Self {
        self.help = help;
        self
    }

    /// Adds a second place.
    pub(crate) fn related(mut self, at: Option<Span>, what: &str) -> Self {
        self.related = at.map(|span| (span, what.to_owned()));
        self
    }
}

impl<S: Into<String>> From<S> for Fault {
    fn from(message: S) -> Self {
        Self { message: message.into(), ..Self::default() }
    }
}

/// What is quoted from the text is cut after this many bytes.
pub(crate) const MAX_SHOWN: usize = 60;

/// A part of the text as a message quotes it: of one line, and short.
pub(crate) fn shown(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let mut end = line.len().min(MAX_SHOWN);
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    if end < text.len() { format!("{}…", &line[..end]) } else { line.to_owned() }
}

/// Errors are no longer recorded after this many: a binary file would otherwise yield one per byte.
const MAX_ERRORS: usize = 1_000;

/// Collects errors; of the parser's errors only the first on each line is kept.
#[derive(Debug, Default)]
pub(crate) struct Errors {
    list: Vec<SyntaxError>,
    /// The line of the latest error, as bytes.
    line: Option<Range<usize>>,
}

impl Errors {
    /// Records an error of the lexer.
    pub(crate) fn lexical(&mut self, text: &str, range: Range<usize>, fault: impl Into<Fault>) {
        if self.list.len() < MAX_ERRORS {
            self.push(text, range, fault.into());
        }
    }

    /// Records an error of the parser unless its line already has one: what follows a mistake on the same line is
    /// most often its echo.
    pub(crate) fn syntactic<F: Into<Fault>>(&mut self, text: &str, range: Range<usize>, fault: impl FnOnce() -> F) {
        let seen = self.line.as_ref().is_some_and(|line| line.start <= range.start && range.start <= line.end);
        if !seen && self.list.len() < MAX_ERRORS {
            self.push(text, range, fault().into());
        }
    }

    fn push(&mut self, text: &str, range: Range<usize>, fault: Fault) {
        let at = range.start.min(text.len());
        if !self.line.as_ref().is_some_and(|line| line.start <= at && at <= line.end) {
            let bytes = text.as_bytes();
            let start = bytes[..at].iter().rposition(|&b| b == b'\n').map_or(0, |i| i + 1);
            let end = bytes[at..].iter().position(|&b| b == b'\n').map_or(text.len(), |i| at + i);
            self.line = Some(start..end);
        }
        self.list.push(SyntaxError {
            range: range.start as u32..range.end as u32,
            message: fault.message,
            help: fault.help,
            related: fault.related.map(|(span, what)| (span.range(), what)),
        });
    }

    /// Whether nothing is wrong so far.
    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The errors in the order of the text.
    pub(crate) fn finish(mut self) -> Vec<SyntaxError> {
        self.list.sort_by_key(|error| (error.range.start, error.range.end));
        self.list
    }
}
