//! `schemas/lang/grok-patterns.txt`: the names of the Grok patterns that the collector's reader brings along.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use super::git::git;
use crate::root;

/// The release of elastic/go-grok that Alloy is built with.
const TAG: &str = "v0.3.1";

/// Writes the file: all keys of the tables of patterns.
pub(super) fn run(checkout: &Path) -> Result<()> {
    let files = git(checkout, &["ls-tree", "-r", "--name-only", TAG, "patterns"])?;
    let mut names = BTreeSet::new();
    for file in files.lines().filter(|f| f.ends_with(".go") && !f.ends_with("_test.go")) {
        let text = git(checkout, &["show", &format!("{TAG}:{file}")])?;
        let before = names.len();
        names.extend(text.lines().filter_map(name).map(str::to_owned));
        ensure!(names.len() > before, "{file} has no patterns");
    }
    let out = root().join("schemas/lang/grok-patterns.txt");
    let mut text = format!("# Names of elastic/go-grok patterns/*.go@{TAG}, all of which its `NewComplete` knows.\n");
    for name in &names {
        text.push_str(name);
        text.push('\n');
    }
    fs::write(&out, &text).with_context(|| out.display().to_string())?;
    println!("{}: {} names", out.display(), names.len());
    Ok(())
}

/// The key of a line of a table: `"WORD": …`.
fn name(line: &str) -> Option<&str> {
    let (name, rest) = line.trim_start().strip_prefix('"')?.split_once('"')?;
    rest.starts_with(':').then_some(name)
}
