//! One scope: the blocks that see each other, by id.

use foldhash::HashMap;
use vispyr_alloy::{Attribute, Block, Body, ExprKind, Stmt};

use super::{FileId, NameId, Names, Program, SCOPES, ScopeId};

/// What a scope is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engines::alloy) enum ScopeKind {
    /// A config that runs.
    Root,
    /// A file that another imports: only `declare` and `import.*` count.
    Library,
    /// The body of a `declare`.
    Declare,
    /// The `template` of a `foreach`.
    Template,
}

/// What a block of a scope is, by its name alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engines::alloy) enum Kind {
    /// A component, built in or custom.
    Component,
    /// `declare "x" { … }`.
    Declare,
    /// `foreach "x" { … }`.
    Foreach,
    /// `import.file "x" { … }` and its kin.
    Import,
    /// `argument "x" { … }`.
    Argument,
    /// `export "x" { … }`.
    Export,
    /// `logging`, `tracing`.
    Process,
    /// `http`, `livedebugging`, `remotecfg`, `labelstore`: of the process, and never with a label.
    Service,
}

/// Services with a block (grafana/alloy internal/service/*@v1.19.0-rc.3).
const SERVICES: [&str; 4] = ["http", "labelstore", "livedebugging", "remotecfg"];

/// The blocks that are no components (grafana/alloy internal/runtime/source.go `sourceFromBody`@v1.19.0-rc.3). `foreach`
/// came later than the others and is a component's name before; whether it is there is for the catalogue to say.
pub(in crate::engines::alloy) fn builtin_block(name: &str, label: &str) -> Kind {
    match name {
        "declare" => Kind::Declare,
        "foreach" => Kind::Foreach,
        "argument" => Kind::Argument,
        "export" => Kind::Export,
        "logging" | "tracing" => Kind::Process,
        "import.file" | "import.git" | "import.http" | "import.string" => Kind::Import,
        _ if label.is_empty() && SERVICES.contains(&name) => Kind::Service,
        _ => Kind::Component,
    }
}

/// One block of a scope.
pub(in crate::engines::alloy) struct Node<'a> {
    /// Where it stands.
    pub(in crate::engines::alloy) file: FileId,
    /// The block.
    pub(in crate::engines::alloy) block: Block<'a>,
    /// Its name.
    pub(in crate::engines::alloy) name: NameId,
    /// Its label; empty = none.
    pub(in crate::engines::alloy) label: &'a str,
    /// What it is.
    pub(in crate::engines::alloy) kind: Kind,
    /// The scope inside of it: of a `declare`, or of the template of a `foreach`.
    pub(in crate::engines::alloy) inner: Option<ScopeId>,
    /// What an import reads, as far as it is known.
    pub(in crate::engines::alloy) imported: Imported,
}

/// What an import brings in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::engines::alloy) enum Imported {
    /// Not known.
    #[default]
    Unknown,
    /// The declares of these libraries.
    Libraries(Vec<ScopeId>),
    /// Nothing is there.
    Missing {
        /// The path that Alloy looks at.
        path: String,
        /// Whether that is beyond doubt.
        sure: bool,
    },
}

/// One scope.
pub(in crate::engines::alloy) struct Scope<'a> {
    /// What it is.
    pub(in crate::engines::alloy) kind: ScopeKind,
    /// The scope that holds it.
    pub(in crate::engines::alloy) parent: Option<ScopeId>,
    /// The block that it is the inside of.
    pub(in crate::engines::alloy) owner: Option<u32>,
    /// Its blocks.
    pub(in crate::engines::alloy) nodes: Vec<Node<'a>>,
    /// The first block of each name and label.
    pub(in crate::engines::alloy) ids: HashMap<(NameId, &'a str), u32>,
    /// Blocks whose name and label an earlier one has, with that one.
    pub(in crate::engines::alloy) twice: Vec<(u32, u32)>,
    /// `declare` by label.
    pub(in crate::engines::alloy) declares: HashMap<&'a str, u32>,
    /// `import.*` by label.
    pub(in crate::engines::alloy) imports: HashMap<&'a str, u32>,
    /// Attributes, which do not belong here.
    pub(in crate::engines::alloy) strays: Vec<(FileId, Attribute<'a>)>,
    /// Whether Alloy is known to load it.
    pub(in crate::engines::alloy) live: bool,
    /// How deep it lies.
    depth: u32,
}

/// Scopes inside of scopes are followed no deeper.
const DEPTH: u32 = 100;

impl<'a> Scope<'a> {
    fn new(kind: ScopeKind, parent: Option<(ScopeId, u32)>, depth: u32) -> Self {
        Self {
            kind,
            parent: parent.map(|p| p.0),
            owner: parent.map(|p| p.1),
            nodes: Vec::new(),
            ids: HashMap::default(),
            twice: Vec::new(),
            declares: HashMap::default(),
            imports: HashMap::default(),
            strays: Vec::new(),
            live: false,
            depth,
        }
    }

    fn add(&mut self, names: &mut Names<'a>, file: FileId, body: Body<'a>) {
        let count = body.stmts().count();
        self.nodes.reserve(count);
        self.ids.reserve(count);
        for stmt in body.stmts() {
            let block = match stmt {
                Stmt::Block(block) => block,
                Stmt::Attribute(attribute) => {
                    self.strays.push((file, attribute));
                    continue;
                }
            };
            let label = block.label().map_or("", |l| l.name());
            let written = block.name();
            let kind = builtin_block(&written, label);
            let name = names.add(written);
            let at = self.nodes.len() as u32;
            let first = *self.ids.entry((name, label)).or_insert(at);
            if first != at {
                self.twice.push((at, first));
            }
            match kind {
                Kind::Declare => _ = self.declares.entry(label).or_insert(at),
                Kind::Import => _ = self.imports.entry(label).or_insert(at),
                _ => {}
            }
            self.nodes.push(Node { file, block, name, label, kind, inner: None, imported: Imported::Unknown });
        }
    }
}

impl<'a> Program<'a> {
    /// Opens a scope for whole files, and all scopes inside.
    pub(super) fn open(&mut self, kind: ScopeKind, files: &[FileId]) -> ScopeId {
        let mut scope = Scope::new(kind, None, 0);
        for file in files {
            let body = self.files[*file as usize].parse.file.body();
            scope.add(&mut self.names, *file, body);
        }
        let id = self.scopes.len() as ScopeId;
        self.scopes.push(scope);
        // Scopes are added behind, and looked into when their turn comes: nesting costs no stack.
        let mut at = id as usize;
        while at < self.scopes.len() {
            self.open_inner(at as ScopeId);
            at += 1;
        }
        id
    }

    fn open_inner(&mut self, outer: ScopeId) {
        let depth = self.scopes[outer as usize].depth;
        for at in 0..self.scopes[outer as usize].nodes.len() {
            let node = &self.scopes[outer as usize].nodes[at];
            let (kind, body, file) = match node.kind {
                Kind::Declare => (ScopeKind::Declare, node.block.body(), node.file),
                Kind::Foreach => {
                    // Of several templates the last counts (grafana/alloy node_config_foreach.go@v1.19.0-rc.3).
                    let Some(template) = node.block.body().blocks("template").next_back() else { continue };
                    (ScopeKind::Template, template.body(), node.file)
                }
                _ => continue,
            };
            if depth >= DEPTH || self.scopes.len() >= SCOPES {
                return;
            }
            let mut scope = Scope::new(kind, Some((outer, at as u32)), depth + 1);
            scope.add(&mut self.names, file, body);
            let id = self.scopes.len() as ScopeId;
            self.scopes.push(scope);
            self.scopes[outer as usize].nodes[at].inner = Some(id);
        }
    }
}

impl Scope<'_> {
    /// Whether it may be imported: no blocks but `declare` and `import.*` (grafana/alloy
    /// internal/runtime/internal/controller/node_config_import.go `processImportedContent`@v1.19.0-rc.3).
    pub(super) fn is_library(&self) -> bool {
        self.strays.is_empty() && self.nodes.iter().all(|n| matches!(n.kind, Kind::Declare | Kind::Import))
    }
}

/// Whether a `foreach` certainly has something to repeat its template for.
pub(super) fn repeats(block: &Block<'_>) -> bool {
    let collection = block.body().attr("collection").map(|a| a.value().unparen().kind());
    matches!(collection, Some(ExprKind::Array(items)) if !items.is_empty())
}
