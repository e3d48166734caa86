//! `schemas/overlay/*-successors.toml` → constant tables of what replaced what.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde::Deserialize;

use crate::facts::version;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Overlay {
    engine: String,
    #[serde(default)]
    component: Vec<Component>,
    #[serde(default)]
    field: Vec<Field>,
    #[serde(default)]
    function: Vec<Function>,
    #[serde(default)]
    behaviour: Vec<Behaviour>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Component {
    name: String,
    gone: String,
    instead: String,
    why: String,
    evidence: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Field {
    roots: Vec<String>,
    path: Vec<String>,
    gone: Option<String>,
    retyped: Option<String>,
    mend: String,
    #[serde(default)]
    to: Vec<String>,
    #[serde(default)]
    words: BTreeMap<String, String>,
    #[serde(default)]
    unless: String,
    why: String,
    evidence: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Function {
    name: String,
    since: String,
    instead: String,
    evidence: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Behaviour {
    roots: Vec<String>,
    path: Vec<String>,
    since: String,
    #[serde(default)]
    when: String,
    value: Option<String>,
    beside: Option<String>,
    above: Option<String>,
    keep: Option<String>,
    text: String,
    evidence: String,
}

/// A fact without a source is refused.
fn evidence(engine: &str, text: &str) {
    assert!(text.contains(' ') && text.contains('@'), "{engine}: `{text}` does not name a file at a tag");
}

fn mend(engine: &str, field: &Field) -> String {
    let one = || match &field.to[..] {
        [to] => format!("{to:?}"),
        _ => panic!("{engine}: {:?}: `to` names one field", field.path),
    };
    match field.mend.as_str() {
        "rename" => format!("Mend::Rename({})", one()),
        "wrap" => format!("Mend::Wrap({})", one()),
        "label" => format!("Mend::Label({})", one()),
        "signals" => format!("Mend::Signals({})", one()),
        "words" => {
            let words: Vec<_> = field.words.iter().collect();
            assert!(!words.is_empty(), "{engine}: {:?}: `words` are missing", field.path);
            format!("Mend::Words({}, &{words:?})", one())
        }
        "block" => format!("Mend::Block(&{:?})", field.to),
        "spread" => {
            let to: Vec<_> = field.to.iter().filter_map(|t| t.split_once('.')).collect();
            assert!(!to.is_empty() && to.len() == field.to.len(), "{engine}: {:?}: `to` names blocks", field.path);
            format!("Mend::Spread(&{to:?})")
        }
        "move" => {
            assert!(!field.to.is_empty(), "{engine}: {:?}: `to` names places", field.path);
            format!("Mend::Move(&{:?})", field.to)
        }
        "items" => {
            let words: Vec<_> = field.words.iter().collect();
            assert!(!words.is_empty(), "{engine}: {:?}: `words` are missing", field.path);
            format!("Mend::Items(&{words:?})")
        }
        "delete" => "Mend::Delete".to_owned(),
        "hand" => "Mend::Hand".to_owned(),
        other => panic!("{engine}: `{other}` is no mend"),
    }
}

fn change(engine: &str, field: &Field) -> String {
    match (&field.gone, &field.retyped) {
        (Some(gone), None) => format!("Change::Gone({})", version(gone)),
        (None, Some(retyped)) => format!("Change::Retyped({})", version(retyped)),
        _ => panic!("{engine}: {:?}: either `gone` or `retyped`", field.path),
    }
}

fn table(overlay: &Overlay) -> String {
    let engine = &overlay.engine;
    let mut out = format!("Successors {{ engine: {engine:?}, all: &[");
    for c in &overlay.component {
        evidence(engine, &c.evidence);
        let _ = write!(
            out,
            "Successor {{ roots: &[{:?}], path: &[], change: Change::Gone({}), mend: Mend::Hand, instead: {:?}, unless: \"\", why: {:?} }},",
            c.name,
            version(&c.gone),
            c.instead,
            c.why
        );
    }
    for f in &overlay.field {
        evidence(engine, &f.evidence);
        assert!(!f.path.is_empty(), "{engine}: a field without a name");
        let _ = write!(
            out,
            "Successor {{ roots: &{:?}, path: &{:?}, change: {}, mend: {}, instead: {:?}, unless: {:?}, why: {:?} }},",
            f.roots,
            f.path,
            change(engine, f),
            mend(engine, f),
            f.to.join("`, `"),
            f.unless,
            f.why
        );
    }
    out.push_str("], functions: &[");
    for f in &overlay.function {
        evidence(engine, &f.evidence);
        let _ =
            write!(out, "Renamed {{ name: {:?}, since: {}, instead: {:?} }},", f.name, version(&f.since), f.instead);
    }
    out.push_str("], behaviours: &[");
    for b in &overlay.behaviour {
        evidence(engine, &b.evidence);
        let written = match (b.when.as_str(), b.path.is_empty()) {
            ("", _) => false,
            ("written", false) => true,
            _ => panic!("{engine}: {:?}: `when` is `written` or left out", b.path),
        };
        let keep = match (&b.beside, &b.above, &b.keep) {
            (Some(beside), Some(above), Some(keep)) => {
                let above: i64 = above.parse().unwrap_or_else(|_| panic!("{engine}: `{above}` is no number"));
                format!("Some(Keep {{ beside: {beside:?}, above: {above}, value: {keep:?} }})")
            }
            (None, None, None) => "None".to_owned(),
            _ => panic!("{engine}: {:?}: `beside`, `above` and `keep` go together", b.path),
        };
        let _ = write!(
            out,
            "Behaviour {{ roots: &{:?}, path: &{:?}, since: {}, written: {written}, value: {:?}, keep: {keep}, text: {:?} }},",
            b.roots,
            b.path,
            version(&b.since),
            b.value,
            b.text
        );
    }
    out.push_str("] },\n");
    out
}

/// Compiles the files and writes `successors.rs`.
pub(crate) fn compile() {
    let mut out = String::from("static SUCCESSORS: &[Successors] = &[\n");
    for file in super::files(Path::new("schemas/overlay"), "toml") {
        let stem = file.file_stem().and_then(|s| s.to_str()).unwrap_or_default();
        let Some(engine) = stem.strip_suffix("-successors") else { continue };
        let text = fs::read_to_string(&file).expect("a schema file is readable");
        let overlay: Overlay = toml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        assert_eq!(overlay.engine, engine, "the file is named for its engine");
        out.push_str(&table(&overlay));
    }
    out.push_str("];\n");
    super::write("successors.rs", &out);
}
