//! `vispyr symbols`: the symbol file of a tree; and the symbol files that `check --with` names.

use std::path::{Path, PathBuf};

use crate::output::fs::{Disk, Entry, Fs};
use crate::tree::{RawTree, SIZE_LIMIT, Settings, WalkOptions, path, walk};
use crate::vsym::{self, Contents};
use crate::{check, engines, link};

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

/// What a symbol file is called in a tree: its kind hangs on its ending.
fn name(file: &Path) -> String {
    let shown = path::clean(&file.to_string_lossy().replace('\\', "/"));
    if path::extension(&shown) == "vsym" { shown } else { format!("{shown}.vsym") }
}

/// The text of a symbol file that can be read.
fn read(file: &Path) -> Result<String, Failure> {
    let shown = file.display();
    let unreadable = |e: std::io::Error| trouble(format!("`{shown}` cannot be read: {e}"));
    let real = Disk.resolve(file).map_err(unreadable)?;
    let Some(Entry::File { size, .. }) = Disk.entry(&real).map_err(unreadable)? else {
        return Err(trouble(format!("`{shown}` is no regular file")));
    };
    if size > SIZE_LIMIT {
        return Err(trouble(format!("`{shown}` is larger than {} MiB", SIZE_LIMIT >> 20)));
    }
    let bytes = Disk.read(&real).map_err(unreadable)?;
    let text =
        String::from_utf8(bytes).map_err(|_| trouble(format!("`{shown}` is no symbol file: it is not UTF-8")))?;
    Contents::read(&text).map_err(|e| trouble(format!("`{shown}` is no symbol file: {e}")))?;
    Ok(text)
}
