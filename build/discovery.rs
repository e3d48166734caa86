//! `schemas/lang/discovery.json` → one constant table, in order.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use serde::Deserialize;

const FILE: &str = "schemas/lang/discovery.json";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Facts {
    #[allow(dead_code)] // Where the facts were read: for people.
    repository: String,
    #[allow(dead_code)]
    path: String,
    #[allow(dead_code)]
    versions: Vec<String>,
    discoveries: BTreeMap<String, Vec<String>>,
}

/// Writes the table.
pub(crate) fn compile() {
    println!("cargo::rerun-if-changed={FILE}");
    let text = fs::read_to_string(FILE).expect("the labels of discoveries are there");
    let read: Facts = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{FILE}: {e}"));
    let mut out = String::from("static DISCOVERIES: &[Discovery] = &[\n");
    for (name, labels) in &read.discoveries {
        assert!(labels.is_sorted(), "{FILE}: the labels of {name} are in order");
        let prefix = format!("__meta_{name}_");
        let _ = writeln!(out, "Discovery {{ name: {name:?}, prefix: {prefix:?}, labels: &{labels:?} }},");
    }
    out.push_str("];\n");
    super::write("discovery.rs", &out);
}
