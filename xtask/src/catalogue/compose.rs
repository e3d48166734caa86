//! `schemas/compose/spec.json`: what compose files may hold, from the schema that each release of compose-go carries.
//!
//! Names, kinds, words and bounds are kept; texts are not. What other releases knew and the newest does not is kept too, with
//! `until`: the version of docker compose is never known from a file.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Map, Value, json};

use super::git::git;
use super::tags;
use crate::root;

const MODULE: &str = "github.com/compose-spec/compose-go/v2";

/// `x-…`: taken wherever the schema says so.
const EXTENSION: &str = "^x-";

/// Patterns of the schema under the names that the checker knows them by.
const PATTERNS: [(&str, &str); 8] = [
    ("^[a-zA-Z0-9._-]+$", "name"),
    ("^.+$", "any"),
    (".+", "any"),
    ("^[a-z]+$", "lower"),
    ("[a-zA-Z0-9][a-zA-Z0-9_.-]+", "container"),
    ("always|never|build|if_not_present|missing|refresh|daily|weekly|every_([0-9]+[wdhms])+", "pull"),
    ("^(always|never|build|if_not_present|missing|refresh|daily|weekly|every_([0-9]+[wdhms])+)$", "pull"),
    ("^[a-z0-9][a-z0-9_-]*$", "project"),
];

/// Writes the file.
pub(super) fn run(checkout: &Path, out: Option<&str>) -> Result<()> {
    let mut schemas = Vec::new();
    for release in
        tags::releases(checkout, (2, 0))?.into_iter().filter(|r| !r.prerelease && r.version.starts_with("2."))
    {
        let text = git(checkout, &["show", &format!("{}:schema/compose-spec.json", release.tag)])?;
        schemas.push((release.version, serde_json::from_str::<Value>(&text)?));
    }
    schemas.extend(newer(schemas.last().map_or("", |(v, _)| v))?);
    let (newest, schema) = schemas.last().context("no release has a schema")?;
    let mut tree = node(schema, schema, 0).with_context(|| newest.clone())?;
    for (at, (version, schema)) in schemas.iter().enumerate().rev().skip(1) {
        let older = node(schema, schema, 0).with_context(|| version.clone())?;
        date(&mut tree, &older, &schemas[at + 1].0);
    }
    let mut nodes = Vec::new();
    let top = intern(&tree, &mut nodes, &mut BTreeMap::new());
    let versions: Vec<&str> = schemas.iter().map(|(v, _)| v.as_str()).collect();
    let mut text = format!(
        "{{\n\"engine\": \"compose\",\n\"repository\": \"compose-spec/compose-go\",\n\"path\": \"schema/compose-spec.json\",\n\
         \"versions\": {},\n\"root\": {top},\n\"nodes\": [\n",
        json!(versions)
    );
    text.push_str(&nodes.join(",\n"));
    text.push_str("\n]\n}\n");
    let out = out.map_or_else(|| root().join("schemas/compose/spec.json"), PathBuf::from);
    let same = fs::read_to_string(&out).is_ok_and(|before| before == text);
    fs::write(&out, &text).with_context(|| out.display().to_string())?;
    let state = if same { "unchanged" } else { "written" };
    println!("{} {state}: {} versions, {} nodes", out.display(), versions.len(), nodes.len());
    Ok(())
}

/// Releases after the newest tag of the checkout, from the module proxy.
fn newer(last: &str) -> Result<Vec<(String, Value)>> {
    let parts = |v: &str| v.split('.').map(|n| n.parse().unwrap_or(0)).collect::<Vec<u32>>();
    let list = Command::new("go").args(["list", "-m", "-versions", MODULE]).current_dir(loaders()).output()?;
    ensure!(list.status.success(), "go list: {}", String::from_utf8_lossy(&list.stderr));
    let mut found = Vec::new();
    for tag in String::from_utf8(list.stdout)?.split_whitespace().skip(1) {
        let version = tag.trim_start_matches('v').to_owned();
        if version.contains('-') || parts(&version) <= parts(last) {
            continue;
        }
        let got = Command::new("go").args(["mod", "download", "-json", &format!("{MODULE}@{tag}")]).output()?;
        ensure!(got.status.success(), "go mod download {tag}: {}", String::from_utf8_lossy(&got.stderr));
        let said: Value = serde_json::from_slice(&got.stdout)?;
        let folder = said["Dir"].as_str().context("no folder")?;
        let text = fs::read(Path::new(folder).join("schema/compose-spec.json"))?;
        found.push((version, serde_json::from_slice(&text)?));
    }
    Ok(found)
}

/// A module that depends on compose-go: `go list` wants one around it.
fn loaders() -> PathBuf {
    root().join("xtask/conformance/loaders")
}

/// One schema as a record: references followed, `allOf` merged in.
fn node(schema: &Value, whole: &Value, depth: usize) -> Result<Map<String, Value>> {
    ensure!(depth < 64, "the schema refers to itself");
    let mut out = Map::new();
    let Some(schema) = schema.as_object() else { return Ok(out) };
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        let target = whole.pointer(reference.trim_start_matches('#')).with_context(|| reference.to_owned())?;
        return node(target, whole, depth + 1);
    }
    for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
        for (key, value) in node(part, whole, depth + 1)? {
            merge(&mut out, key, value);
        }
    }
    for (key, value) in schema {
        match key.as_str() {
            "type" => {
                let kinds = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
                out.insert("is".to_owned(), json!(kinds));
            }
            "properties" => {
                let mut fields = Map::new();
                for (name, field) in value.as_object().context("properties")? {
                    fields.insert(name.clone(), Value::Object(node(field, whole, depth + 1)?));
                }
                merge(&mut out, "fields".to_owned(), Value::Object(fields));
            }
            "patternProperties" => {
                for (pattern, field) in value.as_object().context("patternProperties")? {
                    if pattern == EXTENSION {
                        out.insert("extensions".to_owned(), json!(true));
                        continue;
                    }
                    // One release has a keyword here by mistake.
                    if field.is_boolean() || pattern == "uniqueItems" {
                        continue;
                    }
                    // A few old releases have two for one map, which differ in nothing else.
                    let value = Value::Object(node(field, whole, depth + 1)?);
                    out.insert("keys".to_owned(), json!({"pattern": known(pattern)?, "value": value}));
                }
            }
            "additionalProperties" | "unevaluatedProperties" => match value {
                Value::Bool(false) => {
                    out.insert("closed".to_owned(), json!(true));
                }
                Value::Bool(true) => {}
                other => bail!("additional properties of a kind: {other}"),
            },
            "items" => {
                out.insert("items".to_owned(), Value::Object(node(value, whole, depth + 1)?));
            }
            "uniqueItems" if value == &json!(true) => {
                out.insert("unique".to_owned(), json!(true));
            }
            "enum" => {
                out.insert("words".to_owned(), value.clone());
            }
            "minimum" => {
                out.insert("least".to_owned(), value.clone());
            }
            "maximum" => {
                out.insert("most".to_owned(), value.clone());
            }
            "required" => {
                out.insert("need".to_owned(), value.clone());
            }
            "pattern" => {
                out.insert("pattern".to_owned(), json!(known(value.as_str().unwrap_or_default())?));
            }
            "format" => {
                out.insert("format".to_owned(), value.clone());
            }
            "oneOf" => {
                let all = value.as_array().context("oneOf")?;
                let all: Result<Vec<Value>> =
                    all.iter().map(|s| Ok(Value::Object(node(s, whole, depth + 1)?))).collect();
                out.insert("one".to_owned(), json!(all?));
            }
            // One of some keys must be there.
            "anyOf" => {
                let all = value.as_array().context("anyOf")?;
                let names: Vec<&Value> = all.iter().filter_map(|s| s.get("required")?.get(0)).collect();
                ensure!(names.len() == all.len(), "anyOf of another kind than required");
                out.insert("some".to_owned(), json!(names));
            }
            "$schema" | "$id" | "$defs" | "definitions" | "id" | "title" | "description" | "deprecated" | "allOf"
            | "default" | "uniqueItems" | "examples" => {}
            other => bail!("a keyword that is not known: {other}"),
        }
    }
    Ok(out)
}

fn merge(out: &mut Map<String, Value>, key: String, value: Value) {
    match (out.get_mut(&key), value) {
        (Some(Value::Object(before)), Value::Object(more)) => before.extend(more),
        (_, value) => {
            out.insert(key, value);
        }
    }
}

fn known(pattern: &str) -> Result<&'static str> {
    let found = PATTERNS.iter().find(|(text, _)| *text == pattern);
    found.map(|(_, name)| *name).with_context(|| format!("a pattern that is not known: {pattern}"))
}

/// Dates the fields of `tree` that `older` does not know as of `next`, and takes over those that only `older` knows.
fn date(tree: &mut Map<String, Value>, older: &Map<String, Value>, next: &str) {
    if let (Some(Value::Object(fields)), Some(Value::Object(before))) = (tree.get_mut("fields"), older.get("fields")) {
        for (name, field) in fields.iter_mut() {
            let Some(field) = field.as_object_mut() else { continue };
            match before.get(name).and_then(Value::as_object) {
                Some(older) => date(field, older, next),
                None if !field.contains_key("since") => {
                    field.insert("since".to_owned(), json!(next));
                }
                None => {}
            }
        }
        for (name, field) in before {
            if !fields.contains_key(name) {
                let mut field = field.clone();
                if let Some(field) = field.as_object_mut() {
                    field.insert("until".to_owned(), json!(next));
                }
                fields.insert(name.clone(), field);
            }
        }
    }
    for key in ["items"] {
        if let (Some(Value::Object(now)), Some(Value::Object(before))) = (tree.get_mut(key), older.get(key)) {
            date(now, before, next);
        }
    }
    if let (Some(now), Some(Value::Object(before))) = (
        tree.get_mut("keys").and_then(|k| k.get_mut("value")).and_then(Value::as_object_mut),
        older.get("keys").and_then(|k| k.get("value")),
    ) {
        date(now, before, next);
    }
    // The branch for maps, and the one for lists: there is at most one of each.
    for kind in ["object", "array"] {
        let of = |branch: &Value| branch.get("is").and_then(|k| k.get(0)).and_then(Value::as_str) == Some(kind);
        let before = match older.get("one").and_then(Value::as_array) {
            Some(all) => all.iter().find(|b| of(b)).and_then(Value::as_object),
            None => Some(older).filter(|o| of(&Value::Object((*o).clone()))),
        };
        let now = tree.get_mut("one").and_then(Value::as_array_mut).and_then(|all| all.iter_mut().find(|b| of(b)));
        if let (Some(now), Some(before)) = (now.and_then(Value::as_object_mut), before) {
            date(now, before, next);
        }
    }
}

/// Gives equal records one number; the record refers to its parts by theirs.
fn intern(node: &Map<String, Value>, nodes: &mut Vec<String>, seen: &mut BTreeMap<String, usize>) -> usize {
    let mut out = Map::new();
    for (key, value) in node {
        let mut number = |v: &Value| json!(intern(v.as_object().unwrap_or(&Map::new()), nodes, seen));
        let value = match (key.as_str(), value) {
            ("fields", Value::Object(fields)) => {
                // `since` and `until` belong to the place, not to what stands there.
                let mut all = Map::new();
                for (name, field) in fields {
                    let mut field = field.as_object().cloned().unwrap_or_default();
                    let (since, until) = (field.remove("since"), field.remove("until"));
                    let at = number(&Value::Object(field));
                    let dated = since.is_some() || until.is_some();
                    all.insert(name.clone(), if dated { json!([at, since, until]) } else { at });
                }
                Value::Object(all)
            }
            ("items", value) => number(value),
            ("one", Value::Array(all)) => all.iter().map(number).collect(),
            ("keys", value) => json!([value["pattern"], number(&value["value"])]),
            _ => value.clone(),
        };
        out.insert(key.clone(), value);
    }
    let text = Value::Object(out).to_string();
    if let Some(at) = seen.get(&text) {
        return *at;
    }
    let at = nodes.len();
    nodes.push(text.clone());
    seen.insert(text, at);
    at
}
