//! Puts nodes into the arena as readers meet them.

use super::document::{Dialect, Document, Duplicate, Format, NONE, Record, Shape, Style, Type};

/// Maps with more entries get a sorted index, so that looking up every key of a big map is not quadratic.
const LINEAR: usize = 16;

/// A collection that is still open.
struct Frame {
    node: u32,
    /// Where its children begin among the pending ones.
    first: usize,
}

/// Builds a document. A stack of open collections replaces recursion.
pub(super) struct Builder {
    pub(super) doc: Document,
    pending: Vec<u32>,
    frames: Vec<Frame>,
}

/// Where a scalar's decoded text is.
pub(super) enum Decoded<'a> {
    /// In the source, as it is.
    Source(usize, usize),
    /// Decoded from the source that begins there.
    Owned(&'a str, usize),
}

impl Builder {
    pub(super) fn new(doc: Document) -> Self {
        Self { doc, pending: Vec::new(), frames: Vec::new() }
    }

    /// The innermost open collection.
    pub(super) fn open_node(&self) -> Option<&Record> {
        self.frames.last().map(|f| &self.doc.records[f.node as usize])
    }

    /// Whether that node's collection is still open.
    pub(super) fn is_open(&self, node: u32) -> bool {
        // Nodes of open collections are in ascending order, outermost first.
        self.frames.binary_search_by_key(&node, |f| f.node).is_ok()
    }

    /// The last child of the innermost open collection.
    pub(super) fn previous(&self) -> Option<&Record> {
        let first = self.frames.last()?.first;
        self.pending[first..].last().map(|id| &self.doc.records[*id as usize])
    }

    /// Whether the next node is a value of a map.
    pub(super) fn wants_value(&self) -> bool {
        self.frames.last().is_some_and(|f| {
            self.doc.records[f.node as usize].shape == Shape::Map && (self.pending.len() - f.first) % 2 == 1
        })
    }

    fn push(&mut self, record: Record) -> u32 {
        let id = self.doc.records.len() as u32;
        self.doc.records.push(record);
        if self.frames.is_empty() {
            self.doc.roots.push(id);
        } else {
            self.pending.push(id);
        }
        id
    }

    pub(super) fn scalar(&mut self, span: (usize, usize), kind: Type, style: Style, text: Decoded<'_>) -> u32 {
        let (a, b, c, owned) = match text {
            Decoded::Source(from, to) => (from, to, from, false),
            Decoded::Owned(text, from) => {
                let at = self.doc.decoded.len();
                self.doc.decoded.push_str(text);
                (at, self.doc.decoded.len(), from, true)
            }
        };
        self.push(Record {
            start: span.0 as u32,
            end: span.1 as u32,
            a: a as u32,
            b: b as u32,
            c: c as u32,
            shape: Shape::Scalar(kind),
            style,
            owned,
            merges: false,
        })
    }

    pub(super) fn alias(&mut self, span: (usize, usize), target: Option<u32>) -> u32 {
        self.push(Record {
            start: span.0 as u32,
            end: span.1 as u32,
            a: target.unwrap_or(NONE),
            b: 0,
            c: 0,
            shape: Shape::Alias,
            style: Style::Plain,
            owned: false,
            merges: false,
        })
    }

    pub(super) fn open(&mut self, start: usize, map: bool) -> u32 {
        let id = self.push(Record {
            start: start as u32,
            end: start as u32,
            a: 0,
            b: 0,
            c: 0,
            shape: if map { Shape::Map } else { Shape::Seq },
            style: Style::Plain,
            owned: false,
            merges: false,
        });
        self.frames.push(Frame { node: id, first: self.pending.len() });
        id
    }

    /// Closes the innermost collection; without an end it ends with its last child.
    pub(super) fn close(&mut self, end: Option<usize>) {
        let Some(frame) = self.frames.pop() else { return };
        let id = frame.node as usize;
        let map = self.doc.records[id].shape == Shape::Map;
        if map && (self.pending.len() - frame.first) % 2 == 1 {
            // The text broke off after a key: the key stays, and its value is unknown.
            let at = self.pending.last().map_or(0, |k| self.doc.records[*k as usize].end);
            let node = self.doc.records.len() as u32;
            self.doc.records.push(Record {
                start: at,
                end: at,
                a: NONE,
                b: 0,
                c: 0,
                shape: Shape::Alias,
                style: Style::Plain,
                owned: false,
                merges: false,
            });
            self.pending.push(node);
        }
        let a = self.doc.children.len() as u32;
        let last = self.pending[frame.first..].last().map(|c| self.doc.records[*c as usize].end);
        self.doc.children.extend(self.pending.drain(frame.first..));
        let b = self.doc.children.len() as u32;
        let record = &mut self.doc.records[id];
        (record.a, record.b) = (a, b);
        record.end = end.map(|e| e as u32).or(last).unwrap_or(record.end).max(record.start);
        if map {
            self.finish_map(id);
        }
    }

    /// Closes whatever is open: the text ended, or broke.
    pub(super) fn close_all(&mut self) {
        while !self.frames.is_empty() {
            self.close(None);
        }
    }

    /// Sorts a big map, finds merge keys and keys that stand there twice.
    fn finish_map(&mut self, id: usize) {
        let record = self.doc.records[id];
        let entries = record.a as usize..record.b as usize;
        let count = entries.len() / 2;
        let doc = &self.doc;
        let keys = &doc.children[entries];
        let dialect = if let Format::Yaml(dialect) = doc.format { Some(dialect) } else { None };
        let merges = dialect.is_some() && keys.chunks_exact(2).any(|e| doc.is_merge_key(e[0]));
        let name = |at: usize| doc.scalar(keys[at * 2]);
        let mut twice = Vec::new();
        let mut sorted = Vec::new();
        if count <= LINEAR {
            for at in 1..count {
                let Some(text) = name(at) else { continue };
                if let Some(first) = (0..at).find(|other| name(*other) == Some(text)) {
                    twice.push((first as u32, at as u32));
                }
            }
        } else {
            sorted = (0..count as u32).collect::<Vec<_>>();
            sorted.sort_by(|x, y| {
                let text = |at: &u32| name(*at as usize).unwrap_or_default();
                text(x).cmp(text(y)).then(x.cmp(y))
            });
            let mut first = 0;
            for at in 1..count {
                let text = name(sorted[at] as usize);
                if text.is_some() && text == name(sorted[first] as usize) {
                    twice.push((sorted[first], sorted[at]));
                } else {
                    first = at;
                }
            }
            twice.sort_by_key(|(_, at)| *at);
        }
        let mut duplicates = Vec::new();
        for (first, at) in twice {
            let (one, two) = (keys[first as usize * 2], keys[at as usize * 2]);
            if dialect.is_none_or(|dialect| same_key(doc, one, two, dialect)) {
                let span = |id: u32| doc.span(doc.records[id as usize].start, doc.records[id as usize].end);
                duplicates.push(Duplicate { span: span(two), first: span(one) });
            }
        }
        if !sorted.is_empty() {
            self.doc.records[id].c = self.doc.sorted.len() as u32 + 1;
            self.doc.sorted.append(&mut sorted);
        }
        self.doc.records[id].merges = merges;
        self.doc.duplicates.append(&mut duplicates);
    }
}

/// Whether a strict reader of that dialect takes two keys with the same text for the same key.
fn same_key(doc: &Document, one: u32, two: u32, dialect: Dialect) -> bool {
    let merges = (doc.is_merge_key(one), doc.is_merge_key(two));
    let kind = |id: u32| match doc.records[id as usize].shape {
        Shape::Alias => None,
        shape => Some(shape),
    };
    match dialect {
        // Two merges are two merges; `1` and `"1"` are two keys of a map and one of a struct: unknown here.
        Dialect::V2 => {
            merges == (false, false) && (kind(one) == kind(two) || kind(one).is_none() || kind(two).is_none())
        }
        // v3 and v4 compare text and node kind, so an alias never equals a scalar.
        _ => kind(one).is_some() == kind(two).is_some(),
    }
}
