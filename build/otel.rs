//! `schemas/lang/otel.json` and `schemas/lang/profiles.json` → constant tables, in order.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use serde::Deserialize;

const FILE: &str = "schemas/lang/otel.json";
const PROFILES: &str = "schemas/lang/profiles.json";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Conventions {
    #[allow(dead_code)] // Where the facts were read: for people.
    repository: String,
    #[allow(dead_code)]
    path: String,
    #[allow(dead_code)]
    versions: Vec<String>,
    #[allow(dead_code)]
    translator: String,
    units: BTreeMap<String, String>,
    resource: Vec<String>,
    attributes: Vec<String>,
    metrics: BTreeMap<String, (String, String)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Profiles {
    #[allow(dead_code)]
    repository: String,
    #[allow(dead_code)]
    paths: Vec<String>,
    #[allow(dead_code)]
    versions: Vec<String>,
    types: Vec<String>,
}

/// Writes the tables.
pub(crate) fn compile() {
    println!("cargo::rerun-if-changed={FILE}");
    let text = fs::read_to_string(FILE).expect("the facts of OpenTelemetry are there");
    let read: Conventions = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{FILE}: {e}"));
    assert!(read.resource.is_sorted(), "{FILE}: the attributes are in order");
    assert!(read.attributes.is_sorted(), "{FILE}: the other attributes are in order");
    println!("cargo::rerun-if-changed={PROFILES}");
    let text = fs::read_to_string(PROFILES).expect("the types of profiles are there");
    let profiles: Profiles = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{PROFILES}: {e}"));
    let mut out = format!("static RESOURCE: &[&str] = &{:?};\n", read.resource);
    let _ = writeln!(out, "static ATTRIBUTES: &[&str] = &{:?};", read.attributes);
    let _ = writeln!(out, "static PROFILES: &[&str] = &{:?};", profiles.types);
    out.push_str("static METRICS: &[Convention] = &[\n");
    for (name, (instrument, unit)) in &read.metrics {
        let instrument = match instrument.as_str() {
            "counter" => "Counter",
            "updowncounter" => "UpDownCounter",
            "gauge" => "Gauge",
            "histogram" => "Histogram",
            other => panic!("{FILE}: no instrument `{other}`"),
        };
        // What stands in braces says what is counted, and is no unit.
        let plain = unit != "1" && !unit.contains('{');
        let suffix = if plain { read.units.get(unit).map_or(unit.as_str(), String::as_str) } else { "" };
        let ratio = unit == "1";
        let _ = writeln!(
            out,
            "Convention {{ name: {name:?}, instrument: Instrument::{instrument}, unit: {suffix:?}, ratio: {ratio} }},"
        );
    }
    out.push_str("];\n");
    super::write("otel.rs", &out);
}
