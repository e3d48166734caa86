//! `vispyr.toml` → files, checked as they would stand on disk. Reads and writes nothing.

use crate::check;
use crate::emit::emit;
use crate::emitter::Emitted;
use crate::output::{ENV_KIND, TLS_KIND};
use crate::stack::{self, Stack};
use crate::tree::{Presence, RawTree, Settings, Tree};
use crate::{engines, spec, targets};

/// A planned stack with its files.
#[derive(Debug)]
pub(super) struct Generated {
    pub(super) stack: Stack,
    pub(super) files: Vec<Emitted>,
}

/// What the check of one's own output found.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) tree: Tree,
    pub(super) report: check::Report,
}

impl Generated {
    /// Plans and emits.
    pub(super) fn of(spec: &spec::Spec) -> Self {
        let stack = stack::plan(spec);
        let files = emit(&stack, &engines::emitter, targets::EMITTERS);
        Self { stack, files }
    }

    /// Kinds of files that this stack has.
    pub(super) fn kinds(&self) -> Vec<&'static str> {
        let mut kinds: Vec<&'static str> = self.files.iter().map(|f| f.kind).collect();
        kinds.extend((!self.stack.secrets.is_empty()).then_some(ENV_KIND));
        kinds.extend((!self.stack.secret_files.is_empty()).then_some(TLS_KIND));
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    }

    /// Checks the files, with stand-ins for those whose content is drawn when they are written.
    pub(super) fn check(&self) -> Checked {
        let mut raw = RawTree::from_texts(self.files.iter().map(|f| (f.path.as_str(), f.content.as_str())));
        for host in &self.stack.hosts {
            let mut text = String::new();
            for secret in self.stack.secrets.iter().filter(|s| s.folders.contains(&host.folder)) {
                text += &format!("{}={}\n", secret.variable, "x".repeat(secret.length.max(1)));
            }
            if !text.is_empty() {
                raw.add(host.path(".env"), text.into_bytes());
            }
        }
        for file in &self.stack.secret_files {
            let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
            raw.paths.insert(folder.to_owned(), Presence::Folder);
            raw.paths.insert(file.path.clone(), Presence::File);
        }
        let tree = engines::tree(raw, &Settings::default());
        let report = check::check(&tree, &check::Options::default());
        Checked { tree, report }
    }
}
