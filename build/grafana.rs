//! `schemas/grafana/ini.json` → constant tables of the sections and keys of `grafana.ini`.

use std::fmt::Write as _;
use std::fs;

use serde::Deserialize;

const FILE: &str = "schemas/grafana/ini.json";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ini {
    #[allow(dead_code)] // Where the facts were read: for people.
    engine: String,
    #[allow(dead_code)]
    path: String,
    /// Version, and the repository that carries it.
    read: Vec<(String, String)>,
    asked: Vec<String>,
    sections: Vec<Section>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Section {
    name: String,
    kind: String,
    keys: Vec<String>,
}

/// Writes the tables.
pub(crate) fn compile() {
    println!("cargo::rerun-if-changed={FILE}");
    let text = fs::read_to_string(FILE).expect("the facts of grafana.ini are there");
    let ini: Ini = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{FILE}: {e}"));
    let (oldest, _) = ini.read.first().expect("a release was read");
    let (newest, _) = ini.read.last().expect("a release was read");
    let mut out = format!(
        "const OLDEST: Version = Version::new({});\nconst NEWEST: Version = Version::new({});\nstatic ASKED: &[&str] = &{:?};\nstatic SECTIONS: &[Section] = &[\n",
        oldest.replace('.', ", "),
        newest.replace('.', ", "),
        ini.asked
    );
    for section in &ini.sections {
        let kind = match section.kind.as_str() {
            "open" => "Open",
            "loose" => "Loose",
            "closed" => "Closed",
            other => panic!("{FILE}: no kind `{other}`"),
        };
        let _ = writeln!(
            out,
            "Section {{ name: {:?}, kind: SectionKind::{kind}, keys: &{:?} }},",
            section.name, section.keys
        );
    }
    out.push_str("];\n");
    super::write("grafana_ini.rs", &out);
}
