//! What is wrong with a text, and the list that keeps one mistake from being told twice.

use std::ops::Range;

/// A place where the text is not Alloy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// The bytes that are wrong. Always inside the text and on character boundaries.
    pub range: Range<u32>,
    /// What is wrong: lower case, no full stop.
    pub message: String,
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
    pub(crate) fn lexical(&mut self, text: &str, range: Range<usize>, message: impl Into<String>) {
        if self.list.len() < MAX_ERRORS {
            self.push(text, range, message.into());
        }
    }

    /// Records an error of the parser unless its line already has one: what follows a mistake on the same line is
    /// most often its echo.
    pub(crate) fn syntactic(&mut self, text: &str, range: Range<usize>, message: impl FnOnce() -> String) {
        let seen = self.line.as_ref().is_some_and(|line| line.start <= range.start && range.start <= line.end);
        if !seen && self.list.len() < MAX_ERRORS {
            self.push(text, range, message());
        }
    }

    fn push(&mut self, text: &str, range: Range<usize>, message: String) {
        let at = range.start.min(text.len());
        if !self.line.as_ref().is_some_and(|line| line.start <= at && at <= line.end) {
            let bytes = text.as_bytes();
            let start = bytes[..at].iter().rposition(|&b| b == b'\n').map_or(0, |i| i + 1);
            let end = bytes[at..].iter().position(|&b| b == b'\n').map_or(text.len(), |i| at + i);
            self.line = Some(start..end);
        }
        self.list.push(SyntaxError { range: range.start as u32..range.end as u32, message });
    }

    /// The errors in the order of the text.
    pub(crate) fn finish(mut self) -> Vec<SyntaxError> {
        self.list.sort_by_key(|error| (error.range.start, error.range.end));
        self.list
    }
}
