//! Text to tokens.

use std::ops::Range;

use super::{Dialect, Error};
use crate::lang::json;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Name,
    QuotedName,
    Number,
    /// JSON between backticks.
    Literal,
    /// Text between `'`.
    RawString,
    Variable,
    /// `$` alone.
    Root,
    Dot,
    Star,
    Comma,
    Colon,
    LeftBrace,
    RightBrace,
    LeftBracket,
    RightBracket,
    LeftParen,
    RightParen,
    /// `[?`
    Filter,
    /// `[]`
    Flatten,
    /// `@`
    Current,
    /// `&`
    Reference,
    Not,
    And,
    Or,
    Pipe,
    /// `==`, `!=`, `<`, `<=`, `>`, `>=`
    Comparator,
    /// `=` alone; no token of the older library.
    Assign,
    /// `+`, `-`, also as signs.
    Sum,
    /// `/`, `//`, `%`, `×`, `÷`
    Product,
    End,
}

#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) range: Range<usize>,
}

/// All tokens; the last one is [`Kind::End`].
pub(super) fn lex(text: &str, dialect: Dialect) -> Result<Vec<Token>, Error> {
    let mut lexer = Lexer { text, at: 0, dialect };
    let mut tokens = Vec::new();
    while let Some(c) = lexer.peek() {
        let from = lexer.at;
        lexer.at += c.len_utf8();
        if matches!(c, ' ' | '\t' | '\n' | '\r') {
            continue;
        }
        let kind = lexer.token(c, from)?;
        tokens.push(Token { kind, range: from..lexer.at });
    }
    tokens.push(Token { kind: Kind::End, range: text.len()..text.len() });
    Ok(tokens)
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    dialect: Dialect,
}

impl Lexer<'_> {
    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn takes(&mut self, c: char) -> bool {
        let found = self.peek() == Some(c);
        self.at += if found { c.len_utf8() } else { 0 };
        found
    }

    fn run_of(&mut self, fits: impl Fn(char) -> bool) {
        let rest = &self.text[self.at..];
        self.at += rest.find(|c| !fits(c)).unwrap_or(rest.len());
    }

    /// One of two, by what follows.
    fn either(&mut self, second: char, both: Kind, alone: Kind) -> Kind {
        if self.takes(second) { both } else { alone }
    }

    fn token(&mut self, c: char, from: usize) -> Result<Kind, Error> {
        let community = self.dialect == Dialect::Community;
        Ok(match c {
            'a'..='z' | 'A'..='Z' | '_' => {
                self.run_of(|c| c.is_ascii_alphanumeric() || c == '_');
                Kind::Name
            }
            '$' if community => {
                self.run_of(|c| c.is_ascii_alphanumeric() || c == '_');
                if self.at == from + 1 { Kind::Root } else { Kind::Variable }
            }
            '.' => Kind::Dot,
            '*' => Kind::Star,
            ',' => Kind::Comma,
            ':' => Kind::Colon,
            '{' => Kind::LeftBrace,
            '}' => Kind::RightBrace,
            ']' => Kind::RightBracket,
            '(' => Kind::LeftParen,
            ')' => Kind::RightParen,
            '@' => Kind::Current,
            '+' | '\u{2212}' if community => Kind::Sum,
            '%' | '\u{d7}' | '\u{f7}' if community => Kind::Product,
            '/' if community => {
                self.takes('/');
                Kind::Product
            }
            // A `-` is part of a number, of the older library even where no digit follows.
            '-' if community && !self.peek().is_some_and(|c| c.is_ascii_digit()) => Kind::Sum,
            '-' | '0'..='9' => {
                self.run_of(|c| c.is_ascii_digit());
                Kind::Number
            }
            '[' if self.takes('?') => Kind::Filter,
            '[' => self.either(']', Kind::Flatten, Kind::LeftBracket),
            '|' => self.either('|', Kind::Or, Kind::Pipe),
            '&' => self.either('&', Kind::And, Kind::Reference),
            '<' | '>' => {
                self.takes('=');
                Kind::Comparator
            }
            '!' => self.either('=', Kind::Comparator, Kind::Not),
            '=' => self.either('=', Kind::Comparator, Kind::Assign),
            '"' => {
                self.until('"', from, "this `\"` is not closed")?;
                let whole = &self.text[from..self.at];
                if !json::is_valid(whole) {
                    return Err(Error { range: from..self.at, message: format!("`{whole}` is no string of JSON") });
                }
                Kind::QuotedName
            }
            '`' => {
                self.until('`', from, "this backtick is not closed")?;
                Kind::Literal
            }
            '\'' => {
                self.raw(from)?;
                Kind::RawString
            }
            c => return Err(Error { range: from..self.at, message: format!("`{c}` has no meaning here") }),
        })
    }

    /// Up to behind a closing character that no `\` precedes.
    fn until(&mut self, end: char, from: usize, message: &str) -> Result<(), Error> {
        let mut chars = self.text[self.at..].char_indices();
        while let Some((offset, c)) = chars.next() {
            if c == end {
                self.at += offset + 1;
                return Ok(());
            }
            if c == '\\' {
                chars.next();
            }
        }
        Err(Error { range: from..from + 1, message: message.to_owned() })
    }

    /// A text in which the newer library knows `\\` beside `\'`.
    fn raw(&mut self, from: usize) -> Result<(), Error> {
        let mut chars = self.text[self.at..].char_indices().peekable();
        while let Some((offset, c)) = chars.next() {
            if c == '\'' {
                self.at += offset + 1;
                return Ok(());
            }
            let escape = |next: char| next == '\'' || next == '\\' && self.dialect == Dialect::Community;
            if c == '\\' && chars.peek().is_some_and(|(_, next)| escape(*next)) {
                chars.next();
            }
        }
        Err(Error { range: from..from + 1, message: "this `'` is not closed".to_owned() })
    }
}
