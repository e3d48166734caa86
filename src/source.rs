//! Identity and coordinates of text: which file, which bytes.
//!
//! Everything between reading and reporting speaks in byte offsets. Lines and columns exist only where a
//! person or an editor reads them ([`LineIndex`], used by `report`).

use std::ops::Range;
use std::sync::Arc;

/// Identity of one text held by [`Sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourceId(pub u32);

/// A half-open range of bytes in one source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The text it lies in.
    pub source: SourceId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A span of `range` in `source`.
    pub fn new(source: SourceId, range: Range<usize>) -> Self {
        // Sources are capped far below 4 GiB when they are read (`tree::walk`), so the casts cannot cut.
        Self { source, start: range.start as u32, end: range.end as u32 }
    }

    /// The empty span at the start of `source`: for a finding about a whole file.
    pub fn file(source: SourceId) -> Self {
        Self { source, start: 0, end: 0 }
    }

    /// The bytes as a range.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// A sub-range, offsets relative to this span's start.
    pub fn slice(self, range: Range<usize>) -> Self {
        let at = self.start as usize;
        Self::new(self.source, at + range.start..at + range.end)
    }

    /// Where a part of a text stands that is written here: the whole where it is written in another way than it reads. Quotes around
    /// it are no other way.
    pub fn part(self, text: &str, part: Range<usize>) -> Self {
        // Without a `$` two more bytes are quotes: an escape takes more.
        match (self.range().len()).checked_sub(text.len()) {
            Some(0) => self.slice(part),
            Some(2) if !text.contains('$') => self.slice(part.start + 1..part.end + 1),
            _ => self,
        }
    }

    /// The smallest span that holds both; `self` when they lie in different sources.
    pub fn to(self, other: Self) -> Self {
        if self.source != other.source {
            return self;
        }
        Self { source: self.source, start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// Whether `other` lies inside.
    pub fn contains(self, other: Self) -> bool {
        self.source == other.source && self.start <= other.start && other.end <= self.end
    }
}

/// A value and where it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it was written.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// Pairs a value with its place.
    pub fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }

    /// Changes the value, keeps the place.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Spanned<U> {
        Spanned { value: f(self.value), span: self.span }
    }

    /// Borrows the value, keeps the place.
    pub fn as_ref(&self) -> Spanned<&T> {
        Spanned { value: &self.value, span: self.span }
    }
}

/// One text: its path as shown to the user and its content.
#[derive(Debug, Clone)]
pub struct Source {
    /// Path as given by the user, `/`-separated.
    pub path: String,
    /// The decoded text. Offsets count its bytes.
    pub text: Arc<str>,
    /// Bytes that stood before the text on disk (a byte order mark): added to offsets that are reported.
    pub shift: u32,
}

/// All texts of one run.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    all: Vec<Source>,
}

impl Sources {
    /// An empty set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a text in and names it.
    pub fn add(&mut self, path: impl Into<String>, text: impl Into<Arc<str>>) -> SourceId {
        self.push(Source { path: path.into(), text: text.into(), shift: 0 })
    }

    /// Takes a source in and names it.
    pub fn push(&mut self, source: Source) -> SourceId {
        self.all.push(source);
        SourceId(self.all.len() as u32 - 1)
    }

    /// The source of that name.
    pub fn get(&self, id: SourceId) -> &Source {
        &self.all[id.0 as usize]
    }

    /// The text of that name, to be shared.
    pub fn shared(&self, id: SourceId) -> &Arc<str> {
        &self.get(id).text
    }

    /// The text of that name.
    pub fn text(&self, id: SourceId) -> &str {
        &self.get(id).text
    }

    /// The text under a span; empty when the span does not fit its source.
    pub fn slice(&self, span: Span) -> &str {
        self.text(span.source).get(span.range()).unwrap_or_default()
    }

    /// All sources with their names.
    pub fn iter(&self) -> impl Iterator<Item = (SourceId, &Source)> {
        self.all.iter().enumerate().map(|(i, s)| (SourceId(i as u32), s))
    }
}

/// Bytes between two places whose characters are counted beforehand.
const STRIDE: usize = 1024;

/// Starts of lines of one text, to turn offsets into lines and columns.
#[derive(Debug, Clone)]
pub struct LineIndex {
    starts: Vec<u32>,
    /// Characters before every [`STRIDE`]th byte: a line may be the whole of a minified file.
    before: Vec<u32>,
}

impl LineIndex {
    /// Finds the lines of `text`. A lone CR does not end a line, as in editors and Go's readers of YAML it would:
    /// files with bare CRs are rare enough that one long line is the honest answer.
    pub fn new(text: &str) -> Self {
        let mut starts = vec![0];
        starts.extend(text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i as u32 + 1));
        let mut count = 0;
        let mut before = vec![0];
        before.extend(text.as_bytes().chunks(STRIDE).map(|chunk| {
            count += characters(chunk);
            count
        }));
        Self { starts, before }
    }

    /// 1-based line of a byte offset.
    pub fn line(&self, offset: u32) -> u32 {
        self.starts.partition_point(|s| *s <= offset).max(1) as u32
    }

    /// 1-based line and column of a byte offset; the column counts code points.
    pub fn position(&self, text: &str, offset: u32) -> (u32, u32) {
        let line = self.line(offset);
        let start = self.starts[line as usize - 1];
        let column = match (self.characters(text, start), self.characters(text, offset)) {
            (Some(before), Some(here)) => here.saturating_sub(before),
            _ => 0,
        };
        (line, column + 1)
    }

    /// Characters before a byte; `None` beyond the text and inside of a character.
    fn characters(&self, text: &str, offset: u32) -> Option<u32> {
        let at = offset as usize;
        if !text.is_char_boundary(at) {
            return None;
        }
        Some(self.before.get(at / STRIDE)? + characters(&text.as_bytes()[at / STRIDE * STRIDE..at]))
    }
}

/// Characters that start in a run of bytes.
fn characters(bytes: &[u8]) -> u32 {
    bytes.iter().filter(|b| (**b as i8) >= -0x40).count() as u32
}

/// One replacement of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced; empty to insert.
    pub span: Span,
    /// What stands there afterwards.
    pub text: String,
}

/// A text after its edits. Two insertions at one place keep the order that they are given in; one inside of what goes stands
/// behind it. A replacement that begins inside of another is left out rather than made half.
pub fn edited(old: &str, mut edits: Vec<&Edit>) -> String {
    edits.sort_by_key(|e| (e.span.start, e.span.end));
    let mut text = String::with_capacity(old.len());
    let mut at = 0;
    for edit in edits {
        let range = edit.span.range();
        match old.get(at..range.start) {
            Some(kept) => {
                text.push_str(kept);
                at = range.end;
            }
            None if range.is_empty() && range.start < at => {}
            None => continue,
        }
        text.push_str(&edit.text);
    }
    text.push_str(old.get(at..).unwrap_or_default());
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn position_counts_code_points_from_one() {
        let text = "a\nüb: c\n";
        let index = LineIndex::new(text);
        assert_eq!(index.position(text, 0), (1, 1));
        assert_eq!(index.position(text, 2), (2, 1));
        assert_eq!(index.position(text, 4), (2, 2));
        assert_eq!(index.position(text, text.len() as u32), (3, 1));
    }

    #[test]
    fn a_column_far_out_in_a_line_is_counted_from_its_start() {
        let text = format!("x\n{}", "aü€".repeat(5_000));
        let index = LineIndex::new(&text);
        for (at, _) in text.char_indices().skip(2).step_by(7).chain([(text.len(), ' ')]) {
            let column = text[2..at].chars().count() as u32 + 1;
            assert_eq!(index.position(&text, at as u32), (2, column));
        }
        assert_eq!(index.position(&text, 4), (2, 1));
        assert_eq!(index.position(&text, u32::MAX), (2, 1));
    }

    #[test]
    fn joining_spans_of_two_files_keeps_the_first() {
        let a = Span::new(SourceId(0), 1..2);
        assert_eq!(a.to(Span::new(SourceId(1), 0..9)), a);
        assert_eq!(a.to(Span::new(SourceId(0), 5..9)), Span::new(SourceId(0), 1..9));
    }
}
