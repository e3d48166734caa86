//! Down a document and its schema side by side, without recursion: the document may be as deep as its reader allows.

use std::collections::HashSet;
use std::sync::Arc;

use super::filled::Filled;
use super::replaced::Variables;
use super::{Conform, Reader, history, value};
use crate::catalogue::schema::{Body, Field, Type, TypeKind};
use crate::engine::Findings;
use crate::parse::{Dialect, Document, Entry, Node, Style, yaml};

/// Faults that are told of one file.
const FAULTS: u32 = 1_000;

/// A visit that is still to be made.
struct Visit<'d> {
    node: Node<'d>,
    want: Want,
    /// Where it hangs: an index into the trail.
    at: usize,
}

/// What a place takes.
#[derive(Clone, Copy)]
enum Want {
    /// The fields of a body, here and on the other side.
    Body(Body, Option<Body>),
    /// A value, here and on the other side.
    Type(Type, Option<Type>),
}

/// The keys that lead to a place.
struct Trail<'d> {
    steps: Vec<(usize, &'d str)>,
}

impl<'d> Trail<'d> {
    fn push(&mut self, parent: usize, key: &'d str) -> usize {
        self.steps.push((parent, key));
        self.steps.len() - 1
    }

    /// The keys from the top; list items have none.
    fn keys(&self, mut at: usize) -> Vec<&'d str> {
        let mut keys = Vec::new();
        while at > 0 {
            let (parent, key) = self.steps[at];
            keys.push(key);
            at = parent;
        }
        keys.reverse();
        keys
    }
}

/// A walk over one file.
pub(super) struct Walk<'w, 'e> {
    pub(super) conform: &'w Conform<'e>,
    pub(super) reader: &'w Reader,
    /// What may be replaced in the text before it is read.
    pub(super) filled: Filled,
    /// What the process itself replaces.
    pub(super) variables: Option<Variables<'w>>,
    pub(super) findings: &'w mut Findings,
    pub(super) told: u32,
}

impl Walk<'_, '_> {
    pub(super) fn run(mut self, document: &Document, root: Node<'_>, low: Body, high: Option<Body>) {
        self.duplicates(document, root);
        let mut trail = Trail { steps: vec![(0, "")] };
        let mut stack = vec![Visit { node: root, want: Want::Body(low, high), at: 0 }];
        // What several aliases lead to is looked at once for each body: a lattice of aliases stays linear.
        let mut seen = HashSet::new();
        while let Some(visit) = stack.pop() {
            if visit.node.is_alias() {
                let kind = match visit.want {
                    Want::Body(body, _) => body.number(),
                    Want::Type(ty, _) => ty.number() + (usize::MAX >> 1),
                };
                if !seen.insert((visit.node.resolved().id(), kind)) {
                    continue;
                }
            }
            match visit.want {
                Want::Body(low, high) => self.body(&visit, low, high, &mut trail, &mut stack),
                Want::Type(low, high) => self.value(&visit, low, high, &mut trail, &mut stack),
            }
        }
    }

    /// A key that stands twice: v3 and later refuse it in every map, and that is told where the text is read; v2 does
    /// where its caller asks it to be strict (go-yaml/yaml decode.go `d.strict`@v2.4.0).
    fn duplicates(&mut self, document: &Document, root: Node<'_>) {
        if self.reader.dialect != Dialect::V2 {
            return;
        }
        for twice in document.duplicates().iter().filter(|d| root.span().contains(d.span)) {
            self.told += 1;
            self.findings.push(self.conform.twice(twice));
        }
    }

    fn body<'d>(
        &mut self,
        visit: &Visit<'d>,
        low: Body,
        high: Option<Body>,
        trail: &mut Trail<'d>,
        stack: &mut Vec<Visit<'d>>,
    ) {
        let node = visit.node;
        if !node.is_map() {
            if !node.is_null() && !node.is_tagged() && !self.is_open(node) {
                self.tell(|c| c.no_map(node, &trail.keys(visit.at)));
            }
            return;
        }
        for entry in node.entries() {
            let Some((low, high)) = self.field(entry, low, high, visit.at, trail) else { continue };
            let at = trail.push(visit.at, entry.name());
            self.words(entry.value, low, at, trail);
            stack.push(Visit { node: entry.value, want: Want::Type(low.ty(), high.map(Field::ty)), at });
        }
        for field in low.fields().filter(|f| f.required()) {
            let both = high.is_none_or(|b| b.field(field.name()).is_some_and(Field::required));
            if both && node.get(field.name()).is_none() {
                self.tell(|c| c.missing(node, field, &trail.keys(visit.at)));
            }
        }
    }

    /// The field that a key names on both sides; tells of one that neither knows.
    fn field<'d>(
        &mut self,
        entry: Entry<'d>,
        low: Body,
        high: Option<Body>,
        at: usize,
        trail: &Trail<'d>,
    ) -> Option<(Field, Option<Field>)> {
        let name = entry.name();
        let (below, above) = (history::field(low, name), high.and_then(|b| history::field(b, name)));
        match (below, above) {
            (Some(below), above) => Some((below, above)),
            (None, Some(above)) => Some((above, None)),
            (None, None) => {
                if !self.is_unknown(name) && !entry.key.is_tagged() {
                    let root = self.reader.root;
                    self.tell(|c| c.unknown(root, entry, low, &trail.keys(at)));
                }
                None
            }
        }
    }

    /// Words of a field that is a plain string to the decoder, and of which the engine's validation takes only some.
    fn words<'d>(&mut self, node: Node<'d>, field: Field, at: usize, trail: &Trail<'d>) {
        let Some(text) = node.scalar() else { return };
        if field.values().next().is_none() || self.is_unknown(text) || field.values().any(|v| v == text) {
            return;
        }
        self.tell(|c| c.word(node, field, &trail.keys(at)));
    }

    fn value<'d>(
        &mut self,
        visit: &Visit<'d>,
        low: Type,
        high: Option<Type>,
        trail: &mut Trail<'d>,
        stack: &mut Vec<Visit<'d>>,
    ) {
        let node = visit.node;
        if self.is_open(node) {
            self.put_in(node, low, high, visit.at, trail);
        }
        let known = self.is_open(node) || self.is_zero(node, low);
        let fault = if known { None } else { value::misfit(node, low, self.reader.dialect) };
        if let Some(misfit) = fault {
            let agreed = high.is_none_or(|h| value::misfit(node, h, self.reader.dialect).is_some());
            if agreed {
                let reader = self.reader;
                self.tell(|c| c.misfit(node, &misfit, &trail.keys(visit.at), reader));
            }
            return;
        }
        match low.kind() {
            TypeKind::Object(body) => {
                let above = self.conform.beyond(body);
                stack.push(Visit { node, want: Want::Body(body, above), at: visit.at });
            }
            TypeKind::List(inner) => {
                let above = high.and_then(Type::inner);
                for item in node.items() {
                    stack.push(Visit { node: item, want: Want::Type(inner, above), at: visit.at });
                }
            }
            TypeKind::Map(inner) if node.is_map() => {
                let above = high.and_then(Type::inner);
                for entry in node.entries() {
                    let at = trail.push(visit.at, entry.name());
                    stack.push(Visit { node: entry.value, want: Want::Type(inner, above), at });
                }
            }
            _ => {}
        }
    }

    /// A value in which the process replaces variables by what is known: that is read as if it stood there.
    fn put_in(&mut self, node: Node<'_>, low: Type, high: Option<Type>, at: usize, trail: &Trail<'_>) {
        let plain = node.text().filter(|_| node.style() == Style::Plain);
        let Some(written) = plain.and_then(|text| self.variables?.replaced(text)) else { return };
        if written.value().contains('$') {
            return;
        }
        let (document, faults) = yaml(node.span().source, &Arc::from(written.value()), self.reader.dialect);
        let Some(value) = document.root().filter(|_| faults.is_empty()) else { return };
        let dialect = self.reader.dialect;
        let Some(misfit) = value::misfit(value, low, dialect).filter(|_| !self.is_zero(value, low)) else { return };
        if high.is_none_or(|h| value::misfit(value, h, dialect).is_some()) {
            let (reader, text) = (self.reader, node.scalar().unwrap_or_default());
            self.tell(|c| {
                let mut found = c.misfit(value, &misfit, &trail.keys(at), reader)?;
                found.primary.span = node.span();
                Some(found.note(format!("`{text}` is replaced by that before the file is read")))
            });
        }
    }

    /// Whether a value is not known because a variable stands in it.
    fn is_open(&self, node: Node<'_>) -> bool {
        node.scalar().is_some_and(|text| self.is_unknown(text))
    }

    /// Whether it is a duration of nothing without a unit, and the reader takes that.
    fn is_zero(&self, node: Node<'_>, ty: Type) -> bool {
        let taken = self.reader.zero_until.is_none_or(|until| self.conform.version.0 < until);
        taken && matches!(ty.kind(), TypeKind::Duration) && node.as_i64() == Some(0)
    }

    /// Whether a text is replaced before it is read.
    fn is_unknown(&self, text: &str) -> bool {
        self.filled.replaces(text)
    }

    fn tell(&mut self, fault: impl FnOnce(&Conform<'_>) -> Option<crate::diagnostic::Diagnostic>) {
        if self.told < FAULTS
            && let Some(found) = fault(self.conform)
        {
            self.told += 1;
            self.findings.push(found);
        }
    }
}
