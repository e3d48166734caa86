//! YAML as Go's readers take it.

use std::borrow::Cow;
use std::sync::Arc;

use granit_parser::{Event, Parser, ScalarStyle};

use crate::source::{SourceId, Span};

use super::document::{Document, NodeData, Raw};
use super::text::Style;
use super::{MAX_DEPTH, ParseError};

/// The reader an engine uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// `yaml.v2`: Prometheus, Tempo, Grafana provisioning.
    V2,
    /// `yaml.v3`: rule files, Pyroscope.
    V3,
    /// `yaml.v4`: compose.
    V4,
    /// Not YAML at all: no merge keys, only `true` and `false`.
    Json,
}

impl Dialect {
    /// A plain scalar as a truth value. v3 and v4 read the old words too, into a field that wants a truth value.
    pub(super) fn bool(self, text: &str) -> Option<bool> {
        match text {
            "true" => Some(true),
            "false" => Some(false),
            _ if self == Self::Json => None,
            "True" | "TRUE" => Some(true),
            "False" | "FALSE" => Some(false),
            "yes" | "Yes" | "YES" | "on" | "On" | "ON" if self == Self::V2 => Some(true),
            "no" | "No" | "NO" | "off" | "Off" | "OFF" if self == Self::V2 => Some(false),
            _ => None,
        }
    }

    pub(super) fn merges(self) -> bool {
        self != Self::Json
    }
}

struct Frame {
    id: u32,
    children: Vec<u32>,
}

struct Reader {
    doc: Document,
    frames: Vec<Frame>,
    anchors: Vec<Option<u32>>,
    errors: Vec<ParseError>,
    last_end: usize,
}

/// Reads `text`. A broken document is read up to its fault; the next one starts at the next `---`.
pub fn yaml(source: SourceId, text: &Arc<str>, dialect: Dialect) -> (Document, Vec<ParseError>) {
    let options = granit_parser::options! {
        bom_inside_document_as_content: true,
        block_scalar_eof_without_line_feed: true,
        emit_anchor_events: true,
        emit_unresolved_aliases: true,
        max_buffered_comment_events: 1_000_000,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
    };
    let mut parser = Parser::new_from_str_with_options(text, options);
    let mut reader = Reader {
        doc: Document::new(source, text, dialect),
        frames: Vec::new(),
        anchors: Vec::new(),
        errors: Vec::new(),
        last_end: 0,
    };
    while let Some(event) = parser.next_event() {
        match event {
            Ok((event, span)) => {
                let start = span.start.byte_offset().unwrap_or(0);
                let end = span.end.byte_offset().unwrap_or(start);
                reader.take(event, start, end);
            }
            Err(error) => {
                reader.unwind();
                let at = error.marker().byte_offset().unwrap_or(text.len()).min(text.len());
                reader.errors.push(ParseError { span: point(source, text, at), message: error.info() });
                match parser.proceed_next_document() {
                    Ok(true) => {}
                    _ => break,
                }
            }
        }
    }
    reader.unwind();
    (reader.doc, reader.errors)
}

/// The character at `at`, or the last one before it at the end of a text.
fn point(source: SourceId, text: &str, at: usize) -> Span {
    let mut start = at;
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let width = text[start..].chars().next().filter(|c| *c != '\n').map_or(0, char::len_utf8);
    Span::new(source, start..start + width)
}

impl Reader {
    fn take(&mut self, event: Event<'_>, start: usize, end: usize) {
        match event {
            Event::Comment(..) => self.doc.comments.push((start as u32, end as u32)),
            Event::DocumentStart(..) => self.anchors.clear(),
            Event::DocumentEnd | Event::StreamEnd => self.unwind(),
            Event::Scalar(value, style, _, tag) => {
                let id = self.scalar(value, style, start, end);
                self.doc.nodes[id as usize].tagged = tag.is_some();
                self.place(id);
                self.last_end = end;
            }
            Event::SequenceStart(_, _, tag) => self.open(Raw::Seq, start, tag.is_some()),
            Event::MappingStart(_, _, tag) => self.open(Raw::Map, start, tag.is_some()),
            Event::SequenceEnd | Event::MappingEnd => {
                // A block collection's own end is the start of the next token; a flow one's is its bracket.
                let closes = self.doc.text.get(start..end).is_some_and(|t| t == "]" || t == "}");
                let end = if closes { end } else { self.last_end };
                self.close(end);
            }
            Event::Anchor(id, _) => {
                let node = match self.frames.last() {
                    // A collection that has just been opened, or the scalar just placed.
                    Some(frame) if frame.children.is_empty() && self.newest() == frame.id => frame.id,
                    _ => self.newest(),
                };
                if self.anchors.len() <= id {
                    self.anchors.resize(id + 1, None);
                }
                self.anchors[id] = Some(node);
            }
            Event::Alias(id) => {
                let target = self.anchors.get(id).copied().flatten();
                let open = target.is_some_and(|t| self.frames.iter().any(|f| f.id == t));
                if open {
                    self.fault(start, end, "anchor contains itself".into());
                }
                let (raw, a) = match target.filter(|_| !open) {
                    Some(target) => (Raw::Alias, target),
                    None => (Raw::Null, 0),
                };
                let id = self.doc.push(NodeData { raw, start: start as u32, end: end as u32, a, n: 0, tagged: false });
                self.place(id);
                self.last_end = end;
            }
            Event::UnresolvedAlias(name) => {
                self.fault(start, end, format!("unknown anchor `{name}`"));
                let node = NodeData { raw: Raw::Null, start: start as u32, end: end as u32, a: 0, n: 0, tagged: false };
                let id = self.doc.push(node);
                self.place(id);
                self.last_end = end;
            }
            _ => {}
        }
    }

    fn fault(&mut self, start: usize, end: usize, message: String) {
        self.errors.push(ParseError { span: Span::new(self.doc.source, start..end), message });
    }

    fn newest(&self) -> u32 {
        self.doc.nodes.len() as u32 - 1
    }

    fn scalar(&mut self, value: Cow<'_, str>, style: ScalarStyle, start: usize, end: usize) -> u32 {
        let style = match style {
            ScalarStyle::Plain => Style::Plain,
            ScalarStyle::SingleQuoted => Style::Single,
            ScalarStyle::DoubleQuoted => Style::Double,
            _ => Style::Block,
        };
        let quoted = matches!(style, Style::Single | Style::Double);
        let inner = if quoted { start + 1..end.saturating_sub(1).max(start + 1) } else { start..end };
        let verbatim = self.doc.text.get(inner) == Some(&*value);
        self.doc.scalar(start, end, (!verbatim).then(|| value.into_owned()), style)
    }

    fn open(&mut self, raw: Raw, start: usize, tagged: bool) {
        let node = NodeData { raw, start: start as u32, end: start as u32, a: 0, n: 0, tagged };
        let id = self.doc.push(node);
        self.frames.push(Frame { id, children: Vec::new() });
        self.last_end = start;
    }

    fn close(&mut self, end: usize) {
        if let Some(mut frame) = self.frames.pop() {
            // A key whose value the fault swallowed.
            if self.doc.nodes[frame.id as usize].raw == Raw::Map && frame.children.len() % 2 == 1 {
                let node = NodeData { raw: Raw::Null, start: end as u32, end: end as u32, a: 0, n: 0, tagged: false };
                frame.children.push(self.doc.push(node));
            }
            self.doc.close(frame.id, &frame.children, end);
            self.last_end = end;
            self.place(frame.id);
        }
    }

    /// Hands a finished node to what holds it.
    fn place(&mut self, id: u32) {
        match self.frames.last_mut() {
            Some(frame) => frame.children.push(id),
            None => self.doc.roots.push(id),
        }
    }

    fn unwind(&mut self) {
        while !self.frames.is_empty() {
            self.close(self.last_end);
        }
    }
}
