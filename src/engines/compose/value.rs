//! A compose file as values: merge keys applied, variables replaced, every text with its place.

use std::collections::HashMap;
use std::ops::Range;

use super::interpolate::{Env, Expanded, interpolate};
use crate::parse::{Document, Node, NodeKind, Text as Written};
use crate::source::Span;

/// Nodes of one file beyond this are dropped: aliases can make a small file describe a giant one.
const NODE_LIMIT: usize = 200_000;

/// Mappings above this size are searched by an index.
const INDEX_FROM: usize = 32;

/// Bytes that variables may add to one file beyond this stay variables: a long value can be named a million times.
const GROWTH_LIMIT: usize = 32 << 20;

/// Nesting beyond this is dropped.
const DEPTH_LIMIT: usize = 64;

/// A text after interpolation.
#[derive(Debug, Clone)]
pub(super) struct Text<'d> {
    /// The text.
    pub expanded: Expanded,
    /// The text before interpolation.
    pub raw: String,
    /// Where the whole scalar is written.
    pub span: Span,
    /// The text before interpolation with the way back to its source.
    written: Written<'d>,
}

impl<'d> Text<'d> {
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
        self.written.span(self.expanded.origin(range))
    }

    /// What a range of the interpolated text was before interpolation.
    pub(super) fn raw_of(&self, range: Range<usize>) -> &str {
        self.raw.get(self.expanded.origin(range)).unwrap_or_default()
    }
}

/// A mapping.
#[derive(Debug, Clone)]
pub(super) struct Map<'d> {
    /// In order, merge keys applied.
    pub entries: Vec<Entry<'d>>,
    /// Where each key stands; only for mappings so large that searching them would be felt.
    index: HashMap<String, usize>,
    /// How many values it holds at any depth.
    pub weight: usize,
    /// Where.
    pub span: Span,
}

/// An entry of a mapping.
#[derive(Debug, Clone)]
pub(super) struct Entry<'d> {
    /// The key; never interpolated.
    pub key: String,
    /// Where the key is written.
    pub key_span: Span,
    /// The value.
    pub value: Value<'d>,
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
pub(super) enum Value<'d> {
    /// Nothing.
    Null,
    /// A scalar, whatever its type.
    Text(Text<'d>),
    /// A sequence.
    List(Vec<Value<'d>>),
    /// A mapping.
    Map(Map<'d>),
}

impl<'d> Value<'d> {
    /// As a mapping.
    pub(super) fn map(&self) -> Option<&Map<'d>> {
        if let Self::Map(m) = self { Some(m) } else { None }
    }

    /// As a scalar.
    pub(super) fn text(&self) -> Option<&Text<'d>> {
        if let Self::Text(t) = self { Some(t) } else { None }
    }

    /// Items of a sequence; a scalar is its own only item where compose takes either.
    pub(super) fn items(&self) -> &[Value<'d>] {
        match self {
            Self::List(items) => items,
            Self::Text(_) => std::slice::from_ref(self),
            _ => &[],
        }
    }
}

impl<'d> Map<'d> {
    /// The entry of that key.
    pub(super) fn entry(&self, key: &str) -> Option<&Entry<'d>> {
        if self.entries.len() > INDEX_FROM {
            return self.index.get(key).map(|at| &self.entries[*at]);
        }
        self.entries.iter().find(|e| e.key == key)
    }

    /// The value of that key.
    pub(super) fn get(&self, key: &str) -> Option<&Value<'d>> {
        self.entry(key).map(|e| &e.value)
    }

    /// The scalar of that key.
    pub(super) fn text(&self, key: &str) -> Option<&Text<'d>> {
        self.get(key)?.text()
    }
}

/// Reads a document with the variables of its project. `text` is what it was read from.
pub(super) fn read<'d>(document: &'d Document, text: &str, env: &Env) -> Value<'d> {
    let mut reader = Reader { env, text, left: NODE_LIMIT, growth: GROWTH_LIMIT };
    document.root().map_or(Value::Null, |root| reader.value(root, 0))
}

struct Reader<'a> {
    env: &'a Env,
    text: &'a str,
    left: usize,
    growth: usize,
}

impl Reader<'_> {
    fn value<'d>(&mut self, node: Node<'d>, depth: usize) -> Value<'d> {
        if self.left == 0 || depth > DEPTH_LIMIT {
            return Value::Null;
        }
        self.left -= 1;
        let before = self.left;
        match node.kind() {
            NodeKind::Map => {
                let entries = node.entries();
                let mut read = Vec::with_capacity(entries.len());
                for entry in entries {
                    let key = entry.name().to_owned();
                    let meet = self.meet(entry.value);
                    let value = self.value(entry.value, depth + 1);
                    read.push(Entry { key, key_span: entry.key.span(), value, meet });
                }
                let index = if read.len() > INDEX_FROM {
                    read.iter().enumerate().map(|(at, e)| (e.key.clone(), at)).collect()
                } else {
                    HashMap::new()
                };
                Value::Map(Map { entries: read, index, weight: before - self.left + 1, span: node.span() })
            }
            NodeKind::Seq => Value::List(node.items().map(|item| self.value(item, depth + 1)).collect()),
            NodeKind::Scalar => node.text().map_or(Value::Null, |text| Value::Text(self.text(text, node.span()))),
            NodeKind::Null => Value::Null,
        }
    }

    fn text<'d>(&mut self, written: Written<'d>, span: Span) -> Text<'d> {
        let raw = written.value().to_owned();
        let expanded = interpolate(&raw, self.env, &mut self.growth);
        Text { expanded, raw, span, written }
    }

    /// The tag in front of a value, where it is one of compose's.
    fn meet(&self, node: Node<'_>) -> Meet {
        if !node.is_tagged() {
            return Meet::Merge;
        }
        let start = node.span().start as usize;
        let before = self.text.get(..start).unwrap_or_default().trim_end();
        let from = &self.text.get(start..).unwrap_or_default();
        let tagged = |tag: &str| before.ends_with(tag) || from.starts_with(tag);
        match (tagged("!reset"), tagged("!override")) {
            (true, _) => Meet::Reset,
            (_, true) => Meet::Override,
            _ => Meet::Merge,
        }
    }
}

#[cfg(test)]
impl<'d> Text<'d> {
    /// A text that stands alone in a file, without variables set.
    pub(super) fn plain(text: &'d str) -> Self {
        let span = Span::new(crate::source::SourceId(0), 0..text.len());
        let expanded = interpolate(text, &Env::default(), &mut 0);
        Self { expanded, raw: text.to_owned(), span, written: Written::verbatim(text, span) }
    }
}
