//! The stacks that are broken.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use vispyr::check;
use vispyr::engines;
use vispyr::link::{Linked, link};
use vispyr::source::{Edit, SourceId, Span};
use vispyr::symbol::Symbols;
use vispyr::tree::{RawTree, Service, Settings, Tree, WalkOptions, walk};

use crate::adapter::ROOT;
use crate::cases;
use crate::mutations::edit::from_the_end;
use crate::mutations::trees;
use crate::page::{self, Info};

/// A stack that runs.
pub(super) struct Host {
    pub(super) name: String,
    /// Whether nothing at all is said of it.
    pub(super) clean: bool,
    raw: RawTree,
    pub(super) tree: Tree,
    pub(super) symbols: Symbols,
}

impl Host {
    fn new(name: String, raw: RawTree, clean: bool) -> Self {
        let tree = engines::tree(raw.clone(), &Settings::default());
        let symbols = check::symbols(&tree);
        Self { name, clean, raw, tree, symbols }
    }

    /// The tree after some edits.
    pub(super) fn broken(&self, edits: &[Edit]) -> Tree {
        let mut raw = self.raw.clone();
        let mut edited: BTreeMap<&String, String> = BTreeMap::new();
        for edit in from_the_end(edits) {
            let source = self.tree.sources.get(edit.span.source);
            // Edits from the end leave what is before them in place, so that the first finds the text as it was read.
            let edited = edited.entry(&source.path).or_insert_with(|| source.text.to_string());
            edited.replace_range(edit.span.range(), &edit.text);
        }
        raw.files.extend(edited.into_iter().map(|(path, text)| (path.clone(), text.into_bytes())));
        engines::tree(raw, &Settings::default())
    }

    pub(super) fn linked(&self) -> Linked<'_> {
        link(&self.tree, &self.symbols)
    }

    /// The text of a source.
    pub(super) fn text(&self, source: SourceId) -> &str {
        self.tree.sources.text(source)
    }

    /// The text at a place.
    pub(super) fn slice(&self, span: Span) -> &str {
        self.tree.sources.slice(span)
    }

    /// The image of a service, else its name.
    pub(super) fn place(service: &Service) -> Span {
        service.image.as_ref().map_or(service.span, |i| i.span)
    }
}

/// Generated stacks, and the whole stacks of the case pages of which nothing is said.
pub(super) fn committed() -> Vec<Host> {
    let texts = |files: &[(String, String)]| {
        RawTree::from_texts(files.iter().map(|(path, text)| (path.as_str(), text.as_str())))
    };
    let mut hosts: Vec<Host> =
        trees::all().into_iter().map(|site| Host::new(site.name, texts(&site.files), true)).collect();
    for folder in ["src", "tests/cases"] {
        for path in cases::pages(&Path::new(ROOT).join(folder)) {
            let text = fs::read_to_string(&path).unwrap();
            let Ok(page) = page::parse(&text) else { continue };
            for case in page.cases {
                let files = case.files();
                let composed = files.iter().filter(|(p, _)| p.ends_with("compose.yaml")).count() == 1;
                // Pages of upgrades and broken text are no stacks, nor is what is found wanting.
                let whole = case.blocks.iter().all(|b| matches!(b.info, Info::File(_) | Info::Source(_)));
                if composed && whole && files.len() > 2 {
                    let stem = path.file_stem().unwrap().to_string_lossy();
                    let raw = RawTree::from_texts(files);
                    hosts.push(Host::new(format!("{stem}: {}", case.heading), raw, false));
                }
            }
        }
    }
    hosts
}

/// The stacks of the folders that `VISPYR_HOSTS` names: each folder in them is one, or holds several.
pub(super) fn real() -> Vec<Host> {
    let Ok(folders) = std::env::var("VISPYR_HOSTS") else { return Vec::new() };
    let mut found = BTreeMap::new();
    for folder in folders.split(':').map(Path::new) {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let entry = entry.path();
            let inner: Vec<_> = fs::read_dir(&entry).into_iter().flatten().flatten().map(|e| e.path()).collect();
            let stacks: Vec<_> = inner.into_iter().filter(|p| p.is_dir() && is_stack(p)).collect();
            if is_stack(&entry) || stacks.len() < 2 {
                found.insert(entry.display().to_string(), entry);
            } else {
                found.extend(stacks.into_iter().map(|p| (p.display().to_string(), p)));
            }
        }
    }
    let walked = found.into_iter().filter_map(|(name, path)| {
        let raw = walk(&[path], &WalkOptions::default()).ok()?;
        Some(Host::new(name, raw, false))
    });
    walked.filter(|h| !h.tree.services.is_empty()).collect()
}

fn is_stack(folder: &Path) -> bool {
    let names = ["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"];
    names.iter().any(|n| folder.join(n).is_file())
}
