//! Which files of an instance are one config, which are configs of their own, and which only others import.

use foldhash::HashMap;

use super::{File, FileId, Kind, Names, Program, ScopeId, ScopeKind, Strings};
use crate::engine::Instance;
use crate::engines::alloy::symbols;
use crate::tree::{Artifact, ArtifactId, path};

/// What runs together.
pub(in crate::engines::alloy) struct Group {
    files: Vec<FileId>,
    /// Where the config lies, as the process sees it: for `module_path`.
    pub(super) folder: String,
    /// Whether a service runs exactly these.
    sure: bool,
}

impl<'a> Program<'a> {
    /// Reads an instance.
    pub(in crate::engines::alloy) fn new(instance: &Instance<'a>, strings: &'a Strings) -> Self {
        let mut program = Self {
            files: Vec::new(),
            names: Names::default(),
            scopes: Vec::new(),
            roots: Vec::new(),
            siblings: HashMap::default(),
            run: false,
            by_artifact: HashMap::default(),
            libraries: HashMap::default(),
        };
        let groups = program.groups(instance);
        program.run = groups.iter().any(|g| g.sure);
        let mut folders = Vec::new();
        for group in &groups {
            let scope = program.open(ScopeKind::Root, &group.files);
            program.roots.push(scope);
            folders.push((scope, group.folder.clone()));
            if let (false, [file]) = (group.sure, &*group.files) {
                program.files[*file as usize].scope = Some(scope);
            }
        }
        program.follow_imports(instance, strings, folders);
        program.set_libraries_apart();
        program.find_siblings();
        program.find_live();
        program
    }

    pub(super) fn add_file(&mut self, id: ArtifactId, artifact: &'a Artifact) -> Option<FileId> {
        if let Some(known) = self.by_artifact.get(&id) {
            return Some(*known);
        }
        let parse = artifact.alloy()?;
        let errors = artifact.syntax.iter().map(|e| e.span.start..e.span.end).collect();
        let (source, path) = (artifact.source, artifact.path.as_str());
        let file = self.files.len() as FileId;
        self.files.push(File { source, path, parse, errors, scope: None, imported: false, inside: None });
        self.by_artifact.insert(id, file);
        Some(file)
    }

    fn groups(&mut self, instance: &Instance<'a>) -> Vec<Group> {
        let config = instance.service.and_then(|(id, s)| Some((id, symbols::config(s)?.0)));
        let mut run: Vec<FileId> = Vec::new();
        let mut rest: Vec<FileId> = Vec::new();
        let mut folder = String::new();
        for (id, artifact) in instance.files.iter().filter(|(_, a)| a.kind.name == "alloy") {
            let read = config.as_ref().and_then(|(service, config)| {
                let reads = |at: &str| at == config || path::folder(at) == config && path::extension(at) == "alloy";
                artifact.used_by(*service).iter().find(|u| reads(&u.path))
            });
            // Files of one instance are distinct: no need to look for each among those before.
            let Some(parse) = artifact.alloy() else { continue };
            let errors = artifact.syntax.iter().map(|e| e.span.start..e.span.end).collect();
            let (source, path) = (artifact.source, artifact.path.as_str());
            self.files.push(File { source, path, parse, errors, scope: None, imported: false, inside: None });
            let file = self.files.len() as FileId - 1;
            self.by_artifact.insert(*id, file);
            if let Some(used) = read {
                folder = path::folder(&used.path).to_owned();
                run.push(file);
            } else {
                rest.push(file);
            }
        }
        let mut groups = Vec::new();
        if !run.is_empty() {
            groups.push(Group { files: run, folder, sure: true });
        }
        let alone = |file: FileId| {
            let folder = path::folder(self.files[file as usize].path).to_owned();
            Group { files: vec![file], folder, sure: false }
        };
        groups.extend(rest.into_iter().map(alone));
        groups
    }

    /// A file that another imports, and that may be imported, is no config.
    fn set_libraries_apart(&mut self) {
        for file in &self.files {
            let Some(scope) = file.scope.filter(|_| file.imported) else { continue };
            if self.scopes[scope as usize].is_library() {
                self.scopes[scope as usize].kind = ScopeKind::Library;
            }
        }
    }

    /// What each file of a folder defines, for the others.
    fn find_siblings(&mut self) {
        let roots = || self.roots.iter().filter(|r| self.scopes[**r as usize].kind == ScopeKind::Root);
        if self.run || roots().count() < 2 {
            return;
        }
        let mut siblings: HashMap<_, (u32, ScopeId)> = HashMap::default();
        for root in roots() {
            for id in self.scopes[*root as usize].ids.keys() {
                siblings.entry(*id).or_insert((0, *root)).0 += 1;
            }
        }
        self.siblings = siblings;
    }

    /// Marks what Alloy loads when it runs the configs: the body of a `declare` only where a component of its name
    /// stands in something that is loaded, a template only where there is something to repeat it for.
    fn find_live(&mut self) {
        let mut open: Vec<ScopeId> = Vec::new();
        for root in &self.roots {
            if self.scopes[*root as usize].kind == ScopeKind::Root {
                open.push(*root);
            }
        }
        while let Some(at) = open.pop() {
            if std::mem::replace(&mut self.scopes[at as usize].live, true) {
                continue;
            }
            for node in &self.scopes[at as usize].nodes {
                match node.kind {
                    Kind::Component => open.extend(self.called(at, self.names.text(node.name))),
                    Kind::Foreach if super::scope::repeats(&node.block) => open.extend(node.inner),
                    _ => {}
                }
            }
        }
    }

    /// The scopes that a component of that name loads.
    fn called(&self, scope: ScopeId, name: &str) -> Vec<ScopeId> {
        let inner = |(scope, node): (ScopeId, u32)| self.node(scope, node).inner;
        match name.split_once('.') {
            None => self.declare(scope, name).and_then(inner).into_iter().collect(),
            Some((space, rest)) => self.imported(scope, space, rest).into_iter().filter_map(inner).collect(),
        }
    }
}
