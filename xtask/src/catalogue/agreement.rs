//! `schemas/alloy.json` held against what three real builds hold.
//!
//! The references (`xtask/catalogue/reference/`) were made by reflection inside the running program, not by reading source.
//! Every difference must be a row of `xtask/catalogue/differences.tsv` with its reason, and every row must occur.
//!
//! What the two spell differently on purpose: an interface without methods is `any` here and `capsule(interface {})` or
//! `interface {}` there; a labelled block is one whose body has a label field here and a flag of its own there; a text type
//! lists its words here (`open`: it takes others as well), there it says whether it takes any. A body with a decoder of its
//! own has no `validate` here, because the engine never calls it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde_json::{Map, Value, json};

use crate::root;

const VERSIONS: [&str; 3] = ["1.5.1", "1.11.3", "1.19.0"];

/// Version, record, field, what differs, here, there.
type Difference = [String; 6];

type Object = Map<String, Value>;

pub(super) fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

pub(super) fn parse(path: &str) -> Value {
    serde_json::from_str(&read(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// The catalogue at one version: every record whose range holds.
pub(super) fn at(value: &Value, versions: &[&str], version: &str) -> Value {
    let index = |v: &str| versions.iter().position(|have| *have == v).unwrap_or_else(|| panic!("{v} is no version"));
    match value {
        Value::Array(list) => {
            list.iter().filter(|v| holds(v, &index, index(version))).map(|v| at(v, versions, version)).collect()
        }
        Value::Object(object) => {
            let kept = object.iter().filter(|(key, _)| !["since", "until"].contains(&key.as_str()));
            Value::Object(kept.map(|(key, v)| (key.clone(), at(v, versions, version))).collect())
        }
        other => other.clone(),
    }
}

fn holds(record: &Value, index: &dyn Fn(&str) -> usize, now: usize) -> bool {
    let bound = |key| record.get(key).and_then(Value::as_str).map(index);
    bound("since").is_none_or(|since| since <= now) && bound("until").is_none_or(|until| now < until)
}

/// The records of a section by name; a name that stands twice at one version is a mistake of its own.
pub(super) fn by_name<'a>(value: &'a Value, section: &str) -> BTreeMap<&'a str, &'a Object> {
    let mut out = BTreeMap::new();
    for record in value[section].as_array().into_iter().flatten() {
        let record = record.as_object().expect("a record");
        let name = record["name"].as_str().expect("a name");
        assert!(out.insert(name, record).is_none(), "{section}: {name} stands twice at one version");
    }
    out
}

/// Collects differences of one version.
struct Comparison<'a> {
    version: &'a str,
    found: BTreeSet<Difference>,
}

impl Comparison<'_> {
    fn differ(&mut self, record: &str, field: &str, what: &str, here: &Value, there: &Value) {
        if here != there {
            let row = [self.version, record, field, what, &here.to_string(), &there.to_string()];
            self.found.insert(row.map(str::to_owned));
        }
    }

    fn same_names<'x>(
        &mut self,
        what: &str,
        here: impl Iterator<Item = &'x str>,
        there: impl Iterator<Item = &'x str>,
    ) {
        let (here, there): (BTreeSet<_>, BTreeSet<_>) = (here.collect(), there.collect());
        for name in here.symmetric_difference(&there) {
            self.differ(name, "", what, &json!(here.contains(name)), &json!(there.contains(name)));
        }
    }

    fn roots(&mut self, here: &Value, there: &Value) {
        let ours = by_name(here, "roots");
        let blocks = there["config_blocks"].as_object().expect("blocks");
        let components = by_name(there, "components");
        self.same_names(
            "exists",
            ours.keys().copied(),
            components.keys().copied().chain(blocks.keys().map(String::as_str)),
        );
        for (name, root) in ours {
            let [kind, stability, body, exports, community] = match (components.get(name), blocks.get(name)) {
                (Some(c), _) => {
                    let community = if get(c, "community") == json!(true) { json!(true) } else { Value::Null };
                    [json!("component"), get(c, "stability"), get(c, "args"), get(c, "exports"), community]
                }
                (None, Some(body)) => {
                    let stability = there["config_block_stability"][name].clone();
                    [json!("block"), stability, body.clone(), Value::Null, Value::Null]
                }
                (None, None) => continue,
            };
            self.differ(name, "", "kind", &get(root, "kind"), &kind);
            self.differ(name, "", "stability", &get(root, "stability"), &stability);
            self.differ(name, "", "body", &get(root, "body"), &body);
            self.differ(name, "", "exports", &get(root, "exports"), &exports);
            self.differ(name, "", "community", &get(root, "community"), &community);
        }
    }

    fn bodies(&mut self, here: &Value, there: &Value) {
        let ours = by_name(here, "bodies");
        let theirs = there["bodies"].as_object().expect("bodies");
        self.same_names("exists", ours.keys().copied(), theirs.keys().map(String::as_str));
        for (name, body) in &ours {
            let Some(fields) = theirs.get(*name) else { continue };
            let traits = there["traits"][*name].as_str().unwrap_or_default();
            let has = |key| json!(body.get(key).and_then(Value::as_array).is_some_and(|hashes| hashes.len() == 1));
            self.differ(name, "", "validate", &has("validate"), &json!(traits.contains('v') && !traits.contains('u')));
            self.differ(name, "", "defaults", &has("defaults"), &json!(traits.contains('d')));
            self.fields(name, &ours, &Value::Object((*body).clone()), &json!({"fields": fields}));
        }
    }

    fn fields(&mut self, body: &str, bodies: &BTreeMap<&str, &Object>, here: &Value, there: &Value) {
        let (ours, theirs) = (by_name(here, "fields"), by_name(there, "fields"));
        let (here, there): (BTreeSet<_>, BTreeSet<_>) = (ours.keys().collect(), theirs.keys().collect());
        for name in here.symmetric_difference(&there) {
            self.differ(body, name, "exists", &json!(here.contains(name)), &json!(there.contains(name)));
        }
        for (name, field) in &ours {
            let Some(other) = theirs.get(name) else { continue };
            for key in ["kind", "required", "many", "body", "default", "inherit", "when_absent", "active", "dynamic"] {
                self.differ(body, name, key, &get(field, key), &get(other, key));
            }
            let spelt = get(other, "type").as_str().map(|t| t.replace("capsule(interface {})", "any"));
            self.differ(body, name, "type", &get(field, "type"), &json!(spelt));
            let inner = get(field, "body").as_str().and_then(|b| bodies.get(b).copied());
            let labels = inner.and_then(|b| b["fields"].as_array()).into_iter().flatten();
            let labelled = get(field, "kind") == "block" && labels.filter(|f| f["kind"] == "label").count() > 0;
            self.differ(body, name, "label", &json!(labelled), &json!(get(other, "label") == json!(true)));
        }
    }

    fn types(&mut self, here: &Value, there: &Value) {
        let ours = by_name(here, "types");
        let theirs = there["text_types"].as_object().expect("text types");
        self.same_names("exists", ours.keys().copied(), theirs.keys().map(String::as_str));
        for (name, record) in ours {
            let Some(other) = theirs.get(name) else { continue };
            self.differ(name, "", "empty", &json!(get(record, "empty") == json!(true)), &other["accepts_empty"]);
            let open = get(record, "open") == json!(true);
            self.differ(name, "", "open", &json!(open), &other["accepts_any"]);
            assert_ne!(open, record.contains_key("values"), "{name}: either its words are known or it takes others");
        }
        let ours = by_name(here, "capsules");
        let theirs = there["capsules"].as_object().expect("capsules");
        let spelt = |name: &str| if name == "interface {}" { "any".to_owned() } else { name.to_owned() };
        let theirs: BTreeMap<String, &Value> = theirs.iter().map(|(name, c)| (spelt(name), c)).collect();
        self.same_names("exists", ours.keys().copied(), theirs.keys().map(String::as_str));
        for (name, record) in ours {
            let Some(other) = theirs.get(name) else { continue };
            self.differ(name, "", "kind", &get(record, "kind"), &other["kind"]);
            self.differ(name, "", "from", &json!(get(record, "from") == json!(true)), &other["from"]);
            self.differ(name, "", "into", &json!(get(record, "into") == json!(true)), &other["into"]);
        }
    }

    fn functions(&mut self, here: &Value, there: &Value) {
        let (ours, theirs) = (by_name(here, "functions"), by_name(there, "stdlib"));
        self.same_names("exists", ours.keys().copied(), theirs.keys().copied());
        for (name, record) in ours {
            let Some(other) = theirs.get(name) else { continue };
            let go = get(other, "go").as_str().map(|go| go.replace("interface {}", "any"));
            self.differ(name, "", "go", &get(record, "go"), &json!(go));
            for key in ["kind", "experimental", "deprecated"] {
                self.differ(name, "", key, &get(record, key), &get(other, key));
            }
        }
    }
}

fn get(record: &Object, key: &str) -> Value {
    record.get(key).cloned().unwrap_or(Value::Null)
}

fn differences() -> BTreeSet<Difference> {
    let catalogue = parse("schemas/alloy.json");
    let versions: Vec<&str> =
        catalogue["versions"].as_array().expect("versions").iter().filter_map(Value::as_str).collect();
    let mut found = BTreeSet::new();
    for version in VERSIONS {
        let here = at(&catalogue, &versions, version);
        let there = parse(&format!("xtask/catalogue/reference/alloy-{version}.json"));
        let mut comparison = Comparison { version, found: BTreeSet::new() };
        comparison.roots(&here, &there);
        comparison.bodies(&here, &there);
        comparison.types(&here, &there);
        comparison.functions(&here, &there);
        found.append(&mut comparison.found);
    }
    found
}

#[test]
fn every_difference_from_the_real_builds_is_explained() {
    let found = differences();
    let table = read("xtask/catalogue/differences.tsv");
    let mut explained = BTreeSet::new();
    for line in table.lines().skip(1) {
        let mut cells: Vec<String> = line.split('\t').map(str::to_owned).collect();
        let reason = cells.pop().unwrap_or_default();
        assert!(reason.len() > 20, "no reason given: {line}");
        let row: Difference = cells.try_into().unwrap_or_else(|_| panic!("not seven cells: {line}"));
        assert!(explained.insert(row), "stands twice: {line}");
    }
    let show = |rows: Vec<&Difference>| rows.iter().map(|r| r.join("\t")).collect::<Vec<_>>().join("\n");
    let missing = show(found.difference(&explained).collect());
    let stale = show(explained.difference(&found).collect());
    assert!(missing.is_empty(), "differences without a reason in xtask/catalogue/differences.tsv:\n{missing}");
    assert!(stale.is_empty(), "rows of xtask/catalogue/differences.tsv that no longer occur:\n{stale}");
}

#[test]
fn the_comparison_sees_what_differs() {
    let there = parse("xtask/catalogue/reference/alloy-1.5.1.json");
    let mut comparison = Comparison { version: "1.5.1", found: BTreeSet::new() };
    let record = json!({"name": "env", "go": "func(string) int", "kind": "func", "deprecated": true});
    comparison.functions(&json!({"functions": [record]}), &there);
    let has = |name: &str, what: &str| comparison.found.iter().any(|d| d[1] == name && d[3] == what);
    assert!(has("env", "go") && !has("env", "deprecated") && has("sys.env", "exists"));
}

#[test]
fn records_are_sorted_and_ranges_do_not_overlap() {
    let catalogue = parse("schemas/alloy.json");
    let versions: Vec<&str> =
        catalogue["versions"].as_array().expect("versions").iter().filter_map(Value::as_str).collect();
    for version in &versions {
        let here = at(&catalogue, &versions, version);
        for section in ["roots", "bodies", "types", "capsules", "functions"] {
            let names: Vec<&str> = by_name(&here, section).into_keys().collect();
            let order: Vec<&str> =
                here[section].as_array().into_iter().flatten().filter_map(|r| r["name"].as_str()).collect();
            assert_eq!(names, order, "{section} at {version}");
        }
        for body in here["bodies"].as_array().expect("bodies") {
            by_name(body, "fields");
        }
    }
}
