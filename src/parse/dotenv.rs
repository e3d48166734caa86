//! `.env` as compose reads it: `KEY=value`, optional `export`, quotes, comments. Variables in values stay as written.
//!
//! `compose-spec/compose-go dotenv/parser.go@v2.13.0`.

use std::sync::Arc;

use crate::source::{SourceId, Span};

use super::ParseError;
use super::document::{Document, NodeData, Raw};
use super::text::Style;
use super::yaml::Dialect;

/// Reads `text` as a map of variables.
pub fn dotenv(source: SourceId, text: &Arc<str>) -> (Document, Vec<ParseError>) {
    let mut doc = Document::new(source, text, Dialect::V3);
    let mut errors = Vec::new();
    let root = doc.push(NodeData { raw: Raw::Map, start: 0, end: 0, a: 0, n: 0, tagged: false });
    let mut entries = Vec::new();
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
            doc.comments.push((start as u32, (start + body.len()) as u32));
            continue;
        }
        let skip = body.strip_prefix("export ").map_or(0, |rest| body.len() - rest.trim_start().len());
        let Some(equals) = body.find(['=', ':']) else {
            // A bare name takes its value from the shell.
            if body[skip..].contains(char::is_whitespace) {
                let span = Span::new(source, start..start + body.len());
                errors.push(ParseError { span, message: "expected `NAME=value`".into() });
            }
            continue;
        };
        let key = body[skip..equals.max(skip)].trim_end();
        let value_at = start + equals + 1;
        let spaces = text[value_at..line_end].len() - text[value_at..line_end].trim_start_matches([' ', '\t']).len();
        let from = value_at + spaces;
        let quote = text[from..].chars().next().filter(|c| matches!(c, '"' | '\''));
        entries.push(doc.scalar(start + skip, start + skip + key.len(), None, Style::Plain));
        match quote.and_then(|q| closing(&text[from + 1..], q).map(|n| (q, from + 1 + n))) {
            Some((quote, end)) => {
                let raw = &text[from + 1..end];
                let decoded = (quote == '"' && raw.contains('\\')).then(|| unescape(raw));
                let style = if quote == '"' { Style::Double } else { Style::Single };
                entries.push(doc.scalar(from, end + 1, decoded, style));
                at = text[end + 1..].find('\n').map_or(text.len(), |n| end + 2 + n);
            }
            None => {
                let raw = &text[from.min(line_end)..line_end];
                let end = raw.find(" #").map_or(raw.len(), |n| n);
                let value = raw[..end].trim_end();
                entries.push(doc.scalar(from, from + value.len(), None, Style::Single));
                // Unquoted: the span is the text itself, so it must not count as quoted.
                let last = doc.nodes.len() - 1;
                doc.nodes[last].raw = Raw::Verbatim(Style::Block);
            }
        }
    }
    doc.close(root, &entries, text.len());
    doc.roots.push(root);
    (doc, errors)
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
