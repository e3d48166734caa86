//! Runs of the suite that write what they would compare.

use std::process::Command;

use anyhow::{Result, ensure};

use crate::root;

/// Runs the tests of one module of the suite with leave to write.
pub(crate) fn suite(module: &str) -> Result<()> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let status = Command::new(cargo)
        .args(["test", "--quiet", "--package", "vispyr", "--test", "suite", &format!("{module}::")])
        .env("VISPYR_BLESS", "1")
        .current_dir(root())
        .status()?;
    ensure!(status.success(), "the suite failed");
    Ok(())
}
