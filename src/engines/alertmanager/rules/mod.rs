//! Rules on its files.

pub(super) mod env_not_expanded;
pub(super) mod flag_unknown;
pub(super) mod invalid_value;
pub(super) mod matcher_invalid;
pub(super) mod no_integration;
pub(super) mod receiver_invalid;
pub(super) mod receiver_undefined;
pub(super) mod route_invalid;
pub(super) mod template_invalid;
pub(super) mod time_undefined;
pub(super) mod unknown_key;

use crate::diagnostic::Rule;
use crate::engine::FileRule;

/// Those that look at one file, by id.
pub static ALL: &[FileRule] = &[];

/// Those that look at the files of an instance, by id.
pub static WHOLE: &[&Rule] = &[
    &env_not_expanded::RULE,
    &flag_unknown::RULE,
    &invalid_value::RULE,
    &matcher_invalid::RULE,
    &no_integration::RULE,
    &receiver_invalid::RULE,
    &receiver_undefined::RULE,
    &route_invalid::RULE,
    &template_invalid::RULE,
    &time_undefined::RULE,
    &unknown_key::RULE,
];
