//! Text to tokens (text/template/parse/lex.go@go1.26.0).

use std::ops::Range;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `{{` with its trim mark.
    Left,
    /// `}}` with its trim mark.
    Right,
    Space,
    Assign,
    Declare,
    Pipe,
    LeftParen,
    RightParen,
    /// Any other printable character of ASCII.
    Char,
    Dot,
    Field,
    Variable,
    Identifier,
    /// `true`, `false`.
    Bool,
    Nil,
    Number,
    CharConstant,
    Str,
    RawStr,
    /// A word such as `if`.
    Keyword,
    End,
}

#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) range: Range<usize>,
}

/// A fault of the text itself.
#[derive(Debug, Clone)]
pub(super) struct Fault {
    pub(super) range: Range<usize>,
    pub(super) message: &'static str,
}

const KEYWORDS: [&str; 10] = ["block", "break", "continue", "define", "else", "end", "if", "range", "template", "with"];

fn is_space(c: u8) -> bool {
    matches!(c, b' ' | b'\t' | b'\r' | b'\n')
}

fn is_alphanumeric(c: char) -> bool {
    c == '_' || c.is_alphabetic() || c.is_numeric()
}

/// Reads all tokens of all actions; the last one is [`Kind::End`], or a fault stopped the reading.
pub(super) fn lex(text: &str) -> (Vec<Token>, Option<Fault>) {
    let mut lexer = Lexer { text, at: 0, tokens: Vec::new() };
    let fault = lexer.run().err();
    let end = text.len();
    lexer.tokens.push(Token { kind: Kind::End, range: end..end });
    (lexer.tokens, fault)
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    tokens: Vec<Token>,
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn byte(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    fn push(&mut self, kind: Kind, from: usize) {
        self.tokens.push(Token { kind, range: from..self.at });
    }

    fn fail<T>(&self, from: usize, message: &'static str) -> Result<T, Fault> {
        let mut end = (self.at + 1).min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end += 1;
        }
        Err(Fault { range: from..end.max(from), message })
    }

    fn run(&mut self) -> Result<(), Fault> {
        while let Some(found) = self.rest().find("{{") {
            let from = self.at + found;
            self.at = from + 2;
            if self.byte(0) == Some(b'-') && self.byte(1).is_some_and(is_space) {
                self.at += 2;
            }
            if self.rest().starts_with("/*") {
                let Some(end) = self.rest().find("*/") else { return self.fail(from, "a comment is not closed") };
                self.at += end + 2;
                let Some(length) = self.right() else {
                    return self.fail(from, "a comment ends before its `}}`");
                };
                self.at += length;
                continue;
            }
            self.push(Kind::Left, from);
            self.action(from)?;
        }
        Ok(())
    }

    /// Length of a `}}` that begins here, with its trim mark.
    fn right(&self) -> Option<usize> {
        let rest = self.rest().as_bytes();
        if rest.starts_with(b"}}") {
            return Some(2);
        }
        (rest.len() >= 4 && is_space(rest[0]) && &rest[1..4] == b"-}}").then_some(4)
    }

    fn action(&mut self, open: usize) -> Result<(), Fault> {
        let mut depth = 0u32;
        loop {
            let from = self.at;
            if let Some(length) = self.right() {
                if depth > 0 {
                    return self.fail(from, "a `(` is not closed");
                }
                self.at += length;
                self.push(Kind::Right, from);
                return Ok(());
            }
            let Some(c) = self.rest().chars().next() else {
                return self.fail(open, "this `{{` is not closed");
            };
            self.at += c.len_utf8();
            match c {
                ' ' | '\t' | '\r' | '\n' => {
                    while self.byte(0).is_some_and(is_space) && self.right().is_none() {
                        self.at += 1;
                    }
                    self.push(Kind::Space, from);
                }
                '=' => self.push(Kind::Assign, from),
                ':' => {
                    if self.byte(0) != Some(b'=') {
                        return self.fail(from, "`:=` was expected");
                    }
                    self.at += 1;
                    self.push(Kind::Declare, from);
                }
                '|' => self.push(Kind::Pipe, from),
                '"' => self.quoted(from, '"', "a string is not closed", Kind::Str)?,
                '\'' => self.quoted(from, '\'', "a character is not closed", Kind::CharConstant)?,
                '`' => {
                    let Some(end) = self.rest().find('`') else { return self.fail(from, "a string is not closed") };
                    self.at += end + 1;
                    self.push(Kind::RawStr, from);
                }
                '$' => self.name(from, Kind::Variable, Kind::Variable)?,
                '.' if !self.byte(0).is_some_and(|b| b.is_ascii_digit()) => self.name(from, Kind::Field, Kind::Dot)?,
                '.' | '+' | '-' | '0'..='9' => {
                    self.at = from;
                    self.number(from)?;
                }
                c if is_alphanumeric(c) => self.word(from)?,
                '(' => {
                    depth += 1;
                    self.push(Kind::LeftParen, from);
                }
                ')' => {
                    let Some(less) = depth.checked_sub(1) else {
                        self.at = from;
                        return self.fail(from, "this `)` closes nothing");
                    };
                    depth = less;
                    self.push(Kind::RightParen, from);
                }
                ' '..='~' => self.push(Kind::Char, from),
                _ => {
                    self.at = from;
                    return self.fail(from, "this character has no meaning in an action");
                }
            }
        }
    }

    fn quoted(&mut self, from: usize, quote: char, message: &'static str, kind: Kind) -> Result<(), Fault> {
        let mut chars = self.text[self.at..].char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '\\' if chars.next().is_none_or(|(_, c)| c == '\n') => break,
                '\n' => break,
                c if c == quote => {
                    self.at += at + 1;
                    self.push(kind, from);
                    return Ok(());
                }
                _ => {}
            }
        }
        self.fail(from, message)
    }

    /// A field or variable after its `.` or `$`; `bare` when no name follows.
    fn name(&mut self, from: usize, named: Kind, bare: Kind) -> Result<(), Fault> {
        if self.terminated() {
            self.push(bare, from);
            return Ok(());
        }
        self.alphanumerics();
        if !self.terminated() {
            return self.fail(self.at, "this character cannot stand in a name");
        }
        self.push(named, from);
        Ok(())
    }

    fn alphanumerics(&mut self) {
        let end = self.rest().find(|c| !is_alphanumeric(c)).unwrap_or(self.rest().len());
        self.at += end;
    }

    fn terminated(&self) -> bool {
        match self.byte(0) {
            None | Some(b'.' | b',' | b'|' | b':' | b')' | b'(') => true,
            Some(c) => is_space(c) || self.rest().starts_with("}}"),
        }
    }

    fn word(&mut self, from: usize) -> Result<(), Fault> {
        self.alphanumerics();
        if !self.terminated() {
            return self.fail(self.at, "this character cannot stand in a name");
        }
        let kind = match &self.text[from..self.at] {
            "true" | "false" => Kind::Bool,
            "nil" => Kind::Nil,
            word if KEYWORDS.contains(&word) => Kind::Keyword,
            _ => Kind::Identifier,
        };
        self.push(kind, from);
        Ok(())
    }

    fn number(&mut self, from: usize) -> Result<(), Fault> {
        let real = self.digits();
        let sign = matches!(self.byte(0), Some(b'+' | b'-'));
        let whole = if real && sign { self.digits() && self.text[from..self.at].ends_with('i') } else { real };
        if !whole {
            return self.fail(from, "this is no number");
        }
        self.push(Kind::Number, from);
        Ok(())
    }

    /// `scanNumber`: whether no letter follows what looks like one number.
    fn digits(&mut self) -> bool {
        if matches!(self.byte(0), Some(b'+' | b'-')) {
            self.at += 1;
        }
        let mut digits = "0123456789_";
        let mut hex = false;
        if self.byte(0) == Some(b'0') {
            self.at += 1;
            let base = match self.byte(0) {
                Some(b'x' | b'X') => {
                    hex = true;
                    "0123456789abcdefABCDEF_"
                }
                Some(b'o' | b'O') => "01234567_",
                Some(b'b' | b'B') => "01_",
                _ => "",
            };
            if !base.is_empty() {
                self.at += 1;
                digits = base;
            }
        }
        self.run_of(digits);
        if self.byte(0) == Some(b'.') {
            self.at += 1;
            self.run_of(digits);
        }
        let exponent = if hex { [b'p', b'P'] } else { [b'e', b'E'] };
        if (digits.len() == 11 || hex) && self.byte(0).is_some_and(|b| exponent.contains(&b)) {
            self.at += 1;
            if matches!(self.byte(0), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.run_of("0123456789_");
        }
        if self.byte(0) == Some(b'i') {
            self.at += 1;
        }
        !self.rest().chars().next().is_some_and(is_alphanumeric)
    }

    fn run_of(&mut self, set: &str) {
        while self.byte(0).is_some_and(|b| set.as_bytes().contains(&b)) {
            self.at += 1;
        }
    }
}
