//! Many files change as one: all are staged beside their places, a journal says what is to be done, then each is renamed.
//! A run that dies before the journal says `commit` is undone by the next run, one that dies after is finished by it.

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::compare::Root;
use super::error::{Error, doing};
use super::fs::{Entry, Fs, SECRET};
use super::manifest::{digest, inside};

const JOURNAL: &str = ".vispyr/journal";
const JOURNAL_STAGED: &str = ".vispyr/.journal.vispyr-new";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum State {
    /// Files are being staged: nothing has been changed.
    Stage,
    /// All files are staged: everything will be changed.
    Commit,
}

/// What is to be done. Mode 0600, since it holds digests of secrets until it is removed.
#[derive(Debug, Serialize, Deserialize)]
struct Journal {
    version: u32,
    state: State,
    /// Folders to make, outer ones first.
    folders: Vec<String>,
    writes: Vec<Planned>,
    removes: Vec<Removal>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Planned {
    path: String,
    /// Digest of what stood there; `None` = nothing.
    old: Option<String>,
    /// Digest of what will.
    new: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct Removal {
    path: String,
    old: String,
}

/// A set of changes.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) writes: Vec<Write>,
    /// Paths with the digest of what may be removed.
    pub(super) removes: Vec<(String, String)>,
}

/// One file to write.
#[derive(Debug)]
pub(super) struct Write {
    pub(super) path: String,
    pub(super) content: Vec<u8>,
    pub(super) mode: u32,
    /// Digest of what may be overwritten; `None` = nothing may.
    pub(super) old: Option<String>,
}

/// What the journal of an interrupted run led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Recovered {
    /// There was none.
    Nothing,
    /// The interrupted run had changed nothing; its staged files are gone.
    Undone,
    /// The interrupted run is finished; files that were edited in between are named and kept.
    Finished(Vec<String>),
}

/// Whether an interrupted run waits to be undone or finished.
pub(super) fn pending(fs: &dyn Fs, root: &Root) -> bool {
    [JOURNAL, JOURNAL_STAGED].iter().any(|p| matches!(fs.entry(&root.path.join(p)), Ok(Some(_))))
}

/// Undoes or finishes what an interrupted run left.
pub(super) fn recover(fs: &dyn Fs, root: &Root) -> Result<Recovered, Error> {
    remove(fs, root, JOURNAL_STAGED)?;
    let Some(content) = root.read(fs, JOURNAL)? else { return Ok(Recovered::Nothing) };
    let journal: Option<Journal> = serde_json::from_slice(&content.bytes.unwrap_or_default()).ok();
    let valid = |j: &Journal| {
        let paths = j.writes.iter().map(|w| &w.path).chain(j.removes.iter().map(|r| &r.path));
        j.version == 1 && paths.chain(&j.folders).all(|p| inside(p))
    };
    // It is renamed into place whole, so that a damaged one is not ours.
    let Some(journal) = journal.filter(valid) else {
        return Err(Error::Input(format!("`{JOURNAL}` is damaged: remove it, then run `vispyr gen --check`")));
    };
    match journal.state {
        State::Stage => undo(fs, root, &journal).map(|()| Recovered::Undone),
        State::Commit => finish(fs, root, &journal).map(Recovered::Finished),
    }
}

/// Makes all changes or none.
pub(super) fn apply(fs: &dyn Fs, root: &Root, batch: &Batch) -> Result<Vec<String>, Error> {
    let mut journal = Journal {
        version: 1,
        state: State::Stage,
        folders: missing_folders(fs, root, batch)?,
        writes: batch
            .writes
            .iter()
            .map(|w| Planned { path: w.path.clone(), old: w.old.clone(), new: digest(&w.content) })
            .collect(),
        removes: batch.removes.iter().map(|(path, old)| Removal { path: path.clone(), old: old.clone() }).collect(),
    };
    for write in &batch.writes {
        let staged = staged(&write.path);
        let place = root.place(fs, &staged)?;
        if fs.entry(&place).map_err(doing("read", &staged))?.is_some() {
            return Err(Error::Input(format!("`{staged}` is in the way: remove it")));
        }
    }
    let prepared = save(fs, root, &journal).and_then(|()| stage(fs, root, &journal, batch)).and_then(|()| {
        journal.state = State::Commit;
        save(fs, root, &journal)
    });
    if let Err(error) = prepared {
        // What cannot be undone now, the next run undoes or finishes.
        return Err(if matches!(give_up(fs, root), Ok(true)) { error } else { interrupted(error) });
    }
    finish(fs, root, &journal).map_err(interrupted)
}

fn interrupted(error: Error) -> Error {
    match error {
        Error::Io { doing, path, error, .. } => Error::Io { doing, path, error, interrupted: true },
        other => other,
    }
}

/// Undoes a failed staging, but only when the journal on disk agrees that nothing has been decided. Whether it is undone.
fn give_up(fs: &dyn Fs, root: &Root) -> Result<bool, Error> {
    remove(fs, root, JOURNAL_STAGED)?;
    let Some(content) = root.read(fs, JOURNAL)? else { return Ok(true) };
    match serde_json::from_slice::<Journal>(&content.bytes.unwrap_or_default()) {
        Ok(journal) if journal.state == State::Stage => undo(fs, root, &journal).map(|()| true),
        _ => Ok(false),
    }
}

/// Writes the journal: whole or not at all.
fn save(fs: &dyn Fs, root: &Root, journal: &Journal) -> Result<(), Error> {
    let text = serde_json::to_string(journal).unwrap_or_default();
    let staged = root.path.join(JOURNAL_STAGED);
    fs.create(&staged, text.as_bytes(), SECRET).map_err(doing("write", JOURNAL_STAGED))?;
    // The first state only helps to clean up. The second decides, so it must be on the disk before anything follows.
    let decides = journal.state == State::Commit;
    if decides {
        fs.sync(std::slice::from_ref(&staged)).map_err(doing("sync", JOURNAL_STAGED))?;
    }
    fs.rename(&staged, &root.path.join(JOURNAL)).map_err(doing("write", JOURNAL))?;
    if decides { sync(fs, root, [".vispyr".to_owned()]) } else { Ok(()) }
}

fn stage(fs: &dyn Fs, root: &Root, journal: &Journal, batch: &Batch) -> Result<(), Error> {
    for folder in &journal.folders {
        let place = root.place(fs, folder)?;
        fs.create_folder(&place).map_err(doing("make the folder", folder))?;
    }
    let mut places = Vec::new();
    for write in &batch.writes {
        let place = root.place(fs, &staged(&write.path))?;
        fs.create(&place, &write.content, write.mode).map_err(doing("write", &write.path))?;
        places.push(place);
    }
    fs.sync(&places).map_err(doing("sync", "the staged files"))?;
    sync(fs, root, touched(journal))
}

fn undo(fs: &dyn Fs, root: &Root, journal: &Journal) -> Result<(), Error> {
    for write in &journal.writes {
        remove(fs, root, &staged(&write.path))?;
    }
    prune(fs, root, journal.folders.iter().rev().cloned())?;
    end(fs, root)
}

/// Does what the journal says and has not been done. A file that changed since the journal was written is left alone.
fn finish(fs: &dyn Fs, root: &Root, journal: &Journal) -> Result<Vec<String>, Error> {
    let mut kept = Vec::new();
    for write in &journal.writes {
        let staged = staged(&write.path);
        let from = root.place(fs, &staged)?;
        if fs.entry(&from).map_err(doing("read", &staged))?.is_none() {
            continue;
        }
        let now = root.read(fs, &write.path)?.map(|c| c.digest());
        if now == write.old {
            let to = root.place(fs, &write.path)?;
            fs.rename(&from, &to).map_err(doing("write", &write.path))?;
        } else {
            fs.remove(&from).map_err(doing("remove", &staged))?;
            // Gone again, or edited: either way it was the user.
            if now.as_ref() != Some(&write.new) {
                kept.push(write.path.clone());
            }
        }
    }
    let mut emptied = BTreeSet::new();
    for removal in &journal.removes {
        let there = root.read(fs, &removal.path)?;
        if there.is_some_and(|c| c.digest() == removal.old) {
            remove(fs, root, &removal.path)?;
        }
        emptied.extend(folders_of(&removal.path));
    }
    prune(fs, root, emptied.into_iter().rev())?;
    sync(fs, root, touched(journal))?;
    end(fs, root)?;
    Ok(kept)
}

/// Removes the journal: from here on everything is done.
fn end(fs: &dyn Fs, root: &Root) -> Result<(), Error> {
    // Not waited for: finishing twice changes nothing.
    remove(fs, root, JOURNAL)
}

fn remove(fs: &dyn Fs, root: &Root, path: &str) -> Result<(), Error> {
    let place = root.place(fs, path)?;
    match fs.entry(&place).map_err(doing("read", path))? {
        Some(Entry::File { .. }) => fs.remove(&place).map_err(doing("remove", path)),
        _ => Ok(()),
    }
}

/// Removes the folders that are empty; inner ones must come first.
fn prune(fs: &dyn Fs, root: &Root, folders: impl Iterator<Item = String>) -> Result<(), Error> {
    for folder in folders {
        match fs.remove_folder(&root.place(fs, &folder)?) {
            Ok(()) => {}
            Err(e)
                if matches!(
                    e.kind(),
                    io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
                ) => {}
            Err(e) => return Err(doing("remove", &folder)(e)),
        }
    }
    Ok(())
}

fn sync(fs: &dyn Fs, root: &Root, folders: impl IntoIterator<Item = String>) -> Result<(), Error> {
    let mut places = Vec::new();
    for folder in folders {
        let place = if folder.is_empty() { root.path.clone() } else { root.place(fs, &folder)? };
        // A folder that was pruned needs no sync; its parent is in the list.
        if matches!(fs.entry(&place), Ok(Some(_))) {
            places.push(place);
        }
    }
    fs.sync(&places).map_err(doing("sync", "the output folder"))
}

/// Folders whose entries change; the output folder is the empty path.
fn touched(journal: &Journal) -> BTreeSet<String> {
    let parent = |p: &str| p.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned());
    let files = journal.writes.iter().map(|w| &w.path).chain(journal.removes.iter().map(|r| &r.path));
    files.chain(&journal.folders).map(|p| parent(p)).collect()
}

fn missing_folders(fs: &dyn Fs, root: &Root, batch: &Batch) -> Result<Vec<String>, Error> {
    let wanted: BTreeSet<String> = batch.writes.iter().flat_map(|w| folders_of(&w.path)).collect();
    let mut missing = Vec::new();
    for folder in wanted {
        let place: PathBuf = root.place(fs, &folder)?;
        if fs.entry(&place).map_err(doing("read", &folder))?.is_none() {
            missing.push(folder);
        }
    }
    Ok(missing)
}

/// `a`, `a/b` of `a/b/c`.
fn folders_of(path: &str) -> impl Iterator<Item = String> {
    path.match_indices('/').map(|(n, _)| path[..n].to_owned())
}

/// Where a file waits: beside its place, so that a rename is enough.
fn staged(path: &str) -> String {
    match path.rsplit_once('/') {
        Some((folder, name)) => format!("{folder}/.{name}.vispyr-new"),
        None => format!(".{path}.vispyr-new"),
    }
}
