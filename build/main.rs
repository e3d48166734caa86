//! Compiles the data folders in: `schemas/*.json` become flat tables, read in place; `schemas/overlay/*.toml` one constant
//! table each, as do the conditions, successors and flows of engines there; `schemas/lang/` the facts of languages, `schemas/compose/` those of compose files; `presets/` and
//! `dashboards/` lists of names and texts.

#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout)] // A build script reports by panicking and printing.

// A build script refuses by panicking: cargo shows the message.

mod compose;
mod conditions;
mod discovery;
mod exporters;
mod expression;
mod facts;
mod flow;
mod grafana;
#[path = "../src/catalogue/layout.rs"]
mod layout;
mod metrics;
mod otel;
mod ottl;
mod pool;
mod renames;
mod schema;
mod successors;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    texts("dashboards", "DASHBOARDS");
    texts("presets", "PRESETS");
    facts::compile();
    discovery::compile();
    exporters::compile();
    otel::compile();
    ottl::compile();
    compose::compile();
    compose::images();
    grafana::compile();
    schema::compile();
    conditions::compile("schemas/overlay/alloy-conditions");
    successors::compile();
    renames::compile();
    metrics::compile();
    flow::compile("schemas/overlay/alloy-flow");
}

/// The files of a folder with that extension, sorted.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut paths: Vec<_> =
        fs::read_dir(folder).expect("the data folder exists").filter_map(|e| Some(e.ok()?.path())).collect();
    paths.retain(|p| p.extension().is_some_and(|e| e == extension));
    paths.sort();
    paths
}

/// Registers every file of a folder: a sorted list of (stem, text).
fn texts(folder: &str, list: &str) {
    println!("cargo::rerun-if-changed={folder}");
    let mut out = format!("static {list}: &[(&str, &str)] = &[\n");
    for path in files(Path::new(folder), "toml") {
        let stem = path.file_stem().and_then(|s| s.to_str()).expect("a data file has a readable name");
        // By the package's folder at compile time: a target folder may be copied to another checkout.
        let path = format!("/{}", path.display());
        let _ = writeln!(out, "({stem:?}, include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), {path:?}))),");
    }
    out.push_str("];\n");
    write(&format!("{folder}.rs"), &out);
}

/// Writes a file that the sources include.
fn write(name: &str, text: &str) {
    let out = env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    fs::write(Path::new(&out).join(name), text).expect("OUT_DIR is writable");
}
