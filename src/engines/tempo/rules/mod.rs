//! Rules on its files.

mod block_format_removed;
pub(super) mod env_not_expanded;
pub(super) mod env_unset;
pub(super) mod flag_unknown;
mod generator_no_processors;
mod generator_no_remote_write;
mod generator_no_storage;
pub(super) mod histogram_buckets;
pub(super) mod invalid_value;
pub(super) mod legacy_overrides;
mod local_blocks_no_storage;
pub(super) mod local_not_single;
mod metric_renamed;
mod processor_unknown;
mod receiver_invalid;
pub(super) mod removed_key;
pub(super) mod removed_target;
pub(super) mod retention_vs_poll;
pub(super) mod start_refused;
pub(super) mod storage_invalid;
pub(super) mod unknown_key;
pub(super) mod verify_warning;

use crate::catalogue::Version;
use crate::conform;
use crate::diagnostic::{Diagnostic, Rule};
use crate::engine::{FileCtx, FileRule};
use crate::parse::Node;

const KINDS: &[&str] = &["tempo-config"];

/// Those that look at one file, by id.
pub static ALL: &[FileRule] = &[
    FileRule { rule: &block_format_removed::RULE, kinds: KINDS, run: block_format_removed::run },
    FileRule { rule: &generator_no_processors::RULE, kinds: KINDS, run: generator_no_processors::run },
    FileRule { rule: &generator_no_remote_write::RULE, kinds: KINDS, run: generator_no_remote_write::run },
    FileRule { rule: &generator_no_storage::RULE, kinds: KINDS, run: generator_no_storage::run },
    FileRule { rule: &legacy_overrides::RULE, kinds: KINDS, run: legacy_overrides::run },
    FileRule { rule: &local_blocks_no_storage::RULE, kinds: KINDS, run: local_blocks_no_storage::run },
    FileRule {
        rule: &processor_unknown::RULE,
        kinds: &["tempo-config", "tempo-overrides"],
        run: processor_unknown::run,
    },
    FileRule { rule: &receiver_invalid::RULE, kinds: KINDS, run: receiver_invalid::run },
    FileRule { rule: &removed_target::RULE, kinds: KINDS, run: removed_target::run },
];

/// Those that look at the files of an instance, by id.
pub static WHOLE: &[&Rule] = &[
    &env_not_expanded::RULE,
    &env_unset::RULE,
    &flag_unknown::RULE,
    &histogram_buckets::RULE,
    &invalid_value::RULE,
    &local_not_single::RULE,
    &metric_renamed::RULE,
    &removed_key::RULE,
    &retention_vs_poll::RULE,
    &start_refused::RULE,
    &storage_invalid::RULE,
    &unknown_key::RULE,
    &verify_warning::RULE,
];

fn root<'a>(ctx: &FileCtx<'a>) -> Option<Node<'a>> {
    ctx.artifact.data()?.root()
}

/// The version that reads the file, when it is that release or a later one.
fn since(ctx: &FileCtx<'_>, major: u16, minor: u16) -> Option<Version> {
    let (version, _) = ctx.artifact.version.as_ref()?;
    (*version >= Version::new(major, minor, 0)).then_some(*version)
}

/// A finding that rests on the version: lighter where nobody named one.
fn weighed(ctx: &FileCtx<'_>, found: Diagnostic) -> Diagnostic {
    match &ctx.artifact.version {
        Some(version) => conform::weighed(found, "Tempo", version, true),
        None => found,
    }
}

/// Whether a process that reads the file has a flag, or may have one that is not seen.
fn may_have_flag(ctx: &FileCtx<'_>, name: &str) -> bool {
    let users = || ctx.artifact.uses.iter().map(|u| ctx.tree.service(u.service));
    users().next().is_none() || users().any(|s| s.build || s.args().is_none() || s.flag(name).is_some())
}
