//! Imports: from the path that is written to the files of the tree that Alloy would read, or to the string.

use std::borrow::Cow;
use std::collections::HashMap;

use vispyr_alloy::{Expr, ExprKind, TokenKind};

use super::scope::Imported;
use super::{File, FileId, Kind, Program, ScopeId, ScopeKind, Strings};
use crate::engine::Instance;
use crate::tree::{ArtifactId, Inside, MountSource, Presence, Service, Tree, path};

/// Imports beyond this many are not followed.
const IMPORTS: usize = 10_000;

/// What lies at a path.
enum There {
    /// These files.
    Files(Vec<ArtifactId>),
    /// Nothing; whether that is beyond doubt.
    Nothing { sure: bool },
    /// Not known.
    Unknown,
}

impl<'a> Program<'a> {
    /// Opens what the configs import, and what that imports.
    pub(super) fn follow_imports(
        &mut self,
        instance: &Instance<'a>,
        strings: &'a Strings,
        mut open: Vec<(ScopeId, String)>,
    ) {
        let mut folders: HashMap<ScopeId, String> = HashMap::new();
        let mut left = IMPORTS;
        while let Some((root, folder)) = open.pop() {
            folders.insert(root, folder);
            for scope in self.scopes_of(root) {
                for node in 0..self.scopes[scope as usize].nodes.len() {
                    let is_import = self.scopes[scope as usize].nodes[node].kind == Kind::Import;
                    if !is_import || left == 0 {
                        continue;
                    }
                    left -= 1;
                    let folder = folders.get(&root).cloned().unwrap_or_default();
                    let (imported, opened) = match self.names.text(self.scopes[scope as usize].nodes[node].name) {
                        "import.file" => self.import_file(instance, scope, node, &folder),
                        "import.string" => self.import_string(strings, scope, node, folder),
                        _ => continue,
                    };
                    // Each file of a folder counts: a folder of thousands may be imported thousands of times.
                    if let Imported::Libraries(libraries) = &imported {
                        left = left.saturating_sub(libraries.len());
                    }
                    self.scopes[scope as usize].nodes[node].imported = imported;
                    open.extend(opened);
                }
            }
        }
    }

    /// A root and the scopes inside of it: they were opened right behind.
    fn scopes_of(&self, root: ScopeId) -> Vec<ScopeId> {
        let inner = (root + 1..self.scopes.len() as ScopeId).take_while(|s| self.scopes[*s as usize].parent.is_some());
        std::iter::once(root).chain(inner).collect()
    }

    fn import_file(
        &mut self,
        instance: &Instance<'a>,
        scope: ScopeId,
        node: usize,
        folder: &str,
    ) -> (Imported, Vec<(ScopeId, String)>) {
        let body = self.scopes[scope as usize].nodes[node].block.body();
        let from = self.files[self.scopes[scope as usize].nodes[node].file as usize].path;
        let Some(written) = body.attr("filename").and_then(|a| text(a.value(), folder, 0)) else {
            return (Imported::Unknown, Vec::new());
        };
        let service = instance.service.map(|(_, s)| s);
        let (there, at) = match service {
            Some(service) => {
                let at = service.path("/", &written);
                (mounted(instance.tree, service, &at), at)
            }
            None => (beside(instance.tree, from, &written), path::join(path::folder(from), &written)),
        };
        let found = match there {
            There::Unknown => return (Imported::Unknown, Vec::new()),
            There::Nothing { sure } => return (Imported::Missing { path: written.into_owned(), sure }, Vec::new()),
            There::Files(found) => found,
        };
        let (mut libraries, mut opened) = (Vec::new(), Vec::new());
        for id in found {
            let Some(file) = self.add_file(id, instance.tree.artifact(id)) else {
                return (Imported::Unknown, opened);
            };
            self.files[file as usize].imported = true;
            let known = self.libraries.get(&file).copied();
            let scope = known.unwrap_or_else(|| {
                let scope = self.library(file);
                let inside = if path::extension(&at) == "alloy" { path::folder(&at) } else { &at };
                opened.push((scope, inside.to_owned()));
                scope
            });
            libraries.push(scope);
        }
        (Imported::Libraries(libraries), opened)
    }

    fn import_string(
        &mut self,
        strings: &'a Strings,
        scope: ScopeId,
        node: usize,
        folder: String,
    ) -> (Imported, Vec<(ScopeId, String)>) {
        let import = &self.scopes[scope as usize].nodes[node];
        let content = import.block.body().attr("content").map(|a| a.value());
        let Some(parse) = content.and_then(|c| strings.read(c)) else { return (Imported::Unknown, Vec::new()) };
        let File { source, path, .. } = self.files[import.file as usize];
        let errors = parse.errors.iter().map(|e| e.range.clone()).collect();
        let inside = Some((scope, node as u32));
        self.files.push(File { source, path, parse, errors, scope: None, imported: true, inside });
        let module = self.library(self.files.len() as FileId - 1);
        (Imported::Libraries(vec![module]), vec![(module, folder)])
    }

    /// The scope of a file that is imported.
    fn library(&mut self, file: FileId) -> ScopeId {
        let scope = match self.files[file as usize].scope {
            Some(scope) => scope,
            None => {
                let scope = self.open(ScopeKind::Library, &[file]);
                self.roots.push(scope);
                scope
            }
        };
        self.libraries.insert(file, scope);
        scope
    }

    /// The `declare`s that `space.name` may mean. Empty when there is none of that name, or when it is not known what is
    /// imported: [`Program::is_imported`] tells.
    pub(in crate::engines::alloy) fn imported(&self, scope: ScopeId, space: &str, name: &str) -> Vec<(ScopeId, u32)> {
        let Some((at, import)) = self.import(scope, space) else { return Vec::new() };
        let Imported::Libraries(libraries) = &self.node(at, import).imported else { return Vec::new() };
        libraries.iter().filter_map(|l| Some((*l, *self.scope(*l).declares.get(name)?))).collect()
    }

    /// All that an import declares, as far as it is known.
    pub(in crate::engines::alloy) fn imported_names(&self, scope: ScopeId, space: &str) -> Vec<&'a str> {
        let Some((at, import)) = self.import(scope, space) else { return Vec::new() };
        let Imported::Libraries(libraries) = &self.node(at, import).imported else { return Vec::new() };
        let mut names: Vec<&'a str> = libraries.iter().flat_map(|l| self.scope(*l).declares.keys().copied()).collect();
        names.sort_unstable();
        names
    }

    /// Whether all that an import brings in is known.
    pub(in crate::engines::alloy) fn is_imported(&self, scope: ScopeId, import: u32) -> bool {
        let Imported::Libraries(libraries) = &self.node(scope, import).imported else { return false };
        let broken = |l: &ScopeId| self.scope(*l).nodes.iter().any(|n| !self.file(n).errors.is_empty());
        !libraries.is_empty() && !libraries.iter().any(broken)
    }
}

/// The text of an expression, where it is literal but for `module_path`.
fn text<'a>(expr: Expr<'a>, module_path: &str, depth: u32) -> Option<Cow<'a, str>> {
    if depth > 20 {
        return None;
    }
    match expr.unparen().kind() {
        ExprKind::String(literal) => Some(literal.value()),
        ExprKind::Ident(ident) if ident.name() == "module_path" && !module_path.is_empty() => {
            Some(Cow::Owned(module_path.to_owned()))
        }
        ExprKind::Binary { op: TokenKind::Add, left, right } => {
            let (left, right) = (text(left, module_path, depth + 1)?, text(right, module_path, depth + 1)?);
            Some(Cow::Owned(left.into_owned() + &right))
        }
        ExprKind::Call { callee, args } if callee.as_reference().is_some_and(|r| r.path() == "file.path_join") => {
            let parts: Option<Vec<_>> = args.iter().map(|a| text(a, module_path, depth + 1)).collect();
            Some(Cow::Owned(path::clean(&parts?.join("/"))))
        }
        _ => None,
    }
}

/// What a service has at a path of its container.
fn mounted(tree: &Tree, service: &Service, at: &str) -> There {
    let covering = service.mounts.iter().filter_map(|m| Some((m, path::below(at, &m.target)?)));
    let Some((mount, rest)) = covering.max_by_key(|(m, _)| m.target.len()) else {
        let nothing = tree.inside(service, at) == Inside::Nothing;
        return if nothing { There::Nothing { sure: true } } else { There::Unknown };
    };
    let MountSource::Bind(source) = &mount.source else { return There::Unknown };
    let host = if rest.is_empty() { source.clone() } else { path::join(source, rest) };
    on_disk(tree, &host, true)
}

/// What lies at a path of the tree.
fn on_disk(tree: &Tree, host: &str, sure: bool) -> There {
    match tree.presence(host) {
        Presence::File => {
            tree.at(host).filter(|(_, a)| a.alloy().is_some()).map_or(There::Unknown, |(id, _)| There::Files(vec![id]))
        }
        Presence::Folder => There::Files(alloy_files(tree, host)),
        Presence::Absent => There::Nothing { sure: sure && !tree.is_ignored(host) },
        Presence::Closed | Presence::Unknown => There::Unknown,
    }
}

/// The files that Alloy reads of a folder: those of it, not of its folders
/// (grafana/alloy internal/nodeconf/importsource/file.go `collectFilesFromDir`@v1.19.0-rc.3).
fn alloy_files(tree: &Tree, folder: &str) -> Vec<ArtifactId> {
    let here =
        tree.below(folder).filter(|(_, a)| path::folder(&a.path) == folder && path::extension(&a.path) == "alloy");
    here.filter(|(_, a)| a.alloy().is_some()).map(|(id, _)| id).collect()
}

/// What a path means for a config that nothing is known to run. It is relative to where Alloy is started, which may be
/// the folder of the config or one above.
fn beside(tree: &Tree, from: &str, written: &str) -> There {
    if written.starts_with('/') {
        return There::Unknown;
    }
    let mut folder = Some(path::folder(from));
    let mut first = true;
    while let Some(here) = folder {
        if let found @ There::Files(_) = on_disk(tree, &path::join(here, written), false) {
            return found;
        }
        if first && !tree.is_listed(here) {
            return There::Unknown;
        }
        first = false;
        folder = path::parent(here);
    }
    let name = path::name(written);
    let somewhere = tree.paths.keys().any(|p| path::name(p) == name);
    if somewhere || name.is_empty() { There::Unknown } else { There::Nothing { sure: false } }
}
