//! `schemas/compose/spec.json` → one constant table of records that refer to each other by number.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use serde::Deserialize;
use serde_json::Value;

const FILE: &str = "schemas/compose/spec.json";

const IMAGES: &str = "schemas/compose/images.toml";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Spec {
    #[allow(dead_code)] // Where the facts were read: for people.
    engine: String,
    #[allow(dead_code)]
    repository: String,
    #[allow(dead_code)]
    path: String,
    versions: Vec<String>,
    root: usize,
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
struct Node {
    is: Vec<String>,
    fields: BTreeMap<String, Value>,
    keys: Option<(String, usize)>,
    closed: bool,
    extensions: bool,
    items: Option<usize>,
    unique: bool,
    words: Vec<String>,
    least: Option<i64>,
    most: Option<i64>,
    need: Vec<String>,
    some: Vec<String>,
    pattern: Option<String>,
    format: Option<String>,
    one: Vec<usize>,
}

/// Kinds in the order of their bits.
const KINDS: [&str; 7] = ["null", "boolean", "integer", "number", "string", "array", "object"];

/// Writes the table.
pub(crate) fn compile() {
    println!("cargo::rerun-if-changed={FILE}");
    let text = fs::read_to_string(FILE).expect("the facts of compose are there");
    let spec: Spec = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{FILE}: {e}"));
    let newest = spec.versions.last().expect("there is a version");
    let mut out =
        format!("const NEWEST: &str = {newest:?};\nconst ROOT: usize = {};\nstatic NODES: &[Node] = &[\n", spec.root);
    for node in &spec.nodes {
        let mut is = 0u8;
        for kind in &node.is {
            let bit = KINDS.iter().position(|k| k == kind).unwrap_or_else(|| panic!("{FILE}: no kind `{kind}`"));
            is |= 1 << bit;
        }
        let fields: Vec<String> = node.fields.iter().map(|(name, place)| field(name, place)).collect();
        let keys = node.keys.as_ref().map(|(pattern, at)| format!("({}, {at})", self::pattern(pattern)));
        let own = node.pattern.as_deref().map(self::pattern);
        let option = |v: Option<String>| v.map_or("None".to_owned(), |v| format!("Some({v})"));
        let _ = writeln!(
            out,
            "Node {{ is: {is}, fields: &[{}], keys: {}, closed: {}, extensions: {}, items: {}, unique: {}, words: &{:?}, \
             least: {:?}, most: {:?}, need: &{:?}, some: &{:?}, pattern: {}, duration: {}, one: &{:?} }},",
            fields.join(", "),
            option(keys),
            node.closed,
            node.extensions,
            option(node.items.map(|i| i.to_string())),
            node.unique,
            node.words,
            node.least,
            node.most,
            node.need,
            node.some,
            option(own),
            node.format.as_deref() == Some("duration"),
            node.one,
        );
    }
    out.push_str("];\n");
    super::write("compose.rs", &out);
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Images {
    image: Vec<Image>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Image {
    repositories: Vec<String>,
    title: String,
    since: Option<String>,
    until: Option<String>,
    suffixes: Vec<String>,
    tools: Vec<String>,
    #[serde(default)]
    instead: Vec<String>,
    evidence: String,
}

/// What can run inside of images.
pub(crate) fn images() {
    println!("cargo::rerun-if-changed={IMAGES}");
    let text = fs::read_to_string(IMAGES).expect("the facts of images are there");
    let all: Images = toml::from_str(&text).unwrap_or_else(|e| panic!("{IMAGES}: {e}"));
    let mut out = String::from("static IMAGES: &[Tools] = &[\n");
    for image in &all.image {
        assert!(image.evidence.contains('@'), "{IMAGES}: {} has no evidence", image.title);
        let version = |v: &Option<String>, default: &str| match v {
            Some(v) => format!("Version::new({})", v.replace('.', ", ")),
            None => default.to_owned(),
        };
        let _ = writeln!(
            out,
            "Tools {{ repositories: &{:?}, title: {:?}, since: {}, until: {}, suffixes: &{:?}, tools: &{:?}, instead: &{:?} }},",
            image.repositories,
            image.title,
            version(&image.since, "Version::new(0, 0, 0)"),
            version(&image.until, "Version::new(u16::MAX, 0, 0)"),
            image.suffixes,
            image.tools,
            image.instead,
        );
    }
    out.push_str("];\n");
    super::write("compose_images.rs", &out);
}

/// A number, or a number with the release that brought it and the one that dropped it.
fn field(name: &str, place: &Value) -> String {
    let at = place.as_u64().or_else(|| place.get(0)?.as_u64()).unwrap_or_else(|| panic!("{FILE}: field `{name}`"));
    let gone = place.get(2).and_then(Value::as_str).unwrap_or_default();
    format!("Field {{ name: {name:?}, node: {at}, gone: {gone:?} }}")
}

fn pattern(name: &str) -> String {
    let known = ["name", "any", "lower", "container", "pull", "project"];
    assert!(known.contains(&name), "{FILE}: no pattern `{name}`");
    format!("Pattern::{}{}", name[..1].to_ascii_uppercase(), &name[1..])
}
