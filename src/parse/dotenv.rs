//! `.env` as compose reads it: `KEY=value`, optional `export`, quotes, comments. Variables in values stay as written.
//!
//! `compose-spec/compose-go dotenv/parser.go@v2.13.0`.

use std::sync::Arc;

use super::ParseError;
use super::build::{Builder, Decoded};
use super::document::{Document, Format, Style, Type};
use crate::source::{SourceId, Span};

/// Reads `text` as a map of variables.
pub fn dotenv(source: SourceId, text: &Arc<str>) -> (Document, Vec<ParseError>) {
    let mut build = Builder::new(Document::new(source, Format::Dotenv, text));
    let mut errors = Vec::new();
    build.open(0, true);
    let mut at = 0;
    while at < text.len() {
        let line_end = text[at..].find('\n').map_or(text.len(), |n| at + n);
        let line = &text[at..line_end];
        let start = at + (line.len() - line.trim_start().len());
        let body = line.trim();
        at = line_end + 1;
        if body.is_empty() {
            continue;
        }
        if body.starts_with('#') {
            build.doc.comments.push((start as u32, (start + body.len()) as u32));
            continue;
        }
        let skip = body.strip_prefix("export ").map_or(0, |rest| body.len() - rest.trim_start().len());
        let Some(equals) = body.find(['=', ':']) else {
            // A bare name takes its value from the shell.
            if body[skip..].contains(char::is_whitespace) {
                let span = Span::new(source, start..start + body.len());
                errors.push(ParseError::new(span, "expected `NAME=value`"));
            }
            continue;
        };
        let key = body[skip..equals.max(skip)].trim_end();
        let value_at = start + equals + 1;
        let spaces = text[value_at..line_end].len() - text[value_at..line_end].trim_start_matches([' ', '\t']).len();
        let from = value_at + spaces;
        let quote = text[from..].chars().next().filter(|c| matches!(c, '"' | '\''));
        verbatim(&mut build, start + skip, key.len());
        match quote.and_then(|q| closing(&text[from + 1..], q).map(|n| (q, from + 1 + n))) {
            Some((quote, end)) => {
                let raw = &text[from + 1..end];
                let span = (from, end + 1);
                if quote == '"' && raw.contains('\\') {
                    build.scalar(span, Type::String, Style::Double, Decoded::Owned(&unescape(raw), from));
                } else {
                    let style = if quote == '"' { Style::Double } else { Style::Single };
                    build.scalar(span, Type::String, style, Decoded::Source(from + 1, end));
                }
                at = text[end + 1..].find('\n').map_or(text.len(), |n| end + 2 + n);
            }
            None => {
                let raw = &text[from.min(line_end)..line_end];
                let end = raw.find(" #").map_or(raw.len(), |n| n);
                let value = raw[..end].trim_end();
                verbatim(&mut build, from, value.len());
            }
        }
    }
    build.close(Some(text.len()));
    (build.doc, errors)
}

fn verbatim(build: &mut Builder, from: usize, len: usize) {
    build.scalar((from, from + len), Type::String, Style::Plain, Decoded::Source(from, from + len));
}

fn closing(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    text.char_indices().find_map(|(i, c)| {
        let end = c == quote && !escaped;
        escaped = c == '\\' && !escaped && quote == '"';
        end.then_some(i)
    })
}

fn unescape(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut chars = raw.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('t') => out.push('\t'),
            Some(other) => out.push(other),
            None => out.push('\\'),
        }
    }
    out
}
