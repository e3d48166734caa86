//! Decoded text with the way back to the bytes it came from.

use std::borrow::Cow;
use std::ops::Range;

use crate::source::Span;

/// How a scalar is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    Single,
    Double,
    /// Literal or folded: whitespace differs, everything else is in order.
    Block,
    Json,
}

/// A decoded scalar: any part of it has a [`Span`], however it was quoted, escaped or folded.
#[derive(Debug, Clone)]
pub struct Text<'d> {
    value: Cow<'d, str>,
    span: Span,
    /// (offset in the value, offset in the source), ascending; empty = verbatim.
    pieces: Vec<(u32, u32)>,
}

impl<'d> Text<'d> {
    pub(super) fn new(value: &'d str, span: Span, source: &str, style: Style, verbatim: bool) -> Self {
        let pieces = if verbatim { Vec::new() } else { align(value, source, style) };
        // The node of a block reaches to the next one's indentation; its text ends with its last line.
        let text = if style == Style::Block { source.trim_end().len() } else { source.len() };
        let span = Span { end: span.start + text as u32, ..span };
        Self { value: Cow::Borrowed(value), span, pieces }
    }

    /// A text that stands in the source as it is.
    pub fn verbatim(value: &'d str, span: Span) -> Self {
        Self { value: Cow::Borrowed(value), span, pieces: Vec::new() }
    }

    /// The decoded text.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Where the whole stands (without quotes).
    pub fn whole(&self) -> Span {
        self.span
    }

    /// Where a part of the decoded text stands. A range that does not fit gives the whole.
    pub fn span(&self, part: Range<usize>) -> Span {
        if part.start > part.end || part.end > self.value.len() {
            return self.span;
        }
        let start = self.offset(part.start);
        let end = if part.start == part.end { start } else { self.end(part.end) };
        Span { start: self.span.start + start, end: (self.span.start + end.max(start)).min(self.span.end), ..self.span }
    }

    fn offset(&self, at: usize) -> u32 {
        let after = self.pieces.partition_point(|(v, _)| *v as usize <= at);
        match after.checked_sub(1).and_then(|i| self.pieces.get(i)) {
            None => at as u32,
            Some((v, s)) => s + (at as u32 - v),
        }
    }

    /// The source offset after the character that ends at `at`: that of an escape is its own end.
    fn end(&self, at: usize) -> u32 {
        if at == self.value.len() {
            return self.span.end - self.span.start;
        }
        let before = self.value.get(..at).and_then(|t| t.chars().next_back()).map_or(0, char::len_utf8);
        let start = self.offset(at - before);
        let next = self.offset(at);
        // Where the next character follows directly, its start is the end; across a fold only the character counts.
        let piece = self.pieces.binary_search_by_key(&(at as u32), |(v, _)| *v);
        match piece {
            Ok(_) if next > start + 12 => start + before as u32,
            _ => next,
        }
    }
}

/// Finds where each stretch of the decoded text stands in the source: characters other than white space are in the same
/// order in both, and an escape stands for what it decodes to.
fn align(value: &str, source: &str, style: Style) -> Vec<(u32, u32)> {
    let bytes = source.as_bytes();
    let mut pieces: Vec<(u32, u32)> = Vec::new();
    let mut at = 0;
    let mut expected = None;
    for (offset, c) in value.char_indices() {
        if !c.is_whitespace() {
            while at < bytes.len() && bytes[at].is_ascii_whitespace() {
                at += 1;
            }
            // A line that ends in a backslash goes on below.
            while style == Style::Double && bytes[at..].starts_with(b"\\\n") {
                at += 2;
                while at < bytes.len() && bytes[at].is_ascii_whitespace() {
                    at += 1;
                }
            }
        }
        if expected != Some(at) || pieces.is_empty() {
            pieces.push((offset as u32, at as u32));
        }
        at += width(&source[at..], c, style);
        at = at.min(bytes.len());
        while !source.is_char_boundary(at) {
            at += 1;
        }
        expected = Some(at)
            .filter(|a| *a as u32 == pieces.last().map_or(0, |p| p.1 + offset as u32 + c.len_utf8() as u32 - p.0));
    }
    pieces
}

/// Bytes of the source that stand for `c`.
fn width(source: &str, c: char, style: Style) -> usize {
    let Some(first) = source.chars().next() else { return 0 };
    if first == '\\' && matches!(style, Style::Double | Style::Json) {
        let digits = match source.as_bytes().get(1) {
            Some(b'x') => 2,
            Some(b'u') if c as u32 > 0xFFFF => 10,
            Some(b'u') => 4,
            Some(b'U') => 8,
            _ => 0,
        };
        let second = source[1..].chars().next().map_or(0, char::len_utf8);
        return 1 + second + digits;
    }
    if style == Style::Single && source.starts_with("''") {
        return 2;
    }
    if first == c || (c.is_whitespace() && first.is_whitespace()) {
        return first.len_utf8();
    }
    0
}
