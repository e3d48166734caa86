//! `grafana.ini`: sections of `key = value` lines; `;` and `#` start a comment line.
//!
//! Read as a map of sections; keys before the first section stand under the empty name. A section that is opened
//! twice is two entries of the root.

use std::sync::Arc;

use super::ParseError;
use super::build::{Builder, Decoded};
use super::document::{Document, Format, Style, Type};
use crate::source::{SourceId, Span};

/// Reads `text`.
pub fn ini(source: SourceId, text: &Arc<str>) -> (Document, Vec<ParseError>) {
    let mut build = Builder::new(Document::new(source, Format::Ini, text));
    let mut errors = Vec::new();
    build.open(0, true);
    let mut section = false;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at + (line.len() - line.trim_start().len());
        let body = line.trim();
        at += line.len();
        if body.is_empty() {
            continue;
        }
        if body.starts_with([';', '#']) {
            build.doc.comments.push((start as u32, (start + body.len()) as u32));
            continue;
        }
        if let Some(name) = body.strip_prefix('[').and_then(|b| b.strip_suffix(']')) {
            if section {
                build.close(Some(start));
            }
            plain(&mut build, start + 1, name);
            build.open(start, true);
            section = true;
            continue;
        }
        let Some(equals) = body.find(['=', ':']) else {
            let span = Span::new(source, start..start + body.len());
            errors.push(ParseError::new(span, "expected `key = value` or `[section]`"));
            continue;
        };
        if !section {
            plain(&mut build, start, "");
            build.open(start, true);
            section = true;
        }
        plain(&mut build, start, body[..equals].trim_end());
        let value = body[equals + 1..].trim_start();
        let from = start + body.len() - value.len();
        let quoted = value.len() >= 2 && value.starts_with('"') && value.ends_with('"');
        if quoted {
            let span = (from, from + value.len());
            build.scalar(span, Type::String, Style::Double, Decoded::Source(span.0 + 1, span.1 - 1));
        } else {
            plain(&mut build, from, value);
        }
    }
    if section {
        build.close(Some(text.len()));
    }
    build.close(Some(text.len()));
    (build.doc, errors)
}

fn plain(build: &mut Builder, from: usize, text: &str) {
    let span = (from, from + text.len());
    build.scalar(span, Type::String, Style::Plain, Decoded::Source(span.0, span.1));
}
