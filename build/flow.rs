//! `schemas/overlay/alloy-flow/*.toml` → one constant table. The README beside the data describes its shape.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    component: Vec<Component>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Component {
    names: Vec<String>,
    part: String,
    takes: Option<Vec<String>>,
    gives: Option<Vec<String>>,
    since: Option<String>,
    until: Option<String>,
    evidence: String,
}

/// Compiles all files of a folder.
pub(crate) fn compile(folder: &str) {
    println!("cargo::rerun-if-changed={folder}");
    let mut lines = Vec::new();
    for path in crate::files(Path::new(folder), "toml") {
        let text = fs::read_to_string(&path).expect("the file is readable");
        let file: File = toml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        for component in &file.component {
            let at = || format!("{}: {}", path.display(), component.names.join(", "));
            assert!(component.evidence.contains('@'), "{}: the evidence names no tag", at());
            let part = match component.part.as_str() {
                "receiver" => "Receiver",
                "processor" => "Processor",
                "connector" => "Connector",
                "exporter" => "Exporter",
                other => panic!("{}: no part is called `{other}`", at()),
            };
            let processor = part == "Processor";
            assert!(!processor || component.gives.is_none(), "{}: a processor gives what it takes", at());
            let takes = signals(component.takes.as_deref());
            let gives = signals(if processor { component.takes.as_deref() } else { component.gives.as_deref() });
            let range = crate::facts::range(&component.since, &component.until);
            for name in &component.names {
                lines.push((name.clone(), format!(
                    "Facts {{ name: {name:?}, part: Part::{part}, takes: {takes}, gives: {gives}, range: {range} }},"
                )));
            }
        }
    }
    lines.sort();
    let mut out = "static FACTS: &[Facts] = &[\n".to_owned();
    for (_, line) in lines {
        let _ = writeln!(out, "{line}");
    }
    out.push_str("];\n");
    crate::write("alloy_flow.rs", &out);
}

/// A set of signals in Rust.
fn signals(names: Option<&[String]>) -> String {
    let Some(names) = names else { return "None".to_owned() };
    let of = |name: &String| match name.as_str() {
        "metrics" => "Signal::Metrics",
        "traces" => "Signal::Traces",
        "logs" => "Signal::Logs",
        other => panic!("no signal is called `{other}`"),
    };
    format!("Some(&[{}])", names.iter().map(of).collect::<Vec<_>>().join(", "))
}
