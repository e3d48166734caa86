//! The `selector` of Alloy's `stage.match`: labels and line filters, no more.
//!
//! Alloy reads it with the reader of promtail and not with Loki's (grafana/alloy
//! internal/component/loki/process/stages/match.go@v1.0.0 to v1.11.3 by github.com/grafana/loki
//! clients/pkg/logentry/logql, from v1.12.0 on by its own copy internal/loki/logql). The grammar is the same at all of
//! them. An expression in the braces that does not compile ends Alloy with a panic.

use std::ops::Range;

use super::ast::{LineMatch, Match, Matcher, Name, Text};
use super::parser::{error, pattern_error};
use super::scan::{Raw, Scanner};
use super::{Error, Kind, literal};
use crate::lang::re2;

/// What `stage.match` selects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selector {
    /// Between the braces; never empty.
    pub matchers: Vec<Matcher>,
    /// Behind them, all of them to be met.
    pub filters: Vec<Filter>,
}

/// `|= "text"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// How the line is compared.
    pub operator: LineMatch,
    /// With what.
    pub value: Text,
    /// Where it stands.
    pub span: Range<usize>,
}

type Step<T = ()> = Result<T, Error>;

/// Reads a selector as Alloy does when it builds the stage.
///
/// # Errors
/// The first reason why Alloy does not start with it.
pub fn parse(text: &str, go: re2::Go) -> Step<Selector> {
    if text.is_empty() {
        return Err(Error {
            help: Some("write at least one matcher: `{app=\"x\"}`".to_owned()),
            ..error(0..0, "the selector is empty", Kind::Syntax)
        });
    }
    let mut reader = Reader { scanner: Scanner::new(text, false), token: Token::End, span: 0..0 };
    reader.next()?;
    let selector = reader.selector()?;
    for matcher in &selector.matchers {
        if matches!(matcher.operator, Match::Regex | Match::NotRegex) {
            re2::parse(&matcher.value.value, go).map_err(|e| pattern_error(&matcher.value, text, e))?;
        }
    }
    for filter in &selector.filters {
        if matches!(filter.operator, LineMatch::Regex | LineMatch::NotRegex) {
            re2::parse(&filter.value.value, go).map_err(|e| pattern_error(&filter.value, text, e))?;
        }
    }
    Ok(selector)
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    End,
    String(String),
    Sign(&'static str),
    /// Everything else: words, numbers, strings in backquotes, single characters.
    Name,
}

struct Reader<'t> {
    scanner: Scanner<'t>,
    token: Token,
    span: Range<usize>,
}

const SIGNS: [&str; 10] = ["!=", "=~", "!~", "|=", "|~", ",", ".", "{", "}", "="];

impl Reader<'_> {
    fn next(&mut self) -> Step {
        let (raw, span) = self.scanner.scan().map_err(|(span, why)| error(span, why, Kind::Text))?;
        let text = &self.scanner.text[span.clone()];
        self.token = match raw {
            Raw::End => Token::End,
            Raw::String => match literal::unquote(text, false) {
                Some(value) => Token::String(value),
                None => {
                    return Err(error(span, "an escape sequence of the string stands for no character", Kind::Text));
                }
            },
            Raw::Other(_) => {
                let rest = &self.scanner.text[span.start..];
                match SIGNS.iter().find(|s| rest.starts_with(**s)) {
                    Some(sign) => {
                        self.scanner.at = span.start + sign.len();
                        Token::Sign(sign)
                    }
                    None => Token::Name,
                }
            }
            Raw::Word | Raw::Number | Raw::Char | Raw::Quoted => Token::Name,
        };
        self.span = span.start..self.scanner.at;
        Ok(())
    }

    fn unexpected<T>(&self, wanted: &str) -> Step<T> {
        let text = &self.scanner.text[self.span.clone()];
        let seen = match self.token {
            Token::End => "the selector ends".to_owned(),
            _ => format!("unexpected `{}`", text.chars().take(30).collect::<String>()),
        };
        let rest = &self.scanner.text[self.span.start..];
        let help = if text.starts_with('`') {
            Some("`stage.match` knows strings in `\"` only")
        } else if rest.starts_with('|') || rest.starts_with("!>") {
            Some("`stage.match` knows the line filters `|=`, `|~`, `!=` and `!~`, and no other part of LogQL")
        } else if text == "or" && matches!(self.token, Token::Name) {
            Some("`stage.match` knows no `or`; write one expression: `|~ \"a|b\"`")
        } else {
            None
        };
        Err(Error {
            help: help.map(str::to_owned),
            ..error(self.span.clone(), format!("{seen}; expected {wanted}"), Kind::Syntax)
        })
    }

    fn sign(&mut self, sign: &str) -> Step<bool> {
        let found = matches!(self.token, Token::Sign(s) if s == sign);
        if found {
            self.next()?;
        }
        Ok(found)
    }

    fn string(&mut self) -> Step<Text> {
        let Token::String(value) = &self.token else { return self.unexpected("a string in `\"`") };
        let text = Text { value: value.clone(), span: self.span.clone() };
        self.next()?;
        Ok(text)
    }

    fn selector(&mut self) -> Step<Selector> {
        if !self.sign("{")? {
            return self.unexpected("`{`");
        }
        let mut matchers = Vec::new();
        loop {
            matchers.push(self.matcher()?);
            if self.sign("}")? {
                break;
            }
            if !self.sign(",")? {
                return self.unexpected("`,` or `}`");
            }
        }
        let mut filters = Vec::new();
        while self.token != Token::End {
            filters.push(self.filter()?);
        }
        Ok(Selector { matchers, filters })
    }

    fn matcher(&mut self) -> Step<Matcher> {
        if self.token != Token::Name {
            return self.unexpected("the name of a label");
        }
        let name = Name { value: self.scanner.text[self.span.clone()].to_owned(), span: self.span.clone() };
        self.next()?;
        let operator = match self.token {
            Token::Sign("=") => Match::Equal,
            Token::Sign("!=") => Match::NotEqual,
            Token::Sign("=~") => Match::Regex,
            Token::Sign("!~") => Match::NotRegex,
            _ => return self.unexpected("`=`, `!=`, `=~` or `!~`"),
        };
        self.next()?;
        Ok(Matcher { name, operator, value: self.string()? })
    }

    fn filter(&mut self) -> Step<Filter> {
        let start = self.span.start;
        let operator = match self.token {
            Token::Sign("|=") => LineMatch::Contains,
            Token::Sign("|~") => LineMatch::Regex,
            Token::Sign("!=") => LineMatch::ContainsNot,
            Token::Sign("!~") => LineMatch::NotRegex,
            _ => return self.unexpected("a line filter such as `|=`, or the end"),
        };
        self.next()?;
        let value = self.string()?;
        let span = start..value.span.end;
        Ok(Filter { operator, value, span })
    }
}
