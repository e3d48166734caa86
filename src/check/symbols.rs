//! Symbol files that a `vispyr.toml` names and that cannot be linked with.

use crate::diagnostic::Diagnostic;
use crate::source::Spanned;
use crate::spec;
use crate::tree::{Presence, Tree, path};
use crate::vsym::Contents;

/// What is wrong with one of them; `None` also where nobody looked for it.
pub(super) fn fault(tree: &Tree, folder: &str, file: &Spanned<String>) -> Option<Diagnostic> {
    let at = path::join(folder, &file.value);
    let skipped = || tree.skipped.iter().find(|s| s.path == at).map(|s| format!("cannot be read: {}", s.reason));
    let fault = match tree.at(&at) {
        Some((_, artifact)) => match Contents::read(tree.sources.text(artifact.source)) {
            Ok(_) => return None,
            Err(fault) => format!("is no symbol file: {fault}"),
        },
        None if tree.presence(&at) == Presence::Absent => "does not exist".to_owned(),
        None => skipped()?,
    };
    let message = format!("`{}` {fault}, so nothing is linked with it", file.value);
    let help = "write it with `vispyr symbols` or `vispyr learn`, or take it out of the list";
    Some(Diagnostic::new(&spec::INVALID_VALUE, file.span, message).help(help))
}
