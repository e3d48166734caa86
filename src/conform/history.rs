//! What became of a key at a place. The place is its way from the top: upstream moves packages, and with them the names of
//! bodies, so that a body alone does not know what stood there before.

use crate::catalogue::schema::{At, Body, Field, Schema, Type, TypeKind};
use crate::catalogue::{self, Version};
use crate::parse::Node;

/// The field of every other key.
pub(super) const OTHERS: &str = "*";

/// What became of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum History {
    /// No release has it there.
    Never,
    /// This release is the first without it.
    Removed(Version),
    /// This release is the first with it.
    Later(Version),
}

/// The field of a key, or the one that stands for every other.
pub(super) fn field(body: Body, name: &str) -> Option<Field> {
    body.field(name).or_else(|| body.field(OTHERS))
}

/// The body that keys lead to; items of lists have none.
fn lead(at: At, root: &str, keys: &[&str]) -> Option<Body> {
    let mut body = at.root(root)?.body()?;
    let mut left = keys.iter();
    while let Some(key) = left.next() {
        let mut ty: Type = field(body, key)?.ty();
        body = loop {
            match ty.kind() {
                TypeKind::Object(body) => break body,
                TypeKind::List(of) => ty = of,
                TypeKind::Map(of) => {
                    ty = of;
                    // The key of an entry; without one the map itself is meant.
                    left.next()?;
                }
                _ => return None,
            }
        };
    }
    Some(body)
}

/// Whether some release takes a value at a place.
pub(super) fn ever(schema: Schema, root: &str, keys: &[&str], takes: impl Fn(Type) -> bool) -> bool {
    let Some((name, above)) = keys.split_last() else { return false };
    schema.versions().any(|v| {
        let Some(field) = lead(schema.at(v), root, above).and_then(|b| field(b, name)) else { return false };
        let mut ty = field.ty();
        // Items of a list have no key of their own.
        while let TypeKind::List(inner) = ty.kind() {
            ty = inner;
        }
        takes(ty)
    })
}

/// What became of `name` below `keys`, for a version that is without it there.
pub(super) fn history(schema: Schema, root: &str, keys: &[&str], name: &str, version: Version) -> History {
    let has = |v: Version| lead(schema.at(v), root, keys).is_some_and(|b| b.field(name).is_some());
    let before = schema.versions().take_while(|v| *v <= version).collect::<Vec<_>>();
    if let Some(last) = before.into_iter().rev().find(|v| has(*v)) {
        return schema.versions().find(|v| *v > last).map_or(History::Never, History::Removed);
    }
    schema.versions().skip_while(|v| *v <= version).find(|v| has(*v)).map_or(History::Never, History::Later)
}

/// Where else a file takes a key of that name, nearest to the top first; also under the name that it has where what it stood
/// under is part of it: `limits.compactor_blocks_retention_period` for `compactor.blocks_retention_period`.
pub(super) fn homes(at: At, root: &str, keys: &[&str], name: &str) -> Vec<String> {
    const DEEPEST: usize = 8;
    let long = keys.last().map(|above| format!("{above}_{name}"));
    let mut found = Vec::new();
    let mut open: Vec<(Body, Vec<&str>)> =
        at.root(root).and_then(|r| r.body()).map(|b| (b, Vec::new())).into_iter().collect();
    while !open.is_empty() && found.is_empty() {
        let mut below = Vec::new();
        for (body, path) in open {
            for field in body.fields() {
                if field.name() == name || Some(field.name()) == long.as_deref() {
                    found.push(path.iter().copied().chain([field.name()]).collect::<Vec<_>>().join("."));
                }
                if let TypeKind::Object(inner) = field.ty().kind()
                    && path.len() < DEEPEST
                {
                    below.push((inner, path.iter().copied().chain([field.name()]).collect()));
                }
            }
        }
        open = below;
    }
    found
}

/// Whether most keys at the top of a document are ones that some release of the engine takes in its config. What nobody mounts
/// may be something else that nests the same blocks, as the values of a chart do.
pub fn at_home(engine: &str, root: Node<'_>) -> bool {
    let Some(schema) = catalogue::schema::schema(engine) else { return true };
    let tops: Vec<Body> = schema.versions().rev().filter_map(|v| schema.at(v).file("config")).collect();
    let known = |name: &str| tops.iter().any(|b| field(*b, name).is_some());
    let strange = root.entries().iter().filter(|e| !known(e.name())).count();
    strange < 2 || strange == 2 && root.entries().len() > 4
}
