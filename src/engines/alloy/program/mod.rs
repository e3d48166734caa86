//! The files of an instance as Alloy loads them: configs, the scopes inside, and the blocks of each scope by id.
//!
//! Knows names and places only. What a block may hold and what an expression is worth is not decided here.

mod files;
mod import;
mod scope;
mod strings;

use std::borrow::Cow;
use std::ops::Range;

use foldhash::HashMap;
use vispyr_alloy::{Parse, Reference};

use crate::source::{SourceId, Span};
use crate::tree::ArtifactId;

pub(super) use scope::{Imported, Kind, Node, Scope, ScopeKind};
pub(super) use strings::Strings;

/// Index of a file in [`Program::files`].
pub(super) type FileId = u32;
/// Index of a scope in [`Program::scopes`].
pub(super) type ScopeId = u32;
/// Index of a name in [`Names`].
pub(super) type NameId = u32;

/// Scopes beyond this many are not opened: a hostile file may declare one per block.
const SCOPES: usize = 100_000;

/// One file.
pub(super) struct File<'a> {
    /// Its text.
    pub(super) source: SourceId,
    /// Its path in the tree.
    pub(super) path: &'a str,
    /// Its syntax.
    pub(super) parse: &'a Parse,
    /// Where its syntax is broken, in the order of the text.
    pub(super) errors: Vec<Range<u32>>,
    /// The scope of its own, where it is a root by itself or a library.
    pub(super) scope: Option<ScopeId>,
    /// Whether something in the tree imports it.
    pub(super) imported: bool,
    /// The `import.string` whose module it is.
    pub(super) inside: Option<(ScopeId, u32)>,
}

impl File<'_> {
    /// Whether it is a config of its own, which no other file of the instance is a part of.
    pub(super) fn is_alone(&self) -> bool {
        self.scope.is_some()
    }

    /// A place in it.
    pub(super) fn span(&self, range: Range<u32>) -> Span {
        Span { source: self.source, start: range.start, end: range.end }
    }

    /// Whether its syntax is broken inside of a range: what is missing there may only not have been read.
    pub(super) fn is_broken(&self, range: &Range<u32>) -> bool {
        let from = self.errors.partition_point(|e| e.end < range.start);
        self.errors.get(from).is_some_and(|e| e.start <= range.end)
    }
}

/// Names of blocks, each kept once.
#[derive(Default)]
pub(super) struct Names<'a> {
    ids: HashMap<Cow<'a, str>, NameId>,
    all: Vec<Cow<'a, str>>,
    /// Whether some name has that length: most texts that are looked up are no name, and need no second look.
    lengths: Vec<bool>,
}

impl<'a> Names<'a> {
    fn add(&mut self, name: Cow<'a, str>) -> NameId {
        if let Some(id) = self.get(&name) {
            return id;
        }
        let id = self.all.len() as NameId;
        self.lengths.resize(self.lengths.len().max(name.len() + 1), false);
        self.lengths[name.len()] = true;
        self.all.push(name.clone());
        self.ids.insert(name, id);
        id
    }

    /// The id of a name that some block has.
    pub(super) fn get(&self, name: &str) -> Option<NameId> {
        if self.lengths.get(name.len()) == Some(&true) { self.ids.get(name).copied() } else { None }
    }

    /// The name.
    pub(super) fn text(&self, id: NameId) -> &str {
        self.all.get(id as usize).map_or("", |n| n)
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }
}

/// What stands before the first dot of a name.
pub(super) fn beginning(name: &str) -> &str {
    name.bytes().position(|b| b == b'.').map_or(name, |at| &name[..at])
}

/// All files of an instance.
pub(super) struct Program<'a> {
    /// The files.
    pub(super) files: Vec<File<'a>>,
    /// Names of blocks.
    pub(super) names: Names<'a>,
    /// Scopes; one stands after that which holds it.
    pub(super) scopes: Vec<Scope<'a>>,
    /// The scopes of configs and libraries.
    pub(super) roots: Vec<ScopeId>,
    /// What the files of one folder define, where it is not known which of them run together: the number of roots and
    /// the first of them.
    pub(super) siblings: HashMap<(NameId, &'a str), (u32, ScopeId)>,
    /// Whether a service is known that runs these files.
    pub(super) run: bool,
    /// Places in `files`.
    by_artifact: HashMap<ArtifactId, FileId>,
    /// Scopes of files by path, for imports.
    libraries: HashMap<FileId, ScopeId>,
}

/// What the first names of a chain lead to.
#[derive(Debug, Clone, Copy)]
pub(super) enum Found {
    /// A block of a scope; so many names of the chain are its id.
    Node(ScopeId, u32, usize),
    /// A block that stands in several files of the folder, one of which may run with this one.
    Somewhere(ScopeId, u32, usize),
}

impl<'a> Program<'a> {
    /// The scope of that id.
    pub(super) fn scope(&self, id: ScopeId) -> &Scope<'a> {
        &self.scopes[id as usize]
    }

    /// The block of a scope.
    pub(super) fn node(&self, scope: ScopeId, node: u32) -> &Node<'a> {
        &self.scopes[scope as usize].nodes[node as usize]
    }

    /// The file that a block stands in.
    pub(super) fn file(&self, node: &Node<'_>) -> &File<'a> {
        &self.files[node.file as usize]
    }

    /// `prometheus.scrape.default`.
    pub(super) fn id(&self, node: &Node<'_>) -> String {
        let name = self.names.text(node.name);
        if node.label.is_empty() { name.to_owned() } else { format!("{name}.{}", node.label) }
    }

    /// The block that a chain of names begins with, as Alloy finds it: the shortest beginning that is the id of a block
    /// (grafana/alloy internal/util/ast/references.go `ResolveTraversal`@v1.19.0-rc.3). Blocks around a template count.
    pub(super) fn resolve(&self, scope: ScopeId, reference: &Reference<'_>) -> Option<Found> {
        let mut at = Some(scope);
        while let Some(here) = at {
            if let Some((node, used)) = self.resolve_in(here, reference) {
                return Some(Found::Node(here, node, used));
            }
            let scope = self.scope(here);
            at = scope.parent.filter(|_| scope.kind == ScopeKind::Template);
            if at.is_none() && scope.kind == ScopeKind::Root {
                return self.resolve_aside(here, reference);
            }
        }
        None
    }

    fn resolve_in(&self, scope: ScopeId, reference: &Reference<'_>) -> Option<(u32, usize)> {
        let ids = &self.scope(scope).ids;
        self.beginnings(reference, |name, label| ids.get(&(name, label)).copied())
    }

    fn resolve_aside(&self, scope: ScopeId, reference: &Reference<'_>) -> Option<Found> {
        if self.siblings.is_empty() {
            return None;
        }
        let ((count, other), used) = self.beginnings(reference, |name, label| {
            self.siblings.get(&(name, label)).copied().filter(|(_, other)| *other != scope)
        })?;
        let (node, _) = self.resolve_in(other, reference)?;
        Some(if count == 1 { Found::Node(other, node, used) } else { Found::Somewhere(other, node, used) })
    }

    /// Tries the beginnings of a chain as ids: a name alone, or a name and a label.
    fn beginnings<T>(&self, reference: &Reference<'_>, find: impl Fn(NameId, &str) -> Option<T>) -> Option<(T, usize)> {
        let (from, written) = (reference.range().start, reference.expr().text());
        let (mut end, mut count) = (0, 0);
        for segment in reference.segments() {
            let label = segment.name();
            // A chain may be of any length; no block has a name as long as that.
            if end >= self.names.lengths.len() {
                return None;
            }
            let name = |whole: &str| self.names.get(whole.get(..end)?);
            // Spacing between the names, which is rare, makes what is written longer.
            let plain = || (segment.range().start - from) as usize == end + 1;
            if end > 0
                && self.names.lengths[end]
                && let Some(name) = if plain() { name(written) } else { name(&reference.path()) }
                && let Some(found) = find(name, label)
            {
                return Some((found, count + 1));
            }
            end += label.len() + usize::from(end > 0);
            count += 1;
            // `logging`, `http`: blocks without a label. Deeper names of that kind do not exist.
            if count == 1
                && let Some(name) = self.names.get(label)
                && let Some(found) = find(name, "")
            {
                return Some((found, 1));
            }
        }
        None
    }

    /// The `declare` of that name as a scope sees it: its own, then those around it.
    pub(super) fn declare(&self, scope: ScopeId, name: &str) -> Option<(ScopeId, u32)> {
        self.upwards(scope, |s| s.declares.get(name).copied())
    }

    /// The `import.*` of that name as a scope sees it.
    pub(super) fn import(&self, scope: ScopeId, name: &str) -> Option<(ScopeId, u32)> {
        self.upwards(scope, |s| s.imports.get(name).copied())
    }

    /// Whether a component of that name is a custom one: the name begins with that of a `declare` or an import.
    pub(super) fn is_custom(&self, scope: ScopeId, name: &str) -> bool {
        let first = beginning(name);
        self.declare(scope, first).is_some() || self.import(scope, first).is_some()
    }

    fn upwards(&self, scope: ScopeId, find: impl Fn(&Scope<'a>) -> Option<u32>) -> Option<(ScopeId, u32)> {
        let mut at = Some(scope);
        while let Some(here) = at {
            if let Some(node) = find(self.scope(here)) {
                return Some((here, node));
            }
            at = self.scope(here).parent;
        }
        None
    }

    /// A root of another file of the folder that declares or imports that name.
    pub(super) fn aside(&self, scope: ScopeId, name: &str) -> Option<ScopeId> {
        let root = self.root_of(scope);
        let of = |block: &str| {
            let id = self.names.get(block)?;
            self.siblings.get(&(id, name)).map(|(_, other)| *other).filter(|other| *other != root)
        };
        ["declare", "import.file", "import.git", "import.http", "import.string"].iter().find_map(|b| of(b))
    }

    /// The outermost scope around one.
    pub(super) fn root_of(&self, scope: ScopeId) -> ScopeId {
        let mut at = scope;
        while let Some(up) = self.scope(at).parent {
            at = up;
        }
        at
    }

    /// Whether a scope lies in a template.
    pub(super) fn in_template(&self, scope: ScopeId) -> bool {
        let mut at = Some(scope);
        while let Some(here) = at {
            if self.scope(here).kind == ScopeKind::Template {
                return true;
            }
            at = self.scope(here).parent;
        }
        false
    }
}
