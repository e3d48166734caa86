//! `schemas/lang/encodings.txt`: the names under which golang.org/x/text finds an encoding.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Result, ensure};

use super::git::git;

/// Releases between those that the collectors of Alloy are built with.
const TAGS: [&str; 2] = ["v0.28.0", "v0.40.0"];

/// Writes the file: all aliases of the table that lead to an encoding, in small letters.
pub(super) fn run(checkout: &Path) -> Result<()> {
    let [first, last] = TAGS.map(|tag| names(checkout, tag));
    let (names, last) = (first?, last?);
    ensure!(names == last, "{} and {} know different names", TAGS[0], TAGS[1]);
    let head = format!(
        "# Names of golang.org/x/text encoding/ianaindex/tables.go that have an encoding in ianaindex.go, in small letters@{}.\n",
        TAGS.join(", @")
    );
    super::list("encodings.txt", &head, &names)
}

fn names(checkout: &Path, tag: &str) -> Result<BTreeSet<String>> {
    let show = |file: &str| git(checkout, &["show", &format!("{tag}:encoding/ianaindex/{file}")]);
    let (tables, index) = (show("tables.go")?, show("ianaindex.go")?);
    let there: BTreeSet<&str> = entries(&index, "var encodings = ").map(|(constant, _)| constant).collect();
    let aliases: BTreeMap<&str, &str> = entries(&tables, "var ianaAliases = ").collect();
    let names = aliases.iter().filter(|(_, constant)| there.contains(*constant));
    let names: BTreeSet<String> = names.map(|(name, _)| name.trim_matches('"').to_lowercase()).collect();
    ensure!(!names.is_empty(), "{tag} has no names");
    Ok(names)
}

/// The keys and values of a table that is written out.
fn entries<'t>(text: &'t str, begins: &str) -> impl Iterator<Item = (&'t str, &'t str)> {
    let lines = text.lines().skip_while(move |line| !line.starts_with(begins)).skip(1).take_while(|line| *line != "}");
    lines.filter_map(|line| {
        let (key, value) = line.trim().strip_suffix(',')?.rsplit_once(':')?;
        Some((key.trim(), value.trim()))
    })
}
