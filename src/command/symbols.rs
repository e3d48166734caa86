//! `vispyr symbols`: the symbol file of a tree; and the symbol files that `check --with` names.

use std::path::{Path, PathBuf};

use crate::output::fs::{Disk, Entry, Fs};
use crate::source::SourceId;
use crate::tree::{Presence, RawTree, SIZE_LIMIT, Settings, Skipped, WalkOptions, path, walk};
use crate::vsym::{self, Contents};
use crate::{check, engines, link, spec};

use super::args::Symbols;
use super::check::versions;
use super::{Exit, Failure, Streams, trouble};

pub(super) fn run(args: &Symbols, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    let settings = Settings { engines: versions(&args.engine, streams)?, ..Settings::default() };
    let raw = walk(&args.paths, &WalkOptions::default()).map_err(|e| trouble(e.to_string()))?;
    let tree = engines::tree(raw, &settings);
    let symbols = check::symbols(&tree);
    let open = link::link(&tree, &symbols).is_written_elsewhere();
    let root = match &args.paths[..] {
        [one] if one.is_dir() => path::clean(&one.to_string_lossy().replace('\\', "/")),
        _ => String::new(),
    };
    let text = vsym::export(&tree, &symbols, open, &root).text();
    streams.out.write_all(text.as_bytes())?;
    Ok(Exit::Clean)
}

/// Adds symbol files to a tree.
pub(super) fn add(raw: &mut RawTree, files: &[PathBuf]) -> Result<(), Failure> {
    for file in files {
        let text = read(file)?;
        raw.files.insert(name(file), text.into_bytes());
    }
    Ok(())
}

/// Adds the symbol files that the `vispyr.toml` of a tree name. What is wrong with one of them the check tells, at its name.
pub(super) fn configured(raw: &mut RawTree) {
    let configs = raw.files.iter().filter(|(at, _)| path::name(at) == "vispyr.toml");
    let mut named: Vec<String> = Vec::new();
    for (at, bytes) in configs {
        let text = String::from_utf8_lossy(bytes);
        let (check, _) = spec::of_check(SourceId(0), &text);
        named.extend(check.symbols.iter().map(|file| path::join(path::folder(at), &file.value)));
    }
    named.sort();
    named.dedup();
    for at in named {
        match bytes(Path::new(&at), "vsym") {
            Ok(bytes) => {
                raw.files.insert(at, bytes);
            }
            Err(Unread::Missing) => {
                raw.paths.insert(at, Presence::Absent);
            }
            Err(Unread::Other(reason)) => raw.skipped.push(Skipped { path: at, reason }),
        }
    }
}

/// What a symbol file is called in a tree: its kind hangs on its ending.
fn name(file: &Path) -> String {
    let shown = path::clean(&file.to_string_lossy().replace('\\', "/"));
    if path::extension(&shown) == "vsym" { shown } else { format!("{shown}.vsym") }
}

/// The text of a symbol file that can be read.
fn read(file: &Path) -> Result<String, Failure> {
    let shown = file.display();
    let bytes = bytes(file, "").map_err(|unread| match unread {
        Unread::Missing => trouble(format!("`{shown}` does not exist")),
        Unread::Other(reason) => trouble(format!("`{shown}` cannot be read: {reason}")),
    })?;
    let text =
        String::from_utf8(bytes).map_err(|_| trouble(format!("`{shown}` is no symbol file: it is not UTF-8")))?;
    Contents::read(&text).map_err(|e| trouble(format!("`{shown}` is no symbol file: {e}")))?;
    Ok(text)
}

/// Why a file was not read.
enum Unread {
    Missing,
    Other(String),
}

/// The bytes of a regular file whose real name ends so: what a tree names may be a link to anything.
fn bytes(file: &Path, extension: &str) -> Result<Vec<u8>, Unread> {
    let other = |e: std::io::Error| match e.kind() {
        std::io::ErrorKind::NotFound => Unread::Missing,
        _ => Unread::Other(e.to_string()),
    };
    let real = Disk.resolve(file).map_err(other)?;
    if !extension.is_empty() && real.extension().is_none_or(|e| e != extension) {
        return Err(Unread::Other(format!("it is a link to something that does not end in `.{extension}`")));
    }
    let Some(Entry::File { size, .. }) = Disk.entry(&real).map_err(other)? else {
        return Err(Unread::Other("it is no regular file".to_owned()));
    };
    if size > SIZE_LIMIT {
        return Err(Unread::Other(format!("it is larger than {} MiB", SIZE_LIMIT >> 20)));
    }
    Disk.read(&real).map_err(other)
}
