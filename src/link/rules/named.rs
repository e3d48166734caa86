//! What is known by its name alone, as rules look at it.

use std::collections::BTreeSet;

use crate::link::Linked;
use crate::source::Span;
use crate::symbol::{Export, Import, NameRef, Owner, Thing};

/// The things of some kinds.
pub(super) struct Known<'a> {
    /// Their names.
    pub(super) names: BTreeSet<&'a str>,
    /// Where somebody says that these are all.
    pub(super) all: Option<Span>,
}

impl<'a> Known<'a> {
    /// Of a whole tree, what symbol files tell of included.
    pub(super) fn of(linked: &Linked<'a>, things: &[Thing]) -> Self {
        let mut known = Self { names: BTreeSet::new(), all: None };
        for (_, export) in &linked.symbols.exports {
            match export {
                Export::Named(named) if things.contains(&named.thing) => {
                    known.names.insert(&named.name);
                }
                Export::AllNamed { thing, span } if things.contains(thing) => known.all = known.all.or(Some(*span)),
                _ => {}
            }
        }
        known
    }
}

/// Who asks for things of some kinds, in the order of the files.
pub(super) fn wanted<'a>(linked: &Linked<'a>, things: &[Thing]) -> impl Iterator<Item = (Owner, &'a NameRef)> {
    linked.symbols.imports.iter().filter_map(move |(owner, import)| match import {
        Import::Named(wanted) if things.contains(&wanted.thing) => Some((*owner, wanted)),
        _ => None,
    })
}
