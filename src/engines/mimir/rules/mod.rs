//! Rules on its files.

pub(super) mod bucket_shared;
pub(super) mod env_not_expanded;
pub(super) mod env_unset;
pub(super) mod flag_unknown;
pub(super) mod invalid_value;
pub(super) mod paths_overlap;
pub(super) mod removed_key;
pub(super) mod replication_single;
pub(super) mod rule_invalid;
pub(super) mod unknown_key;

use crate::diagnostic::Rule;
use crate::engine::FileRule;

/// Those that look at one file, by id.
pub static ALL: &[FileRule] = &[];

/// Those that look at the files of an instance, by id.
pub static WHOLE: &[&Rule] = &[
    &bucket_shared::RULE,
    &env_not_expanded::RULE,
    &env_unset::RULE,
    &flag_unknown::RULE,
    &invalid_value::RULE,
    &paths_overlap::RULE,
    &removed_key::RULE,
    &replication_single::RULE,
    &rule_invalid::RULE,
    &unknown_key::RULE,
];
