//! Reads a `vispyr.toml`: whatever stands there, one clear message or its text.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use crate::source::Source;

use super::{Failure, found, trouble};

/// A `vispyr.toml` of a person has kilobytes.
const LARGEST: u64 = 1 << 20;

/// Reads the file.
pub(super) fn read(path: &Path) -> Result<Source, Failure> {
    let shown = path.display().to_string().replace('\\', "/");
    let unreadable = |e: std::io::Error| trouble(format!("`{shown}` cannot be read: {e}"));
    let meta = match std::fs::metadata(path) {
        Ok(meta) => meta,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            return Err(trouble(format!("`{shown}` does not exist; `vispyr init` writes one")));
        }
        Err(e) => return Err(unreadable(e)),
    };
    if meta.is_dir() {
        return Err(trouble(format!("`{shown}` is a folder, not a file")));
    }
    // A pipe would be waited for, a device read without end.
    if !meta.is_file() {
        return Err(trouble(format!("`{shown}` is no regular file")));
    }
    let mut bytes = Vec::new();
    File::open(path).map_err(unreadable)?.take(LARGEST + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > LARGEST {
        return Err(found(format!("`{shown}` is larger than 1 MiB: that is no `vispyr.toml`")));
    }
    let (bytes, shift) = match bytes.strip_prefix(b"\xEF\xBB\xBF") {
        Some(rest) => (rest.to_vec(), 3),
        None => (bytes, 0),
    };
    match String::from_utf8(bytes) {
        Ok(text) if text.trim().is_empty() => {
            Err(found(format!("`{shown}` is empty; `vispyr init --force` writes a commented one")))
        }
        Ok(text) => Ok(Source { path: shown, text: text.into(), shift }),
        Err(e) => {
            let at = e.utf8_error().valid_up_to() as u64 + u64::from(shift);
            Err(found(format!("`{shown}` is not UTF-8 text: see byte {at}")))
        }
    }
}
