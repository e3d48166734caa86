//! Rules on its files.

pub(super) mod admin_api_open;
pub(super) mod agent_mode_field;
pub(super) mod alertmanager_unlinked;
pub(super) mod comparison_missing;
pub(super) mod config_not_mounted;
pub(super) mod duplicate;
pub(super) mod env_not_expanded;
pub(super) mod feature_unknown;
pub(super) mod flag_unknown;
pub(super) mod function_removed;
pub(super) mod ha_no_external_labels;
pub(super) mod invalid;
pub(super) mod invalid_value;
pub(super) mod le_label_missing;
pub(super) mod meta_label_unknown;
pub(super) mod native_histograms_off;
pub(super) mod recording_name;
pub(super) mod relabel_invalid;
pub(super) mod removed_key;
pub(super) mod retention_flag_deprecated;
pub(super) mod rule_file_missing;
pub(super) mod rule_glob_empty;
pub(super) mod unknown_key;

use crate::diagnostic::Rule;
use crate::engine::FileRule;

/// Those that look at one file, by id.
pub static ALL: &[FileRule] = &[];

/// Those that look at the files of an instance, by id.
pub static WHOLE: &[&Rule] = &[
    &admin_api_open::RULE,
    &agent_mode_field::RULE,
    &alertmanager_unlinked::RULE,
    &config_not_mounted::RULE,
    &env_not_expanded::RULE,
    &feature_unknown::RULE,
    &flag_unknown::RULE,
    &ha_no_external_labels::RULE,
    &invalid_value::RULE,
    &meta_label_unknown::RULE,
    &native_histograms_off::RULE,
    &relabel_invalid::RULE,
    &removed_key::RULE,
    &retention_flag_deprecated::RULE,
    &rule_file_missing::RULE,
    &rule_glob_empty::RULE,
    &unknown_key::RULE,
    &comparison_missing::RULE,
    &duplicate::RULE,
    &function_removed::RULE,
    &invalid::RULE,
    &le_label_missing::RULE,
    &recording_name::RULE,
];
