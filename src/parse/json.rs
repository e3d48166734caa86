//! JSON, as strict as Go's `encoding/json`.

use std::sync::Arc;

use crate::source::{SourceId, Span};

use super::document::{Document, NodeData, Raw};
use super::text::Style;
use super::yaml::Dialect;
use super::{MAX_DEPTH, ParseError};

/// What may stand next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expect {
    Value,
    /// A value or the end of a list that has just begun.
    FirstItem,
    Key,
    /// A key or the end of an object that has just begun.
    FirstKey,
    Colon,
    /// A comma or the end.
    Next,
    /// Nothing.
    Done,
}

/// Reads `text`. What stands after the first fault is not read.
pub fn json(source: SourceId, text: &Arc<str>) -> (Document, Vec<ParseError>) {
    let mut reader = Reader { doc: Document::new(source, text, Dialect::Json), at: 0, frames: Vec::new() };
    let mut errors = Vec::new();
    if let Err((range, message)) = reader.read(text) {
        errors.push(ParseError { span: Span::new(source, range), message });
        while let Some((id, mut children)) = reader.frames.pop() {
            if reader.doc.nodes[id as usize].raw == Raw::Map && children.len() % 2 == 1 {
                children.pop();
            }
            reader.doc.close(id, &children, reader.at);
            match reader.frames.last_mut() {
                Some((_, outer)) => outer.push(id),
                None => reader.doc.roots.push(id),
            }
        }
    }
    (reader.doc, errors)
}

type Fault = (std::ops::Range<usize>, String);

struct Reader {
    doc: Document,
    at: usize,
    frames: Vec<(u32, Vec<u32>)>,
}

impl Reader {
    fn read(&mut self, text: &str) -> Result<(), Fault> {
        let bytes = text.as_bytes();
        let mut expect = Expect::Value;
        loop {
            while self.at < bytes.len() && matches!(bytes[self.at], b' ' | b'\t' | b'\n' | b'\r') {
                self.at += 1;
            }
            let Some(byte) = bytes.get(self.at).copied() else {
                return if expect == Expect::Done {
                    Ok(())
                } else {
                    Err(self.fault(text, "unexpected end of the text"))
                };
            };
            expect = match (expect, byte) {
                (Expect::Value | Expect::FirstItem, b'{' | b'[') => {
                    self.open(text, if byte == b'{' { Raw::Map } else { Raw::Seq })?
                }
                (Expect::FirstItem | Expect::Next, b']') if self.inside(Raw::Seq) => self.close(),
                (Expect::FirstKey | Expect::Next, b'}') if self.inside(Raw::Map) => self.close(),
                (Expect::Value | Expect::FirstItem, b'"') => {
                    let id = self.string(text)?;
                    self.place(id)
                }
                (Expect::Key | Expect::FirstKey, b'"') => {
                    let id = self.string(text)?;
                    if let Some((_, children)) = self.frames.last_mut() {
                        children.push(id);
                    }
                    Expect::Colon
                }
                (Expect::Colon, b':') => {
                    self.at += 1;
                    Expect::Value
                }
                (Expect::Next, b',') => {
                    self.at += 1;
                    if self.inside(Raw::Map) { Expect::Key } else { Expect::Value }
                }
                (Expect::Value | Expect::FirstItem, _) => {
                    let id = self.word(text)?;
                    self.place(id)
                }
                (Expect::Key | Expect::FirstKey, _) => return Err(self.fault(text, "expected a key in double quotes")),
                (Expect::Colon, _) => return Err(self.fault(text, "expected `:` after the key")),
                (Expect::Next, _) => return Err(self.fault(text, "expected `,` or the closing bracket")),
                (Expect::Done, _) => return Err(self.fault(text, "unexpected text after the value")),
            };
        }
    }

    fn fault(&self, text: &str, message: &str) -> Fault {
        let width = text[self.at..].chars().next().map_or(0, char::len_utf8);
        (self.at..self.at + width, message.to_owned())
    }

    fn inside(&self, raw: Raw) -> bool {
        self.frames.last().is_some_and(|(id, _)| self.doc.nodes[*id as usize].raw == raw)
    }

    fn open(&mut self, text: &str, raw: Raw) -> Result<Expect, Fault> {
        if self.frames.len() >= MAX_DEPTH {
            return Err(self.fault(text, "nested too deeply"));
        }
        let start = self.at as u32;
        let id = self.doc.push(NodeData { raw, start, end: start, a: 0, n: 0, tagged: false });
        self.frames.push((id, Vec::new()));
        self.at += 1;
        Ok(if raw == Raw::Map { Expect::FirstKey } else { Expect::FirstItem })
    }

    fn close(&mut self) -> Expect {
        self.at += 1;
        let Some((id, children)) = self.frames.pop() else { return Expect::Done };
        self.doc.close(id, &children, self.at);
        self.place(id)
    }

    fn place(&mut self, id: u32) -> Expect {
        match self.frames.last_mut() {
            Some((_, children)) => {
                children.push(id);
                Expect::Next
            }
            None => {
                self.doc.roots.push(id);
                Expect::Done
            }
        }
    }

    fn word(&mut self, text: &str) -> Result<u32, Fault> {
        let start = self.at;
        let rest = &text[start..];
        let end =
            rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))).unwrap_or(rest.len());
        let word = &rest[..end];
        if word == "null" || word == "true" || word == "false" || is_number(word) {
            self.at += end;
            return Ok(self.doc.scalar(start, start + end, None, Style::Plain));
        }
        Err((start..start + end.max(rest.chars().next().map_or(0, char::len_utf8)), "expected a value".into()))
    }

    fn string(&mut self, text: &str) -> Result<u32, Fault> {
        let bytes = text.as_bytes();
        let start = self.at;
        let mut at = start + 1;
        let mut escaped = false;
        loop {
            match bytes.get(at) {
                None => return Err((start..text.len(), "string without an end".into())),
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = true;
                    at += 2;
                }
                Some(0..=0x1f) => {
                    return Err((at..at + 1, "control character in a string: write it as an escape".into()));
                }
                Some(_) => at += 1,
            }
        }
        let decoded = if escaped {
            Some(decode(&text[start + 1..at]).map_err(|(o, m)| {
                let from = start + 1 + o;
                (from..(from + 1).min(text.len()), m)
            })?)
        } else {
            None
        };
        self.at = at + 1;
        Ok(self.doc.scalar(start, at + 1, decoded, Style::Json))
    }
}

fn is_number(word: &str) -> bool {
    let rest = word.strip_prefix('-').unwrap_or(word);
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
        Some((m, e)) => (m, Some(e.strip_prefix(['+', '-']).unwrap_or(e))),
        None => (rest, None),
    };
    let (whole, part) = mantissa.split_once('.').map_or((mantissa, None), |(w, p)| (w, Some(p)));
    digits(whole) && (whole == "0" || !whole.starts_with('0')) && part.is_none_or(digits) && exponent.is_none_or(digits)
}

/// The code unit that four hexadecimal digits stand for.
fn unit(text: &str) -> Option<u32> {
    let digits = text.get(..4).filter(|h| h.bytes().all(|b| b.is_ascii_hexdigit()))?;
    u32::from_str_radix(digits, 16).ok()
}

/// Resolves escapes; a lone surrogate becomes U+FFFD, as in Go.
fn decode(raw: &str) -> Result<String, (usize, String)> {
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let offset = raw.len() - rest.len() + at;
        let escape = rest.as_bytes().get(at + 1).copied();
        rest = rest.get(at + 2..).unwrap_or_default();
        out.push(match escape {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let Some(high) = unit(rest) else { return Err((offset, "`\\u` needs four hexadecimal digits".into())) };
                rest = &rest[4..];
                let low = rest.strip_prefix("\\u").and_then(unit).filter(|l| (0xDC00..0xE000).contains(l));
                match low {
                    Some(low) if (0xD800..0xDC00).contains(&high) => {
                        rest = &rest[6..];
                        char::from_u32(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)).unwrap_or('\u{FFFD}')
                    }
                    _ => char::from_u32(high).unwrap_or('\u{FFFD}'),
                }
            }
            _ => return Err((offset, "unknown escape".into())),
        });
    }
    out.push_str(rest);
    Ok(out)
}
