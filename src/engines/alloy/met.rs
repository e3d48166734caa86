//! What the one walk over all blocks meets on its way, for those who look at the whole afterwards.

use vispyr_alloy::{Attribute, Reference};

use super::program::{Found, ScopeId};
use crate::catalogue::schema::Type;
use crate::symbol::Signal;

/// All of it, in the order of the blocks; of one block, its own attributes before those of blocks inside.
#[derive(Default)]
pub(super) struct Met<'a> {
    /// References, called functions left out.
    pub(super) references: Vec<Referred<'a>>,
    /// Attributes that take a secret and have a text, a list or an object.
    pub(super) secrets: Vec<Secret<'a>>,
}

/// A reference in a block.
pub(super) struct Referred<'a> {
    /// The scope of the block.
    pub(super) scope: ScopeId,
    /// The block.
    pub(super) node: u32,
    /// Whether it stands in a block inside of that.
    pub(super) inside: bool,
    /// The signal that its place in an `output` is for.
    pub(super) signal: Option<Signal>,
    /// What it leads to; `None` = nothing that is here.
    pub(super) found: Option<Found>,
    /// As it is written.
    pub(super) reference: Reference<'a>,
}

/// An attribute that takes a secret.
pub(super) struct Secret<'a> {
    /// The scope of the block.
    pub(super) scope: ScopeId,
    /// The block.
    pub(super) node: u32,
    /// As it is written.
    pub(super) attribute: Attribute<'a>,
    /// What it takes.
    pub(super) ty: Type,
}
