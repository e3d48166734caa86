//! What stands in the output folder against what would be written there.

use std::path::{Path, PathBuf};

use crate::emitter::{Emitted, Mode};

use super::error::{Error, InTheWay, Why, doing};
use super::fs::{Entry, Fs, PUBLIC, SECRET};
use super::manifest::{self, Manifest, Unreadable, digest, inside};

/// A larger file than this was not written by vispyr: it is not read to find out.
const LARGEST: u64 = 64 << 20;

/// What a file needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It is not there.
    New,
    /// It is there as it should be.
    Same,
    /// Its content is right, its mode is not.
    Mode,
    /// It is there as an earlier run wrote it.
    Changed,
    /// It is not ours to overwrite.
    InTheWay(Why),
}

/// A file that would be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change<'a> {
    /// The file.
    pub file: &'a Emitted,
    /// What it needs.
    pub state: State,
    /// What stands there now, where that is text.
    pub old: Option<String>,
}

/// The output folder against what would be written.
#[derive(Debug, Default)]
pub struct Comparison<'a> {
    /// One entry per file of the stack.
    pub changes: Vec<Change<'a>>,
    /// Files of an earlier run that are no longer generated and untouched, with their digest.
    pub obsolete: Vec<(String, String)>,
    /// Files of an earlier run that are no longer generated and were edited, or hold secrets: they stay.
    pub abandoned: Vec<String>,
}

impl Comparison<'_> {
    /// Files that are not ours to overwrite.
    pub fn in_the_way(&self) -> Vec<InTheWay> {
        let way = |c: &Change<'_>| match c.state {
            State::InTheWay(why) => Some(InTheWay { path: c.file.path.clone(), why }),
            _ => None,
        };
        self.changes.iter().filter_map(way).collect()
    }

    /// Whether a file's content is not what it should be.
    pub fn drifts(&self) -> bool {
        self.changes.iter().any(|c| !matches!(c.state, State::Same | State::Mode)) || !self.obsolete.is_empty()
    }
}

/// An output folder without links.
#[derive(Debug, Clone)]
pub(super) struct Root {
    pub(super) path: PathBuf,
}

impl Root {
    pub(super) fn open(fs: &dyn Fs, path: &Path) -> Result<Self, Error> {
        let shown = path.display().to_string();
        Ok(Self { path: fs.resolve(path).map_err(doing("read", &shown))? })
    }

    /// Where a path below the root lies; refuses one whose folders lead out of it.
    pub(super) fn place(&self, fs: &dyn Fs, path: &str) -> Result<PathBuf, Error> {
        if !inside(path) {
            return Err(Error::Input(format!("`{path}` lies outside of the output folder")));
        }
        let mut at = self.path.clone();
        let mut parts = path.split('/').peekable();
        while let Some(part) = parts.next() {
            at.push(part);
            if parts.peek().is_none() {
                break;
            }
            let shown = at.display().to_string();
            match fs.entry(&at).map_err(doing("read", &shown))? {
                Some(Entry::Link) => {
                    let real = fs.resolve(&at).map_err(doing("follow", &shown))?;
                    if !real.starts_with(&self.path) {
                        let message = format!("`{shown}` is a link that leads out of the output folder");
                        return Err(Error::Input(message));
                    }
                    at = real;
                }
                Some(Entry::File { .. } | Entry::Other) => {
                    let path = at.strip_prefix(&self.path).unwrap_or(&at).display().to_string();
                    return Err(Error::InTheWay(vec![InTheWay { path, why: Why::NotAFile }]));
                }
                Some(Entry::Folder) | None => {}
            }
        }
        Ok(at)
    }

    /// The content of a file below the root with its mode; `None` = nothing is there.
    pub(super) fn read(&self, fs: &dyn Fs, path: &str) -> Result<Option<Content>, Error> {
        let place = self.place(fs, path)?;
        match fs.entry(&place).map_err(doing("read", path))? {
            None => Ok(None),
            Some(Entry::File { size, .. }) if size > LARGEST => Ok(Some(Content { bytes: None, mode: None })),
            Some(Entry::File { mode, .. }) => {
                Ok(Some(Content { bytes: Some(fs.read(&place).map_err(doing("read", path))?), mode }))
            }
            Some(_) => Err(Error::InTheWay(vec![InTheWay { path: path.to_owned(), why: Why::NotAFile }])),
        }
    }

    /// The manifest of the last run; a damaged one counts as none.
    pub(super) fn manifest(&self, fs: &dyn Fs) -> Result<Option<Manifest>, Error> {
        let Some(content) = self.read(fs, manifest::PATH)? else { return Ok(None) };
        match Manifest::read(&content.bytes.unwrap_or_default()) {
            Ok(manifest) => Ok(Some(manifest)),
            Err(Unreadable::Damaged) => Ok(None),
            Err(Unreadable::Newer) => Err(Error::Input(format!("`{}` was written by a later vispyr", manifest::PATH))),
        }
    }
}

/// A file's content; no bytes = too large to be ours.
#[derive(Debug)]
pub(super) struct Content {
    pub(super) bytes: Option<Vec<u8>>,
    pub(super) mode: Option<u32>,
}

impl Content {
    /// Its digest; that of a file too large to be ours equals no digest of ours.
    pub(super) fn digest(&self) -> String {
        self.bytes.as_deref().map_or_else(|| "too large".to_owned(), digest)
    }
}

/// Compares; `only` limits it to one kind, and then nothing is obsolete.
pub(super) fn compare<'a>(
    fs: &dyn Fs,
    root: &Root,
    files: &'a [Emitted],
    secrets: &[String],
    manifest: &Manifest,
    only: Option<&str>,
) -> Result<Comparison<'a>, Error> {
    let mut comparison = Comparison::default();
    let mut way = Vec::new();
    for file in files.iter().filter(|f| only.is_none_or(|kind| kind == f.kind)) {
        let content = match root.read(fs, &file.path) {
            Ok(content) => content,
            // All of them are named at once.
            Err(Error::InTheWay(more)) => {
                way.extend(more);
                continue;
            }
            Err(e) => return Err(e),
        };
        let state = content.as_ref().map_or(State::New, |c| state(file, c, manifest));
        let old = content.and_then(|c| String::from_utf8(c.bytes?).ok());
        comparison.changes.push(Change { file, state, old });
    }
    way.dedup();
    if !way.is_empty() {
        way.extend(comparison.in_the_way());
        return Err(Error::InTheWay(way));
    }
    if only.is_some() {
        return Ok(comparison);
    }
    for entry in &manifest.files {
        if files.iter().any(|f| f.path == entry.path) || secrets.contains(&entry.path) {
            continue;
        }
        // What cannot be reached is not ours to remove.
        match root.read(fs, &entry.path) {
            Ok(None) => {}
            Ok(Some(content)) => match &entry.sha256 {
                Some(then) if *then == content.digest() => comparison.obsolete.push((entry.path.clone(), then.clone())),
                _ => comparison.abandoned.push(entry.path.clone()),
            },
            Err(_) => comparison.abandoned.push(entry.path.clone()),
        }
    }
    Ok(comparison)
}

fn state(file: &Emitted, content: &Content, manifest: &Manifest) -> State {
    let wanted = if file.mode == Mode::Public { PUBLIC } else { SECRET };
    if content.bytes.as_deref() == Some(file.content.as_bytes()) {
        return if content.mode.is_none_or(|m| m == wanted) { State::Same } else { State::Mode };
    }
    match manifest.get(&file.path) {
        Some(entry) if entry.secret && file.mode == Mode::Secret => State::Changed,
        Some(entry) if entry.sha256.as_ref() == Some(&content.digest()) => State::Changed,
        Some(_) => State::InTheWay(Why::Edited),
        None => State::InTheWay(Why::Foreign),
    }
}
