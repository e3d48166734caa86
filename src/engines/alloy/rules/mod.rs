//! Rules on Alloy files.

pub(super) mod auth_unwired;
pub(super) mod clustering_off;
pub(super) mod command_lost_defaults;
pub(super) mod community_flag;
pub(super) mod component_unused;
pub(super) mod deprecated;
pub(super) mod duplicate_attribute;
pub(super) mod duplicate_block;
pub(super) mod duplicate_component;
pub(super) mod duplicate_listener;
pub(super) mod env_unset;
pub(super) mod high_cardinality_label;
pub(super) mod import_missing_file;
pub(super) mod invalid_enum;
pub(super) mod invalid_ottl;
pub(super) mod invalid_regex;
pub(super) mod label_invalid;
pub(super) mod literal_secret;
pub(super) mod livedebugging_open;
pub(super) mod loki_stage_order;
pub(super) mod missing_required;
pub(super) mod module_argument;
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
pub(super) mod type_mismatch;
pub(super) mod ui_loopback;
pub(super) mod unknown_attribute;
pub(super) mod unknown_block;
pub(super) mod unknown_component;
pub(super) mod unknown_export;
pub(super) mod unknown_function;
pub(super) mod unknown_reference;
pub(super) mod url_no_scheme;
pub(super) mod validate_cross_field;
pub(super) mod wrong_receiver;

use crate::engine::{FileCtx, FileRule, Findings};

/// All, by id.
pub static ALL: &[FileRule] = &[
    FileRule { rule: &auth_unwired::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &clustering_off::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &command_lost_defaults::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &community_flag::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &component_unused::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &deprecated::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &duplicate_attribute::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &duplicate_block::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &duplicate_component::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &duplicate_listener::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &env_unset::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &high_cardinality_label::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &import_missing_file::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &invalid_enum::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &invalid_ottl::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &invalid_regex::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &label_invalid::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &literal_secret::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &livedebugging_open::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &loki_stage_order::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &missing_required::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &module_argument::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &otlp_no_protocol::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &ottl_context_moved::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &reference_cycle::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &relabel_noop::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &sampling_before_metrics::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &secret_to_string::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &signal_dropped::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &signal_unsupported::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &stability_gate::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &syntax::RULE, kinds: &["alloy"], run: syntax::run },
    FileRule { rule: &type_mismatch::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &ui_loopback::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &unknown_attribute::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &unknown_block::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &unknown_component::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &unknown_export::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &unknown_function::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &unknown_reference::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &url_no_scheme::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &validate_cross_field::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &wrong_receiver::RULE, kinds: &["alloy"], run: whole },
];

/// Nothing by itself: a config may be several files, so these rules are told by the engine's check of an instance.
fn whole(_: &FileCtx<'_>, _: &mut Findings) {}
