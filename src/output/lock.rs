//! Two runs never write into one folder at once.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use super::error::{Error, doing};
use super::fs::{Disk, Entry, Fs};

/// How long a run waits for another one: a run takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(10);

/// Held while a run writes. Dropping it removes what only the lock needed.
#[derive(Debug)]
pub struct Lock {
    file: Option<File>,
    path: PathBuf,
    made: Vec<PathBuf>,
}

impl Lock {
    /// Makes the output folder and `.vispyr` in it where they are missing, and locks.
    pub fn take(root: &Path) -> Result<Self, Error> {
        let folder = root.join(".vispyr");
        let shown = folder.display().to_string();
        let mut lock = Self { file: None, path: folder.join("lock"), made: Vec::new() };
        let started = Instant::now();
        loop {
            lock.folders(root, &folder)?;
            // Opening a pipe would wait for ever, and a link would make a file elsewhere.
            if matches!(Disk.entry(&lock.path), Ok(Some(Entry::Folder | Entry::Link | Entry::Other))) {
                return Err(Error::Input(format!("`{}` is in the way and no regular file", lock.path.display())));
            }
            let file = match OpenOptions::new().create(true).truncate(false).write(true).open(&lock.path) {
                Ok(file) => file,
                // The run before cleaned up between our two steps.
                Err(e) if e.kind() == io::ErrorKind::NotFound && started.elapsed() < PATIENCE => continue,
                Err(e) => return Err(doing("write into", &shown)(e)),
            };
            match file.try_lock() {
                // Whoever held it may have removed it while we opened it: then it locks nothing.
                Ok(()) if same(&file, &lock.path) => {
                    lock.file = Some(file);
                    return Ok(lock);
                }
                Ok(()) => {}
                Err(TryLockError::WouldBlock) if started.elapsed() > PATIENCE => {
                    return Err(Error::Input(format!("another vispyr is writing into `{}`", root.display())));
                }
                Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(20)),
                Err(TryLockError::Error(e)) => return Err(doing("lock", &shown)(e)),
            }
        }
    }

    fn folders(&mut self, root: &Path, folder: &Path) -> Result<(), Error> {
        let missing: Vec<&Path> =
            root.ancestors().take_while(|p| !p.as_os_str().is_empty() && fs::metadata(p).is_err()).collect();
        for path in missing.into_iter().rev().chain([folder]) {
            match Disk.create_folder(path) {
                Ok(()) => self.made.push(path.to_owned()),
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
                Err(e) => return Err(doing("make the folder", &path.display().to_string())(e)),
            }
        }
        // A link would lead our own files out of the output folder.
        match Disk.entry(folder) {
            Ok(Some(Entry::Folder)) | Ok(None) => Ok(()),
            Ok(Some(_)) => Err(Error::Input(format!("`{}` is in the way and no folder", folder.display()))),
            Err(e) => Err(doing("read", &folder.display().to_string())(e)),
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        if self.file.is_some() {
            let _ = fs::remove_file(&self.path);
        }
        // Only empty ones go: what a failed run made before it failed.
        for folder in self.made.iter().rev() {
            let _ = fs::remove_dir(folder);
        }
    }
}

#[cfg(unix)]
fn same(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (file.metadata(), fs::symlink_metadata(path)) {
        (Ok(a), Ok(b)) => (a.dev(), a.ino()) == (b.dev(), b.ino()),
        _ => false,
    }
}

#[cfg(not(unix))]
fn same(_: &File, path: &Path) -> bool {
    path.exists()
}
