//! The tree that all readers fill: a flat arena, looked at through [`Node`].

use std::sync::Arc;

use crate::source::{SourceId, Span};

use super::Text;
use super::text::Style;
use super::yaml::Dialect;

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NodeKind {
    /// Nothing: `null`, `~`, an empty value.
    Null,
    /// Text, a number or a truth value.
    Scalar,
    /// A list.
    Seq,
    /// Keys with values.
    Map,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Raw {
    Null,
    /// A scalar whose text is its source slice.
    Verbatim(Style),
    /// A scalar whose text is `owned[a]`.
    Owned(Style),
    Seq,
    Map,
    /// An alias of node `a`.
    Alias,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct NodeData {
    pub raw: Raw,
    pub start: u32,
    pub end: u32,
    /// Index into `kids` or `owned`, or a node.
    pub a: u32,
    /// Number of kids.
    pub n: u32,
    /// A tag such as `!reset` stands before it.
    pub tagged: bool,
}

/// A key that stands twice in one map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Duplicate {
    /// The later one.
    pub span: Span,
    /// The first.
    pub first: Span,
}

/// A parsed text.
#[derive(Debug, Clone)]
pub struct Document {
    pub(super) source: SourceId,
    pub(super) text: Arc<str>,
    pub(super) dialect: Dialect,
    pub(super) nodes: Vec<NodeData>,
    pub(super) kids: Vec<u32>,
    pub(super) owned: Vec<Box<str>>,
    pub(super) roots: Vec<u32>,
    pub(super) comments: Vec<(u32, u32)>,
    pub(super) duplicates: Vec<Duplicate>,
}

impl Document {
    pub(super) fn new(source: SourceId, text: &Arc<str>, dialect: Dialect) -> Self {
        Self {
            source,
            text: Arc::clone(text),
            dialect,
            nodes: Vec::new(),
            kids: Vec::new(),
            owned: Vec::new(),
            roots: Vec::new(),
            comments: Vec::new(),
            duplicates: Vec::new(),
        }
    }

    /// The first document's value; `None` when the text is empty.
    pub fn root(&self) -> Option<Node<'_>> {
        self.roots().next()
    }

    /// The values of all documents.
    pub fn roots(&self) -> impl Iterator<Item = Node<'_>> {
        self.roots.iter().map(|id| Node { doc: self, id: *id })
    }

    /// Comments: span (mark included) and text after the mark.
    pub fn comments(&self) -> impl Iterator<Item = (Span, &str)> {
        self.comments.iter().map(|(start, end)| {
            let range = *start as usize..*end as usize;
            let text = self.text.get(range.clone()).unwrap_or_default();
            (Span::new(self.source, range), text.trim_start_matches(['#', ';']))
        })
    }

    /// Keys that stand twice in one map.
    pub fn duplicates(&self) -> &[Duplicate] {
        &self.duplicates
    }

    /// The text it was read from.
    pub fn source(&self) -> SourceId {
        self.source
    }

    pub(super) fn push(&mut self, node: NodeData) -> u32 {
        self.nodes.push(node);
        self.nodes.len() as u32 - 1
    }

    pub(super) fn scalar(&mut self, start: usize, end: usize, decoded: Option<String>, style: Style) -> u32 {
        let (raw, a) = match decoded {
            None => (Raw::Verbatim(style), 0),
            Some(text) => {
                self.owned.push(text.into_boxed_str());
                (Raw::Owned(style), self.owned.len() as u32 - 1)
            }
        };
        self.push(NodeData { raw, start: start as u32, end: end as u32, a, n: 0, tagged: false })
    }

    pub(super) fn close(&mut self, id: u32, children: &[u32], end: usize) {
        let a = self.kids.len() as u32;
        self.kids.extend_from_slice(children);
        let node = &mut self.nodes[id as usize];
        node.a = a;
        node.n = children.len() as u32;
        node.end = end as u32;
        if node.raw == Raw::Map {
            self.find_duplicates(children);
        }
    }

    fn find_duplicates(&mut self, children: &[u32]) {
        let mut keys: Vec<(&str, u32)> = Vec::with_capacity(children.len() / 2);
        for pair in children.chunks_exact(2) {
            let key = Node { doc: self, id: pair[0] };
            if let Some(text) = key.scalar() {
                keys.push((text, pair[0]));
            }
        }
        keys.sort_unstable();
        let twice: Vec<(u32, u32)> = keys.windows(2).filter(|w| w[0].0 == w[1].0).map(|w| (w[0].1, w[1].1)).collect();
        for (first, again) in twice {
            let span = |id| Node { doc: self, id }.span();
            let duplicate = Duplicate { span: span(again), first: span(first) };
            self.duplicates.push(duplicate);
        }
    }
}

/// A look at one node.
#[derive(Clone, Copy)]
pub struct Node<'d> {
    pub(super) doc: &'d Document,
    pub(super) id: u32,
}

/// A key with its value.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'d> {
    /// The key.
    pub key: Node<'d>,
    /// The value.
    pub value: Node<'d>,
}

impl<'d> Entry<'d> {
    /// The key's text; empty for a key that is no scalar.
    pub fn name(&self) -> &'d str {
        self.key.scalar().unwrap_or_default()
    }
}

/// Merges nested deeper than this, or more entries than this, are cut: only made-up files have them.
const MAX_MERGE_DEPTH: usize = 16;
const MAX_MERGED: usize = 10_000;

impl<'d> Node<'d> {
    fn data(self) -> NodeData {
        self.doc.nodes[self.id as usize]
    }

    /// The node an alias stands for; itself otherwise. Aliases never form cycles: one inside its own anchor is null.
    pub fn resolved(self) -> Self {
        let data = self.data();
        if data.raw == Raw::Alias { Node { doc: self.doc, id: data.a } } else { self }
    }

    /// Whether it is an alias (`*x`). Walks that visit everything should not enter those.
    pub fn is_alias(self) -> bool {
        self.data().raw == Raw::Alias
    }

    /// Whether a tag such as `!reset` stands before it.
    pub fn is_tagged(self) -> bool {
        self.data().tagged
    }

    /// An identity within its document.
    pub fn id(self) -> u32 {
        self.id
    }

    /// Where it is written: quotes included, an alias where it stands.
    pub fn span(self) -> Span {
        let data = self.data();
        Span { source: self.doc.source, start: data.start, end: data.end }
    }

    /// The span of a scalar's text: without quotes. That of the node otherwise.
    pub fn inner(self) -> Span {
        let span = self.span();
        let quoted = matches!(
            self.data().raw,
            Raw::Verbatim(Style::Single | Style::Double | Style::Json)
                | Raw::Owned(Style::Single | Style::Double | Style::Json)
        );
        if quoted && span.end >= span.start + 2 {
            Span { start: span.start + 1, end: span.end - 1, ..span }
        } else {
            span
        }
    }

    /// What it is, aliases followed.
    pub fn kind(self) -> NodeKind {
        match self.resolved().data().raw {
            Raw::Null | Raw::Alias => NodeKind::Null,
            Raw::Verbatim(_) | Raw::Owned(_) => {
                if self.plain().is_some_and(is_null) {
                    NodeKind::Null
                } else {
                    NodeKind::Scalar
                }
            }
            Raw::Seq => NodeKind::Seq,
            Raw::Map => NodeKind::Map,
        }
    }

    /// Whether it is nothing.
    pub fn is_null(self) -> bool {
        self.kind() == NodeKind::Null
    }

    /// Whether it is a map.
    pub fn is_map(self) -> bool {
        self.kind() == NodeKind::Map
    }

    /// Whether it is a list.
    pub fn is_seq(self) -> bool {
        self.kind() == NodeKind::Seq
    }

    fn any_text(self) -> Option<&'d str> {
        let data = self.data();
        match data.raw {
            Raw::Owned(_) => Some(&self.doc.owned[data.a as usize]),
            Raw::Verbatim(_) => self.doc.text.get(self.inner().range()),
            _ => None,
        }
    }

    /// The text of an unquoted scalar.
    fn plain(self) -> Option<&'d str> {
        let node = self.resolved();
        match node.data().raw {
            Raw::Verbatim(Style::Plain) | Raw::Owned(Style::Plain) => node.any_text(),
            _ => None,
        }
    }

    /// The text of any scalar that is not null, whatever its type: what an engine reads into a string.
    pub fn scalar(self) -> Option<&'d str> {
        if self.plain().is_some_and(is_null) { None } else { self.resolved().any_text() }
    }

    /// The text of a scalar that is a string.
    pub fn as_str(self) -> Option<&'d str> {
        let typed = self.plain().is_some_and(|t| self.doc.dialect.bool(t).is_some() || number(t).is_some());
        if typed { None } else { self.scalar() }
    }

    /// A truth value, as the dialect reads it.
    pub fn as_bool(self) -> Option<bool> {
        self.doc.dialect.bool(self.plain()?)
    }

    /// A whole number.
    pub fn as_i64(self) -> Option<i64> {
        number(self.plain()?).filter(|n| n.fract() == 0.0 && n.abs() < 9e15).map(|n| n as i64)
    }

    /// A number.
    pub fn as_f64(self) -> Option<f64> {
        number(self.plain()?)
    }

    /// A scalar's text with the way back to its source.
    pub fn text(self) -> Option<Text<'d>> {
        let node = self.resolved();
        let style = match node.data().raw {
            Raw::Verbatim(style) | Raw::Owned(style) => style,
            _ => return None,
        };
        let verbatim = matches!(node.data().raw, Raw::Verbatim(_));
        let source = self.doc.text.get(node.inner().range())?;
        Some(Text::new(node.any_text()?, node.inner(), source, style, verbatim))
    }

    fn children(self) -> &'d [u32] {
        let data = self.data();
        &self.doc.kids[data.a as usize..(data.a + data.n) as usize]
    }

    /// The items of a list; nothing otherwise.
    pub fn items(self) -> impl DoubleEndedIterator<Item = Node<'d>> + ExactSizeIterator {
        let node = self.resolved();
        let list: &[u32] = if node.data().raw == Raw::Seq { node.children() } else { &[] };
        list.iter().map(move |id| Node { doc: self.doc, id: *id })
    }

    fn own(self) -> impl DoubleEndedIterator<Item = Entry<'d>> {
        let node = self.resolved();
        let list: &[u32] = if node.data().raw == Raw::Map { node.children() } else { &[] };
        let node = move |id| Node { doc: self.doc, id };
        list.chunks_exact(2).map(move |pair| Entry { key: node(pair[0]), value: node(pair[1]) })
    }

    /// The entries of a map, those merged in by `<<` after its own.
    pub fn entries(self) -> Vec<Entry<'d>> {
        let mut out: Vec<Entry<'d>> = Vec::new();
        let mut merges = Vec::new();
        for entry in self.own() {
            if entry.is_merge() { merges.push(entry.value) } else { out.push(entry) }
        }
        if !merges.is_empty() {
            let mut seen: std::collections::HashSet<&str> = out.iter().map(Entry::name).collect();
            for merge in merges {
                merge.merged(0, &mut |entry| {
                    if out.len() < MAX_MERGED && seen.insert(entry.name()) {
                        out.push(entry);
                    }
                    out.len() < MAX_MERGED
                });
            }
        }
        out
    }

    fn merged(self, depth: usize, take: &mut dyn FnMut(Entry<'d>) -> bool) -> bool {
        if depth > MAX_MERGE_DEPTH {
            return false;
        }
        if self.is_seq() {
            return self.items().take(64).all(|item| item.merged(depth + 1, take));
        }
        for entry in self.own().filter(|e| !e.is_merge()) {
            if !take(entry) {
                return false;
            }
        }
        self.own().filter(Entry::is_merge).all(|e| e.value.merged(depth + 1, take))
    }

    /// The entry of that key; the last one where it stands twice.
    pub fn entry(self, key: &str) -> Option<Entry<'d>> {
        let mut merges = false;
        for entry in self.own().rev() {
            if entry.name() == key {
                return Some(entry);
            }
            merges |= entry.is_merge();
        }
        let mut found = None;
        if merges {
            for merge in self.own().filter(Entry::is_merge) {
                merge.value.merged(0, &mut |e| {
                    if found.is_none() && e.name() == key {
                        found = Some(e);
                    }
                    found.is_none()
                });
            }
        }
        found
    }

    /// The value of that key.
    pub fn get(self, key: &str) -> Option<Node<'d>> {
        self.entry(key).map(|e| e.value)
    }

    /// The value at the end of a path of keys.
    pub fn at(self, path: &[&str]) -> Option<Node<'d>> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }
}

impl Entry<'_> {
    fn is_merge(&self) -> bool {
        // A quoted "<<" is an ordinary key.
        self.key.plain() == Some("<<") && self.key.doc.dialect.merges()
    }
}

impl std::fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}@{:?}", self.kind(), self.span().range())
    }
}

fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

/// A number as Go's YAML readers take it: decimal, hex, octal, binary, underscores, floats.
fn number(text: &str) -> Option<f64> {
    let first = text.bytes().find(|b| !matches!(b, b'+' | b'-'))?;
    if !(first.is_ascii_digit() || first == b'.') {
        return None;
    }
    let clean: String = text.chars().filter(|c| *c != '_').collect();
    let (sign, digits) = match clean.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, clean.strip_prefix('+').unwrap_or(&clean)),
    };
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] {
        if let Some(rest) = digits.strip_prefix(prefix) {
            return u64::from_str_radix(rest, radix).ok().map(|n| sign * n as f64);
        }
    }
    let octal = digits.len() > 1 && digits.starts_with('0') && digits.bytes().all(|b| matches!(b, b'0'..=b'7'));
    if octal {
        return u64::from_str_radix(digits, 8).ok().map(|n| sign * n as f64);
    }
    if digits == ".inf" || digits == ".Inf" {
        return Some(sign * f64::INFINITY);
    }
    digits.parse::<f64>().ok().map(|n| sign * n)
}
