//! Files of the user change as one: all are staged beside their places, then each is renamed; what goes wrong on the way is
//! undone.

use std::io;
use std::path::PathBuf;

use super::error::{Error, doing};
use super::fs::Fs;
use super::replace::{replace, stage};

/// A file of the user that gets another content.
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
pub fn replace_all(fs: &dyn Fs, all: &[Replacement]) -> Result<(), Error> {
    let mut staged = Vec::new();
    let prepared = all.iter().try_for_each(|one| {
        let shown = one.path.display().to_string();
        if fs.read(&one.path).map_err(doing("read", &shown))? != one.old {
            return Err(Error::Input(format!("`{shown}` changed while vispyr ran: run it again")));
        }
        staged.push(stage(fs, &one.path, &one.new).map_err(doing("write", &shown))?);
        Ok(())
    });
    let prepared = prepared.and_then(|()| {
        let places: Vec<PathBuf> = staged.iter().map(|(beside, _)| beside.clone()).collect();
        fs.sync(&places).map_err(doing("sync", "the staged files"))
    });
    let renamed = |error: io::Error, place: &PathBuf, undone: bool| {
        let path = place.display().to_string();
        Error::Io { doing: "write", path, error, interrupted: !undone }
    };
    let (mut done, mut result) = (0, prepared);
    if result.is_ok() {
        for (beside, real) in &staged {
            if let Err(error) = fs.rename(beside, real) {
                let undone = all.iter().take(done).all(|one| replace(fs, &one.path, &one.old).is_ok());
                result = Err(renamed(error, real, undone));
                break;
            }
            done += 1;
        }
    }
    if result.is_err() {
        for (beside, _) in staged.iter().skip(done) {
            let _ = fs.remove(beside);
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::super::fs::Disk;
    use super::*;

    #[test]
    fn one_file_that_changed_keeps_all_as_they_are() {
        let dir = tempfile::tempdir().unwrap();
        let one = |name: &str, old: &str| {
            let path = dir.path().join(name);
            std::fs::write(&path, "old").unwrap();
            Replacement { path, old: old.into(), new: "new".into() }
        };
        let all = [one("a", "old"), one("b", "other")];
        assert!(matches!(replace_all(&Disk, &all), Err(Error::Input(_))));
        assert_eq!(std::fs::read_to_string(&all[0].path).unwrap(), "old");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2);
        replace_all(&Disk, &all[..1]).unwrap();
        assert_eq!(std::fs::read_to_string(&all[0].path).unwrap(), "new");
    }
}
