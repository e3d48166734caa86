//! Runs of the suite that write what they would compare.

use std::process::Command;

use anyhow::{Result, ensure};

use crate::root;

/// Runs the tests of the suite whose names hold a text, with leave to write.
pub(crate) fn suite(tests: &str) -> Result<()> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let status = Command::new(cargo)
        .args(["test", "--quiet", "--package", "vispyr", "--test", "suite", tests])
        .env("VISPYR_BLESS", "1")
        .current_dir(root())
        .status()?;
    ensure!(status.success(), "the suite failed");
    Ok(())
}

/// Prints what changed between two releases of an engine, one difference a line.
pub(crate) fn changes(engine: &str, from: &str, to: &str) -> anyhow::Result<()> {
    let schema = vispyr::catalogue::schema(engine).ok_or_else(|| anyhow::anyhow!("`{engine}` has no schema"))?;
    // Of a line that leaves its patch open, the newest.
    let version = |text: &str| {
        let line = vispyr::catalogue::Version::line(text);
        let fits = |v: &vispyr::catalogue::Version| {
            line.is_some_and(|(major, minor, patch)| {
                v.major == major && minor.is_none_or(|m| v.minor == m) && patch.is_none_or(|p| v.patch == p)
            })
        };
        schema.versions().rfind(fits).ok_or_else(|| anyhow::anyhow!("`{text}` is no release of `{engine}`"))
    };
    for change in schema.changes(version(from)?, version(to)?) {
        println!("{change}");
    }
    Ok(())
}
