//! Rules on one Alloy file.

pub(crate) mod syntax;

use crate::engine::FileRule;

/// All, by id.
pub static ALL: &[FileRule] = &[FileRule { rule: &syntax::RULE, kinds: &["alloy"], run: syntax::run }];
