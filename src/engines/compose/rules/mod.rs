//! Rules on compose files.

mod default_password;
mod floating_tag;
mod mount_missing;

use crate::engine::FileRule;

const KINDS: &[&str] = &["compose"];

/// All, by id.
pub static ALL: &[FileRule] = &[
    FileRule { rule: &floating_tag::RULE, kinds: KINDS, run: floating_tag::run },
    FileRule { rule: &mount_missing::RULE, kinds: KINDS, run: mount_missing::run },
    FileRule { rule: &default_password::RULE, kinds: KINDS, run: default_password::run },
];
