//! A compose file as values: merge keys applied, variables replaced, every text with its place.

use std::ops::Range;

use super::interpolate::{Env, Expanded, interpolate};
use crate::parse::{Kind, Node};
use crate::source::{Span};

/// Nodes of one file beyond this are dropped: aliases can make a small file describe a giant one.
const NODE_LIMIT: usize = 200_000;

/// Nesting beyond this is dropped.
const DEPTH_LIMIT: usize = 64;

/// A text after interpolation.
#[derive(Debug, Clone)]
pub struct Text {
    /// The text.
    pub expanded: Expanded,
    /// The text before interpolation.
    pub raw: String,
    /// Where the whole scalar is written.
    pub span: Span,
    places: Places,
}

impl Text {
    /// After interpolation.
    pub fn as_str(&self) -> &str {
        &self.expanded.text
    }

    /// Whether an open variable is part of it.
    pub fn open(&self) -> bool {
        self.expanded.open()
    }

    /// Where a range of the interpolated text is written.
    pub fn span_of(&self, range: Range<usize>) -> Span {
        self.places.span(self.expanded.origin(range), self.span)
    }

    /// What a range of the interpolated text was before interpolation.
    pub fn raw_of(&self, range: Range<usize>) -> &str {
        self.raw.get(self.expanded.origin(range)).unwrap_or_default()
    }
}

/// A mapping.
#[derive(Debug, Clone)]
pub struct Map {
    /// In order, merge keys applied.
    pub entries: Vec<Entry>,
    /// Where.
    pub span: Span,
}

/// An entry of a mapping.
#[derive(Debug, Clone)]
pub struct Entry {
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
pub enum Meet {
    /// Merges.
    Merge,
    /// `!override`: replaces.
    Override,
    /// `!reset`: removes.
    Reset,
}

/// A value.
#[derive(Debug, Clone)]
pub enum Value {
    /// Nothing.
    Null(Span),
    /// A scalar, whatever its type.
    Text(Text),
    /// A sequence.
    List(Vec<Value>, Span),
    /// A mapping.
    Map(Map),
}

impl Value {
    /// As a mapping.
    pub fn map(&self) -> Option<&Map> {
        if let Self::Map(m) = self { Some(m) } else { None }
    }

    /// As a scalar.
    pub fn text(&self) -> Option<&Text> {
        if let Self::Text(t) = self { Some(t) } else { None }
    }

    /// Items of a sequence; a scalar is its own only item where compose takes either.
    pub fn items(&self) -> &[Value] {
        match self {
            Self::List(items, _) => items,
            Self::Text(_) => std::slice::from_ref(self),
            _ => &[],
        }
    }
}

impl Map {
    /// The entry of that key.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|e| e.key == key)
    }

    /// The value of that key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.entry(key).map(|e| &e.value)
    }

    /// The scalar of that key.
    pub fn text(&self, key: &str) -> Option<&Text> {
        self.get(key)?.text()
    }
}
