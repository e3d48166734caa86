//! `schemas/lang/grok-patterns.txt`: the names of the Grok patterns that the collector's reader brings along.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Result, ensure};

use super::git::git;

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
    let head = format!("# Names of elastic/go-grok patterns/*.go@{TAG}, all of which its `NewComplete` knows.\n");
    super::list("grok-patterns.txt", &head, &names)
}

/// The key of a line of a table: `"WORD": …`.
fn name(line: &str) -> Option<&str> {
    let (name, rest) = line.trim_start().strip_prefix('"')?.split_once('"')?;
    rest.starts_with(':').then_some(name)
}
