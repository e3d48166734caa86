//! What a clone or a bare mirror holds.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// What a command of git prints. Fails with what it says otherwise.
pub(super) fn git(checkout: &Path, args: &[&str]) -> Result<String> {
    let output = Command::new("git").arg("-C").arg(checkout).args(args).output().context("git")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "`git {}` in {}: {}", args.join(" "), checkout.display(), said.trim());
    Ok(String::from_utf8(output.stdout)?)
}

/// A file at a tag, where it is there.
pub(super) fn show(checkout: &Path, tag: &str, file: &str) -> Option<String> {
    git(checkout, &["show", &format!("{tag}:{file}")]).ok()
}
