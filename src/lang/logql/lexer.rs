//! Raw tokens to the tokens of LogQL (grafana/loki pkg/logql/syntax/lex.go@v3.7.6).

use std::ops::Range;

use super::literal;
use super::scan::{Fault, Raw, Scanner};

/// What a token is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    End,
    /// A name; every character that has no meaning is one as well.
    Name,
    String(String),
    Number,
    /// Nanoseconds.
    Duration(i64),
    Bytes(u64),
    /// `[5m]`, in nanoseconds.
    Range(i64),
    /// `--strict`, `--keep-empty`.
    Flag,
    /// A function, which has `(`, `by` or `without` behind it; in small letters.
    Function(&'static str),
    /// A word with a meaning of its own, in small letters.
    Word(&'static str),
    Sign(&'static str),
}

/// A token and its bytes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) span: Range<usize>,
}

pub(super) const RANGE_FUNCTIONS: [&str; 15] = [
    "rate",
    "rate_counter",
    "count_over_time",
    "bytes_rate",
    "bytes_over_time",
    "avg_over_time",
    "sum_over_time",
    "min_over_time",
    "max_over_time",
    "stdvar_over_time",
    "stddev_over_time",
    "quantile_over_time",
    "first_over_time",
    "last_over_time",
    "absent_over_time",
];

pub(super) const AGGREGATORS: [&str; 12] =
    ["sum", "avg", "max", "min", "count", "stddev", "stdvar", "bottomk", "topk", "sort", "sort_desc", "approx_topk"];

const OTHER_FUNCTIONS: [&str; 6] = ["vector", "label_replace", "bytes", "duration", "duration_seconds", "ip"];

const WORDS: [&str; 24] = [
    "unwrap",
    "by",
    "without",
    "bool",
    "offset",
    "on",
    "ignoring",
    "group_left",
    "group_right",
    "or",
    "and",
    "unless",
    "json",
    "regexp",
    "logfmt",
    "unpack",
    "pattern",
    "label_format",
    "line_format",
    "decolorize",
    "drop",
    "keep",
    "variants",
    "of",
];

/// Longest first.
const SIGNS: [&str; 25] = [
    "!=", "=~", "!~", "!>", "|=", "|~", "|>", "==", ">=", "<=", ",", ".", "{", "}", "=", "|", "(", ")", "]", "+", "-",
    "*", "/", "%", "^",
];

/// All tokens of a text, ended by [`Kind::End`], or the first fault.
pub(super) fn lex(text: &str) -> Result<Vec<Token>, Fault> {
    let mut lexer = Lexer { scanner: Scanner::new(text, true) };
    let mut tokens = Vec::new();
    loop {
        let Some(token) = lexer.next()? else { continue };
        let end = token.kind == Kind::End;
        tokens.push(token);
        if end {
            return Ok(tokens);
        }
    }
}

struct Lexer<'t> {
    scanner: Scanner<'t>,
}

impl Lexer<'_> {
    /// The next token; `None` after a comment.
    fn next(&mut self) -> Result<Option<Token>, Fault> {
        let (raw, span) = self.scanner.scan()?;
        let text = &self.scanner.text[span.clone()];
        let kind = match raw {
            Raw::End => Kind::End,
            Raw::Other('#') => {
                let rest = self.scanner.rest();
                self.scanner.at += rest.find('\n').unwrap_or(rest.len());
                return Ok(None);
            }
            Raw::Number => self.number(text),
            Raw::String | Raw::Quoted => match literal::unquote(text, true) {
                Some(text) => Kind::String(text),
                None => return Err((span, "an escape sequence of the string stands for no character")),
            },
            Raw::Other('[') => return self.range(span.start).map(Some),
            Raw::Other('-') => match self
                .flag(span.start)
                .or_else(|| self.quantity(text, is_duration, literal::duration).map(Kind::Duration))
            {
                Some(kind) => kind,
                None => Kind::Sign("-"),
            },
            Raw::Word => self.word(text),
            Raw::Char => Kind::Name,
            Raw::Other(_) => self.sign(span.start),
        };
        Ok(Some(Token { kind, span: span.start..self.scanner.at }))
    }

    fn number(&mut self, text: &str) -> Kind {
        if let Some(value) = self.quantity(text, is_duration, literal::duration) {
            return Kind::Duration(value);
        }
        match self.quantity(text, |c| "BikKMGTP".contains(c), literal::bytes) {
            Some(value) => Kind::Bytes(value),
            None => Kind::Number,
        }
    }

    /// A number with the unit behind it.
    fn quantity<T>(&mut self, text: &str, unit: impl Fn(char) -> bool, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        let more = |c: char| c.is_numeric() || unit(c) || c == '.';
        let rest = self.scanner.rest();
        let length = rest.find(|c: char| !more(c)).unwrap_or(rest.len());
        if length == 0 {
            return None;
        }
        let value = read(&format!("{text}{}", &rest[..length]))?;
        self.scanner.at += length;
        Some(value)
    }

    fn flag(&mut self, start: usize) -> Option<Kind> {
        let rest = self.scanner.text.get(start..)?;
        let length = rest.find(|c: char| !(c.is_alphabetic() || c == '-')).unwrap_or(rest.len());
        if !matches!(&rest[..length], "--strict" | "--keep-empty") {
            return None;
        }
        self.scanner.at = start + length;
        Some(Kind::Flag)
    }

    fn range(&mut self, start: usize) -> Result<Token, Fault> {
        let rest = self.scanner.rest();
        let Some(length) = rest.find(']') else {
            return Err((start..self.scanner.text.len(), "`[` is never closed by `]`"));
        };
        self.scanner.at += length + 1;
        let span = start..self.scanner.at;
        match literal::prometheus_duration(&rest[..length]) {
            Some(value) => Ok(Token { kind: Kind::Range(value), span }),
            None => Err((span, "no range: write a duration such as `[5m]` or `[1h30m]`")),
        }
    }

    fn word(&mut self, text: &str) -> Kind {
        let lower = text.to_lowercase();
        let known = |list: &'static [&'static str]| list.iter().copied().find(|w| *w == lower);
        let function = known(&RANGE_FUNCTIONS).or_else(|| known(&AGGREGATORS)).or_else(|| known(&OTHER_FUNCTIONS));
        match function {
            Some(function) if self.called() => Kind::Function(function),
            // Without its parenthesis the name of a function is a label like any other.
            Some(_) => Kind::Name,
            None => known(&WORDS).map_or(Kind::Name, Kind::Word),
        }
    }

    /// Whether `(`, `by (` or `without (` comes next.
    fn called(&self) -> bool {
        let rest = self.scanner.rest().trim_start();
        let lower: String = rest.chars().take(7).flat_map(char::to_lowercase).collect();
        let length = match lower.as_str() {
            l if l.starts_with('(') => return true,
            l if l.starts_with("by") => 2,
            "without" => 7,
            _ => return false,
        };
        rest.get(length..).is_some_and(|r| r.trim_start().starts_with('('))
    }

    fn sign(&mut self, start: usize) -> Kind {
        let rest = &self.scanner.text[start..];
        // `<` and `>` alone are signs as well.
        let sign = SIGNS.iter().chain(&["<", ">"]).find(|s| rest.starts_with(**s));
        match sign {
            Some(sign) => {
                self.scanner.at = start + sign.len();
                Kind::Sign(sign)
            }
            None => Kind::Name,
        }
    }
}

fn is_duration(c: char) -> bool {
    matches!(c, 'n' | 'u' | 'µ' | 'm' | 's' | 'h' | 'd' | 'w' | 'y')
}
