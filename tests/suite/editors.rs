//! The schemas that editors get, held to what `vispyr check` says of the same files.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Map, Value};
use vispyr::catalogue::{self, editor_schema};
use vispyr::check::Options;
use vispyr::engines;
use vispyr::parse::{Node, Type};
use vispyr::tree::{Artifact, RawTree, Settings};

use crate::adapter::ROOT;
use crate::cases::pages;
use crate::page::{self, Info};

/// Engines with their prefix of rules, and kinds of files with the root of the catalogue that they are.
const KINDS: &[(&str, &str, &str)] = &[
    ("alertmanager-config", "alertmanager", "config"),
    ("loki-config", "loki", "config"),
    ("prometheus-config", "prom", "config"),
    ("prometheus-rules", "prom", "rules"),
    ("pyroscope-config", "pyro", "config"),
    ("tempo-config", "tempo", "config"),
];

/// What a YAML reader makes of a node, as JSON.
fn json(node: Node<'_>) -> Value {
    match node.value_type() {
        Type::Null | Type::Broken => Value::Null,
        Type::Bool => Value::Bool(node.as_bool().unwrap()),
        Type::Int | Type::Float => match (node.as_i64(), node.as_f64()) {
            (Some(whole), _) if node.value_type() == Type::Int => whole.into(),
            (_, Some(number)) => serde_json::Number::from_f64(number).map_or(Value::Null, Value::Number),
            _ => Value::Null,
        },
        Type::String | Type::Time => node.scalar().unwrap_or_default().into(),
        Type::Seq => node.items().map(json).collect(),
        Type::Map => {
            Value::Object(node.entries().iter().map(|e| (e.name().to_owned(), json(e.value))).collect::<Map<_, _>>())
        }
    }
}

/// Whether the schema of its engine at its version takes a file.
fn taken(artifact: &Artifact, root: &str) -> Option<bool> {
    let (version, _) = artifact.version.as_ref()?;
    let at = catalogue::schema(artifact.kind.engine)?.at(*version);
    let variables = at.flags().is_some_and(|f| f.field("config.expand-env").is_some());
    let schema = editor_schema("x", at, root, variables)?;
    assert!(jsonschema::meta::is_valid(&schema), "the schema of {root} is one");
    Some(jsonschema::validator_for(&schema).unwrap().is_valid(&json(artifact.data()?.root()?)))
}

#[test]
fn schemas_of_editors_and_the_check_agree() {
    let mut faults = Vec::new();
    let mut seen: BTreeMap<&str, [u32; 2]> = BTreeMap::new();
    for path in pages(&Path::new(ROOT).join("src/engines")) {
        let Ok(page) = page::parse(&fs::read_to_string(&path).unwrap()) else { continue };
        for case in page.cases {
            let files: Vec<(&str, &str)> = case
                .blocks
                .iter()
                .filter_map(
                    |b| if let Info::File(name) = &b.info { Some((name.as_str(), b.body.as_str())) } else { None },
                )
                .collect();
            let tree = engines::tree(RawTree::from_texts(files.iter().copied()), &Settings::default());
            let report = vispyr::check::check(&tree, &Options::default());
            for artifact in tree.artifacts.iter().filter(|a| a.syntax.is_empty()) {
                let Some((kind, prefix, root)) = KINDS.iter().find(|(kind, ..)| *kind == artifact.kind.name) else {
                    continue;
                };
                let Some(taken) = taken(artifact, root) else { continue };
                let here = report.diagnostics.iter().filter(|d| d.primary.span.source == artifact.source);
                let ids: Vec<&str> = here.map(|d| d.rule.id).collect();
                let says = |stem: &str| ids.contains(&format!("{prefix}-{stem}").as_str());
                let names = says("unknown-key") || says("removed-key");
                let text = format!("{}: {}: {}", path.display(), case.heading, artifact.path);
                // Values may be refused for what no schema says: by a decoder, beside others, twice.
                if names && taken {
                    faults.push(format!("{text}: an unknown key is taken"));
                }
                if !taken && !names && !says("invalid-value") && !says("relabel-invalid") {
                    faults.push(format!("{text}: refused, and the check finds {ids:?}"));
                }
                seen.entry(kind).or_default()[usize::from(taken)] += 1;
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
    for (kind, ..) in KINDS {
        let [refused, taken] = seen.get(kind).copied().unwrap_or_default();
        assert!(refused > 0 && taken > 0, "{kind}: {refused} refused and {taken} taken are too few to say anything");
    }
}
