//! `schemas/metrics/*.json` → one table of names for all engines: rows that point into one text, so that nothing is to be done
//! at start-up.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde::Deserialize;

use crate::facts::version;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Names {
    engine: String,
    #[allow(dead_code)] // Where the names were read: for people.
    repository: String,
    versions: Vec<String>,
    #[allow(dead_code)] // The same.
    prereleases: BTreeMap<String, String>,
    metrics: Vec<Name>,
    prefixes: Vec<Name>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Name {
    name: String,
    #[serde(default)]
    kind: String,
    since: Option<String>,
    until: Option<String>,
}

/// Compiles the files and writes `metrics.rs`.
pub(crate) fn compile() {
    println!("cargo::rerun-if-changed=schemas/metrics");
    let mut all: Vec<Names> = super::files(Path::new("schemas/metrics"), "json").iter().map(|f| read(f)).collect();
    all.sort_by(|a, b| a.engine.cmp(&b.engine));
    // Engines that are built from the same libraries share names.
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let mut texts = String::new();
    for name in all.iter().flat_map(|n| n.metrics.iter().chain(&n.prefixes)) {
        places.entry(&name.name).or_default();
    }
    for (name, at) in &mut places {
        *at = texts.len();
        texts.push_str(name);
    }
    let (mut rows, mut tables, mut count) = (String::new(), String::new(), 0);
    for names in &all {
        let (mut open, mut whole): (Vec<&Name>, Vec<&Name>) = names.metrics.iter().partition(|n| n.name.contains('*'));
        let mut prefixes: Vec<&Name> = names.prefixes.iter().collect();
        let mut ends = Vec::new();
        for list in [&mut whole, &mut open, &mut prefixes] {
            list.sort_by(|a, b| a.name.cmp(&b.name));
            for name in list.iter() {
                let at = |v: &Option<String>, missing: usize| match v {
                    None => missing,
                    Some(v) => names.versions.iter().position(|o| o == v).expect("a range is between versions"),
                };
                let (from, to) = (at(&name.since, 0), at(&name.until, names.versions.len()));
                let (kind, place, len) = (kind(&name.kind), places[name.name.as_str()], name.name.len());
                let _ = writeln!(rows, "Row {{ at: {place}, len: {len}, kind: {kind}, from: {from}, to: {to} }},");
                count += 1;
            }
            ends.push(count);
        }
        let start = ends[0] - whole.len();
        let versions: Vec<String> = names.versions.iter().map(|v| version(v)).collect();
        let _ = writeln!(
            tables,
            "Table {{ engine: {:?}, versions: &[{}], start: {start}, names: {}, open: {}, prefixes: {} }},",
            names.engine,
            versions.join(", "),
            ends[0],
            ends[1],
            ends[2]
        );
    }
    let out = format!(
        "static TEXTS: &str = {texts:?};\nstatic ROWS: &[Row] = &[\n{rows}];\nstatic TABLES: &[Table] = &[\n{tables}];\n"
    );
    super::write("metrics.rs", &out);
}

fn read(file: &Path) -> Names {
    let text = fs::read_to_string(file).expect("a schema file is readable");
    let names: Names = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    assert!(file.file_stem().is_some_and(|s| s == names.engine.as_str()), "the file is named for its engine");
    assert!(names.versions.len() < usize::from(u8::MAX), "{}: too many versions", names.engine);
    names
}

/// The number that `catalogue::own` knows a type by.
fn kind(name: &str) -> u8 {
    match name {
        "" => 0,
        "counter" => 1,
        "gauge" => 2,
        "histogram" => 3,
        "summary" => 4,
        "text" => 5,
        other => panic!("`{other}` is no type of metrics"),
    }
}
