//! `vispyr check --baseline` and `--write-baseline`: the file of known findings on disk.

use std::path::Path;

use crate::check::Options;
use crate::check::baseline::{Baseline, Entry};
use crate::diagnostic::Diagnostic;
use crate::output::fs::{Disk, Entry as Node, Fs};
use crate::output::replace;
use crate::report::clean;
use crate::source::Sources;
use crate::tree::{Presence, Tree};

use super::{Failure, Streams, trouble};

/// A baseline of a million findings is none.
const LARGEST: u64 = 256 << 20;

/// What files get that are not there yet.
const MODE: u32 = 0o644;

pub(super) fn read(path: &Path) -> Result<Baseline, Failure> {
    let shown = path.display();
    let unreadable = |e: std::io::Error| trouble(format!("`{shown}` cannot be read: {e}"));
    let real = Disk.resolve(path).map_err(unreadable)?;
    let Some(Node::File { size, .. }) = Disk.entry(&real).map_err(unreadable)? else {
        return Err(trouble(format!("`{shown}` is no regular file")));
    };
    if size > LARGEST {
        return Err(trouble(format!("`{shown}` is too large for a baseline")));
    }
    let text = String::from_utf8(Disk.read(&real).map_err(unreadable)?);
    let text = text.map_err(|_| trouble(format!("`{shown}` is no baseline: it is not UTF-8")))?;
    Baseline::read(&text).map_err(|e| trouble(format!("`{shown}` is no baseline: {e}")))
}

pub(super) fn write(
    path: &Path,
    sources: &Sources,
    all: &[Diagnostic],
    streams: &mut Streams<'_>,
) -> Result<(), Failure> {
    let shown = path.display();
    let unwritten = |e: std::io::Error| trouble(format!("`{shown}` cannot be written: {e}"));
    let text = Baseline::of(sources, all).text();
    let there = Disk.entry(path).map_err(unwritten)?.is_some();
    if there {
        replace(&Disk, path, text.as_bytes()).map_err(unwritten)?;
    } else {
        Disk.create(path, text.as_bytes(), MODE).map_err(unwritten)?;
    }
    let plural = if all.len() == 1 { "" } else { "s" };
    writeln!(streams.err, "`{shown}` knows {} finding{plural}", all.len())?;
    Ok(())
}

/// Says which entries are over, so that they do not hide a finding of tomorrow. Only of files and rules that this run looked
/// at: who checks one folder hears nothing of the others.
pub(super) fn stale(all: &[Entry], tree: &Tree, options: &Options, streams: &mut Streams<'_>) -> Result<(), Failure> {
    let rules = crate::check::rules();
    for entry in all {
        let looked_at = matches!(tree.presence(&entry.path), Presence::File | Presence::Absent);
        let wanted = rules.iter().find(|r| r.id == entry.rule).is_none_or(|r| options.wants(r));
        if looked_at && wanted {
            let (path, rule) = (clean(&entry.path), clean(&entry.rule));
            let message = clean(&entry.message);
            writeln!(streams.err, "info: the baseline knows {} `{rule}` too many in `{path}`: {message}", entry.count)?;
        }
    }
    Ok(())
}
