//! A disk that is really full: `vispyr gen` onto small file systems in memory leaves nothing behind, or everything.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// KiB; the last one is large enough.
const SIZES: [u32; 7] = [4, 16, 32, 48, 64, 96, 1024];

/// Runs `gen` on each size. Needs root and mount namespaces; `None` says that this machine has neither.
pub(super) fn full(vispyr: &Path, folder: &Path) -> Result<Option<String>> {
    let spec = folder.join("vispyr.toml");
    std::fs::write(&spec, "[stack]\nname = \"full\"\n\n[[services]]\nname = \"a\"\n")?;
    let disk = folder.join("disk");
    std::fs::create_dir_all(&disk)?;
    let private = |script: &str| Command::new("unshare").args(["-m", "sh", "-c", script, "sh"]).output();
    if !private("mount -t tmpfs none /mnt").is_ok_and(|o| o.status.success()) {
        return Ok(None);
    }
    let mut refused = 0;
    for size in SIZES {
        let script = format!(
            "mount -t tmpfs -o size={size}k none '{disk}' && {{ '{vispyr}' gen -c '{spec}' -o '{disk}' >/dev/null 2>&1; echo $?; find '{disk}' -type f | wc -l; }}",
            disk = disk.display(),
            vispyr = vispyr.display(),
            spec = spec.display(),
        );
        let output = private(&script).context("cannot run unshare")?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let numbers: Vec<u32> = said.split_whitespace().filter_map(|n| n.parse().ok()).collect();
        match numbers[..] {
            [0, files] => ensure!(files > 10, "{size} KiB: gen succeeded with {files} files"),
            [code, files] => {
                refused += 1;
                ensure!(code == 2, "{size} KiB: gen ended with {code} on a full disk");
                ensure!(files == 0, "{size} KiB: gen failed and left {files} files behind");
            }
            _ => anyhow::bail!("{size} KiB: {said:?} {}", String::from_utf8_lossy(&output.stderr)),
        }
        ensure!(size < 1024 || numbers.first() == Some(&0), "{size} KiB are not enough");
    }
    Ok(Some(format!(": refused {refused} of {} sizes, left nothing behind", SIZES.len())))
}
