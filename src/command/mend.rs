//! `vispyr check --fix` and `--diff`: safe fixes are made in memory until none is left, then all files are written or none.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use similar::TextDiff;

use crate::check::{Options, check};
use crate::engines;
use crate::mend::{broken, encoded, generated, mend};
use crate::output::fs::{Disk, Fs};
use crate::output::{Replacement, replace_all};
use crate::report::clean;
use crate::tree::{RawTree, Settings};

use super::{Exit, Failure, Streams, found, trouble};

/// One fix may make room for another; a chain longer than this is a pair that undo each other.
const ROUNDS: usize = 10;

/// What would be written.
#[derive(Debug, Default)]
pub(super) struct Changes {
    /// By path: the bytes as they were read, and as they shall be.
    files: BTreeMap<String, (Vec<u8>, Vec<u8>)>,
    /// Findings mended.
    count: usize,
}

/// Mends a tree as often as it helps. Nothing is written.
pub(super) fn mended(raw: &mut RawTree, settings: &Settings, options: &Options) -> Changes {
    let mut changes = Changes::default();
    let mut closed: Option<BTreeSet<String>> = None;
    let mut before = engines::tree(raw.clone(), settings);
    for _ in 0..ROUNDS {
        let closed = closed.get_or_insert_with(|| generated(&before));
        let report = check(&before, options);
        let may = |path: &str| {
            // What an engine mounts is checked even where git ignores it; changing it is nobody's wish.
            !closed.contains(path)
                && raw.files.contains_key(path)
                && (raw.named.contains(path) || !before.is_ignored(path))
        };
        let round = mend(&before.sources, &report.diagnostics, &may);
        let mut new = Vec::new();
        let mut refused = BTreeSet::new();
        for (id, text) in &round.texts {
            let source = before.sources.get(*id);
            let bytes = raw.files.get(&source.path).map(Vec::as_slice).unwrap_or_default();
            match encoded(bytes, &source.text, source.shift, text) {
                Some(bytes) => new.push((source.path.clone(), bytes)),
                None => _ = refused.insert(source.path.clone()),
            }
        }
        if round.texts.is_empty() {
            break;
        }
        let mut next = raw.clone();
        next.files.extend(new.iter().cloned());
        let after = engines::tree(next.clone(), settings);
        refused.extend(broken(&before, &after, &new.iter().map(|(path, _)| path.clone()).collect()));
        if !refused.is_empty() {
            // A fix may span files, so the round is played again without any that touches one of these.
            closed.extend(refused);
            continue;
        }
        for (path, bytes) in new {
            let old = raw.files.get(&path).cloned().unwrap_or_default();
            changes.files.entry(path).or_insert_with(|| (old, Vec::new())).1 = bytes;
        }
        changes.count += round.count;
        (*raw, before) = (next, after);
    }
    changes.files.retain(|_, (old, new)| old != new);
    changes
}

/// Prints what would be written.
pub(super) fn diff(changes: &Changes, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    for (path, (old, new)) in &changes.files {
        let (old, new) = (String::from_utf8_lossy(old), String::from_utf8_lossy(new));
        let shown = clean(path);
        let text = TextDiff::from_lines(&*old, &*new);
        let headed =
            text.unified_diff().context_radius(3).header(&format!("a/{shown}"), &format!("b/{shown}")).to_string();
        write!(streams.out, "{headed}")?;
    }
    Ok(if changes.files.is_empty() { Exit::Clean } else { Exit::Found })
}

/// Writes all files or none.
pub(super) fn write(changes: &Changes, streams: &mut Streams<'_>) -> Result<(), Failure> {
    if changes.files.is_empty() {
        return Ok(());
    }
    // Two links may lead to one file, whose fixes are then the same.
    let mut all: BTreeMap<PathBuf, (Replacement, &str)> = BTreeMap::new();
    for (path, (old, new)) in &changes.files {
        let disk = PathBuf::from(path);
        let real = Disk.resolve(&disk).map_err(|e| trouble(format!("`{}`: {e}", clean(path))))?;
        let one = Replacement { path: disk, old: old.clone(), new: new.clone() };
        if let Some((other, shown)) = all.insert(real, (one, path))
            && other.new != *new
        {
            return Err(found(format!(
                "`{}` and `{}` are one file and need different fixes",
                clean(shown),
                clean(path)
            )));
        }
    }
    let all: Vec<Replacement> = all.into_values().map(|(one, _)| one).collect();
    replace_all(&Disk, &all).map_err(|e| trouble(e.to_string()))?;
    let plural = |n: usize| if n == 1 { "" } else { "s" };
    let (count, files) = (changes.count, all.len());
    writeln!(streams.err, "mended {count} finding{} in {files} file{}", plural(count), plural(files))?;
    Ok(())
}
