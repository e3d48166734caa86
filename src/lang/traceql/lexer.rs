//! Text to tokens, as Go's `text/scanner` and Tempo's own additions do it (grafana/tempo pkg/traceql/lexer.go@v3.0.3).

use std::ops::Range;

use super::{Error, Kind, words};
use crate::lang::quantity::{go_duration, prometheus_duration};

/// A token.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// A known word or sign: `span.`, `&&`, `count`.
    Word(&'static str),
    /// The name of an attribute, after a scope; empty where none stands.
    Attribute,
    /// A word that is none of the language.
    Identifier,
    /// A string, decoded.
    Text(String),
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Float(f64),
    /// A duration.
    Duration,
    /// Nothing follows.
    End,
}

/// Tokens with their bytes.
pub(super) type Tokens = Vec<(Token, Range<usize>)>;

struct Lexer<'t> {
    text: &'t str,
    at: usize,
}

fn fault(span: Range<usize>, message: &str) -> Error {
    Error { span, message: message.to_owned(), help: None, kind: Kind::Text }
}

/// Whether a scope is followed by the name of an attribute.
fn starts_attribute(word: &str) -> bool {
    word.ends_with('.')
}

fn is_attribute_char(c: char) -> bool {
    !c.is_whitespace() && !matches!(c, '{' | '}' | '(' | ')' | '=' | '~' | '!' | '<' | '>' | '&' | '|' | '^' | ',')
}

pub(super) fn lex(text: &str) -> Result<Tokens, Error> {
    let mut lexer = Lexer { text, at: 0 };
    let mut tokens = Vec::new();
    while let Some((token, span)) = lexer.next()? {
        let scope = if let Token::Word(word) = token { word } else { "" };
        tokens.push((token, span));
        if starts_attribute(scope) {
            // Within `parent.` a second scope may stand.
            if scope == "parent."
                && let Some(inner) = ["resource.", "span."].iter().find(|s| lexer.rest().starts_with(**s))
            {
                let from = lexer.at;
                lexer.at += inner.len();
                tokens.push((Token::Word(inner), from..lexer.at));
            }
            tokens.push(lexer.attribute()?);
        }
    }
    Ok(tokens)
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn skip_while(&mut self, take: impl Fn(char) -> bool) {
        let rest = self.rest();
        self.at += rest.find(|c| !take(c)).unwrap_or(rest.len());
    }

    /// White space and the comments of Go.
    fn skip_blank(&mut self) -> Result<(), Error> {
        loop {
            self.skip_while(|c| matches!(c, ' ' | '\t' | '\n' | '\r'));
            let rest = self.rest();
            if rest.starts_with("//") {
                self.skip_while(|c| c != '\n');
            } else if let Some(comment) = rest.strip_prefix("/*") {
                let Some(end) = comment.find("*/") else {
                    return Err(fault(self.at..self.text.len(), "a comment that is not closed"));
                };
                self.at += end + 4;
            } else {
                return Ok(());
            }
        }
    }

    fn next(&mut self) -> Result<Option<(Token, Range<usize>)>, Error> {
        self.skip_blank()?;
        let from = self.at;
        let Some(c) = self.peek() else { return Ok(None) };
        let second = self.rest()[c.len_utf8()..].chars().next();
        let token = match c {
            '"' | '`' => self.string(c)?,
            '0'..='9' => self.number()?,
            '.' if second.is_some_and(|d| d.is_ascii_digit()) => self.number()?,
            c if c == '_' || c.is_alphabetic() => {
                self.skip_while(|c| c == '_' || c.is_alphanumeric());
                self.word(from)
            }
            c => {
                self.at += c.len_utf8();
                self.word(from)
            }
        };
        Ok(Some((token, from..self.at)))
    }

    /// A word or sign, made longer as long as that is one, too.
    fn word(&mut self, from: usize) -> Token {
        let mut found = None;
        while let Some(c) = self.peek() {
            let Some((word, _)) = words::known(&self.text[from..self.at + c.len_utf8()]) else { break };
            self.at += c.len_utf8();
            found = Some(word);
        }
        let word = found.or_else(|| words::known(&self.text[from..self.at]).map(|(word, _)| word));
        word.map_or(Token::Identifier, Token::Word)
    }

    fn attribute(&mut self) -> Result<(Token, Range<usize>), Error> {
        let from = self.at;
        while let Some(c) = self.peek().filter(|c| is_attribute_char(*c)) {
            if c == '"' {
                self.quoted()?;
            } else {
                self.at += c.len_utf8();
            }
        }
        Ok((Token::Attribute, from..self.at))
    }

    /// A quoted part of an attribute's name.
    fn quoted(&mut self) -> Result<(), Error> {
        let from = self.at;
        self.at += 1;
        while let Some(c) = self.peek() {
            self.at += c.len_utf8();
            match c {
                '"' => return Ok(()),
                '\\' if !self.rest().starts_with(['\\', '"']) => {
                    return Err(fault(self.at - 1..self.at, "a name in quotes escapes `\\` and `\"` alone"));
                }
                '\\' => self.at += 1,
                _ => {}
            }
        }
        Err(fault(from..self.at, "a quote that is not closed"))
    }

    fn string(&mut self, quote: char) -> Result<Token, Error> {
        let from = self.at;
        self.at += 1;
        let mut out = String::new();
        while let Some(c) = self.peek() {
            self.at += c.len_utf8();
            match c {
                c if c == quote => return Ok(Token::Text(out)),
                '\n' if quote == '"' => break,
                '\r' if quote == '`' => {}
                '\\' if quote == '"' => out.push(self.escape()?),
                c => out.push(c),
            }
        }
        Err(fault(from..self.at, "a string that is not closed"))
    }

    /// What follows a backslash. Bytes that make no text become U+FFFD.
    fn escape(&mut self) -> Result<char, Error> {
        let from = self.at - 1;
        let bad = |at: usize| fault(from..at, "an escape that Go does not know");
        let Some(c) = self.peek() else { return Err(bad(self.at)) };
        self.at += c.len_utf8();
        let (base, digits) = match c {
            'a' => return Ok('\u{7}'),
            'b' => return Ok('\u{8}'),
            'f' => return Ok('\u{c}'),
            'n' => return Ok('\n'),
            'r' => return Ok('\r'),
            't' => return Ok('\t'),
            'v' => return Ok('\u{b}'),
            '\\' | '"' => return Ok(c),
            'x' => (16, 2),
            'u' => (16, 4),
            'U' => (16, 8),
            '0'..='7' => {
                self.at -= 1;
                (8, 3)
            }
            _ => return Err(bad(self.at)),
        };
        let number = self.rest().get(..digits).filter(|t| t.chars().all(|c| c.is_digit(base)));
        let value = number.and_then(|t| u32::from_str_radix(t, base).ok());
        let Some(value) = value else { return Err(bad(self.at)) };
        self.at += digits;
        match (c, char::from_u32(value)) {
            ('x' | '0'..='7', _) if value > 255 => Err(bad(self.at)),
            ('x' | '0'..='7', _) if value > 127 => Ok(char::REPLACEMENT_CHARACTER),
            (_, Some(c)) => Ok(c),
            (_, None) => Err(bad(self.at)),
        }
    }

    fn number(&mut self) -> Result<Token, Error> {
        let from = self.at;
        if self.rest().starts_with('0') && self.rest()[1..].starts_with(['x', 'X', 'b', 'B', 'o', 'O']) {
            self.skip_while(|c| c.is_ascii_alphanumeric() || c == '_');
            return Err(fault(from..self.at, "numbers are decimal"));
        }
        self.skip_while(|c| c.is_ascii_digit());
        let mut float = false;
        if self.rest().starts_with('.') {
            float = true;
            self.at += 1;
            self.skip_while(|c| c.is_ascii_digit());
        }
        if self.rest().starts_with(['e', 'E']) {
            float = true;
            self.at += 1;
            self.at += usize::from(self.rest().starts_with(['+', '-']));
            let digits = self.at;
            self.skip_while(|c| c.is_ascii_digit());
            if self.at == digits {
                return Err(fault(from..self.at, "an exponent without digits"));
            }
        }
        let end = self.at;
        self.skip_while(|c| c.is_numeric() || matches!(c, 'n' | 's' | 'u' | 'm' | 'h' | 'µ' | 'd' | 'w' | 'y' | '.'));
        let long = &self.text[from..self.at];
        if self.at > end && (prometheus_duration(long).is_ok() || go_duration(long).is_ok()) {
            return Ok(Token::Duration);
        }
        self.at = end;
        let text = &self.text[from..end];
        let token = if float { text.parse().ok().map(Token::Float) } else { text.parse().ok().map(Token::Int) };
        token.ok_or_else(|| fault(from..end, "a number that is too large"))
    }
}
