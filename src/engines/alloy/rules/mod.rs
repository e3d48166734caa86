//! Rules on one Alloy file.

mod syntax;

use crate::engine::FileRule;

/// All, by id.
pub static ALL: &[FileRule] = &[FileRule { rule: &syntax::RULE, kinds: &["alloy"], run: syntax::run }];
