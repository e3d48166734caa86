//! Expressions inside of `{ }`, typed (grafana/tempo pkg/traceql/{ast_validate.go,enum_operators.go,enum_statics.go}@v3.0.3).

use std::ops::Range;

use super::lexer::Token;
use super::parser::{Parser, Step};
use super::{Kind, Release};
use crate::lang::re2;

/// What an expression is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    /// An attribute: of any type.
    Any,
    Bool,
    Int,
    Float,
    Duration,
    Text,
    Status,
    Kind,
    Nil,
}

impl Type {
    pub(super) fn is_number(self) -> bool {
        matches!(self, Self::Int | Self::Float | Self::Duration)
    }

    pub(super) fn matches(self, other: Self) -> bool {
        let loose = |t| matches!(t, Self::Any | Self::Nil);
        self == other || loose(self) || loose(other) || self.is_number() && other.is_number()
    }

    fn title(self) -> &'static str {
        match self {
            Self::Any => "an attribute",
            Self::Bool => "true or false",
            Self::Int | Self::Float => "a number",
            Self::Duration => "a duration",
            Self::Text => "text",
            Self::Status => "a status",
            Self::Kind => "a kind",
            Self::Nil => "`nil`",
        }
    }

    /// Whether an operator takes operands of this type.
    fn takes(self, operator: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Bool => matches!(operator, "&&" | "||" | "=" | "!="),
            Self::Int | Self::Float | Self::Duration => {
                matches!(operator, "+" | "-" | "*" | "/" | "%" | "^" | "=" | "!=" | ">" | ">=" | "<" | "<=")
            }
            Self::Text => matches!(operator, "=" | "!=" | "=~" | "!~" | ">" | ">=" | "<" | "<="),
            Self::Status | Self::Kind | Self::Nil => matches!(operator, "=" | "!="),
        }
    }
}

/// An expression that was read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Field {
    pub(super) kind: Type,
    pub(super) span: Range<usize>,
    /// Whether it says anything about the span.
    pub(super) spans: bool,
    /// The text of a string literal.
    literal: Option<String>,
    /// Its name, where it is one attribute.
    name: Option<String>,
}

/// Operators by binding, and whether they bind to the right.
fn binding(operator: &str) -> Option<u8> {
    Some(match operator {
        "&&" | "||" => 1,
        "=" | "!=" | "<" | "<=" | ">" | ">=" | "=~" | "!~" => 2,
        "+" | "-" => 3,
        "*" | "/" | "%" => 5,
        "^" => 6,
        _ => return None,
    })
}

impl Parser<'_> {
    pub(super) fn field(&mut self, least: u8) -> Step<Field> {
        let mut left = self.nested(|p| p.operand())?;
        while let Token::Word(operator) = *self.peek() {
            let Some(level) = binding(operator).filter(|l| *l >= least) else { break };
            let at = self.span();
            self.skip();
            // A power binds to the right.
            let right = self.nested(|p| p.field(if level == 6 { 6 } else { level + 1 }))?;
            left = self.binary(left, operator, &at, right)?;
        }
        if left.kind == Type::Nil && left.name.is_none() && least == 0 && self.release >= Release(2, 8) {
            return self.refuse(left.span, "`nil` stands beside `=` or `!=` alone", Kind::Syntax);
        }
        Ok(left)
    }

    fn binary(&mut self, left: Field, operator: &'static str, at: &Range<usize>, right: Field) -> Step<Field> {
        let span = left.span.start..right.span.end;
        let nil = |f: &Field| f.kind == Type::Nil && f.name.is_none();
        let made =
            |kind| Field { kind, span: span.clone(), spans: left.spans || right.spans, literal: None, name: None };
        if (nil(&left) || nil(&right)) && self.release >= Release(2, 8) {
            let other = if nil(&left) { &right } else { &left };
            if !matches!(operator, "=" | "!=") {
                return self.refuse(
                    at.clone(),
                    format!("`nil` takes `=` and `!=` alone, not `{operator}`"),
                    Kind::Syntax,
                );
            }
            if operator == "=" && !nil(other) {
                if self.release < Release(2, 10) {
                    return self.since(span, "a comparison `= nil`", Release(2, 10));
                }
                if let Some(name) = other.name.as_deref().filter(|n| !n.contains('.') || *n == "resource.service.name")
                {
                    let message = format!("`{name}` is never `nil`");
                    return self.refuse(span, message, Kind::Meaning);
                }
            }
            return Ok(made(Type::Bool));
        }
        if !left.kind.matches(right.kind) {
            let message = format!("`{operator}` between {} and {}", left.kind.title(), right.kind.title());
            return self.refuse(span, message, Kind::Meaning);
        }
        if let Some(wrong) = [&left, &right].into_iter().find(|f| !f.kind.takes(operator)) {
            return self.refuse(
                at.clone(),
                format!("`{operator}` does not take {}", wrong.kind.title()),
                Kind::Meaning,
            );
        }
        if matches!(operator, "=~" | "!~") {
            self.regex(operator, &right)?;
        }
        let arithmetic = matches!(operator, "+" | "-" | "*" | "/" | "%" | "^");
        let kind = if arithmetic && left.kind != Type::Any { left.kind } else { right.kind };
        Ok(made(if arithmetic { kind } else { Type::Bool }))
    }

    fn regex(&self, operator: &str, right: &Field) -> Step {
        let Some(text) = &right.literal else {
            if self.release < Release(3, 0) {
                return Ok(());
            }
            return self.refuse(right.span.clone(), format!("`{operator}` takes a string, written out"), Kind::Meaning);
        };
        match re2::parse(text, re2::Go::NEWEST) {
            Ok(_) => Ok(()),
            Err(error) => {
                let message = format!("the regular expression `{text}` is wrong: {}", error.message);
                self.refuse(right.span.clone(), message, Kind::Meaning)
            }
        }
    }

    fn operand(&mut self) -> Step<Field> {
        let (token, span) = (self.peek().clone(), self.span());
        let made = |kind| Field { kind, span: span.clone(), spans: false, literal: None, name: None };
        let plain = match &token {
            Token::Text(text) => Some(Field { literal: Some(text.clone()), ..made(Type::Text) }),
            Token::Int(_) => Some(made(Type::Int)),
            Token::Float(_) => Some(made(Type::Float)),
            Token::Duration => Some(made(Type::Duration)),
            Token::Word("true" | "false") => Some(made(Type::Bool)),
            Token::Word("ok" | "error" | "unset") => Some(made(Type::Status)),
            Token::Word("unspecified" | "internal" | "server" | "client" | "producer" | "consumer") => {
                Some(made(Type::Kind))
            }
            Token::Word("nil") => Some(made(Type::Nil)),
            Token::Identifier if matches!(self.source(&span), "minInt" | "maxInt") => {
                if self.release < Release(2, 10) {
                    return self.since(span.clone(), &format!("`{}`", self.source(&span)), Release(2, 10));
                }
                Some(made(Type::Int))
            }
            _ => None,
        };
        if let Some(plain) = plain {
            self.skip();
            return Ok(plain);
        }
        match token {
            Token::Word("(") => {
                self.skip();
                let inner = self.field(0)?;
                self.expect(")", "an expression")?;
                Ok(Field { span: span.start..self.end(), ..inner })
            }
            Token::Word(sign @ ("-" | "!")) => {
                self.skip();
                let inner = self.nested(|p| p.field(if sign == "-" { 4 } else { 5 }))?;
                let fits = if sign == "-" { inner.kind.is_number() } else { inner.kind == Type::Bool };
                if inner.kind != Type::Any && !fits {
                    return self.refuse(span, format!("`{sign}` does not take {}", inner.kind.title()), Kind::Meaning);
                }
                Ok(Field {
                    kind: inner.kind,
                    span: span.start..inner.span.end,
                    spans: inner.spans,
                    literal: None,
                    name: None,
                })
            }
            _ => {
                let field = self.attribute()?;
                self.no_parent(&field)?;
                Ok(field)
            }
        }
    }

    /// Validation knows `parent` and refuses it, but looks at no attribute of metrics.
    pub(super) fn no_parent(&self, field: &Field) -> Step {
        let parent = field.name.as_deref().is_some_and(|n| n == "parent" || n.starts_with("parent."));
        if parent {
            self.refuse(field.span.clone(), "Tempo does not yet support `parent`", Kind::Meaning)
        } else {
            Ok(())
        }
    }

    /// An attribute or intrinsic.
    pub(super) fn attribute(&mut self) -> Step<Field> {
        let (token, span) = (self.peek().clone(), self.span());
        let Token::Word(word) = token else { return self.no_attribute() };
        if word.ends_with('.') {
            self.known(word, &span)?;
            self.skip();
            if let Token::Word(inner @ ("resource." | "span.")) = *self.peek()
                && word == "parent."
            {
                self.known(inner, &span)?;
                self.skip();
            }
            if *self.peek() != Token::Attribute || self.span().is_empty() {
                return self.refuse(span.start..self.span().end, "expected the name of an attribute", Kind::Syntax);
            }
            let span = span.start..self.span().end;
            self.skip();
            return Ok(self.found(Type::Any, span));
        }
        if word.ends_with(':') {
            self.known(word, &span)?;
            self.skip();
            let (inner, at) = (self.peek().clone(), self.span());
            let name = if let Token::Word(name) = inner { name } else { "" };
            let Some((_, kind, since)) = scoped(word).iter().find(|(n, ..)| *n == name) else {
                let names: Vec<String> = scoped(word).iter().map(|(n, ..)| format!("`{n}`")).collect();
                let text = self.source(&at).to_owned();
                let mut error = self.error(at, format!("`{word}{text}` does not exist"), Kind::Syntax);
                error.help = Some(format!("after `{word}` stands one of {}", names.join(", ")));
                return Err(error);
            };
            if self.release < *since {
                return self.since(span.start..at.end, &format!("`{word}{name}`"), *since);
            }
            self.skip();
            return Ok(self.found(*kind, span.start..at.end));
        }
        let kind = match word {
            "duration" | "traceDuration" => Type::Duration,
            "name" | "statusMessage" | "rootName" | "rootServiceName" => Type::Text,
            "status" => Type::Status,
            "kind" => Type::Kind,
            "nestedSetLeft" | "nestedSetRight" | "nestedSetParent" => Type::Int,
            "parent" => Type::Nil,
            // Moved below its scope in 2.10; before, validation refused it.
            "childCount" => {
                let mut error = self.error(span, "`childCount` stands below `span:` alone", Kind::Syntax);
                error.help = Some("write `span:childCount`, which Tempo 2.10 and later know".to_owned());
                return Err(error);
            }
            _ => return self.no_attribute(),
        };
        self.known(word, &span)?;
        self.skip();
        Ok(self.found(kind, span))
    }

    fn found(&mut self, kind: Type, span: Range<usize>) -> Field {
        let text = self.source(&span).to_owned();
        self.query.attributes.push(super::Attribute { text: text.clone(), span: span.clone() });
        Field { kind, span, spans: true, literal: None, name: Some(text) }
    }

    fn no_attribute<T>(&self) -> Step<T> {
        let span = self.span();
        if *self.peek() == Token::Identifier {
            // Its dots are part of the name.
            let rest = self.rest(span.start);
            let part = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '/');
            let text = &rest[..rest.find(|c| !part(c)).unwrap_or(rest.len())];
            let span = span.start..span.start + text.len();
            let mut error = self.error(span, format!("`{text}` is no attribute: its scope is missing"), Kind::Syntax);
            error.help = Some(format!("write `.{text}`, `span.{text}` or `resource.{text}`"));
            return Err(error);
        }
        self.unexpected("an attribute or a value", "an expression")
    }
}

/// Intrinsics of a scope: name, type, first release (grafana/tempo pkg/traceql/expr.y@v2.5.0 … v3.0.3).
fn scoped(scope: &str) -> &'static [(&'static str, Type, Release)] {
    const R5: Release = Release(2, 5);
    const R6: Release = Release(2, 6);
    match scope {
        "trace:" => &[
            ("duration", Type::Duration, R5),
            ("rootName", Type::Text, R5),
            ("rootService", Type::Text, R5),
            ("id", Type::Text, R5),
        ],
        "span:" => &[
            ("duration", Type::Duration, R5),
            ("name", Type::Text, R5),
            ("kind", Type::Kind, R5),
            ("status", Type::Status, R5),
            ("statusMessage", Type::Text, R5),
            ("id", Type::Text, R5),
            ("parentID", Type::Text, Release(2, 8)),
            ("childCount", Type::Int, Release(2, 10)),
        ],
        "event:" => &[("name", Type::Text, R6), ("timeSinceStart", Type::Duration, R6)],
        "link:" => &[("traceID", Type::Text, R6), ("spanID", Type::Text, R6)],
        "instrumentation:" => &[("name", Type::Text, Release(2, 7)), ("version", Type::Text, Release(2, 7))],
        _ => &[],
    }
}
