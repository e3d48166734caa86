//! `schemas/overlay/*-metrics.toml` → constant tables of metrics that are called otherwise.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde::Deserialize;

use crate::facts::version;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Overlay {
    engine: String,
    renamed: Vec<Renamed>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Renamed {
    old: String,
    #[serde(default)]
    new: String,
    #[serde(default)]
    why: String,
    since: String,
    #[serde(default)]
    histogram: bool,
    #[serde(default)]
    shared: Vec<String>,
    #[serde(default)]
    kept: String,
    #[serde(default)]
    made: bool,
    evidence: String,
}

/// Compiles the files and writes `renames.rs`.
pub(crate) fn compile() {
    let mut out = String::from("static RENAMES: &[MetricRename] = &[\n");
    for file in super::files(Path::new("schemas/overlay"), "toml") {
        let stem = file.file_stem().and_then(|s| s.to_str()).unwrap_or_default();
        let Some(engine) = stem.strip_suffix("-metrics") else { continue };
        let text = fs::read_to_string(&file).expect("a schema file is readable");
        let overlay: Overlay = toml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        assert_eq!(overlay.engine, engine, "the file is named for its engine");
        for r in &overlay.renamed {
            let (engine, old) = (&overlay.engine, &r.old);
            assert!(r.evidence.contains(' ') && r.evidence.contains('@'), "{engine}: {old}: no file at a tag");
            assert!(r.new.is_empty() != r.why.is_empty(), "{engine}: {old}: either `new` or `why`");
            let _ = writeln!(
                out,
                "MetricRename {{ engine: {engine:?}, old: {old:?}, new: {:?}, why: {:?}, since: {}, histogram: {}, shared: &{:?}, kept: {:?}, made: {} }},",
                r.new,
                r.why,
                version(&r.since),
                r.histogram,
                r.shared,
                r.kept,
                r.made
            );
        }
    }
    out.push_str("];\n");
    super::write("renames.rs", &out);
}
