//! A compose file as values: merge keys applied, variables replaced, every text with its place.

use std::ops::Range;

use super::interpolate::{Env, Expanded, interpolate};
use crate::parse::{Document, Node, NodeKind};
use crate::source::Span;

/// Nodes of one file beyond this are dropped: aliases can make a small file describe a giant one.
const NODE_LIMIT: usize = 200_000;

/// Nesting beyond this is dropped.
const DEPTH_LIMIT: usize = 64;

/// A text after interpolation.
#[derive(Debug, Clone)]
pub(super) struct Text {
    /// The text.
    pub expanded: Expanded,
    /// The text before interpolation.
    pub raw: String,
    /// Where the whole scalar is written.
    pub span: Span,
    /// Where each byte of `raw` is written, a span per run.
    places: Vec<(Range<usize>, Span)>,
}

impl Text {
    /// After interpolation.
    pub(super) fn as_str(&self) -> &str {
        &self.expanded.text
    }

    /// Whether an open variable is part of it.
    pub(super) fn open(&self) -> bool {
        self.expanded.open()
    }

    /// Where a range of the interpolated text is written.
    pub(super) fn span_of(&self, range: Range<usize>) -> Span {
        let range = self.expanded.origin(range);
        let first = self.places.partition_point(|(r, _)| r.end <= range.start);
        let Some((run, span)) = self.places.get(first) else { return self.span };
        let width = (span.end - span.start) as usize;
        if run.len() != width || range.end > run.end {
            let last = self.places.iter().rfind(|(r, _)| r.start < range.end).map_or(*span, |(_, s)| *s);
            return span.to(last);
        }
        span.slice(range.start - run.start..range.end - run.start)
    }

    /// What a range of the interpolated text was before interpolation.
    pub(super) fn raw_of(&self, range: Range<usize>) -> &str {
        self.raw.get(self.expanded.origin(range)).unwrap_or_default()
    }
}

/// A mapping.
#[derive(Debug, Clone)]
pub(super) struct Map {
    /// In order, merge keys applied.
    pub entries: Vec<Entry>,
    /// Where.
    pub span: Span,
}

/// An entry of a mapping.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// The key; never interpolated.
    pub key: String,
    /// Where the key is written.
    pub key_span: Span,
    /// The value.
    pub value: Value,
    /// How it meets the values of other files.
    pub meet: Meet,
}

/// How a value meets those of files before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meet {
    /// Merges.
    Merge,
    /// `!override`: replaces.
    Override,
    /// `!reset`: removes.
    Reset,
}

/// A value.
#[derive(Debug, Clone)]
pub(super) enum Value {
    /// Nothing.
    Null,
    /// A scalar, whatever its type.
    Text(Text),
    /// A sequence.
    List(Vec<Value>),
    /// A mapping.
    Map(Map),
}

impl Value {
    /// As a mapping.
    pub(super) fn map(&self) -> Option<&Map> {
        if let Self::Map(m) = self { Some(m) } else { None }
    }

    /// As a scalar.
    pub(super) fn text(&self) -> Option<&Text> {
        if let Self::Text(t) = self { Some(t) } else { None }
    }

    /// Items of a sequence; a scalar is its own only item where compose takes either.
    pub(super) fn items(&self) -> &[Value] {
        match self {
            Self::List(items) => items,
            Self::Text(_) => std::slice::from_ref(self),
            _ => &[],
        }
    }
}

impl Map {
    /// The entry of that key.
    pub(super) fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|e| e.key == key)
    }

    /// The value of that key.
    pub(super) fn get(&self, key: &str) -> Option<&Value> {
        self.entry(key).map(|e| &e.value)
    }

    /// The scalar of that key.
    pub(super) fn text(&self, key: &str) -> Option<&Text> {
        self.get(key)?.text()
    }
}

/// Reads a document with the variables of its project.
pub(super) fn read(document: &Document, env: &Env) -> Value {
    let mut reader = Reader { env, left: NODE_LIMIT };
    match document.root() {
        Some(root) => reader.value(root, 0),
        None => Value::Null,
    }
}

struct Reader<'a> {
    env: &'a Env,
    left: usize,
}

impl Reader<'_> {
    fn value(&mut self, node: Node<'_>, depth: usize) -> Value {
        if self.left == 0 || depth > DEPTH_LIMIT {
            return Value::Null;
        }
        self.left -= 1;
        match node.kind() {
            NodeKind::Map => self.map(node, depth),
            NodeKind::List => {
                Value::List(node.items().map(|item| self.value(item, depth + 1)).collect())
            }
            NodeKind::Scalar if node.is_null() => Value::Null,
            NodeKind::Scalar => Value::Text(self.text(node)),
        }
    }

    fn map(&mut self, node: Node<'_>, depth: usize) -> Value {
        let mut entries: Vec<Entry> = Vec::new();
        let mut merged = Vec::new();
        for (key, value) in node.entries() {
            let Some(name) = key.text() else { continue };
            if name == "<<" {
                match value.kind() {
                    NodeKind::List => merged.extend(value.items()),
                    _ => merged.push(value),
                }
                continue;
            }
            let meet = match value.tag() {
                "!override" => Meet::Override,
                "!reset" => Meet::Reset,
                _ => Meet::Merge,
            };
            let value = self.value(value, depth + 1);
            entries.push(Entry { key: name.to_owned(), key_span: key.span(), value, meet });
        }
        // A written key wins over a merged one, an earlier mapping over a later one.
        for source in merged {
            let Value::Map(map) = self.value(source, depth + 1) else { continue };
            for entry in map.entries {
                if !entries.iter().any(|e| e.key == entry.key) {
                    entries.push(entry);
                }
            }
        }
        Value::Map(Map { entries, span: node.span() })
    }

    fn text(&self, node: Node<'_>) -> Text {
        let raw = node.text().unwrap_or_default().to_owned();
        let places = vec![(0..raw.len(), node.span_of(0..raw.len()))];
        Text { expanded: interpolate(&raw, self.env), raw, span: node.span(), places }
    }
}

#[cfg(test)]
impl Text {
    /// A text that stands alone in a file, without variables set.
    pub(super) fn plain(text: &str) -> Self {
        let span = Span::new(crate::source::SourceId(0), 0..text.len());
        let expanded = interpolate(text, &Env::new());
        Self { expanded, raw: text.to_owned(), span, places: vec![(0..text.len(), span)] }
    }
}
