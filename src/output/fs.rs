//! The few file operations that writing a stack needs, behind a trait so that tests can fail each of them.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

/// Mode of files that everyone may read.
pub const PUBLIC: u32 = 0o644;
/// Mode of files that hold a secret.
pub const SECRET: u32 = 0o600;
/// Mode of folders.
const FOLDER: u32 = 0o755;

/// What stands at a path; links are not followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// A regular file with its size and mode.
    File {
        /// Bytes.
        size: u64,
        /// Permission bits; `None` where the system has none.
        mode: Option<u32>,
    },
    /// A folder.
    Folder,
    /// A symbolic link.
    Link,
    /// A pipe, a device, a socket.
    Other,
}

/// File operations. Each either happens or fails; none is retried.
pub trait Fs {
    /// What stands at a path; `None` = nothing.
    fn entry(&self, path: &Path) -> io::Result<Option<Entry>>;
    /// All bytes of a file.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;
    /// The path without links.
    fn resolve(&self, path: &Path) -> io::Result<PathBuf>;
    /// Makes a folder with mode 0755, whatever the umask.
    fn create_folder(&self, path: &Path) -> io::Result<()>;
    /// Makes a file that did not exist, with that mode whatever the umask.
    fn create(&self, path: &Path, content: &[u8], mode: u32) -> io::Result<()>;
    /// Puts a file in the place of another in one step.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Removes an empty folder.
    fn remove_folder(&self, path: &Path) -> io::Result<()>;
    /// Waits until the disk has the content of files and the names in folders.
    fn sync(&self, paths: &[PathBuf]) -> io::Result<()>;
}

/// The real thing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Disk;

impl Fs for Disk {
    fn entry(&self, path: &Path) -> io::Result<Option<Entry>> {
        let meta = match fs::symlink_metadata(path) {
            Ok(meta) => meta,
            // A file where a folder is needed also means that there is nothing below it.
            Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => return Ok(None),
            Err(e) => return Err(e),
        };
        let kind = meta.file_type();
        Ok(Some(if kind.is_symlink() {
            Entry::Link
        } else if kind.is_dir() {
            Entry::Folder
        } else if kind.is_file() {
            Entry::File { size: meta.len(), mode: mode(&meta) }
        } else {
            Entry::Other
        }))
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        fs::read(path)
    }

    fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        fs::canonicalize(path)
    }

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        fs::create_dir(path)?;
        set_mode(path, FOLDER)
    }

    fn create(&self, path: &Path, content: &[u8], mode: u32) -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            // Nobody else reads it before it has its content and its mode.
            options.mode(SECRET);
        }
        let mut file = options.open(path)?;
        file.write_all(content)?;
        set_mode(path, mode)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        fs::remove_dir(path)
    }

    fn sync(&self, paths: &[PathBuf]) -> io::Result<()> {
        let one = |path: &PathBuf| {
            // Elsewhere folders cannot be opened, and a read-only handle cannot be synced.
            if cfg!(unix) { fs::File::open(path)?.sync_all() } else { Ok(()) }
        };
        // Side by side they share the disk's own journal writes: less waiting than one after another.
        paths.par_iter().map(one).collect()
    }
}

#[cfg(unix)]
fn mode(meta: &fs::Metadata) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    Some(meta.permissions().mode() & 0o7777)
}

#[cfg(not(unix))]
fn mode(_: &fs::Metadata) -> Option<u32> {
    None
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn set_mode(_: &Path, _: u32) -> io::Result<()> {
    Ok(())
}
