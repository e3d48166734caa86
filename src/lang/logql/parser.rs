//! Tokens to tree: what all parts share, and selectors.

use std::collections::HashMap;
use std::ops::Range;

use super::ast::*;
use super::lexer::{self, Kind as Token};
use super::{Error, Kind, MAX_DEPTH};
use crate::lang::re2;

pub(super) type Step<T = ()> = Result<T, Error>;

pub(super) struct Parser<'t> {
    pub(super) text: &'t str,
    tokens: Vec<lexer::Token>,
    at: usize,
    depth: usize,
    pub(super) go: re2::Go,
    pub(super) exprs: Vec<Expr>,
    pub(super) late: Vec<Error>,
    /// What is wrong with an expression if somebody looks at it.
    pub(super) faults: HashMap<usize, Error>,
}

/// Longest query (grafana/loki pkg/logql/syntax/parser.go@v3.7.6).
const MAX_LENGTH: usize = 131_072;

pub(super) fn parse(text: &str, go: re2::Go) -> Step<Query> {
    if text.len() >= MAX_LENGTH {
        let message = format!("a query must be shorter than {MAX_LENGTH} bytes");
        return Err(Error { span: 0..text.len(), message, help: None, kind: Kind::Text });
    }
    let tokens = lexer::lex(text).map_err(|(span, why)| Error {
        span,
        message: why.to_owned(),
        help: None,
        kind: Kind::Text,
    })?;
    let mut parser =
        Parser { text, tokens, at: 0, depth: 0, go, exprs: Vec::new(), late: Vec::new(), faults: HashMap::new() };
    let root = parser.query()?;
    Ok(Query { root, exprs: parser.exprs, late: parser.late })
}

impl Parser<'_> {
    pub(super) fn peek(&self) -> &Token {
        self.peek_at(0)
    }

    pub(super) fn peek_at(&self, ahead: usize) -> &Token {
        self.tokens.get(self.at + ahead).map_or(&Token::End, |t| &t.kind)
    }

    /// Bytes of the next token.
    pub(super) fn span(&self) -> Range<usize> {
        self.tokens.get(self.at).map_or(self.text.len()..self.text.len(), |t| t.span.clone())
    }

    /// Where the last token ended.
    pub(super) fn end(&self) -> usize {
        self.at.checked_sub(1).and_then(|at| self.tokens.get(at)).map_or(0, |t| t.span.end)
    }

    pub(super) fn skip(&mut self) {
        self.at += 1;
    }

    pub(super) fn position(&self) -> usize {
        self.at
    }

    pub(super) fn back_to(&mut self, position: usize) {
        self.at = position;
    }

    pub(super) fn is_sign(&self, sign: &str) -> bool {
        matches!(self.peek(), Token::Sign(s) if *s == sign)
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Token::Word(w) if *w == word)
    }

    pub(super) fn accept(&mut self, sign: &str) -> bool {
        let found = self.is_sign(sign);
        if found {
            self.skip();
        }
        found
    }

    pub(super) fn expect(&mut self, sign: &str, place: &str) -> Step {
        if self.accept(sign) { Ok(()) } else { self.unexpected(&format!("`{sign}`"), place) }
    }

    /// The next token is not what must come.
    pub(super) fn unexpected<T>(&self, wanted: &str, place: &str) -> Step<T> {
        let span = self.span();
        let seen = match self.peek() {
            Token::End => "the query ends".to_owned(),
            _ => {
                let mut text: String = self.text[span.clone()].chars().take(30).collect();
                if text.len() < span.len() {
                    text.push('…');
                }
                format!("unexpected `{text}`")
            }
        };
        Err(error(span, format!("{seen} {place}; expected {wanted}"), Kind::Syntax))
    }

    /// One level further down.
    pub(super) fn nested<T>(&mut self, step: impl FnOnce(&mut Self) -> Step<T>) -> Step<T> {
        if self.depth >= MAX_DEPTH {
            let message = format!("nested more than {MAX_DEPTH} levels deep; it is not read");
            return Err(error(self.span(), message, Kind::Unread));
        }
        self.depth += 1;
        let result = step(self);
        self.depth -= 1;
        result
    }

    pub(super) fn name(&mut self, place: &str) -> Step<Name> {
        if *self.peek() != Token::Name {
            return self.unexpected("the name of a label", place);
        }
        let span = self.span();
        self.skip();
        Ok(Name { value: self.text[span.clone()].to_owned(), span })
    }

    pub(super) fn string(&mut self, place: &str) -> Step<Text> {
        let Token::String(value) = self.peek() else { return self.unexpected("a string", place) };
        let text = Text { value: value.clone(), span: self.span() };
        self.skip();
        Ok(text)
    }

    /// `{a="b"}`.
    pub(super) fn selector(&mut self) -> Step<(Vec<Matcher>, Range<usize>)> {
        let start = self.span().start;
        self.expect("{", "at the begin of a log query")?;
        let mut matchers = Vec::new();
        if !self.accept("}") {
            loop {
                matchers.push(self.matcher("in the selector")?);
                if self.accept("}") {
                    break;
                }
                if !self.accept(",") {
                    return self.unexpected("`,` or `}`", "in the selector");
                }
            }
        }
        Ok((matchers, start..self.end()))
    }

    pub(super) fn operator(&self, ahead: usize) -> Option<Match> {
        match self.peek_at(ahead) {
            Token::Sign("=") => Some(Match::Equal),
            Token::Sign("!=") => Some(Match::NotEqual),
            Token::Sign("=~") => Some(Match::Regex),
            Token::Sign("!~") => Some(Match::NotRegex),
            _ => None,
        }
    }

    pub(super) fn matcher(&mut self, place: &str) -> Step<Matcher> {
        let name = self.name(place)?;
        let Some(operator) = self.operator(0) else {
            return self.unexpected("`=`, `!=`, `=~` or `!~`", place);
        };
        self.skip();
        let value = self.string(place)?;
        if matches!(operator, Match::Regex | Match::NotRegex) {
            regex(&value, self.text, self.go)?;
        }
        Ok(Matcher { name, operator, value })
    }

    /// That at least one matcher asks for something, so that the query does not read every stream.
    pub(super) fn narrow(&self, matchers: &[Matcher], span: Range<usize>) -> Step {
        if matchers.iter().any(|m| !matches_empty(m, self.go)) {
            return Ok(());
        }
        Err(Error {
            help: Some("add a matcher that an absent label does not meet, such as `app=~\".+\"`".to_owned()),
            ..error(span, "no matcher narrows the streams down: each is met by a label that is absent", Kind::Streams)
        })
    }
}

pub(super) fn error(span: Range<usize>, message: impl Into<String>, kind: Kind) -> Error {
    Error { span, message: message.into(), help: None, kind }
}

/// The expression in a string literal, as Go reads it.
pub(super) fn regex(value: &Text, text: &str, go: re2::Go) -> Step<re2::Info> {
    re2::parse(&value.value, go).map_err(|e| pattern_error(value, text, e))
}

/// A fault of an expression at its place in the text, if the literal has no escapes; otherwise at the literal.
pub(super) fn pattern_error(value: &Text, text: &str, fault: re2::Error) -> Error {
    let start = value.span.start + 1;
    let plain = text.get(start..start + value.value.len()) == Some(value.value.as_str());
    let span = if plain { start + fault.span.start..start + fault.span.end } else { value.span.clone() };
    Error { span, message: fault.message, help: fault.help, kind: Kind::Pattern }
}

fn matches_empty(matcher: &Matcher, go: re2::Go) -> bool {
    let value = &matcher.value.value;
    let empty = || re2::parse(value, go).is_ok_and(|i| i.matches_empty);
    match matcher.operator {
        Match::Equal => value.is_empty(),
        Match::NotEqual => !value.is_empty(),
        Match::Regex => empty(),
        Match::NotRegex => !empty(),
    }
}
