//! Text to raw tokens, by the rules of Go's `text/scanner`, which both readers of LogQL stand on: words, numbers and
//! literals as in Go, Go's comments skipped, every other character a token of its own
//! (golang/go src/text/scanner/scanner.go@go1.26.8).

use std::ops::Range;

/// What a raw token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Raw {
    End,
    Word,
    Number,
    /// `'x'`.
    Char,
    String,
    Quoted,
    Other(char),
}

/// Why the text cannot be read on.
pub(super) type Fault = (Range<usize>, &'static str);

pub(super) struct Scanner<'t> {
    pub(super) text: &'t str,
    pub(super) at: usize,
    /// Loki's copy of the scanner reads `0b` as a number only where the character before the token was a digit or none.
    pub(super) loki: bool,
}

impl<'t> Scanner<'t> {
    pub(super) fn new(text: &'t str, loki: bool) -> Self {
        // A byte order mark at the begin is skipped.
        let at = if text.starts_with('\u{FEFF}') { 3 } else { 0 };
        Self { text, at, loki }
    }

    pub(super) fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn bump(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn skip(&mut self, test: impl Fn(char) -> bool) -> usize {
        let start = self.at;
        while self.peek().is_some_and(&test) {
            self.bump();
        }
        self.at - start
    }

    /// The next token and its bytes.
    pub(super) fn scan(&mut self) -> Result<(Raw, Range<usize>), Fault> {
        let stored = self.peek();
        loop {
            self.skip(|c| matches!(c, ' ' | '\t' | '\n' | '\r'));
            if !self.comment()? {
                break;
            }
        }
        let start = self.at;
        let Some(c) = self.bump() else { return Ok((Raw::End, start..start)) };
        let raw = match c {
            '\0' => return Err((start..self.at, "character NUL")),
            '_' => {
                self.word();
                Raw::Word
            }
            c if c.is_alphabetic() => {
                self.word();
                Raw::Word
            }
            '0'..='9' => {
                self.at = start;
                self.number(stored)?;
                Raw::Number
            }
            '.' if self.peek().is_some_and(|c| c.is_ascii_digit()) => {
                self.at = start;
                self.number(stored)?;
                Raw::Number
            }
            '"' => {
                self.quoted('"', start)?;
                Raw::String
            }
            '\'' => {
                if self.quoted('\'', start)? != 1 {
                    return Err((
                        start..self.at,
                        "a character literal holds one character; strings stand in `\"` or backquotes",
                    ));
                }
                Raw::Char
            }
            '`' => {
                let Some(length) = self.rest().find('`') else {
                    return Err((start..self.text.len(), "the string is never closed by a backquote"));
                };
                self.at += length + 1;
                Raw::Quoted
            }
            c => Raw::Other(c),
        };
        Ok((raw, start..self.at))
    }

    fn word(&mut self) {
        self.skip(|c| c == '_' || c.is_alphanumeric());
    }

    /// Skips a comment; false if there is none.
    fn comment(&mut self) -> Result<bool, Fault> {
        let rest = self.rest();
        if rest.starts_with("//") {
            self.at += rest.find('\n').unwrap_or(rest.len());
            return Ok(true);
        }
        if !rest.starts_with("/*") {
            return Ok(false);
        }
        match rest[2..].find("*/") {
            Some(length) => self.at += length + 4,
            None => return Err((self.at..self.text.len(), "the comment is never closed by `*/`")),
        }
        Ok(true)
    }

    /// A string or character behind its quote; gives the count of characters in it.
    fn quoted(&mut self, quote: char, start: usize) -> Result<usize, Fault> {
        let mut count = 0;
        loop {
            let before = self.at;
            match self.bump() {
                None | Some('\n') => return Err((start..before, "the string is never closed")),
                Some(c) if c == quote => return Ok(count),
                Some('\\') => self.escape(quote, before)?,
                Some(_) => {}
            }
            count += 1;
        }
    }

    fn escape(&mut self, quote: char, start: usize) -> Result<(), Fault> {
        let wrong =
            |at: usize| Err((start..at, "no escape sequence of Go; double the backslash, or quote with backquotes"));
        let (digits, base) = match self.bump() {
            Some('a' | 'b' | 'f' | 'n' | 'r' | 't' | 'v' | '\\') => return Ok(()),
            Some(c) if c == quote => return Ok(()),
            Some('0'..='7') => (2, 8),
            Some('x') => (2, 16),
            Some('u') => (4, 16),
            Some('U') => (8, 16),
            _ => return wrong(self.at),
        };
        for _ in 0..digits {
            if !self.peek().is_some_and(|c| c.is_digit(base)) {
                return wrong(self.at);
            }
            self.bump();
        }
        Ok(())
    }

    /// Digits of any base up to ten, or of base 16, and `_` between them; gives whether there was a digit.
    fn digits(&mut self, base: u32, invalid: &mut bool) -> bool {
        let start = self.at;
        let class = if base == 16 { 16 } else { 10 };
        self.skip(|c| c == '_' || c.is_digit(class));
        let seen = &self.text[start..self.at];
        *invalid |= seen.chars().any(|c| c != '_' && !c.is_digit(base));
        seen.bytes().any(|c| c != b'_')
    }

    fn number(&mut self, stored: Option<char>) -> Result<(), Fault> {
        let start = self.at;
        let (mut base, mut prefix, mut digit, mut invalid) = (10, ' ', false, false);
        let fault = |at: usize, why: &'static str| Err((start..at, why));
        let mut float = self.peek() == Some('.');
        if !float {
            if self.peek() == Some('0') {
                self.bump();
                match self.peek().map(|c| c.to_ascii_lowercase()) {
                    Some('x') => (base, prefix) = (16, 'x'),
                    Some('o') => (base, prefix) = (8, 'o'),
                    Some('b') if !self.loki || matches!(stored, Some('0' | '1')) => (base, prefix) = (2, 'b'),
                    Some('b') => {}
                    _ => (base, prefix, digit) = (8, '0', true),
                }
                if matches!(prefix, 'x' | 'o' | 'b') {
                    self.bump();
                }
            }
            digit |= self.digits(base, &mut invalid);
            float = self.peek() == Some('.');
        }
        if float {
            self.bump();
            if matches!(prefix, 'o' | 'b') {
                return fault(self.at, "a number of this base has no fraction");
            }
            digit |= self.digits(base, &mut invalid);
        }
        if !digit {
            return fault(self.at, "a number without digits");
        }
        let exponent = self.peek().map(|c| c.to_ascii_lowercase()).filter(|c| matches!(c, 'e' | 'p'));
        if let Some(e) = exponent {
            if (e == 'e' && !matches!(prefix, ' ' | '0')) || (e == 'p' && prefix != 'x') {
                return fault(self.at, "an exponent that does not fit the base of the number");
            }
            self.bump();
            float = true;
            if matches!(self.peek(), Some('+' | '-')) {
                self.bump();
            }
            if !self.digits(10, &mut false) {
                return fault(self.at, "an exponent without digits");
            }
        } else if prefix == 'x' && float {
            return fault(self.at, "a hexadecimal fraction without an exponent");
        }
        if !float && invalid {
            return fault(self.at, "a digit that the base of the number does not have; a leading zero means base 8");
        }
        if !underscores(&self.text[start..self.at]) {
            return fault(self.at, "`_` must stand between digits");
        }
        Ok(())
    }
}

/// Whether every underscore of a number stands between digits, or between the prefix and a digit.
pub(super) fn underscores(number: &str) -> bool {
    let lower = number.to_ascii_lowercase();
    let hex = lower.starts_with("0x");
    let prefixed = hex || lower.starts_with("0o") || lower.starts_with("0b");
    let bytes = lower.as_bytes();
    let digit = |i: usize| {
        (prefixed && i == 1) || bytes.get(i).is_some_and(|c| c.is_ascii_digit() || (hex && c.is_ascii_hexdigit()))
    };
    bytes.iter().enumerate().filter(|(_, c)| **c == b'_').all(|(i, _)| i > 0 && digit(i - 1) && digit(i + 1))
}
