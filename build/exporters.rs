//! `schemas/overlay/exporters.toml` → one constant table.

use std::fmt::Write as _;
use std::fs;

use serde::Deserialize;

/// The file, which the folder of overlays holds beside those of engines.
pub(crate) const FILE: &str = "schemas/overlay/exporters.toml";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Overlay {
    exporter: Vec<Exporter>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Exporter {
    title: String,
    images: Vec<String>,
    components: Vec<String>,
    port: u16,
    flag: String,
    paths: Vec<String>,
    namespaces: Vec<String>,
    #[serde(default)]
    alone: bool,
    #[serde(default)]
    opens: Vec<String>,
    repository: String,
    #[allow(dead_code)] // How its source is read: for the extractor.
    from: String,
    #[allow(dead_code)] // The same.
    roots: Vec<String>,
    #[allow(dead_code)] // The same.
    recorded: Vec<String>,
    evidence: String,
}

/// Compiles the file and writes `exporters.rs`.
pub(crate) fn compile() {
    let text = fs::read_to_string(FILE).expect("the exporters are there");
    let overlay: Overlay = toml::from_str(&text).unwrap_or_else(|e| panic!("{FILE}: {e}"));
    let mut out = String::from("static EXPORTERS: &[Exporter] = &[\n");
    for Exporter {
        title, images, components, port, flag, paths, namespaces, alone, opens, repository, evidence, ..
    } in &overlay.exporter
    {
        let cited = evidence.strip_prefix(repository.as_str()).is_some_and(|e| e.starts_with(' '));
        assert!(cited && evidence.contains('@'), "{FILE}: {title}: no file of its repository at a tag");
        assert!(namespaces.iter().all(|n| n.ends_with('_')), "{FILE}: {title}: a namespace ends in `_`");
        let name = title.to_lowercase();
        let _ = writeln!(
            out,
            "Exporter {{ title: {title:?}, name: {name:?}, images: &{images:?}, components: &{components:?}, port: {port}, flag: {flag:?}, paths: &{paths:?}, namespaces: &{namespaces:?}, alone: {alone}, opens: &{opens:?} }},"
        );
    }
    out.push_str("];\n");
    super::write("exporters.rs", &out);
}
