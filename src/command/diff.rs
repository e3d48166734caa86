//! `vispyr diff`.

use std::path::{Path, PathBuf};

use crate::check::Options;
use crate::diff::compare;
use crate::engines;
use crate::report::{ChangesFormat, render_changes};
use crate::tree::{RawTree, Settings, WalkOptions, revision, walk};

use super::args::{Diff, DiffFormat};
use super::{Exit, Failure, Streams, trouble};

/// One of the two trees, as the user names it.
enum Named {
    /// A folder.
    Folder(PathBuf),
    /// A revision of git, seen from a folder.
    Revision(String, PathBuf),
}

pub(super) fn run(args: &Diff, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    let (old, new) = named(args)?;
    let settings = Settings::default();
    let (old, new) = (engines::tree(read(&old)?, &settings), engines::tree(read(&new)?, &settings));
    let difference = compare(&old, &new, &Options::default());
    let format = match args.format {
        DiffFormat::Text => ChangesFormat::Text,
        DiffFormat::Json => ChangesFormat::Json,
        DiffFormat::Markdown => ChangesFormat::Markdown,
    };
    render_changes(&difference, format, streams.out)?;
    Ok(if difference.loses() { Exit::Found } else { Exit::Clean })
}

/// `old/ new/`, `main HEAD`, `main..HEAD`, each with the folder that is meant; `main` alone against what is there now.
fn named(args: &Diff) -> Result<(Named, Named), Failure> {
    let folder = |text: &str| Path::new(text).is_dir();
    let range = args.old.split_once("..").filter(|_| !folder(&args.old));
    let (old, new, at) = match (range, &args.new, &args.path) {
        (Some((old, new)), path, None) => (old, Some(new.strip_prefix('.').unwrap_or(new)), path),
        (None, new, path) => (args.old.as_str(), new.as_deref(), path),
        (Some(_), ..) => return Err(trouble(format!("`{}` names both revisions: only a folder may follow", args.old))),
    };
    let at = at.as_deref().map(PathBuf::from);
    let name = |text: &str| match (&at, range) {
        (None, None) if folder(text) => Named::Folder(PathBuf::from(text)),
        // `main..` means what is checked out, as git has it.
        _ => {
            let text = if text.is_empty() { "HEAD" } else { text };
            Named::Revision(text.to_owned(), at.clone().unwrap_or_else(|| PathBuf::from(".")))
        }
    };
    let new = match new {
        Some(new) => name(new),
        None => Named::Folder(PathBuf::from(".")),
    };
    Ok((name(old), new))
}

fn read(named: &Named) -> Result<RawTree, Failure> {
    match named {
        Named::Folder(folder) => {
            let raw = walk(std::slice::from_ref(folder), &WalkOptions { outer: false, ..WalkOptions::default() })
                .map_err(|e| trouble(e.to_string()))?;
            Ok(raw.seen_from(folder))
        }
        Named::Revision(name, folder) => {
            if !folder.is_dir() {
                return Err(trouble(format!("`{}` is no folder", folder.display())));
            }
            revision(folder, name).map_err(|e| trouble(e.to_string()))
        }
    }
}
