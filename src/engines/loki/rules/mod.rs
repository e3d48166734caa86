//! Rules on its files.

pub(super) mod flag_unknown;
pub(super) mod invalid_value;
mod metric_renamed;
pub(super) mod removed_key;
pub(super) mod unknown_key;

use crate::diagnostic::Rule;
use crate::engine::FileRule;

/// Those that look at one file, by id.
pub static ALL: &[FileRule] = &[];

/// Those that look at the files of an instance, by id.
pub static WHOLE: &[&Rule] =
    &[&flag_unknown::RULE, &invalid_value::RULE, &metric_renamed::RULE, &removed_key::RULE, &unknown_key::RULE];
