//! One tree for every data format: a flat arena of nodes with exact byte spans.
//!
//! Nodes lie in source order, so a walk over the arena is a walk over the text. Nothing here recurses: ten
//! thousand levels cost ten thousand records, and dropping them drops a few vectors.

use std::collections::HashSet;
use std::sync::Arc;

use super::text::Text;
use super::value;
use crate::source::{SourceId, Span};

/// The YAML reader of Go whose rules hold for a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// `gopkg.in/yaml.v2` and `go.yaml.in/yaml/v2`.
    V2,
    /// `gopkg.in/yaml.v3` and `go.yaml.in/yaml/v3`.
    V3,
    /// `go.yaml.in/yaml/v4`.
    V4,
}

/// How a document was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// YAML as that reader understands it.
    Yaml(Dialect),
    /// JSON as Go's `encoding/json` understands it.
    Json,
    /// The ini flavour of `grafana.ini`.
    Ini,
    /// The `.env` flavour of compose.
    Dotenv,
}

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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

/// What a node is, after its format's rules for scalars.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Type {
    /// No value: `null`, `~` or nothing at all.
    Null,
    /// True or false.
    Bool,
    /// A whole number.
    Int,
    /// A number with a fraction or exponent, or an infinity.
    Float,
    /// Text.
    String,
    /// A date, with or without a time.
    Time,
    /// A list.
    Seq,
    /// A map.
    Map,
    /// An alias that leads nowhere: an error was reported, and nothing can be said about the value.
    Broken,
}

/// The notation of a scalar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Style {
    /// Bare text.
    Plain,
    /// `'…'`.
    Single,
    /// `"…"`.
    Double,
    /// YAML's `|`.
    Literal,
    /// YAML's `>`.
    Folded,
}

/// A key that stands twice in one map, as that dialect's strict readers compare keys. Others let the last one win.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Duplicate {
    /// The later one.
    pub span: Span,
    /// The first.
    pub first: Span,
}

/// What a record holds, before aliases are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Scalar(Type),
    Seq,
    Map,
    Alias,
}

/// One node. The meaning of `a`, `b` and `c` depends on the shape:
/// scalar: decoded text is `a..b` (of the source, or of `decoded` when `owned`), its source begins at `c`;
/// seq and map: children are `a..b` of `children`, a map's sorted entries start at `c - 1` of `sorted`;
/// alias: the target is `a`, `NONE` when there is none.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) a: u32,
    pub(super) b: u32,
    pub(super) c: u32,
    pub(super) shape: Shape,
    pub(super) style: Style,
    pub(super) owned: bool,
    /// A map with a `<<` entry.
    pub(super) merges: bool,
}

pub(super) const NONE: u32 = u32::MAX;

/// A parsed text.
#[derive(Debug, Clone)]
pub struct Document {
    pub(super) source: SourceId,
    pub(super) format: Format,
    pub(super) text: Arc<str>,
    pub(super) decoded: String,
    pub(super) records: Vec<Record>,
    pub(super) children: Vec<u32>,
    pub(super) sorted: Vec<u32>,
    pub(super) roots: Vec<u32>,
    pub(super) tags: Vec<(u32, Box<str>)>,
    pub(super) anchors: Vec<(u32, Span)>,
    pub(super) comments: Vec<(u32, u32)>,
    pub(super) duplicates: Vec<Duplicate>,
}

impl Document {
    pub(super) fn new(source: SourceId, format: Format, text: &Arc<str>) -> Self {
        Self {
            source,
            format,
            text: Arc::clone(text),
            decoded: String::new(),
            records: Vec::new(),
            children: Vec::new(),
            sorted: Vec::new(),
            roots: Vec::new(),
            tags: Vec::new(),
            anchors: Vec::new(),
            comments: Vec::new(),
            duplicates: Vec::new(),
        }
    }

    /// The text it was read from.
    pub fn source(&self) -> SourceId {
        self.source
    }

    /// The text itself.
    pub fn source_text(&self) -> &str {
        &self.text
    }

    /// How it was written.
    pub fn format(&self) -> Format {
        self.format
    }

    /// The root of the first document; `None` when the text holds nothing.
    pub fn root(&self) -> Option<Node<'_>> {
        self.roots().next()
    }

    /// The roots of all documents: several in YAML only.
    pub fn roots(&self) -> impl ExactSizeIterator<Item = Node<'_>> {
        self.roots.iter().map(|id| Node::at_place(self, *id))
    }

    /// Whether a place belongs to the first document of the text.
    pub fn is_first(&self, span: Span) -> bool {
        self.roots().nth(1).is_none_or(|second| span.start < second.span().start)
    }

    /// Every place of every document in source order: a walk without a stack. Skip what [`Node::is_alias`], for its
    /// target comes by itself.
    pub fn nodes(&self) -> impl ExactSizeIterator<Item = Node<'_>> {
        (0..self.records.len() as u32).map(|id| Node::at_place(self, id))
    }

    /// Comments in source order: span (mark included) and text after the mark.
    pub fn comments(&self) -> impl ExactSizeIterator<Item = (Span, &str)> {
        self.comments.iter().map(|(start, end)| {
            let span = self.span(*start, *end);
            let text = self.text.get(span.range()).unwrap_or_default();
            (span, text.trim_start_matches(['#', ';']))
        })
    }

    /// Keys that stand twice in one map.
    pub fn duplicates(&self) -> &[Duplicate] {
        &self.duplicates
    }

    pub(super) fn span(&self, start: u32, end: u32) -> Span {
        Span { source: self.source, start, end }
    }

    /// Follows an alias; aliases never lead to aliases.
    fn target(&self, id: u32) -> u32 {
        let record = &self.records[id as usize];
        if record.shape == Shape::Alias && record.a != NONE { record.a } else { id }
    }

    /// The text of a scalar, alias followed.
    pub(super) fn scalar(&self, id: u32) -> Option<&str> {
        let record = &self.records[self.target(id) as usize];
        let Shape::Scalar(_) = record.shape else { return None };
        let range = record.a as usize..record.b as usize;
        if record.owned { self.decoded.get(range) } else { self.text.get(range) }
    }

    pub(super) fn is_merge_key(&self, id: u32) -> bool {
        let record = &self.records[id as usize];
        matches!(self.format, Format::Yaml(_))
            && matches!(record.shape, Shape::Scalar(_))
            && self.scalar(id) == Some("<<")
            && match self.tag(id) {
                None => record.style == Style::Plain,
                Some(tag) => tag == "!!merge",
            }
    }

    fn tag(&self, id: u32) -> Option<&str> {
        let at = self.tags.binary_search_by_key(&id, |(node, _)| *node).ok()?;
        Some(&self.tags[at].1)
    }

    fn entries_of(&self, id: u32) -> &[u32] {
        let record = &self.records[id as usize];
        if record.shape == Shape::Map { &self.children[record.a as usize..record.b as usize] } else { &[] }
    }

    /// The maps that a `<<` brings in, the strongest first.
    fn merged(&self, value: u32) -> impl DoubleEndedIterator<Item = u32> {
        let target = self.target(value);
        let record = &self.records[target as usize];
        let (one, many) = match record.shape {
            Shape::Map => (Some(target), &[][..]),
            Shape::Seq => (None, &self.children[record.a as usize..record.b as usize]),
            _ => (None, &[][..]),
        };
        let many = many.iter().map(|id| self.target(*id));
        one.into_iter().chain(many.filter(|id| self.records[*id as usize].shape == Shape::Map))
    }

    /// Whether it is a list or a map, alias followed.
    pub(super) fn is_collection(&self, id: u32) -> bool {
        matches!(self.records[self.target(id) as usize].shape, Shape::Seq | Shape::Map)
    }

    /// Whether the value of a `<<` can be merged; what is broken was reported before.
    pub(super) fn can_merge(&self, value: u32) -> bool {
        let target = self.target(value) as usize;
        let record = &self.records[target];
        match record.shape {
            Shape::Map | Shape::Alias => true,
            Shape::Seq => self.children[record.a as usize..record.b as usize]
                .iter()
                .all(|id| matches!(self.records[self.target(*id) as usize].shape, Shape::Map | Shape::Alias)),
            Shape::Scalar(_) => false,
        }
    }

    /// The entry of `key` among those of a map itself; the last one when it stands there twice.
    fn own(&self, id: u32, key: &str) -> Option<(u32, u32)> {
        let record = &self.records[id as usize];
        if record.shape != Shape::Map {
            return None;
        }
        let entries = self.entries_of(id);
        let is = |name: u32| self.scalar(name) == Some(key) && !(record.merges && self.is_merge_key(name));
        if record.c == 0 {
            return entries.chunks_exact(2).rev().find(|e| is(e[0])).map(|e| (e[0], e[1]));
        }
        // Sorted by (key, position); keys that are no scalars sort as the empty text.
        let first = record.c as usize - 1;
        let sorted = &self.sorted[first..first + entries.len() / 2];
        let name = |at: u32| self.scalar(entries[at as usize * 2]).unwrap_or_default();
        let after = sorted.partition_point(|at| name(*at) <= key);
        let same = sorted[..after].iter().rev().take_while(|at| name(**at) == key);
        same.map(|at| *at as usize * 2).find(|at| is(entries[*at])).map(|at| (entries[at], entries[at + 1]))
    }

    fn find(&self, id: u32, key: &str) -> Option<(u32, u32)> {
        if !self.records[id as usize].merges {
            return self.own(id, key);
        }
        let mut found = None;
        self.by_strength(id, Some(key), &mut |_, key, value| {
            found = Some((key, value));
            false
        });
        found
    }

    /// Visits the entries that make up a map (map, key, value), the strongest first: of two with one key the reader
    /// keeps the one visited first. With `only`, other keys are left out. A map is entered once, because a second
    /// visit brings nothing new: this keeps a lattice of merges linear.
    ///
    /// v2 merges in the order of the text, so that a later `<<` overrides an earlier key; v3 and v4 let a map's own
    /// keys win (`go-yaml/yaml decode.go@v2.4.0, @v3.0.1`).
    fn by_strength(&self, id: u32, only: Option<&str>, visit: &mut impl FnMut(u32, u32, u32) -> bool) {
        let ordered = self.format == Format::Yaml(Dialect::V2);
        let mut seen = HashSet::from([id]);
        // A map and how many of its words are still to be visited.
        let mut stack = vec![(id, self.entries_of(id).len())];
        while let Some((map, upto)) = stack.pop() {
            let merges = self.records[map as usize].merges;
            if let Some(only) = only
                && (!merges || !ordered)
            {
                if let Some((key, value)) = self.own(map, only)
                    && !visit(map, key, value)
                {
                    return;
                }
                if !merges {
                    continue;
                }
            }
            let mut sources = Vec::new();
            for (at, entry) in self.entries_of(map)[..upto].chunks_exact(2).enumerate().rev() {
                let (key, value) = (entry[0], entry[1]);
                if merges && self.is_merge_key(key) {
                    sources.extend(self.merged(value));
                    if ordered {
                        stack.push((map, at * 2));
                        break;
                    }
                } else if only.is_none_or(|only| ordered && self.scalar(key) == Some(only)) && !visit(map, key, value) {
                    return;
                }
            }
            for source in sources.into_iter().rev() {
                if seen.insert(source) {
                    stack.push((source, self.entries_of(source).len()));
                }
            }
        }
    }

    /// The entries of a map with merges: own ones in order, then merged ones.
    fn flattened(&self, id: u32) -> Vec<Entry<'_>> {
        let (mut own, mut merged) = (Vec::new(), Vec::new());
        let (mut strong, mut overriding) = (HashSet::new(), HashSet::new());
        self.by_strength(id, None, &mut |map, key, value| {
            let name = self.scalar(key);
            let fresh = name.is_none_or(|name| strong.insert(name));
            let entry = Entry { key: Node::at_place(self, key), value: Node::at_place(self, value) };
            if map == id {
                // A second own entry of a key is kept: it is a finding of its own, and its value is checked all the same.
                if fresh || !name.is_some_and(|name| overriding.contains(name)) {
                    own.push(entry);
                }
            } else if fresh {
                overriding.extend(name);
                merged.push(entry);
            }
            true
        });
        own.reverse();
        own.append(&mut merged);
        own
    }
}

/// A place in a document and, when an alias stands there, what it leads to. Copy it freely.
#[derive(Clone, Copy)]
pub struct Node<'d> {
    doc: &'d Document,
    id: u32,
    target: u32,
}

/// A key and its value.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'d> {
    /// The key.
    pub key: Node<'d>,
    /// The value.
    pub value: Node<'d>,
}

impl<'d> Entry<'d> {
    /// The key's text; empty for a key that is no scalar.
    pub fn name(&self) -> &'d str {
        self.key.doc.scalar(self.key.target).unwrap_or_default()
    }
}

impl std::fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}@{}..{}", self.kind(), self.span().start, self.span().end)?;
        self.scalar().map_or(Ok(()), |text| write!(f, " {text:?}"))
    }
}

impl PartialEq for Node<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.doc, other.doc) && self.id == other.id
    }
}

impl<'d> Node<'d> {
    fn at_place(doc: &'d Document, place: u32) -> Self {
        Self { doc, id: place, target: doc.target(place) }
    }

    fn record(self) -> &'d Record {
        &self.doc.records[self.target as usize]
    }

    /// The document it belongs to.
    pub fn document(self) -> &'d Document {
        self.doc
    }

    /// Where it is written: quotes and block headers included; the alias itself when one stands here.
    pub fn span(self) -> Span {
        let record = &self.doc.records[self.id as usize];
        self.doc.span(record.start, record.end)
    }

    /// What an alias stands for, at its own place; itself otherwise. Aliases never form cycles.
    pub fn resolved(self) -> Node<'d> {
        Node { id: self.target, ..self }
    }

    /// An identity within its document.
    pub fn id(self) -> u32 {
        self.id
    }

    /// Whether a tag such as `!reset` stands before it.
    pub fn is_tagged(self) -> bool {
        self.tag().is_some()
    }

    /// The span of a scalar's text: without quotes. That of the node otherwise.
    pub fn inner(self) -> Span {
        let record = &self.doc.records[self.id as usize];
        let quoted = matches!(record.shape, Shape::Scalar(_))
            && matches!(record.style, Style::Single | Style::Double)
            && record.end >= record.start + 2;
        if quoted { self.doc.span(record.start + 1, record.end - 1) } else { self.span() }
    }

    /// Whether an alias stands here.
    pub fn is_alias(self) -> bool {
        self.doc.records[self.id as usize].shape == Shape::Alias
    }

    /// The `&name` that stands here.
    pub fn anchor(self) -> Option<Span> {
        let at = self.doc.anchors.binary_search_by_key(&self.id, |(node, _)| *node).ok()?;
        Some(self.doc.anchors[at].1)
    }

    /// The tag in its short form: `!reset`, `!!str`.
    pub fn tag(self) -> Option<&'d str> {
        self.doc.tag(self.target)
    }

    /// What it is, aliases followed. An alias that leads nowhere is null; [`Node::value_type`] tells it apart.
    pub fn kind(self) -> NodeKind {
        match self.value_type() {
            Type::Null | Type::Broken => NodeKind::Null,
            Type::Seq => NodeKind::Seq,
            Type::Map => NodeKind::Map,
            _ => NodeKind::Scalar,
        }
    }

    /// What its format's reader makes of it, aliases followed.
    pub fn value_type(self) -> Type {
        match self.record().shape {
            Shape::Scalar(kind) => kind,
            Shape::Seq => Type::Seq,
            Shape::Map => Type::Map,
            Shape::Alias => Type::Broken,
        }
    }

    /// The notation of a scalar; plain for everything else.
    pub fn style(self) -> Style {
        self.record().style
    }

    /// Whether it is a map.
    pub fn is_map(self) -> bool {
        self.kind() == NodeKind::Map
    }

    /// Whether it is a list.
    pub fn is_seq(self) -> bool {
        self.kind() == NodeKind::Seq
    }

    /// Whether it is null.
    pub fn is_null(self) -> bool {
        self.kind() == NodeKind::Null
    }

    /// The value under a key: aliases followed, merge keys resolved, the last one when it stands there twice.
    pub fn get(self, key: &str) -> Option<Node<'d>> {
        self.entry(key).map(|e| e.value)
    }

    /// The entry of that key: as [`Node::get`].
    pub fn entry(self, key: &str) -> Option<Entry<'d>> {
        let (key, value) = self.doc.find(self.target, key)?;
        Some(Entry { key: Node::at_place(self.doc, key), value: Node::at_place(self.doc, value) })
    }

    /// The value at the end of a path of keys.
    pub fn at(self, path: &[&str]) -> Option<Node<'d>> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The entries of a map: its own in order, then those merged in that it does not override.
    pub fn entries(self) -> Vec<Entry<'d>> {
        if self.record().merges { self.doc.flattened(self.target) } else { self.own_entries().collect() }
    }

    /// The entries of a map as written, `<<` among them.
    pub fn own_entries(self) -> impl ExactSizeIterator<Item = Entry<'d>> + DoubleEndedIterator + use<'d> {
        let doc = self.doc;
        doc.entries_of(self.target)
            .chunks_exact(2)
            .map(move |e| Entry { key: Node::at_place(doc, e[0]), value: Node::at_place(doc, e[1]) })
    }

    /// A list's items. Empty for anything else.
    pub fn items(self) -> impl ExactSizeIterator<Item = Node<'d>> + DoubleEndedIterator + use<'d> {
        let record = self.record();
        let doc = self.doc;
        let items = if record.shape == Shape::Seq { &doc.children[record.a as usize..record.b as usize] } else { &[] };
        items.iter().map(move |id| Node::at_place(doc, *id))
    }

    /// The text of any scalar that is not null, whatever its type: what an engine reads into a string.
    pub fn scalar(self) -> Option<&'d str> {
        if self.value_type() == Type::Null { None } else { self.doc.scalar(self.target) }
    }

    /// The text of a scalar that is a string.
    pub fn as_str(self) -> Option<&'d str> {
        if self.value_type() == Type::String { self.scalar() } else { None }
    }

    /// What a reader makes of it when it wants a bool.
    pub fn as_bool(self) -> Option<bool> {
        value::as_bool(self.doc.format, self.value_type(), self.scalar()?)
    }

    /// What a reader makes of it when it wants a whole number.
    pub fn as_i64(self) -> Option<i64> {
        value::as_i64(self.doc.format, self.value_type(), self.scalar()?)
    }

    /// What a reader makes of it when it wants a number.
    pub fn as_f64(self) -> Option<f64> {
        value::as_f64(self.doc.format, self.value_type(), self.scalar()?)
    }

    /// The decoded text of a scalar with the way back to its bytes.
    pub fn text(self) -> Option<Text<'d>> {
        let value = self.doc.scalar(self.target)?;
        let record = self.record();
        if !record.owned {
            return Some(Text::verbatim(value, self.doc.span(record.a, record.b)));
        }
        let source = self.doc.text.get(record.c as usize..record.end as usize).unwrap_or_default();
        Some(Text::aligned(value, source, self.doc.span(record.c, record.end), record.style, self.doc.format))
    }
}
