//! Rules on its files.

pub(super) mod env_not_expanded;
pub(super) mod env_unset;
pub(super) mod flag_unknown;
pub(super) mod invalid_value;
pub(super) mod removed_arg;
pub(super) mod removed_key;
pub(super) mod storage_required;
pub(super) mod unknown_key;

use crate::diagnostic::Rule;
use crate::engine::FileRule;

/// Those that look at one file, by id.
pub static ALL: &[FileRule] = &[];

/// Those that look at the files of an instance, by id.
pub static WHOLE: &[&Rule] = &[
    &env_not_expanded::RULE,
    &env_unset::RULE,
    &flag_unknown::RULE,
    &invalid_value::RULE,
    &removed_arg::RULE,
    &removed_key::RULE,
    &storage_required::RULE,
    &unknown_key::RULE,
];
