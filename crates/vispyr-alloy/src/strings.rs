//! The inside of string literals: decoding with positions, and quoting.

use std::borrow::Cow;
use std::ops::Range;

use crate::unicode::is_printable;

/// The value of a string literal, and where each part of it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded<'a> {
    value: Cow<'a, str>,
    /// Pairs of an offset in the value and one in the source, from which on both run alike until the next pair.
    pieces: Vec<(u32, u32)>,
    /// In a raw string nothing is escaped, only carriage returns are left out.
    raw: bool,
}

impl<'a> Decoded<'a> {
    /// The value. Bytes that are not UTF-8 (`"\xff"`) are replaced by U+FFFD.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// The value, without the positions.
    pub fn into_value(self) -> Cow<'a, str> {
        self.value
    }

    /// Offset in the value → offset in the file, as pairs from which on both run alike until the next pair. Sorted by
    /// the first, beginning with 0.
    pub fn pieces(&self) -> &[(u32, u32)] {
        &self.pieces
    }

    /// Where in the file the byte of the value at `offset` is written; its length gives the end of the text between
    /// the quotes. Inside of what one escape sequence yields it is the start of the sequence.
    pub fn source_offset(&self, offset: u32) -> u32 {
        let next = self.pieces.partition_point(|&(decoded, _)| decoded <= offset);
        let Some(&(decoded, source)) = next.checked_sub(1).and_then(|at| self.pieces.get(at)) else {
            return 0;
        };
        let position = source + (offset - decoded);
        match self.pieces.get(next) {
            // An escape yields at most as many bytes as it is long, so this is inside one of its own.
            Some(&(_, end)) if self.is_escape(next - 1) && position < end => source,
            Some(&(_, end)) => position.min(end),
            None => position,
        }
    }

    /// Where in the file a part of the value is written.
    pub fn source_range(&self, range: Range<u32>) -> Range<u32> {
        let start = self.source_offset(range.start);
        start..self.source_offset(range.end).max(start)
    }

    /// Whether the piece at `index` is what an escape sequence yields: its two lengths differ.
    fn is_escape(&self, index: usize) -> bool {
        match (self.pieces.get(index), self.pieces.get(index + 1)) {
            (Some(a), Some(b)) => !self.raw && b.0 - a.0 != b.1 - a.1,
            _ => false,
        }
    }
}

/// The quote of the literal `raw`, what stands behind it, and what stands between the quotes.
fn inside(raw: &str) -> (char, &str, &str) {
    let quote = raw.chars().next().filter(|&c| matches!(c, '"' | '`' | '\'')).unwrap_or('"');
    let rest = raw.strip_prefix(quote).unwrap_or(raw);
    (quote, rest, rest.strip_suffix(quote).unwrap_or(rest))
}

/// The character that is not as it is written between such quotes.
fn special(quote: char) -> char {
    if quote == '`' { '\r' } else { '\\' }
}

/// The value of the literal `raw`. Most are as they are written, and need no account of what stands where.
pub(crate) fn value(raw: &str) -> Cow<'_, str> {
    let (quote, _, inner) = inside(raw);
    if inner.contains(special(quote)) { decode(raw, 0).into_value() } else { Cow::Borrowed(inner) }
}

/// Decodes the literal `raw` that stands at `start` in the file. An unterminated or wrong literal is decoded as far as
/// it goes.
pub(crate) fn decode(raw: &str, start: u32) -> Decoded<'_> {
    let (quote, rest, inner) = inside(raw);
    let base = start + (raw.len() - rest.len()) as u32;
    let special = special(quote);
    if !inner.contains(special) {
        return Decoded { value: Cow::Borrowed(inner), pieces: vec![(0, base)], raw: quote == '`' };
    }
    let mut decoder = Decoder { value: Vec::with_capacity(inner.len()), pieces: vec![(0, base)], base };
    decoder.run(inner, special, false);
    let value = String::from_utf8(decoder.value).unwrap_or_else(|_| {
        let mut lossy = Decoder { value: Vec::new(), pieces: vec![(0, base)], base };
        lossy.run(inner, special, true);
        decoder.pieces = lossy.pieces;
        String::from_utf8_lossy(&lossy.value).into_owned()
    });
    Decoded { value: Cow::Owned(value), pieces: decoder.pieces, raw: quote == '`' }
}

struct Decoder {
    value: Vec<u8>,
    pieces: Vec<(u32, u32)>,
    base: u32,
}

impl Decoder {
    /// `lossy` replaces single bytes beyond ASCII, which need not make up a character.
    fn run(&mut self, inner: &str, special: char, lossy: bool) {
        let mut at = 0;
        while let Some(found) = inner[at..].find(special) {
            let escape = at + found;
            self.value.extend_from_slice(&inner.as_bytes()[at..escape]);
            self.mark(escape);
            at = escape + 1;
            if special == '\\' {
                at += self.escape(&inner[at..], lossy);
            }
            self.mark(at);
        }
        self.value.extend_from_slice(&inner.as_bytes()[at..]);
    }

    fn mark(&mut self, source: usize) {
        let piece = (self.value.len() as u32, self.base + source as u32);
        match self.pieces.last_mut() {
            Some(last) if last.0 == piece.0 => *last = piece,
            _ => self.pieces.push(piece),
        }
    }

    /// Decodes what follows a backslash and says how long it is.
    fn escape(&mut self, rest: &str, lossy: bool) -> usize {
        let (digits, skip, base) = match rest.bytes().next() {
            Some(b'x') => (2, 1, 16),
            Some(b'u') => (4, 1, 16),
            Some(b'U') => (8, 1, 16),
            Some(b'0'..=b'7') => (3, 0, 8),
            simple => {
                let byte = match simple {
                    Some(b'a') => 0x07,
                    Some(b'b') => 0x08,
                    Some(b'f') => 0x0c,
                    Some(b'n') => b'\n',
                    Some(b'r') => b'\r',
                    Some(b't') => b'\t',
                    Some(b'v') => 0x0b,
                    Some(byte @ (b'\\' | b'"')) => byte,
                    // No escape at all: an error of the text. The backslash stays.
                    _ => {
                        self.value.push(b'\\');
                        return 0;
                    }
                };
                self.value.push(byte);
                return 1;
            }
        };
        let number = rest.get(skip..skip + digits).and_then(|text| u32::from_str_radix(text, base).ok());
        let Some(number) = number else {
            self.value.push(b'\\');
            return 0;
        };
        if digits > 3 || number < 0x80 || lossy {
            let character = if digits > 3 || number < 0x80 { char::from_u32(number) } else { None };
            let character = character.unwrap_or(char::REPLACEMENT_CHARACTER);
            self.value.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        } else {
            self.value.push(number as u8);
        }
        skip + digits
    }
}

/// Writes a string literal in double quotes, as Go's `strconv.Quote` does.
pub fn quote(text: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if is_printable(c) => out.push(c),
            '\x07' => out.push_str("\\a"),
            '\x08' => out.push_str("\\b"),
            '\x0c' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\x0b' => out.push_str("\\v"),
            c => {
                let code = u32::from(c);
                // Writing to a string cannot fail.
                let _ = if c.is_ascii() {
                    write!(out, "\\x{code:02x}")
                } else if code < 0x1_0000 {
                    write!(out, "\\u{code:04x}")
                } else {
                    write!(out, "\\U{code:08x}")
                };
            }
        }
    }
    out.push('"');
    out
}
