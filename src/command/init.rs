//! `vispyr init`: a commented `vispyr.toml`. Asks nothing.

use std::fs;
use std::io;
use std::path::Path;

use crate::output::fs::{Disk, Entry, Fs, PUBLIC};
use crate::spec::presets;

use super::args::Init;
use super::{Exit, Failure, Streams, did_you_mean, found, trouble};

pub(super) fn run(args: &Init, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    let text = preset(&args.preset)?;
    let path = args.dir.join("vispyr.toml");
    match Disk.entry(&path).map_err(|e| trouble(format!("cannot read `{}`: {e}", path.display())))? {
        None => {}
        Some(Entry::File { .. }) if args.force => {}
        Some(Entry::File { .. }) => {
            return Err(found(format!("`{}` is there already; `--force` overwrites it", path.display())));
        }
        Some(_) => return Err(trouble(format!("`{}` is in the way and no regular file", path.display()))),
    }
    fs::create_dir_all(&args.dir)
        .map_err(|e| trouble(format!("cannot make the folder `{}`: {e}", args.dir.display())))?;
    write(&path, text).map_err(|e| trouble(format!("cannot write `{}`: {e}", path.display())))?;
    writeln!(streams.err, "wrote `{}`; edit it, then run `vispyr gen -c {0}`", path.display())?;
    Ok(Exit::Clean)
}

/// The text of a preset.
pub(super) fn preset(name: &str) -> Result<&'static str, Failure> {
    presets().iter().find(|(n, _)| *n == name).map(|(_, text)| *text).ok_or_else(|| {
        let names: Vec<String> = presets().iter().map(|(n, _)| format!("`{n}`")).collect();
        let near = did_you_mean(name, presets().iter().map(|(n, _)| *n));
        let near = if near.is_empty() { format!(": there are {}", names.join(" and ")) } else { near };
        trouble(format!("there is no preset `{name}`{near}"))
    })
}

/// Writes a whole `vispyr.toml` or none.
pub(super) fn write(path: &Path, text: &str) -> io::Result<()> {
    let staged = path.with_file_name(".vispyr.toml.vispyr-new");
    if Disk.entry(&staged)?.is_some() {
        Disk.remove(&staged)?;
    }
    let done = Disk.create(&staged, text.as_bytes(), PUBLIC).and_then(|()| Disk.rename(&staged, path));
    if done.is_err() {
        let _ = Disk.remove(&staged);
    }
    done
}
