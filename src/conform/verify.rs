//! Edits of a YAML file held to what they are meant to do: the text that results is read, and must differ from what was there
//! at the places that they name, and at no other.

use std::sync::Arc;

use crate::engine::Step;
use crate::parse::{Dialect, Document, Node, NodeKind, yaml};
use crate::source::{Edit, edited};

/// A value that holds no other: the keys above it, `[]` for a list, and what it says.
type Leaf = (Vec<String>, String);

/// What an item of a list stands under, whatever its place: an item that goes moves the others up.
const ITEM: &str = "[]";

/// Whether the edits of these steps leave all else as it is and put what moves at its places.
pub(super) fn holds(dialect: Dialect, document: &Document, steps: &[Step], placed: &[Vec<String>]) -> bool {
    let edits: Vec<&Edit> = steps.iter().flat_map(|s| &s.edits).collect();
    let Some(root) = document.root().filter(|_| !edits.is_empty()) else { return edits.is_empty() };
    let text: Arc<str> = edited(document.source_text(), edits.clone()).into();
    let (after, errors) = yaml(document.source(), &text, dialect);
    // A file of nothing but what goes has nothing left.
    let Some(new) = after.root() else { return errors.is_empty() && placed.is_empty() };
    if !errors.is_empty() || after.roots().len() != document.roots().len() {
        return false;
    }
    let mut old = Leaves::of(root, &edits);
    let mut new = Leaves::of(new, &[]);
    let there = |path: &Vec<String>| new.kept.iter().any(|(at, _)| at.starts_with(path));
    if !placed.iter().all(there) {
        return false;
    }
    old.written.extend(placed.iter().cloned());
    // A map that loses its last key is empty.
    let emptied = |(at, value): &Leaf| value.is_empty() && old.gone.iter().any(|gone| gone.starts_with(at));
    new.kept.retain(|leaf| !old.written.iter().any(|w| leaf.0.starts_with(w)) && !emptied(leaf));
    old.kept.retain(|leaf| !old.written.iter().any(|w| leaf.0.starts_with(w)));
    old.kept.sort_unstable();
    new.kept.sort_unstable();
    old.kept == new.kept
}

#[derive(Default)]
struct Leaves {
    /// What no edit touches.
    kept: Vec<Leaf>,
    /// Paths that edits take away.
    gone: Vec<Vec<String>>,
    /// Paths that edits write.
    written: Vec<Vec<String>>,
}

impl Leaves {
    fn of(root: Node<'_>, edits: &[&Edit]) -> Self {
        let mut all = Self::default();
        let mut stack = vec![(root, Vec::new())];
        while let Some((node, path)) = stack.pop() {
            let inner = if node.is_alias() { NodeKind::Scalar } else { node.kind() };
            match inner {
                NodeKind::Map if node.own_entries().len() > 0 => {
                    for entry in node.own_entries() {
                        let at = |name: &str| [path.as_slice(), &[name.to_owned()]].concat();
                        match touches(entry.key, edits) {
                            Some(edit) => {
                                all.gone.push(at(entry.name()));
                                all.written.extend((!edit.text.is_empty()).then(|| at(&edit.text)));
                            }
                            None => stack.push((entry.value, at(entry.name()))),
                        }
                    }
                }
                NodeKind::Seq if node.items().len() > 0 => {
                    let at = [path.as_slice(), &[ITEM.to_owned()]].concat();
                    for item in node.items() {
                        match touches(item, edits).filter(|e| e.span.contains(item.span())) {
                            Some(edit) if edit.span == item.inner() && !edit.text.is_empty() => {
                                all.written.push(at.clone())
                            }
                            Some(_) => all.gone.push(at.clone()),
                            None => stack.push((item, at.clone())),
                        }
                    }
                }
                _ => match touches(node, edits) {
                    Some(_) => all.written.push(path),
                    None => all.kept.push((path, said(node))),
                },
            }
        }
        all
    }
}

/// The edit that a key or a value falls to.
fn touches<'e>(node: Node<'_>, edits: &[&'e Edit]) -> Option<&'e Edit> {
    let span = node.span();
    edits.iter().copied().find(|e| e.span.start < span.end && span.start < e.span.end)
}

fn said(node: Node<'_>) -> String {
    match node.scalar() {
        Some(_) if node.is_null() => String::new(),
        Some(text) => text.to_owned(),
        None => String::new(),
    }
}
