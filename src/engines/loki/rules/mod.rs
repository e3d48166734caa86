//! Rules on its files.

pub(super) mod delete_request_store;
pub(super) mod directory_missing;
pub(super) mod env_not_expanded;
pub(super) mod env_unset;
pub(super) mod flag_unknown;
pub(super) mod invalid_value;
mod metric_renamed;
pub(super) mod removed_key;
pub(super) mod replication_single;
pub(super) mod retention_below_24h;
pub(super) mod retention_inert;
pub(super) mod rule_invalid;
pub(super) mod schema_invalid;
pub(super) mod schema_structured_metadata;
pub(super) mod unknown_key;

use crate::diagnostic::Rule;
use crate::engine::FileRule;

/// Those that look at one file, by id.
pub static ALL: &[FileRule] = &[];

/// Those that look at the files of an instance, by id.
pub static WHOLE: &[&Rule] = &[
    &delete_request_store::RULE,
    &directory_missing::RULE,
    &env_not_expanded::RULE,
    &env_unset::RULE,
    &flag_unknown::RULE,
    &invalid_value::RULE,
    &metric_renamed::RULE,
    &removed_key::RULE,
    &replication_single::RULE,
    &retention_below_24h::RULE,
    &retention_inert::RULE,
    &rule_invalid::RULE,
    &schema_invalid::RULE,
    &schema_structured_metadata::RULE,
    &unknown_key::RULE,
];
