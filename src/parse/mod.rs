//! Bytes → documents.

use std::ops::Range;

use granit_parser::{Event, Parser, ScalarStyle};

use crate::source::{SourceId, Span};

/// YAML dialects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// yaml.v2.
    V2,
    /// yaml.v3.
    V3,
    /// yaml.v4.
    V4,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NodeKind {
    /// A scalar.
    Scalar,
    /// A sequence.
    List,
    /// A mapping.
    Map,
}

#[derive(Debug)]
struct Data {
    kind: NodeKind,
    text: String,
    quoted: bool,
    tag: String,
    span: Span,
    /// Items; keys and values in turn for a mapping.
    children: Vec<usize>,
}

/// A parsed file.
#[derive(Debug, Default)]
pub struct Document {
    nodes: Vec<Data>,
    root: Option<usize>,
    /// What is wrong with its syntax.
    pub errors: Vec<(Span, String)>,
}

/// A node of a document.
#[derive(Debug, Clone, Copy)]
pub struct Node<'a> {
    document: &'a Document,
    at: usize,
}

impl Document {
    /// Reads YAML, or JSON.
    pub fn yaml(source: SourceId, text: &str) -> Self {
        let mut out = Self::default();
        let mut stack: Vec<usize> = Vec::new();
        let mut anchors: std::collections::HashMap<usize, usize> = std::collections::HashMap::new();
        for event in Parser::new_from_str(text) {
            let (event, span) = match event {
                Ok(found) => found,
                Err(e) => {
                    let at = e.marker().byte_offset().unwrap_or(0).min(text.len());
                    out.errors.push((Span::new(source, at..at), e.to_string()));
                    break;
                }
            };
            let range = span.start.byte_offset().unwrap_or(0)..span.end.byte_offset().unwrap_or(0);
            let span = Span::new(source, range);
            let (kind, text, quoted, anchor) = match &event {
                Event::Scalar(t, style, anchor, _) => (NodeKind::Scalar, t.to_string(), *style != ScalarStyle::Plain, *anchor),
                Event::SequenceStart(_, anchor, _) => (NodeKind::List, String::new(), false, *anchor),
                Event::MappingStart(_, anchor, _) => (NodeKind::Map, String::new(), false, *anchor),
                Event::Alias(id) => {
                    if let (Some(parent), Some(target)) = (stack.last(), anchors.get(id)) {
                        let (parent, target) = (*parent, *target);
                        if !stack.contains(&target) {
                            out.nodes[parent].children.push(target);
                        }
                    }
                    continue;
                }
                Event::SequenceEnd | Event::MappingEnd => {
                    if let Some(at) = stack.pop() {
                        out.nodes[at].span.end = span.end.max(out.nodes[at].span.end);
                    }
                    continue;
                }
                Event::DocumentEnd if out.root.is_some() => break,
                _ => continue,
            };
            let tag = event.tag().map_or(String::new(), |t| t.original());
            let at = out.nodes.len();
            let nests = kind != NodeKind::Scalar;
            out.nodes.push(Data { kind, text, quoted, tag, span, children: Vec::new() });
            if anchor > 0 {
                anchors.insert(anchor, at);
            }
            match stack.last() {
                Some(parent) => out.nodes[*parent].children.push(at),
                None => out.root = Some(at),
            }
            if nests {
                stack.push(at);
            }
        }
        out
    }

    /// Reads `NAME=value` lines.
    pub fn lines(source: SourceId, text: &str) -> Self {
        let mut out = Self::default();
        let mut children = Vec::new();
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            let start = at;
            at += line.len();
            let line = line.trim_end();
            let body = line.trim_start();
            if body.starts_with(['#', ';', '[']) {
                continue;
            }
            let Some(eq) = line.find('=') else { continue };
            let key = line[..eq].trim().trim_start_matches("export ").trim();
            let value = line[eq + 1..].trim();
            let value_at = start + eq + 1 + (line[eq + 1..].len() - line[eq + 1..].trim_start().len());
            let bare = value.trim_matches(['"', '\'']);
            for (text, from, raw) in [(key, start, key), (bare, value_at, value)] {
                children.push(out.nodes.len());
                let span = Span::new(source, from..from + raw.len());
                out.nodes.push(Data { kind: NodeKind::Scalar, text: text.to_owned(), quoted: false, tag: String::new(), span, children: Vec::new() });
            }
        }
        out.root = Some(out.nodes.len());
        let span = Span::new(source, 0..text.len());
        out.nodes.push(Data { kind: NodeKind::Map, text: String::new(), quoted: false, tag: String::new(), span, children });
        out
    }

    /// The root.
    pub fn root(&self) -> Option<Node<'_>> {
        self.root.map(|at| Node { document: self, at })
    }
}

impl<'a> Node<'a> {
    fn data(self) -> &'a Data {
        &self.document.nodes[self.at]
    }
    /// Kind.
    pub fn kind(self) -> NodeKind {
        self.data().kind.clone()
    }
    /// Where.
    pub fn span(self) -> Span {
        self.data().span
    }
    /// The text of a scalar.
    pub fn text(self) -> Option<&'a str> {
        (self.data().kind == NodeKind::Scalar).then_some(self.data().text.as_str())
    }
    /// Whether it is null.
    pub fn is_null(self) -> bool {
        let d = self.data();
        d.kind == NodeKind::Scalar && !d.quoted && matches!(d.text.as_str(), "" | "~" | "null")
    }
    /// Tag as written.
    pub fn tag(self) -> &'a str {
        &self.data().tag
    }
    /// Items.
    pub fn items(self) -> impl Iterator<Item = Node<'a>> {
        let list = if self.data().kind == NodeKind::List { self.data().children.as_slice() } else { &[] };
        list.iter().map(move |at| Node { document: self.document, at: *at })
    }
    /// Entries.
    pub fn entries(self) -> impl Iterator<Item = (Node<'a>, Node<'a>)> {
        let list = if self.data().kind == NodeKind::Map { self.data().children.as_slice() } else { &[] };
        let node = move |at: usize| Node { document: self.document, at };
        list.chunks_exact(2).map(move |pair| (node(pair[0]), node(pair[1])))
    }
    /// Value of a key.
    pub fn get(self, key: &str) -> Option<Node<'a>> {
        self.entries().find(|(k, _)| k.text() == Some(key)).map(|(_, v)| v)
    }
    /// Where a range of the text is written.
    pub fn span_of(self, range: Range<usize>) -> Span {
        let d = self.data();
        let width = (d.span.end - d.span.start) as usize;
        let lead = usize::from(d.quoted);
        if width == d.text.len() + 2 * lead { d.span.slice(range.start + lead..range.end + lead) } else { d.span }
    }
}
