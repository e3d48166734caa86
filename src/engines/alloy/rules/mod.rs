//! Rules on Alloy files.

pub(super) mod community_flag;
pub(super) mod deprecated;
pub(super) mod duplicate_attribute;
pub(super) mod duplicate_block;
pub(super) mod duplicate_component;
pub(super) mod import_missing_file;
pub(super) mod invalid_enum;
pub(super) mod invalid_regex;
pub(super) mod label_invalid;
pub(super) mod missing_required;
pub(super) mod module_argument;
pub(super) mod reference_cycle;
pub(super) mod secret_to_string;
pub(super) mod stability_gate;
pub(crate) mod syntax;
pub(super) mod type_mismatch;
pub(super) mod unknown_attribute;
pub(super) mod unknown_block;
pub(super) mod unknown_component;
pub(super) mod unknown_export;
pub(super) mod unknown_function;
pub(super) mod unknown_reference;
pub(super) mod validate_cross_field;
pub(super) mod wrong_receiver;

use crate::engine::{FileCtx, FileRule, Findings};

/// All, by id.
pub static ALL: &[FileRule] = &[
    FileRule { rule: &community_flag::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &deprecated::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &duplicate_attribute::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &duplicate_block::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &duplicate_component::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &import_missing_file::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &invalid_enum::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &invalid_regex::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &label_invalid::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &missing_required::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &module_argument::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &reference_cycle::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &secret_to_string::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &stability_gate::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &syntax::RULE, kinds: &["alloy"], run: syntax::run },
    FileRule { rule: &type_mismatch::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &unknown_attribute::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &unknown_block::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &unknown_component::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &unknown_export::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &unknown_function::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &unknown_reference::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &validate_cross_field::RULE, kinds: &["alloy"], run: whole },
    FileRule { rule: &wrong_receiver::RULE, kinds: &["alloy"], run: whole },
];

/// Nothing by itself: a config may be several files, so these rules are told by the engine's check of an instance.
fn whole(_: &FileCtx<'_>, _: &mut Findings) {}
