//! The catalogues held against what the engines' own documentation and examples write: a key that a catalogue lacks would be
//! an error about a file that its engine accepts.
//!
//! `xtask/catalogue/reference/documented/` lists the keys by version (`documented.py` makes them). Every one must be found by
//! walking the types; what is not must be a row of `xtask/catalogue/documented.tsv` with its reason, and every row must occur.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde_json::Value;

use super::agreement::{at, by_name, parse, read};
use crate::root;

/// Engine, version, path.
type Missing = [String; 3];

/// What a step from a type leads to.
enum Step {
    Into(String),
    Nowhere,
}

/// Follows one name or list mark from a type.
fn step(bodies: &BTreeMap<&str, BTreeMap<String, String>>, from: &str, name: &str) -> Step {
    let inner = |open: &str| from.strip_prefix(open).and_then(|rest| rest.strip_suffix(')')).map(str::to_owned);
    if from == "any" {
        return Step::Into("any".to_owned());
    }
    if let Some(element) = inner("list(") {
        // The generated references write what an element holds without a mark of its own.
        return if name == "[]" { Step::Into(element) } else { step(bodies, &element, name) };
    }
    if let Some(value) = inner("map(") {
        return if name == "[]" { Step::Nowhere } else { Step::Into(value) };
    }
    let fields = inner("object(").and_then(|body| bodies.get(body.as_str()));
    let found = fields.and_then(|fields| fields.get(name).or_else(|| fields.get("*")));
    found.map_or(Step::Nowhere, |ty| Step::Into(ty.clone()))
}

/// The types of the fields of every body at a version, and the body of the configuration file.
fn types(here: &Value) -> (BTreeMap<&str, BTreeMap<String, String>>, String) {
    let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    let fields =
        |body: &Value| by_name(body, "fields").into_iter().map(|(n, f)| (n.to_owned(), text(&f["type"]))).collect();
    let bodies = here["bodies"].as_array().into_iter().flatten();
    let bodies = bodies.map(|b| (b["name"].as_str().unwrap_or_default(), fields(b))).collect();
    (bodies, format!("object({})", text(&by_name(here, "roots")["config"]["body"])))
}

fn missing(engine: &str, version: &str, lines: &str) -> BTreeSet<Missing> {
    let catalogue = parse(&format!("schemas/{engine}.json"));
    let versions: Vec<&str> =
        catalogue["versions"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let here = at(&catalogue, &versions, version);
    let (bodies, config) = types(&here);
    let mut missing = BTreeSet::new();
    for line in lines.lines() {
        let path: Vec<String> = serde_json::from_str(line).expect("a path");
        let mut ty = config.clone();
        for name in &path {
            match step(&bodies, &ty, name) {
                Step::Into(next) => ty = next,
                Step::Nowhere => {
                    missing.insert([engine.to_owned(), version.to_owned(), path.join(" ")]);
                    break;
                }
            }
        }
    }
    missing
}

#[test]
fn every_documented_key_is_in_the_catalogue() {
    let folder = root().join("xtask/catalogue/reference/documented");
    let (mut found, mut files) = (BTreeSet::new(), 0);
    for entry in fs::read_dir(folder).expect("the references") {
        let path = entry.expect("an entry").path();
        let stem = path.file_stem().and_then(|s| s.to_str()).expect("a name").to_owned();
        let (engine, version) = stem.split_once('-').expect("engine and version");
        let lines = fs::read_to_string(&path).expect("a reference");
        assert!(lines.lines().count() > 50, "{stem} lists next to nothing");
        found.append(&mut missing(engine, version, &lines));
        files += 1;
    }
    assert!(files >= 16, "only {files} references");
    let mut explained = BTreeSet::new();
    for line in read("xtask/catalogue/documented.tsv").lines().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        let [engine, version, path, reason] = cells[..] else { panic!("not four cells: {line}") };
        assert!(reason.len() > 20, "no reason given: {line}");
        explained.insert([engine, version, path].map(str::to_owned));
    }
    let show = |rows: Vec<&Missing>| rows.iter().map(|r| r.join("\t")).collect::<Vec<_>>().join("\n");
    let lacking = show(found.difference(&explained).collect());
    let stale = show(explained.difference(&found).collect());
    assert!(lacking.is_empty(), "documented, but not in the catalogue:\n{lacking}");
    assert!(stale.is_empty(), "rows of xtask/catalogue/documented.tsv that no longer occur:\n{stale}");
}

#[test]
fn a_key_that_is_not_there_is_noticed() {
    let path = r#"["storage", "trace", "no_such_key"]"#;
    assert_eq!(missing("tempo", "3.0.3", path).len(), 1);
    assert!(missing("tempo", "3.0.3", r#"["storage", "trace", "backend"]"#).is_empty());
}
