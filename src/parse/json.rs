//! JSON as strict as Go's `encoding/json`, read in one pass.

use std::sync::Arc;

use super::build::{Builder, Decoded};
use super::document::{Document, Format, Style, Type};
use super::{MAX_DEPTH, ParseError};
use crate::source::{SourceId, Span};

/// Reads JSON. The first error ends the reading, as in Go; what was read before it is kept.
pub fn json(source: SourceId, text: &Arc<str>) -> (Document, Vec<ParseError>) {
    let build = Builder::new(Document::new(source, Format::Json, text));
    let mut reader = Reader { text, bytes: text.as_bytes(), at: 0, build };
    let result = reader.run();
    reader.build.close_all();
    let mut errors = Vec::new();
    if let Err((at, message)) = result {
        let len = text.get(at..).and_then(|t| t.chars().next()).map_or(0, char::len_utf8);
        errors.push(ParseError::new(Span::new(source, at..at + len), message));
    }
    (reader.build.doc, errors)
}

type Fault = (usize, String);

struct Reader<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    build: Builder,
}

/// What the grammar allows next.
#[derive(Clone, Copy, PartialEq)]
enum Next {
    Value,
    ValueOrEnd,
    Key,
    KeyOrEnd,
    Colon,
    CommaOrEnd,
}

impl Reader<'_> {
    fn run(&mut self) -> Result<(), Fault> {
        let mut next = Next::Value;
        // Whether each open collection is a map.
        let mut maps: Vec<bool> = Vec::new();
        loop {
            self.blanks();
            let Some(byte) = self.bytes.get(self.at).copied() else {
                return Err((self.bytes.len(), "unexpected end of JSON input".into()));
            };
            next = match (next, byte) {
                (Next::Value | Next::ValueOrEnd, b'{' | b'[') => {
                    if maps.len() >= MAX_DEPTH {
                        return Err((self.at, "nested too deeply".into()));
                    }
                    let map = byte == b'{';
                    self.build.open(self.at, map);
                    maps.push(map);
                    self.at += 1;
                    if map { Next::KeyOrEnd } else { Next::ValueOrEnd }
                }
                (Next::ValueOrEnd | Next::CommaOrEnd, b']') if maps.last() == Some(&false) => self.end(&mut maps),
                (Next::KeyOrEnd | Next::CommaOrEnd, b'}') if maps.last() == Some(&true) => self.end(&mut maps),
                (Next::Value | Next::ValueOrEnd, _) => {
                    self.scalar(byte)?;
                    Next::CommaOrEnd
                }
                (Next::Key | Next::KeyOrEnd, b'"') => {
                    self.string()?;
                    Next::Colon
                }
                (Next::Colon, b':') => {
                    self.at += 1;
                    Next::Value
                }
                (Next::CommaOrEnd, b',') => {
                    self.at += 1;
                    if maps.last() == Some(&true) { Next::Key } else { Next::Value }
                }
                (Next::Key | Next::KeyOrEnd, _) => return Err(self.wants("a key in double quotes")),
                (Next::Colon, _) => return Err(self.wants("`:`")),
                (Next::CommaOrEnd, _) if maps.last() == Some(&true) => {
                    return Err(self.wants("`,` or `}`"));
                }
                (Next::CommaOrEnd, _) => return Err(self.wants("`,` or `]`")),
            };
            if maps.is_empty() && next == Next::CommaOrEnd {
                self.blanks();
                return if self.at == self.bytes.len() { Ok(()) } else { Err(self.bad("after the top-level value")) };
            }
        }
    }

    fn end(&mut self, maps: &mut Vec<bool>) -> Next {
        self.at += 1;
        self.build.close(Some(self.at));
        maps.pop();
        Next::CommaOrEnd
    }

    fn blanks(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.bytes.get(self.at) {
            self.at += 1;
        }
    }

    fn wants(&self, what: &str) -> Fault {
        (self.at, format!("expected {what}"))
    }

    fn bad(&self, place: &str) -> Fault {
        match self.text.get(self.at..).and_then(|t| t.chars().next()) {
            Some(char) => (self.at, format!("invalid character `{}` {place}", char.escape_debug())),
            None => (self.at, "unexpected end of JSON input".into()),
        }
    }

    fn scalar(&mut self, byte: u8) -> Result<(), Fault> {
        let from = self.at;
        let kind = match byte {
            b'"' => return self.string(),
            b't' => self.word("true", Type::Bool)?,
            b'f' => self.word("false", Type::Bool)?,
            b'n' => self.word("null", Type::Null)?,
            b'-' | b'0'..=b'9' => self.number()?,
            _ => return Err(self.wants("a value")),
        };
        self.build.scalar((from, self.at), kind, Style::Plain, Decoded::Source(from, self.at));
        Ok(())
    }

    fn word(&mut self, word: &str, kind: Type) -> Result<Type, Fault> {
        for byte in word.bytes() {
            if self.bytes.get(self.at) != Some(&byte) {
                return Err(self.bad(&format!("in literal `{word}`")));
            }
            self.at += 1;
        }
        Ok(kind)
    }

    fn digits(&mut self) -> Result<(), Fault> {
        let from = self.at;
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
        if self.at == from { Err(self.bad("in a number")) } else { Ok(()) }
    }

    fn number(&mut self) -> Result<Type, Fault> {
        let mut kind = Type::Int;
        if self.bytes[self.at] == b'-' {
            self.at += 1;
        }
        if self.bytes.get(self.at) == Some(&b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.bytes.get(self.at) == Some(&b'.') {
            kind = Type::Float;
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.bytes.get(self.at) {
            kind = Type::Float;
            self.at += 1;
            if let Some(b'+' | b'-') = self.bytes.get(self.at) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(kind)
    }

    fn string(&mut self) -> Result<(), Fault> {
        let from = self.at;
        self.at += 1;
        let mut decoded: Option<String> = None;
        let mut run = self.at;
        loop {
            let stop = |b: &u8| *b == b'"' || *b == b'\\' || *b < 0x20;
            let Some(len) = self.bytes[self.at..].iter().position(stop) else {
                return Err((self.bytes.len(), "unexpected end of JSON input".into()));
            };
            self.at += len;
            match self.bytes[self.at] {
                b'"' => break,
                b'\\' => {
                    let text = decoded.get_or_insert_with(String::new);
                    text.push_str(&self.text[run..self.at]);
                    let char = self.escape()?;
                    if let Some(text) = &mut decoded {
                        text.push(char);
                    }
                    run = self.at;
                }
                _ => return Err((self.at, "control character in a string: write it as an escape".into())),
            }
        }
        let to = self.at + 1;
        match decoded {
            None => {
                self.build.scalar((from, to), Type::String, Style::Double, Decoded::Source(from + 1, self.at));
            }
            Some(mut text) => {
                text.push_str(&self.text[run..self.at]);
                self.build.scalar((from, to), Type::String, Style::Double, Decoded::Owned(&text, from));
            }
        }
        self.at = to;
        Ok(())
    }

    fn escape(&mut self) -> Result<char, Fault> {
        self.at += 1;
        let char = match self.bytes.get(self.at) {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 1;
                let unit = self.hex()?;
                if (0xD800..0xDC00).contains(&unit) && self.bytes[self.at..].starts_with(b"\\u") {
                    let mark = self.at;
                    self.at += 2;
                    let low = self.hex()?;
                    if (0xDC00..0xE000).contains(&low) {
                        let code = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
                        return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
                    }
                    self.at = mark;
                }
                // Go puts the replacement character where a surrogate stands alone.
                return Ok(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            _ => return Err((self.at, "unknown escape".into())),
        };
        self.at += 1;
        Ok(char)
    }

    fn hex(&mut self) -> Result<u32, Fault> {
        let mut value = 0;
        for _ in 0..4 {
            let digit = self.bytes.get(self.at).and_then(|b| (*b as char).to_digit(16));
            let Some(digit) = digit else { return Err((self.at, "`\\u` needs four hexadecimal digits".into())) };
            value = value * 16 + digit;
            self.at += 1;
        }
        Ok(value)
    }
}
