//! Decoded text of a scalar and the way back to its bytes.

use std::ops::Range;

use super::document::{Format, Style};
use crate::source::Span;

/// A stretch of decoded text and the source it came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Piece {
    /// First decoded byte.
    at: u32,
    /// First source byte, relative to the scalar's own text.
    from: u32,
    /// Source bytes; equal to the decoded ones when `same`.
    len: u32,
    /// Whether source and decoded bytes are the same, so that a part of the piece has a part of the source.
    same: bool,
}

/// Decoded text of a scalar. Any part of it has a [`Span`].
#[derive(Debug, Clone)]
pub struct Text<'d> {
    value: &'d str,
    base: Span,
    /// Sorted by `at`; they cover the value without gaps. Empty: the value stands in the source as it is.
    pieces: Vec<Piece>,
}

impl<'d> Text<'d> {
    /// Text that stands in the source as it is.
    pub fn verbatim(value: &'d str, span: Span) -> Self {
        Self { value, base: span, pieces: Vec::new() }
    }

    /// Text that was decoded from `source`, which begins at `base`.
    pub(super) fn aligned(value: &'d str, source: &str, base: Span, style: Style, format: Format) -> Self {
        let mut align = Align { value, source, pieces: Vec::new(), at: 0 };
        let whole = match style {
            _ if format == Format::Ini => align.continued(),
            Style::Double => align.double(format),
            Style::Single | Style::Plain => align.flow(style == Style::Single),
            Style::Literal | Style::Folded => align.block(),
        };
        let mut pieces = align.pieces;
        if whole.is_none() || align.at != value.len() {
            // A notation this file does not know: the whole scalar is the honest answer.
            pieces = vec![Piece { at: 0, from: 0, len: source.len() as u32, same: false }];
        }
        Self { value, base, pieces }
    }

    /// The decoded text.
    pub fn value(&self) -> &'d str {
        self.value
    }

    /// Where the text stands, without quotes when it stands there as it is.
    pub fn whole(&self) -> Span {
        self.base
    }

    /// Where a part of the decoded text was written. A part that begins inside an escape begins with the escape.
    pub fn span(&self, range: Range<usize>) -> Span {
        let mut start = range.start.min(self.value.len());
        let mut end = range.end.clamp(start, self.value.len());
        while !self.value.is_char_boundary(start) {
            start -= 1;
        }
        while !self.value.is_char_boundary(end) {
            end += 1;
        }
        if self.pieces.is_empty() {
            return self.base.slice(start..end);
        }
        let from = self.start(start);
        let to = if end == start { from } else { self.end(end).max(from) };
        self.base.slice(from..to)
    }

    fn piece(&self, at: usize) -> Piece {
        let after = self.pieces.partition_point(|p| p.at as usize <= at);
        self.pieces[after.saturating_sub(1)]
    }

    fn start(&self, at: usize) -> usize {
        if at > 0 && at == self.value.len() {
            return self.end(at);
        }
        let piece = self.piece(at);
        piece.from as usize + if piece.same { at - piece.at as usize } else { 0 }
    }

    fn end(&self, at: usize) -> usize {
        let piece = self.piece(at - 1);
        piece.from as usize + if piece.same { at - piece.at as usize } else { piece.len as usize }
    }
}

struct Align<'a> {
    value: &'a str,
    source: &'a str,
    pieces: Vec<Piece>,
    /// Decoded bytes accounted for.
    at: usize,
}

impl Align<'_> {
    /// `len` decoded bytes stand at `from` as they are.
    fn same(&mut self, from: usize, len: usize) {
        if len == 0 {
            return;
        }
        match self.pieces.last_mut() {
            Some(last) if last.same && (last.from + last.len) as usize == from => last.len += len as u32,
            _ => self.pieces.push(Piece { at: self.at as u32, from: from as u32, len: len as u32, same: true }),
        }
        self.at += len;
    }

    /// `len` decoded bytes came from the source range.
    fn coded(&mut self, from: usize, to: usize, len: usize) {
        if len > 0 {
            let piece = Piece { at: self.at as u32, from: from as u32, len: (to - from) as u32, same: false };
            self.pieces.push(piece);
            self.at += len;
        }
    }

    /// The decoded blanks and breaks up to where `content` begins came from the source range.
    fn gap(&mut self, from: usize, to: usize, content: &str) -> Option<()> {
        let rest = &self.value.as_bytes()[self.at..];
        let mut len = 0;
        while !rest[len..].starts_with(content.as_bytes()) {
            if !matches!(rest.get(len)?, b' ' | b'\n') {
                return None;
            }
            len += 1;
        }
        self.coded(from, to, len);
        Some(())
    }

    /// The decoded blanks and breaks that are left came from the rest of the source.
    fn tail(&mut self, from: usize) -> Option<()> {
        let rest = self.value.get(self.at..)?;
        if rest.bytes().all(|b| matches!(b, b' ' | b'\n')) {
            let from = from.min(self.source.len());
            self.coded(from, self.source.len(), rest.len());
        }
        Some(())
    }

    /// Plain and single-quoted text: blanks around line breaks go, breaks are folded, `''` is a quote.
    fn flow(&mut self, quoted: bool) -> Option<()> {
        let (first, last) = if quoted { (1, self.source.len().checked_sub(1)?) } else { (0, self.source.len()) };
        let (first, last) = (first.min(last), last);
        let inner = self.source.get(first..last)?;
        let mut done = first;
        let mut fresh = true;
        for (start, line) in lines(inner) {
            let start = start + first;
            let more = start + line.len() < last;
            let from = if fresh { line } else { line.trim_start_matches([' ', '\t']) };
            let begin = start + line.len() - from.len();
            let whole = from.len();
            // Between brackets a comment may stand inside of plain text, which itself never holds a `#` after a blank.
            let from = if quoted { from } else { uncommented(from, fresh) };
            let content = if more || from.len() < whole { from.trim_end_matches([' ', '\t']) } else { from };
            if content.is_empty() && !fresh {
                continue;
            }
            let head = if quoted { content.split('\'').next()? } else { content };
            if !fresh {
                let head = if head.is_empty() { "'" } else { head };
                self.gap(done, begin, head)?;
            }
            fresh = false;
            if quoted {
                self.doubled(begin, content)?;
            } else {
                self.verbatim(begin, content)?;
            }
            done = begin + content.len();
        }
        self.tail(done)
    }

    /// Lines of an ini file that go on behind a backslash: blanks around them go, and breaks with the backslash.
    fn continued(&mut self) -> Option<()> {
        let mut begin = 0;
        for line in self.source.split_inclusive('\n') {
            let start = if begin == 0 { 0 } else { line.len() - line.trim_start().len() };
            let content = line[start..].trim_end();
            let (content, more) = content.strip_suffix('\\').map_or((content, false), |c| (c, true));
            self.verbatim(begin + start, content)?;
            begin += line.len();
            if !more {
                break;
            }
        }
        Some(())
    }

    /// A stretch that must stand in the decoded text as it is.
    fn verbatim(&mut self, from: usize, text: &str) -> Option<()> {
        if !self.value[self.at..].starts_with(text) {
            return None;
        }
        self.same(from, text.len());
        Some(())
    }

    /// A line in which two quotes are one.
    fn doubled(&mut self, from: usize, line: &str) -> Option<()> {
        let mut at = 0;
        while let Some(quote) = line[at..].find("''") {
            self.verbatim(from + at, &line[at..at + quote])?;
            at += quote + 2;
            self.coded(from + at - 2, from + at, 1);
        }
        self.verbatim(from + at, &line[at..])
    }

    /// Literal and folded blocks: indentation goes, breaks are kept or folded.
    fn block(&mut self) -> Option<()> {
        // The source begins with the first content character, and the decoded text with the same one, unless blank
        // lines, which may keep blanks, stand before it; so the first line tells the indentation that every line loses.
        let mut done = 0;
        let blank = self.value.len() - self.value.trim_start_matches([' ', '\n']).len();
        let lead = self.value[..blank].rfind('\n').map_or(0, |at| at + 1);
        let mut first = true;
        for (start, line) in lines(self.source) {
            let trimmed = line.trim_start_matches(' ');
            if trimmed.is_empty() {
                continue;
            }
            let rest = &self.value[self.at..];
            let content = if first {
                self.coded(0, start, lead);
                first = false;
                let kept = self.value[self.at..].len() - self.value[self.at..].trim_start_matches(' ').len();
                let blanks = line.len() - trimmed.len();
                &line[blanks.saturating_sub(kept)..]
            } else {
                // More blanks than the indentation are content: the decoded line says how many are kept.
                let line_rest = rest.trim_start_matches('\n');
                let kept = line_rest.len() - line_rest.trim_start_matches(' ').len();
                let blanks = line.len() - trimmed.len();
                let kept = if rest.starts_with(' ') && !rest[1..].starts_with([' ', '\t']) && kept == 1 {
                    0
                } else {
                    kept.min(blanks)
                };
                &line[blanks - kept..]
            };
            let begin = start + line.len() - content.len();
            if done > 0 {
                self.gap(done, begin, content)?;
            }
            self.verbatim(begin, content)?;
            done = begin + content.len();
        }
        self.tail(done)
    }

    /// Double-quoted text: escapes, and in YAML line breaks.
    fn double(&mut self, format: Format) -> Option<()> {
        let yaml = matches!(format, Format::Yaml(_));
        let bytes = self.source.as_bytes();
        let last = self.source.len().checked_sub(1)?;
        let mut at = 1;
        while at < last {
            match bytes[at] {
                b'\\' => {
                    let to = at + self.escape_len(at, format)?;
                    if yaml && matches!(bytes.get(at + 1), Some(b'\n' | b'\r')) {
                        // An escaped break and the next line's indentation leave nothing, but blank lines after it.
                        let (end, breaks) = blank(bytes, at + 1);
                        self.coded(at, end, breaks.saturating_sub(1));
                        at = end;
                        continue;
                    }
                    let len = self.value.get(self.at..)?.chars().next()?.len_utf8();
                    self.coded(at, to, len);
                    at = to;
                }
                b' ' | b'\t' | b'\n' | b'\r' if yaml => {
                    let (end, breaks) = blank(bytes, at);
                    if breaks == 0 {
                        let end = end.min(last);
                        self.verbatim(at, self.source.get(at..end)?)?;
                        at = end;
                        continue;
                    }
                    let end = end.min(last);
                    self.coded(at, end, if breaks == 1 { 1 } else { breaks - 1 });
                    at = end;
                }
                _ => {
                    let stop = |b: &u8| *b == b'\\' || (yaml && matches!(*b, b' ' | b'\t' | b'\n' | b'\r'));
                    let end = bytes[at..last].iter().position(stop).map_or(last, |n| at + n);
                    self.verbatim(at, self.source.get(at..end)?)?;
                    at = end;
                }
            }
        }
        Some(())
    }

    /// Bytes of the escape at `at`; two `\u` that form one character count as one escape.
    fn escape_len(&self, at: usize, format: Format) -> Option<usize> {
        let bytes = self.source.as_bytes();
        if !matches!(format, Format::Yaml(_) | Format::Json) {
            return Some(1 + self.source.get(at + 1..)?.chars().next()?.len_utf8());
        }
        let hex = |from: usize| u32::from_str_radix(self.source.get(from..from + 4)?, 16).ok();
        Some(match bytes.get(at + 1)? {
            b'x' => 4,
            b'u' => match (hex(at + 2)?, bytes.get(at + 6..at + 8)) {
                (0xD800..=0xDBFF, Some(b"\\u")) if (0xDC00..=0xDFFF).contains(&hex(at + 8)?) => 12,
                _ => 6,
            },
            b'U' => 10,
            _ => 2,
        })
    }
}

/// The end of the run of blanks and breaks at `at`, and how many breaks it holds.
fn blank(bytes: &[u8], mut at: usize) -> (usize, usize) {
    let mut breaks = 0;
    while let Some(b) = bytes.get(at) {
        match b {
            b'\n' => breaks += 1,
            b'\r' if bytes.get(at + 1) != Some(&b'\n') => breaks += 1,
            b' ' | b'\t' | b'\r' => {}
            _ => break,
        }
        at += 1;
    }
    (at, breaks)
}

/// A line of plain text without the comment that ends it.
fn uncommented(line: &str, first: bool) -> &str {
    let bytes = line.as_bytes();
    let mark = |at: usize| if at == 0 { !first } else { matches!(bytes[at - 1], b' ' | b'\t') };
    let at = line.match_indices('#').map(|(at, _)| at).find(|at| mark(*at));
    at.map_or(line, |at| &line[..at])
}

/// Lines without their breaks, and where they start. A break is LF, CRLF or CR, as in YAML.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut start = Some(0);
    std::iter::from_fn(move || {
        let from = start?;
        let rest = &text[from..];
        match rest.find(['\n', '\r']) {
            Some(len) => {
                let two = rest[len..].starts_with("\r\n");
                start = Some(from + len + if two { 2 } else { 1 });
                Some((from, &rest[..len]))
            }
            None => {
                start = None;
                Some((from, rest))
            }
        }
    })
}
