//! Env files.

use crate::parse::{Document, Entry};
use crate::tree::{EnvVar, Format, Tree};

/// The variables of an env file of the tree; `None` when it is not there or cannot be read.
pub(super) fn variables(tree: &Tree, path: &str) -> Option<Vec<EnvVar>> {
    let (_, artifact) = tree.at(path).filter(|(_, a)| a.kind.format == Format::Dotenv)?;
    let root = artifact.data().and_then(Document::root)?;
    let read = |entry: Entry<'_>| {
        let text = entry.value.scalar().unwrap_or_default().to_owned();
        // A value that names other variables depends on more than this file.
        let known = !text.contains('$');
        let raw = text.clone();
        Some(EnvVar {
            name: entry.key.scalar()?.to_owned(),
            value: known.then_some(text),
            raw,
            span: entry.value.inner(),
        })
    };
    Some(root.entries().into_iter().filter_map(read).collect())
}
