//! Rules on one file.

use crate::engine::FileRule;

/// All, by id.
pub static ALL: &[FileRule] = &[];
