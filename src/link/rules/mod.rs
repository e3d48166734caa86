//! Rules on what files say to each other.

use super::LinkRule;

/// All, by id.
pub static ALL: &[LinkRule] = &[];
