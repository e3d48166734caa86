//! Files of the user change as one: all are staged beside their places, then each is renamed; what goes wrong on the way is
//! undone.

use std::path::{Path, PathBuf};

use super::error::{Error, doing};
use super::fs::{Entry, Fs};

/// A file of the user that gets another text.
#[derive(Debug, Clone)]
pub struct Replacement {
    /// Where it lies.
    pub path: PathBuf,
    /// What stood there when it was read.
    pub old: Vec<u8>,
    /// What will.
    pub new: Vec<u8>,
}

/// Replaces all files or none. A file that is not what was read is not touched, and then none is.
pub fn replace(fs: &dyn Fs, all: &[Replacement]) -> Result<(), Error> {
    let mut staged = Vec::new();
    let prepared = all.iter().try_for_each(|one| stage(fs, one, &one.new, &mut staged));
    let prepared = prepared.and_then(|()| {
        let places: Vec<PathBuf> = staged.iter().map(|(from, _)| from.clone()).collect();
        fs.sync(&places).map_err(doing("sync", "the staged files"))
    });
    if let Err(error) = prepared {
        for (from, _) in &staged {
            let _ = fs.remove(from);
        }
        return Err(error);
    }
    for (done, (from, to)) in staged.iter().enumerate() {
        if let Err(error) = fs.rename(from, to) {
            for (from, _) in &staged[done..] {
                let _ = fs.remove(from);
            }
            let undone = all[..done].iter().all(|one| restore(fs, one).is_ok());
            let path = to.display().to_string();
            return Err(Error::Io { doing: "write", path, error, interrupted: !undone });
        }
    }
    Ok(())
}

fn stage(fs: &dyn Fs, one: &Replacement, content: &[u8], staged: &mut Vec<(PathBuf, PathBuf)>) -> Result<(), Error> {
    let shown = one.path.display().to_string();
    // A link stays one: what it leads to is replaced.
    let path = fs.resolve(&one.path).map_err(doing("read", &shown))?;
    let Some(Entry::File { mode, .. }) = fs.entry(&path).map_err(doing("read", &shown))? else {
        return Err(Error::Input(format!("`{shown}` is no file any more")));
    };
    if fs.read(&path).map_err(doing("read", &shown))? != one.old {
        return Err(Error::Input(format!("`{shown}` changed while vispyr ran: run it again")));
    }
    let place = beside(&path);
    fs.create(&place, content, mode.unwrap_or(super::fs::PUBLIC)).map_err(doing("write", &shown))?;
    staged.push((place, path));
    Ok(())
}

/// Puts the old content back in the place of the new one.
fn restore(fs: &dyn Fs, one: &Replacement) -> Result<(), Error> {
    let back = Replacement { old: one.new.clone(), new: one.old.clone(), path: one.path.clone() };
    let mut staged = Vec::new();
    stage(fs, &back, &back.new, &mut staged)?;
    staged.iter().try_for_each(|(from, to)| fs.rename(from, to).map_err(doing("write", &to.display().to_string())))
}

fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    path.with_file_name(format!(".{name}.vispyr-new"))
}
