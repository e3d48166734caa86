//! A file of the user gets other content in one step: whoever looks sees the old text or the new one.

use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};

use super::fs::{Entry, Fs, PUBLIC};

/// How many names are tried for the file beside it: earlier runs may have been interrupted.
const NAMES: u32 = 100;

/// Replaces the content of a file that is there and may be written. Its permissions stay; of a link, what it points to is
/// replaced.
pub fn replace(fs: &dyn Fs, path: &Path, content: &[u8]) -> io::Result<()> {
    let (beside, real) = stage(fs, path, content)?;
    let done = fs.sync(std::slice::from_ref(&beside)).and_then(|()| fs.rename(&beside, &real));
    if done.is_err() {
        let _ = fs.remove(&beside);
        return done;
    }
    // The new text is in place; whether its name survives a power cut is all that is left to fail.
    if let Some(folder) = real.parent() {
        let _ = fs.sync(&[folder.to_owned()]);
    }
    Ok(())
}

/// Makes the file that will take the place of another: where it waits, and where the other lies.
pub(super) fn stage(fs: &dyn Fs, path: &Path, content: &[u8]) -> io::Result<(PathBuf, PathBuf)> {
    let real = fs.resolve(path)?;
    let Some(Entry::File { mode, .. }) = fs.entry(&real)? else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file"));
    };
    let Some(name) = real.file_name() else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it has no name"));
    };
    // Renaming needs no right to the file itself, but a file that is read-only was made so on purpose.
    OpenOptions::new().write(true).open(&real)?;
    let mut number = 0;
    let beside = loop {
        let staged = format!(".{}.vispyr-{}-{number}", name.to_string_lossy(), std::process::id());
        let beside = real.with_file_name(staged);
        match fs.create(&beside, content, mode.unwrap_or(PUBLIC)) {
            Ok(()) => break beside,
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists && number < NAMES => number += 1,
            Err(e) => {
                // It may be there in part; the error that counts is the first.
                if e.kind() != io::ErrorKind::AlreadyExists {
                    let _ = fs.remove(&beside);
                }
                return Err(e);
            }
        }
    };
    keep_owner(&real, &beside);
    Ok((beside, real))
}

/// Who formats another's file as root does not take it over. Nobody else could.
#[cfg(unix)]
fn keep_owner(from: &Path, to: &Path) {
    use std::os::unix::fs::{MetadataExt, chown};
    if let (Ok(old), Ok(new)) = (std::fs::metadata(from), std::fs::metadata(to))
        && (old.uid(), old.gid()) != (new.uid(), new.gid())
    {
        let _ = chown(to, Some(old.uid()), Some(old.gid()));
    }
}

#[cfg(not(unix))]
fn keep_owner(_: &Path, _: &Path) {}

#[cfg(test)]
mod tests {
    use super::super::fs::Disk;
    use super::*;

    #[test]
    fn content_changes_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.alloy");
        Disk.create(&path, b"old", 0o640).unwrap();
        replace(&Disk, &path, b"new").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        if cfg!(unix) {
            assert_eq!(Disk.entry(&path).unwrap(), Some(Entry::File { size: 3, mode: Some(0o640) }));
        }
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
        assert!(replace(&Disk, dir.path(), b"new").is_err());
        assert!(replace(&Disk, &dir.path().join("b"), b"new").is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.alloy");
        std::fs::write(&path, b"old").unwrap();
        let link = dir.path().join("b.alloy");
        std::os::unix::fs::symlink("a.alloy", &link).unwrap();
        replace(&Disk, &link, b"new").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        assert_eq!(Disk.entry(&link).unwrap(), Some(Entry::Link));
    }
}
