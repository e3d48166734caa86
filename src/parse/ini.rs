//! `grafana.ini`: sections of `key = value` lines; `;` and `#` start a comment line.
//!
//! Read as a map of sections; keys before the first section stand under the empty name.

use std::sync::Arc;

use crate::source::{SourceId, Span};

use super::ParseError;
use super::document::{Document, NodeData, Raw};
use super::text::Style;
use super::yaml::Dialect;

/// Reads `text`.
pub fn ini(source: SourceId, text: &Arc<str>) -> (Document, Vec<ParseError>) {
    let mut doc = Document::new(source, text, Dialect::V2);
    let mut errors = Vec::new();
    let map = |at: usize| NodeData { raw: Raw::Map, start: at as u32, end: at as u32, a: 0, n: 0, tagged: false };
    let root = doc.push(map(0));
    let mut sections: Vec<u32> = Vec::new();
    let mut open: Option<(u32, u32, Vec<u32>)> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at + (line.len() - line.trim_start().len());
        let body = line.trim();
        at += line.len();
        if body.is_empty() {
            continue;
        }
        if body.starts_with([';', '#']) {
            doc.comments.push((start as u32, (start + body.len()) as u32));
            continue;
        }
        if let Some(name) = body.strip_prefix('[').and_then(|b| b.strip_suffix(']')) {
            finish(&mut doc, &mut sections, open.take(), start);
            let key = doc.scalar(start + 1, start + 1 + name.len(), None, Style::Plain);
            let id = doc.push(map(start));
            open = Some((key, id, Vec::new()));
            continue;
        }
        let Some(equals) = body.find(['=', ':']) else {
            let span = Span::new(source, start..start + body.len());
            errors.push(ParseError { span, message: "expected `key = value` or `[section]`".into() });
            continue;
        };
        let (_, _, entries) = open.get_or_insert_with(|| {
            let key = doc.scalar(start, start, Some(String::new()), Style::Double);
            (key, doc.push(map(start)), Vec::new())
        });
        let key = body[..equals].trim_end();
        let value = body[equals + 1..].trim_start();
        let from = start + body.len() - value.len();
        let quoted = value.len() >= 2 && value.starts_with('"') && value.ends_with('"');
        let style = if quoted { Style::Single } else { Style::Plain };
        entries.push(doc.scalar(start, start + key.len(), None, Style::Plain));
        entries.push(doc.scalar(from, from + value.len(), None, style));
    }
    finish(&mut doc, &mut sections, open, text.len());
    doc.close(root, &sections, text.len());
    doc.roots.push(root);
    (doc, errors)
}

fn finish(doc: &mut Document, sections: &mut Vec<u32>, open: Option<(u32, u32, Vec<u32>)>, end: usize) {
    if let Some((key, id, entries)) = open {
        doc.close(id, &entries, end);
        sections.extend([key, id]);
    }
}
