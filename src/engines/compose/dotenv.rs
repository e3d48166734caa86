//! Env files.

use std::cell::Cell;

use crate::parse::{Document, Entry};
use crate::tree::{EnvVar, Format, Tree};

/// Bytes of an env file that count as one value.
pub(super) const BYTES_OF_A_VALUE: usize = 16;

/// The variables of an env file of the tree; `None` when it is not there or cannot be read.
/// So is one that is larger than what may still be taken from elsewhere: thousands of services may name one large file.
pub(super) fn variables(tree: &Tree, path: &str, left: &Cell<usize>) -> Option<Vec<EnvVar>> {
    let (_, artifact) = tree.at(path).filter(|(_, a)| a.kind.format == Format::Dotenv)?;
    let cost = tree.sources.text(artifact.source).len() / BYTES_OF_A_VALUE + 1;
    left.set(left.get().checked_sub(cost)?);
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
