//! Runs the pages of upgrades, and holds what every upgrade must keep.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use vispyr::catalogue::schema::{At, Body, Field, FieldKind, Root, TypeKind};
use vispyr::catalogue::{self, Version};
use vispyr::engine::StepKind;
use vispyr::engines;
use vispyr::source::LineIndex;
use vispyr::tree::{RawTree, Settings, Tree};
use vispyr::upgrade::{Plan, plan};

use crate::adapter::{self, ROOT};
use crate::cases::pages;
use crate::harness::run;
use crate::page::{self, Case, Info};

fn version(text: &str) -> Version {
    Version::exact(text).unwrap_or_else(|| panic!("`{text}` is no version"))
}

fn upgraded(engine: &str, files: &[(&str, &str)], from: Option<Version>, to: Version, partial: bool) -> (Tree, Plan) {
    let engines = from.map(|v| (engine.to_owned(), v)).into_iter().collect();
    let settings = Settings { kind: None, engines };
    let raw = RawTree::from_texts(files.iter().copied());
    let engine = engines::named(engine).unwrap();
    plan(&raw, &settings, engine, engine.upgrade.unwrap(), to, partial)
}

fn steps(tree: &Tree, plan: &Plan) -> String {
    let mut out = String::new();
    for file in &plan.files {
        let text = tree.sources.text(file.source);
        let lines = LineIndex::new(text);
        for step in &file.steps {
            let (line, column) = lines.position(text, step.span.start);
            let kind = format!("{:?}", step.kind).to_lowercase();
            let _ = writeln!(out, "{}:{line}:{column}: {kind} {}: {}", file.path, step.subject, step.text);
        }
    }
    out
}

/// `1.19.0` of `A list of one (→ 1.19.0)`.
fn target(case: &Case) -> Version {
    let rest = case.heading.split_once("→ ").unwrap_or_else(|| panic!("`{}` names no version", case.heading)).1;
    version(rest.trim_end_matches(')'))
}

/// A page is named for its engine.
fn engine_of(path: &Path) -> &str {
    path.file_stem().and_then(|s| s.to_str()).unwrap()
}

fn bless(path: &Path, mut text: String) {
    let engine = engine_of(path);
    let count = page::parse(&text).unwrap().cases.len();
    for at in 0..count {
        let set = |text: &str, info: Info, name: &str, body: Option<&str>, after: &dyn Fn(&Info) -> bool| {
            let case = page::parse(text).unwrap().cases.swap_remove(at);
            page::set(text, &case, &info, name, body, after)
        };
        let case = page::parse(&text).unwrap().cases.swap_remove(at);
        let (tree, plan) = upgraded(engine, &case.files(), None, target(&case), false);
        let said = steps(&tree, &plan);
        let file = |i: &Info| matches!(i, Info::File(_));
        text = set(&text, Info::Steps, "steps", Some(said.as_str()).filter(|s| !s.is_empty()), &file);
        for one in &plan.files {
            let after = |i: &Info| matches!(i, Info::File(_) | Info::Steps | Info::Fixed(_));
            let info = Info::Fixed(one.path.clone());
            text = set(&text, info, &format!("fixed {}", one.path), one.text.as_deref(), &after);
        }
    }
    fs::write(path, text).unwrap();
}

#[test]
fn every_case_of_every_page_of_upgrades_holds() {
    let mut faults = Vec::new();
    for path in pages(&Path::new(ROOT).join("tests/cases/upgrade")) {
        let text = fs::read_to_string(&path).unwrap();
        if adapter::blessing() {
            bless(&path, text);
            continue;
        }
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        for case in page::parse(&text).unwrap().cases {
            for fault in faults_of(engine_of(&path), &case) {
                faults.push(format!("{name}: {}: {fault}", case.heading));
            }
        }
    }
    assert!(faults.is_empty(), "\n{}\n`cargo xtask bless` writes the pages anew", faults.join("\n"));
}

fn faults_of(engine: &str, case: &Case) -> Vec<String> {
    let (files, to) = (case.files(), target(case));
    let (tree, plan) = upgraded(engine, &files, None, to, false);
    let mut faults = Vec::new();
    let expected = case.blocks.iter().find(|b| b.info == Info::Steps).map_or("", |b| &b.body);
    let said = steps(&tree, &plan);
    if said != expected {
        faults.push(format!("steps are\n{said}"));
    }
    let after: Vec<(String, String)> = files
        .iter()
        .map(|(path, text)| {
            let new = plan.files.iter().find(|f| f.path == *path).and_then(|f| f.text.clone());
            ((*path).to_owned(), new.unwrap_or_else(|| (*text).to_owned()))
        })
        .collect();
    for ((path, new), (_, old)) in after.iter().zip(&files) {
        let fixed = case.blocks.iter().find(|b| b.info == Info::Fixed(path.clone())).map_or(*old, |b| &b.body);
        if new != fixed {
            faults.push(format!("{path} becomes\n{new}"));
        }
        if path.ends_with(".alloy") {
            faults.extend(lost_comments(old, new).map(|c| format!("{path}: the comment `{c}` is lost")));
            if plan.changes() {
                faults.extend(unknown(new, None, to).into_iter().map(|u| format!("{path}: {u} is still there")));
            }
        }
    }
    let again: Vec<_> = after.iter().map(|(p, t)| (p.as_str(), t.as_str())).collect();
    let (_, second) = upgraded(engine, &again, None, to, false);
    if plan.changes() && (second.changes() || second.blocked) {
        faults.push("a second run finds more to do".to_owned());
    }
    faults
}

fn lost_comments<'a>(old: &'a str, new: &str) -> impl Iterator<Item = String> + use<'a> {
    let comments = |text: &str| -> Vec<String> {
        vispyr_alloy::parse(text).file.comments().map(|c| c.content().into_owned()).collect()
    };
    let kept = comments(new);
    // The version that a comment names moves.
    comments(old).into_iter().filter(move |c| !kept.contains(c) && !c.starts_with("vispyr: "))
}

/// Names in a file that `to` does not have and `from` (for `None`, any release) had: read with nothing but the schema.
fn unknown(text: &str, from: Option<Version>, to: Version) -> Vec<String> {
    let schema = catalogue::schema("alloy").unwrap();
    let new = schema.at(to);
    let parsed = vispyr_alloy::parse(text);
    assert!(parsed.errors.is_empty(), "{:?}\n{text}", parsed.errors);
    let mut found = Vec::new();
    let mut waiting = Vec::new();
    for block in parsed.file.body().all_blocks() {
        match new.root(&block.name()) {
            Some(root) => waiting.extend(root.body().map(|b| (block, b, block.name().into_owned()))),
            // What a later release has again is not for an upgrade to mend.
            None if schema.root_ever(&block.name()).is_some_and(|h| h.until().is_some()) => {
                found.push(block.name().into_owned())
            }
            None => {}
        }
    }
    let had = |name: &str, path: &str| from.is_none_or(|v| knows(schema.at(v), path, name));
    while let Some((block, body, path)) = waiting.pop() {
        for attribute in block.body().attrs() {
            let name = attribute.name().name();
            if body.field(name).is_none_or(|f| f.kind() != FieldKind::Attribute) && had(name, &path) {
                found.push(format!("{path} {name}"));
            }
        }
        for inner in block.body().all_blocks() {
            let name = inner.name();
            match step(body, &name) {
                Some((field, inside)) => {
                    let takes = field.label() || inside.fields().any(|f| f.kind() == FieldKind::Label);
                    if inner.label().is_some() && !takes {
                        found.push(format!("{path} {name} (label)"));
                    }
                    waiting.push((inner, inside, format!("{path} {name}")));
                }
                None if had(&name, &path) => found.push(format!("{path} {name}")),
                None => {}
            }
        }
    }
    found
}

fn step(body: Body, name: &str) -> Option<(Field, Body)> {
    if let Some(field) = body.field(name) {
        return (field.kind() == FieldKind::Block).then_some((field, field.body()?));
    }
    name.match_indices('.').find_map(|(at, _)| {
        let choices = body.field(&name[..at]).filter(|f| f.kind() == FieldKind::Enum)?.body()?;
        let one = choices.field(&name[at + 1..])?;
        Some((one, one.body()?))
    })
}

fn knows(at: At, path: &str, name: &str) -> bool {
    let mut parts = path.split(' ');
    let body = parts.next().and_then(|root| at.root(root)).and_then(Root::body);
    let body = parts.try_fold(body, |body, part| Some(body.and_then(|b| step(b, part)).map(|(_, b)| b))).flatten();
    body.is_some_and(|b| b.field(name).is_some() || step(b, name).is_some())
}

/// A component with every attribute and block that a version has.
fn everything(root: Root) -> String {
    let mut out = String::new();
    let label = if root.is_component() { " \"all\"" } else { "" };
    let _ = writeln!(out, "// Has everything.\n{}{label} {{", root.name());
    if let Some(body) = root.body() {
        write_body(&mut out, body, 1);
    }
    out.push_str("}\n\n");
    out
}

fn write_body(out: &mut String, body: Body, depth: usize) {
    let tabs = "\t".repeat(depth);
    for field in body.fields().filter(|f| f.kind() == FieldKind::Attribute) {
        let value = match field.ty().kind() {
            TypeKind::Bool => "true",
            TypeKind::Number(_) => "1",
            TypeKind::Duration => "\"1m\"",
            TypeKind::List(_) => "[]",
            TypeKind::Map(_) | TypeKind::Object(_) => "{}",
            _ => "\"x\"",
        };
        let _ = writeln!(out, "{tabs}{} = {value} // {}", field.name(), field.name());
    }
    for field in body.fields().filter(|f| f.kind() == FieldKind::Block && depth < 8) {
        let takes = field.label() || field.body().is_some_and(|b| b.fields().any(|f| f.kind() == FieldKind::Label));
        let label = if takes { " \"x\"" } else { "" };
        let _ = writeln!(out, "\n{tabs}// A block.\n{tabs}{}{label} {{", field.name());
        if let Some(body) = field.body() {
            write_body(out, body, depth + 1);
        }
        let _ = writeln!(out, "{tabs}}}");
    }
}

#[test]
fn what_an_upgrade_leaves_unknown_it_names() {
    let schema = catalogue::schema("alloy").unwrap();
    let versions: Vec<Version> = schema.versions().collect();
    let last = *versions.last().unwrap();
    let mut pairs: Vec<(Version, Version)> = versions.windows(2).map(|w| (w[0], w[1])).collect();
    pairs.extend(versions.iter().step_by(8).map(|v| (*v, last)).chain([(last, last)]));
    for (from, to) in pairs {
        // Of two neighbours most components are the same.
        let lose: BTreeSet<&str> = schema.changes(from, to).filter(|c| c.went()).map(|c| c.root).collect();
        for root in schema.at(from).roots().filter(|r| from == to || lose.contains(r.name())) {
            let text = everything(root);
            let (_, plan) = upgraded("alloy", &[("a.alloy", &text)], Some(from), to, true);
            let file = plan.files.first();
            let new = file.and_then(|f| f.text.as_deref()).unwrap_or(&text);
            let hands: BTreeSet<&str> = (file.iter().flat_map(|f| &f.steps))
                .filter(|s| s.kind == StepKind::Hand)
                .map(|s| s.subject.as_str())
                .collect();
            for left in unknown(new, Some(from), to) {
                assert!(hands.contains(left.as_str()), "{from} → {to}: nothing is said of {left}\n{hands:?}");
            }
            let edits = file.map_or(0, |f| f.steps.iter().flat_map(|s| &s.edits).count());
            let (_, second) = upgraded("alloy", &[("a.alloy", new)], Some(from), to, true);
            assert!(!second.changes(), "{from} → {to}: {} changes again after {edits} edits", root.name());
            if hands.is_empty() && from == to {
                assert_eq!(new, text, "{from}: {} changes on the way to where it is", root.name());
            }
        }
    }
}

fn stack(dir: &Path, image: &str) -> PathBuf {
    let compose = format!(
        "services:\n  alloy:\n    image: {image} # pinned\n    command: run /etc/alloy/config.alloy\n    volumes:\n      - ./config.alloy:/etc/alloy/config.alloy\n"
    );
    fs::write(dir.join("compose.yaml"), compose).unwrap();
    let config = "\u{feff}remotecfg {\n\turl = env(\"URL\")\n}\n";
    fs::write(dir.join("config.alloy"), config).unwrap();
    dir.join("compose.yaml")
}

#[test]
fn a_run_writes_only_when_told_and_the_second_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let compose = stack(dir.path(), "grafana/alloy:v1.5.1-boringcrypto");
    let before = fs::read_to_string(&compose).unwrap();
    let shown = run(dir.path(), &["upgrade", "--to", "alloy=1.11"]);
    assert_eq!(shown.code, Some(1), "{}", shown.err);
    assert!(shown.out.contains("+    image: grafana/alloy:v1.11.3-boringcrypto # pinned"), "{}", shown.out);
    assert_eq!(fs::read_to_string(&compose).unwrap(), before);
    let json = run(dir.path(), &["upgrade", "--to", "alloy=1.11", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!((json["to"].as_str(), json["written"].as_bool()), (Some("1.11.3"), Some(false)));
    let steps = json["files"][1]["steps"].as_array().unwrap();
    assert!(steps.iter().any(|s| s["subject"] == "env()" && s["line"] == 2 && s["kind"] == "edit"), "{steps:?}");
    let written = run(dir.path(), &["upgrade", "--to", "alloy=1.11", "--write"]);
    assert_eq!(written.code, Some(0), "{}", written.err);
    assert!(fs::read_to_string(&compose).unwrap().contains("v1.11.3-boringcrypto # pinned"));
    let config = fs::read_to_string(dir.path().join("config.alloy")).unwrap();
    assert_eq!(config, "\u{feff}remotecfg {\n\turl = sys.env(\"URL\")\n}\n", "the mark before the text stays");
    let again = run(dir.path(), &["upgrade", "--to", "alloy=1.11", "--write"]);
    assert_eq!((again.code, again.out.as_str()), (Some(0), ""), "{}", again.err);
    let names: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
}

#[test]
fn one_file_that_needs_a_hand_holds_up_all() {
    let dir = tempfile::tempdir().unwrap();
    let compose = stack(dir.path(), "grafana/alloy:v1.5.1");
    let config = "prometheus.write.queue \"q\" {\n\tendpoint \"e\" {\n\t\turl = env(\"URL\")\n\t}\n}\n";
    fs::write(dir.path().join("config.alloy"), config).unwrap();
    let blocked = run(dir.path(), &["upgrade", "--to", "alloy=1.19", "--write"]);
    assert_eq!(blocked.code, Some(1));
    assert!(blocked.out.contains("hand 1:1 prometheus.write.queue: gone since 1.19.0; use `prometheus.remote_write`"));
    assert_eq!(fs::read_to_string(dir.path().join("config.alloy")).unwrap(), config);
    let partly = run(dir.path(), &["upgrade", "--to", "alloy=1.19", "--write", "--partial"]);
    assert_eq!(partly.code, Some(1));
    assert!(fs::read_to_string(dir.path().join("config.alloy")).unwrap().contains("sys.env"));
    assert!(fs::read_to_string(compose).unwrap().contains("v1.5.1"), "the version stays until all is done");
}

#[test]
fn a_target_that_is_not_known_is_trouble() {
    let dir = tempfile::tempdir().unwrap();
    for (to, said) in [
        ("alloy", "names no version"),
        ("aloy=1.5", "did you mean `alloy`"),
        ("caddy=2.9", "cannot be upgraded yet"),
        ("alloy=next", "is no version"),
        ("alloy=7.0", "is known up to"),
    ] {
        let run = run(dir.path(), &["upgrade", "--to", to]);
        assert_eq!(run.code, Some(2), "{to}");
        assert!(run.err.contains(said), "{to}: {}", run.err);
    }
}

#[test]
fn a_generated_stack_moves_with_its_spec() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(run(dir.path(), &["init"]).code, Some(0));
    let spec = dir.path().join("vispyr.toml");
    let text = fs::read_to_string(&spec).unwrap();
    fs::write(&spec, format!("{text}\n[versions]\nalloy = \"1.11.3\" # ours\n")).unwrap();
    let made = run(dir.path(), &["gen"]);
    assert_eq!(made.code, Some(0), "{}", made.err);
    let written = run(dir.path(), &["upgrade", "--to", "alloy=1.18", "--write"]);
    assert_eq!(written.code, Some(0), "{}{}", written.out, written.err);
    assert!(fs::read_to_string(&spec).unwrap().contains("alloy = \"1.18.1\" # ours"));
    assert!(written.out.contains("run it once `vispyr.toml` names the new version"), "{}", written.out);
    assert!(fs::read_to_string(dir.path().join("compose.yaml")).unwrap().contains("v1.11.3"), "`gen` writes that");
    assert_eq!(run(dir.path(), &["gen"]).code, Some(0));
    assert!(fs::read_to_string(dir.path().join("compose.yaml")).unwrap().contains("v1.18.1"));
}

#[test]
fn lines_that_are_put_in_end_as_those_of_the_file_do() {
    let text = "distributor:\n  receivers:\n    otlp:\n      protocols:\n        grpc:\n          endpoint: 0.0.0.0:4317\nstorage:\n  trace:\n    backend: local\n    local:\n      path: /var/tempo/blocks\n    wal:\n      path: /var/tempo/wal\ncompactor:\n  # Kept.\n  compaction:\n    block_retention: 1h\n\noverrides:\n  max_search_duration: 1h";
    let text = &text.replace('\n', "\r\n");
    let (_, plan) = upgraded("tempo", &[("tempo.yaml", text)], None, version("3.0.3"), true);
    let new = plan.files[0].text.as_deref().unwrap();
    assert_eq!(new.matches('\n').count(), new.matches("\r\n").count(), "{new:?}");
    assert!(new.contains("backend_worker:\r\n"), "{new:?}");
}
