//! Pipelines, spansets and metrics (grafana/tempo pkg/traceql/expr.y@v3.0.3).

use std::ops::Range;

use super::field::Type;
use super::lexer::{self, Token};
use super::{Error, Kind, MAX_DEPTH, Query, Release, words};

pub(super) type Step<T = ()> = Result<T, Error>;

/// What an element of a pipeline is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    /// `{ }` and what is made of several.
    Spans,
    /// A pipeline in brackets that ends in spans.
    Wrapped,
    /// `count() > 1`, `by(…)`, `select(…)`, `coalesce()`.
    Stage,
    /// An aggregate of that type.
    Aggregate(Type),
    /// A number written out.
    Number(Type),
    /// A calculation, or a pipeline in brackets that ends in a number: Tempo refuses to compare them.
    Scalar,
}

impl Class {
    fn is_scalar(self) -> bool {
        matches!(self, Self::Aggregate(_) | Self::Number(_) | Self::Scalar)
    }
}

pub(super) struct Parser<'t> {
    text: &'t str,
    tokens: lexer::Tokens,
    at: usize,
    depth: usize,
    pub(super) release: Release,
    pub(super) query: Query,
}

pub(super) fn parse(text: &str, release: Release) -> Step<Query> {
    let tokens = lexer::lex(text)?;
    let mut parser = Parser { text, tokens, at: 0, depth: 0, release, query: Query::default() };
    parser.root()?;
    Ok(parser.query)
}

impl<'t> Parser<'t> {
    pub(super) fn peek(&self) -> &Token {
        self.tokens.get(self.at).map_or(&Token::End, |(token, _)| token)
    }

    fn is(&self, word: &str) -> bool {
        matches!(self.peek(), Token::Word(w) if *w == word)
    }

    fn is_after(&self, word: &str) -> bool {
        matches!(self.tokens.get(self.at + 1), Some((Token::Word(w), _)) if *w == word)
    }

    pub(super) fn span(&self) -> Range<usize> {
        self.tokens.get(self.at).map_or(self.text.len()..self.text.len(), |(_, span)| span.clone())
    }

    pub(super) fn end(&self) -> usize {
        self.at.checked_sub(1).and_then(|at| self.tokens.get(at)).map_or(0, |(_, span)| span.end)
    }

    pub(super) fn skip(&mut self) {
        self.at += 1;
    }

    pub(super) fn source(&self, span: &Range<usize>) -> &'t str {
        self.text.get(span.clone()).unwrap_or_default()
    }

    /// The text from a place on.
    pub(super) fn rest(&self, from: usize) -> &'t str {
        self.text.get(from..).unwrap_or_default()
    }

    pub(super) fn error(&self, span: Range<usize>, message: impl Into<String>, kind: Kind) -> Error {
        Error { span, message: message.into(), help: None, kind }
    }

    pub(super) fn refuse<T>(&self, span: Range<usize>, message: impl Into<String>, kind: Kind) -> Step<T> {
        Err(self.error(span, message, kind))
    }

    pub(super) fn since<T>(&self, span: Range<usize>, what: &str, release: Release) -> Step<T> {
        self.refuse(span, format!("{what} exists since Tempo {release}"), Kind::Release)
    }

    pub(super) fn unexpected<T>(&self, wanted: &str, place: &str) -> Step<T> {
        let span = self.span();
        let found = match self.peek() {
            Token::End => "the end of the query".to_owned(),
            _ => format!("`{}`", self.source(&span)),
        };
        self.refuse(span, format!("unexpected {found} in {place}; expected {wanted}"), Kind::Syntax)
    }

    pub(super) fn expect(&mut self, word: &str, place: &str) -> Step {
        if !self.is(word) {
            return self.unexpected(&format!("`{word}`"), place);
        }
        self.skip();
        Ok(())
    }

    pub(super) fn nested<T>(&mut self, step: impl FnOnce(&mut Self) -> Step<T>) -> Step<T> {
        if self.depth == MAX_DEPTH {
            return self.refuse(self.span(), "nested too deep to be read", Kind::Unread);
        }
        self.depth += 1;
        let result = step(self);
        self.depth -= 1;
        result
    }

    /// Refuses a word that the release does not know.
    pub(super) fn known(&self, word: &str, span: &Range<usize>) -> Step {
        match words::known(word) {
            Some((_, since)) if since > self.release => self.since(span.clone(), &format!("`{word}`"), since),
            _ => Ok(()),
        }
    }

    fn root(&mut self) -> Step {
        let last = self.pipeline(true)?;
        if last.is_scalar() {
            return self.unexpected("a comparison such as `> 1`", "an aggregate");
        }
        while self.is("with") {
            self.hints()?;
        }
        if *self.peek() != Token::End {
            return self.unexpected("`|` or the end", "a pipeline");
        }
        Ok(())
    }

    /// Elements between `|`, up to what is none of them; the class of the last.
    fn pipeline(&mut self, outermost: bool) -> Step<Class> {
        let mut last = self.element(true)?;
        let mut first = true;
        while self.is("|") {
            if last.is_scalar() || first && last == Class::Wrapped {
                return self.unexpected("a comparison or an operator", "a pipeline");
            }
            first = false;
            self.skip();
            if outermost && self.metrics()? {
                return Ok(Class::Stage);
            }
            last = self.element(false)?;
        }
        Ok(match (first, last.is_scalar()) {
            (true, _) => last,
            // A number that a pipeline in brackets ends in.
            (false, true) => Class::Scalar,
            (false, false) => Class::Stage,
        })
    }

    fn element(&mut self, first: bool) -> Step<Class> {
        match *self.peek() {
            Token::Word("by") => {
                self.skip();
                self.expect("(", "`by`")?;
                let field = self.field(0)?;
                if !field.spans {
                    return self.refuse(field.span, "`by` takes an attribute of the span", Kind::Meaning);
                }
                self.expect(")", "`by`")?;
                Ok(Class::Stage)
            }
            Token::Word("select") => {
                self.skip();
                self.attributes("`select`")?;
                Ok(Class::Stage)
            }
            Token::Word("coalesce") if !first => {
                self.skip();
                self.expect("(", "`coalesce`")?;
                self.expect(")", "`coalesce`")?;
                Ok(Class::Stage)
            }
            _ => self.expression(0),
        }
    }

    /// `(a, b)` of attributes; how many.
    fn attributes(&mut self, place: &str) -> Step<usize> {
        self.expect("(", place)?;
        let mut count = 0;
        loop {
            let field = self.attribute()?;
            if place == "`select`" {
                self.no_parent(&field)?;
            }
            count += 1;
            if !self.is(",") {
                break;
            }
            self.skip();
        }
        self.expect(")", place)?;
        Ok(count)
    }

    fn expression(&mut self, least: u8) -> Step<Class> {
        let from = self.span().start;
        let mut left = self.nested(Self::primary)?;
        while let Token::Word(operator) = *self.peek() {
            let spans = matches!(left, Class::Spans | Class::Wrapped);
            let level = match operator {
                "&&" | "||" if spans => 1,
                ">" | "<" | ">>" | "<<" | "~" | "!>" | "!<" | "!~" | "!>>" | "!<<" | "&>" | "&<" | "&~" | "&>>"
                | "&<<"
                    if spans =>
                {
                    2
                }
                "=" | "!=" | "<" | "<=" | ">" | ">=" if left.is_scalar() => 2,
                "+" | "-" if left.is_scalar() => 3,
                "*" | "/" | "%" if left.is_scalar() => 5,
                "^" if left.is_scalar() => 6,
                _ => break,
            };
            if level < least {
                break;
            }
            let at = self.span();
            self.known(operator, &at)?;
            self.skip();
            let right = self.nested(|p| p.expression(if level == 6 { 6 } else { level + 1 }))?;
            let span = from..self.end();
            left = match (left.is_scalar(), right.is_scalar(), level) {
                (true, true, 2) => self.compared(left, operator, right, span)?,
                (true, true, _) => Class::Scalar,
                (false, false, _) if right != Class::Stage => {
                    if left == Class::Spans && right == Class::Spans {
                        Class::Spans
                    } else {
                        Class::Wrapped
                    }
                }
                _ => {
                    let message = format!("`{operator}` does not go between spans and numbers");
                    return self.refuse(span, message, Kind::Syntax);
                }
            };
        }
        Ok(left)
    }

    fn compared(&self, left: Class, operator: &str, right: Class, span: Range<usize>) -> Step<Class> {
        match (left, right) {
            (Class::Aggregate(kind), Class::Number(_)) if kind == Type::Any || kind.is_number() => Ok(Class::Stage),
            _ => {
                let message =
                    format!("Tempo compares one aggregate with one number alone: not both sides of this `{operator}`");
                self.refuse(span, message, Kind::Meaning)
            }
        }
    }

    fn primary(&mut self) -> Step<Class> {
        let (token, span) = (self.peek().clone(), self.span());
        match token {
            Token::Word("{") => self.filter().map(|()| Class::Spans),
            Token::Word("(") => {
                self.skip();
                let inner = self.pipeline(false)?;
                self.expect(")", "brackets")?;
                Ok(if inner == Class::Stage { Class::Wrapped } else { inner })
            }
            Token::Int(_) => self.number(Type::Int),
            Token::Float(_) => self.number(Type::Float),
            Token::Duration => self.number(Type::Duration),
            Token::Word("-") => {
                self.skip();
                match self.peek() {
                    Token::Int(_) => self.number(Type::Int),
                    Token::Float(_) => self.number(Type::Float),
                    Token::Duration => self.number(Type::Duration),
                    _ => self.unexpected("a number", "a comparison"),
                }
            }
            Token::Word(name @ ("count" | "max" | "min" | "avg" | "sum")) => {
                self.skip();
                self.expect("(", &format!("`{name}`"))?;
                let mut kind = Type::Int;
                if name != "count" {
                    let field = self.field(0)?;
                    if field.kind != Type::Any && !field.kind.is_number() {
                        return self.refuse(field.span, format!("`{name}` takes a number"), Kind::Meaning);
                    }
                    if !field.spans {
                        return self.refuse(
                            field.span,
                            format!("`{name}` takes an attribute of the span"),
                            Kind::Meaning,
                        );
                    }
                    kind = field.kind;
                }
                self.expect(")", &format!("`{name}`"))?;
                Ok(Class::Aggregate(kind))
            }
            Token::Identifier => {
                let name = self.source(&span);
                self.refuse(span, format!("Tempo knows no `{name}`"), Kind::Syntax)
            }
            _ => self.unexpected("`{` or an aggregate", "a pipeline"),
        }
    }

    fn number(&mut self, kind: Type) -> Step<Class> {
        self.skip();
        Ok(Class::Number(kind))
    }

    fn filter(&mut self) -> Step {
        self.expect("{", "a filter")?;
        if !self.is("}") {
            let field = self.field(0)?;
            if !matches!(field.kind, Type::Any | Type::Bool) {
                return self.refuse(field.span, "a filter has to be true or false", Kind::Meaning);
            }
        }
        self.expect("}", "a filter")
    }

    /// The part of metrics, where one stands.
    fn metrics(&mut self) -> Step<bool> {
        let span = self.span();
        let Token::Word(name) = *self.peek() else { return Ok(false) };
        let attribute = match name {
            "rate" | "count_over_time" => false,
            "min_over_time"
            | "max_over_time"
            | "sum_over_time"
            | "avg_over_time"
            | "quantile_over_time"
            | "histogram_over_time" => true,
            "compare" => {
                self.known(name, &span)?;
                self.compare()?;
                return Ok(true);
            }
            _ => return Ok(false),
        };
        self.known(name, &span)?;
        let place = format!("`{name}`");
        self.skip();
        self.expect("(", &place)?;
        if attribute {
            self.attribute()?;
        }
        if name == "quantile_over_time" {
            self.quantiles()?;
        }
        self.expect(")", &place)?;
        if self.is("by") {
            let from = self.span().start;
            self.skip();
            let count = self.attributes("`by`")?;
            // One place is kept for the bucket.
            let most =
                if matches!(name, "histogram_over_time" | "quantile_over_time" | "avg_over_time") { 4 } else { 5 };
            if count > most {
                let message = format!("{place} takes at most {most} attributes in `by`");
                return self.refuse(from..self.end(), message, Kind::Meaning);
            }
        }
        self.query.metrics = Some(name);
        self.second_stages(false)?;
        Ok(true)
    }

    fn quantiles(&mut self) -> Step {
        if !self.is(",") {
            return self.unexpected("`,`", "`quantile_over_time`");
        }
        while self.is(",") {
            self.skip();
            let value = match *self.peek() {
                Token::Float(value) => value,
                Token::Int(value) => value as f64,
                _ => return self.unexpected("a number", "`quantile_over_time`"),
            };
            if value > 1.0 {
                return self.refuse(self.span(), "a quantile lies between 0 and 1", Kind::Meaning);
            }
            self.skip();
        }
        Ok(())
    }

    fn compare(&mut self) -> Step {
        self.skip();
        self.expect("(", "`compare`")?;
        self.filter()?;
        let mut numbers = Vec::new();
        while self.is(",") && numbers.len() < 3 {
            self.skip();
            let Token::Int(value) = *self.peek() else { return self.unexpected("a whole number", "`compare`") };
            numbers.push((value, self.span()));
            self.skip();
        }
        if numbers.len() == 2 {
            return self.unexpected("the end of the time range", "`compare`");
        }
        if let Some((_, span)) = numbers.first().filter(|(value, _)| *value <= 0) {
            return self.refuse(span.clone(), "`compare` takes a number above 0", Kind::Meaning);
        }
        self.expect(")", "`compare`")?;
        self.query.metrics = Some("compare");
        self.second_stages(true)
    }

    /// `| topk(5)`, and since 3.0 several of them and comparisons.
    fn second_stages(&mut self, compare: bool) -> Step {
        let mut count = 0;
        loop {
            let from = self.span();
            let Token::Word(word) = *self.peek() else { return Ok(()) };
            let filter = matches!(word, "=" | "!=" | "<" | "<=" | ">" | ">=");
            if filter {
                if self.release < Release(3, 0) {
                    return self.since(from, "a comparison of metrics", Release(3, 0));
                }
                self.skip();
                if self.is("-") {
                    self.skip();
                }
                if !matches!(self.peek(), Token::Int(_) | Token::Float(_) | Token::Duration) {
                    return self.unexpected("a number", "a comparison of metrics");
                }
                self.skip();
            } else if word == "|" && (self.is_after("topk") || self.is_after("bottomk")) {
                self.skip();
                self.top(count, &from)?;
            } else {
                return Ok(());
            }
            if compare {
                return self.refuse(from.start..self.end(), "nothing follows on `compare`", Kind::Meaning);
            }
            count += 1;
        }
    }

    fn top(&mut self, before: usize, from: &Range<usize>) -> Step {
        let Token::Word(name) = *self.peek() else { return Ok(()) };
        self.known(name, &self.span())?;
        if before > 0 && self.release < Release(3, 0) {
            return self.since(from.start..self.span().end, "a second stage after another", Release(3, 0));
        }
        self.skip();
        self.expect("(", &format!("`{name}`"))?;
        match *self.peek() {
            Token::Int(value) if value > 0 => self.skip(),
            Token::Int(_) => {
                return self.refuse(self.span(), format!("`{name}` takes a number above 0"), Kind::Meaning);
            }
            _ => return self.unexpected("a whole number", &format!("`{name}`")),
        }
        self.expect(")", &format!("`{name}`"))
    }

    fn hints(&mut self) -> Step {
        let span = self.span();
        self.known("with", &span)?;
        self.skip();
        self.expect("(", "`with`")?;
        loop {
            if *self.peek() != Token::Identifier {
                return self.unexpected("the name of a hint", "`with`");
            }
            self.skip();
            self.expect("=", "`with`")?;
            let value = self.field(6)?;
            if value.spans {
                return self.refuse(value.span, "a hint takes a value, written out", Kind::Syntax);
            }
            if !self.is(",") {
                break;
            }
            self.skip();
        }
        self.expect(")", "`with`")
    }
}
