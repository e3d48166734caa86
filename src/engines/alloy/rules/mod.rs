//! Rules on Alloy files.

pub(super) mod auth_unwired;
pub(super) mod clustering_join;
pub(super) mod clustering_off;
pub(super) mod command_lost_defaults;
pub(super) mod command_no_run;
pub(super) mod community_flag;
pub(super) mod component_unused;
pub(super) mod data_not_persisted;
pub(super) mod deprecated;
pub(super) mod docker_targets;
pub(super) mod duplicate_attribute;
pub(super) mod duplicate_block;
pub(super) mod duplicate_component;
pub(super) mod duplicate_listener;
pub(super) mod ebpf_unprivileged;
pub(super) mod env_unset;
pub(super) mod exports_to_itself;
pub(super) mod file_glob;
pub(super) mod high_cardinality_label;
pub(super) mod import_missing_file;
pub(super) mod invalid_enum;
pub(super) mod invalid_ottl;
pub(super) mod invalid_regex;
pub(super) mod label_invalid;
pub(super) mod literal_secret;
pub(super) mod livedebugging_open;
pub(super) mod loki_stage_order;
pub(super) mod memory_limiter_missing;
pub(super) mod meta_label_unknown;
mod metric_renamed;
pub(super) mod missing_required;
pub(super) mod module_argument;
pub(super) mod native_histogram_off;
pub(super) mod otlp_no_protocol;
pub(super) mod ottl_context_moved;
pub(super) mod reference_cycle;
pub(super) mod relabel_noop;
pub(super) mod sampling_before_metrics;
pub(super) mod secret_to_string;
pub(super) mod signal_dropped;
pub(super) mod signal_unsupported;
pub(super) mod stability_gate;
pub(crate) mod syntax;
pub(super) mod tail_sampling_split;
pub(super) mod timestamp_layout;
pub(super) mod type_mismatch;
pub(super) mod unknown_attribute;
pub(super) mod unknown_block;
pub(super) mod unknown_component;
pub(super) mod unknown_export;
pub(super) mod unknown_function;
pub(super) mod unknown_reference;
pub(super) mod url_no_scheme;
pub(super) mod validate_cross_field;
pub(super) mod wrong_receiver;

use crate::diagnostic::Rule;
use crate::engine::FileRule;

/// Those that look at one file, by id.
pub static ALL: &[FileRule] = &[FileRule { rule: &syntax::RULE, kinds: &["alloy"], run: syntax::run }];

/// Those that look at a config, which may be several files, by id.
pub static WHOLE: &[&Rule] = &[
    &auth_unwired::RULE,
    &clustering_join::RULE,
    &clustering_off::RULE,
    &command_lost_defaults::RULE,
    &command_no_run::RULE,
    &community_flag::RULE,
    &component_unused::RULE,
    &data_not_persisted::RULE,
    &deprecated::RULE,
    &docker_targets::RULE,
    &duplicate_attribute::RULE,
    &duplicate_block::RULE,
    &duplicate_component::RULE,
    &duplicate_listener::RULE,
    &ebpf_unprivileged::RULE,
    &env_unset::RULE,
    &exports_to_itself::RULE,
    &file_glob::RULE,
    &high_cardinality_label::RULE,
    &import_missing_file::RULE,
    &invalid_enum::RULE,
    &invalid_ottl::RULE,
    &invalid_regex::RULE,
    &label_invalid::RULE,
    &literal_secret::RULE,
    &livedebugging_open::RULE,
    &loki_stage_order::RULE,
    &memory_limiter_missing::RULE,
    &meta_label_unknown::RULE,
    &metric_renamed::RULE,
    &missing_required::RULE,
    &module_argument::RULE,
    &native_histogram_off::RULE,
    &otlp_no_protocol::RULE,
    &ottl_context_moved::RULE,
    &reference_cycle::RULE,
    &relabel_noop::RULE,
    &sampling_before_metrics::RULE,
    &secret_to_string::RULE,
    &signal_dropped::RULE,
    &signal_unsupported::RULE,
    &stability_gate::RULE,
    &tail_sampling_split::RULE,
    &timestamp_layout::RULE,
    &type_mismatch::RULE,
    &unknown_attribute::RULE,
    &unknown_block::RULE,
    &unknown_component::RULE,
    &unknown_export::RULE,
    &unknown_function::RULE,
    &unknown_reference::RULE,
    &url_no_scheme::RULE,
    &validate_cross_field::RULE,
    &wrong_receiver::RULE,
];
