//! Conditions over real text, with the catalogue's own bodies.

use super::decoded::Decoded;
use super::*;
use crate::catalogue::schema;
use crate::source::SourceId;

/// What the parsers of other languages would say, as far as tests need it.
struct Regexes;

impl Judge for Regexes {
    fn valid(&self, syntax: Syntax, text: &str) -> Option<bool> {
        match syntax {
            Syntax::Regex => Some(text.matches('(').count() == text.matches(')').count() && !text.contains("(?=")),
            other => Builtin.valid(other, text),
        }
    }
}

fn collect(block: &Decoded<'_>, version: Version, found: &mut Vec<Violation>) {
    if let Some(body) = block.body() {
        violations(of(body.name()), version, block, &Regexes, &mut |violation| found.push(violation));
    }
    block.written_blocks(&mut |inner| collect(inner, version, found));
}

/// The conditions that a file breaks at a version.
fn broken(text: &str, version: &str) -> Vec<Violation> {
    let parse = vispyr_alloy::parse(text);
    assert!(parse.errors.is_empty(), "{:?} in {text}", parse.errors);
    let version = Version::exact(version).unwrap();
    let schema = schema("alloy").unwrap().at(version);
    let mut found = Vec::new();
    for block in parse.file.body().all_blocks() {
        let root = schema.root(&block.name()).unwrap_or_else(|| panic!("no `{}` at {version}", block.name()));
        let decoded = Decoded::new(SourceId(0), root.body().unwrap(), &block);
        collect(&decoded, version, &mut found);
    }
    found
}

/// Every name that a test looks up, in the body where it does.
fn names(test: &table::Test, body: schema::Body, list: bool, missing: &mut Vec<String>) {
    use table::{Operand, Path, Test};
    let find = |path: &Path, missing: &mut Vec<String>| {
        let mut at = Some(body);
        if list && path.steps.first() == Some(&"it") {
            return None;
        }
        for (index, step) in path.steps.iter().enumerate() {
            let Some(body) = at else { break };
            let field = body.field(step).or_else(|| {
                let (head, rest) = step.split_once('.')?;
                body.field(head)?.body()?.field(rest)
            });
            let Some(field) = field else {
                missing.push(format!("{} has no `{step}`", body.name()));
                return None;
            };
            let last = index + 1 == path.steps.len();
            if last && path.block != (field.kind() != schema::FieldKind::Attribute) {
                missing.push(format!("`{step}` of {} is not what it is called", body.name()));
            }
            at = field.body();
        }
        at
    };
    match test {
        Test::And(tests) | Test::Or(tests) => tests.iter().for_each(|test| names(test, body, list, missing)),
        Test::Not(test) => names(test, body, list, missing),
        Test::Compare(_, left, right) => {
            for operand in [left, right] {
                match operand {
                    Operand::Number(_) => {}
                    Operand::Ones(tests) => tests.iter().for_each(|test| names(test, body, list, missing)),
                    Operand::Path(path) | Operand::Count(path) | Operand::Length(path) | Operand::Minus(path, _) => {
                        find(path, missing);
                    }
                }
            }
        }
        Test::Any(path, test) if path.block => {
            if let Some(inner) = find(path, missing) {
                names(test, inner, false, missing);
            }
        }
        Test::Any(path, test) | Test::AnyKey(path, test) => {
            find(path, missing);
            names(test, body, true, missing);
        }
        Test::Duplicate(path, attribute) => {
            if let Some(inner) = find(path, missing).filter(|_| path.block) {
                if inner.field(attribute).is_none() {
                    missing.push(format!("{} has no `{attribute}`", inner.name()));
                }
            }
        }
        Test::Truthy(path)
        | Test::Written(path)
        | Test::In { path, .. }
        | Test::Prefix(path, _)
        | Test::Suffix(path, _)
        | Test::Holds(path, _)
        | Test::Valid(path, _)
        | Test::Default(path, _) => {
            find(path, missing);
        }
    }
}

#[test]
fn every_condition_names_what_its_body_has_while_it_holds() {
    let schema = schema("alloy").unwrap();
    let mut wrong = Vec::new();
    for (name, conditions) in all() {
        assert!(schema.versions().any(|v| schema.at(v).body(name).is_some()), "there is no body {name}");
        for condition in *conditions {
            let mut held = false;
            for version in schema.versions().filter(|v| condition.range.holds(*v)) {
                let Some(body) = schema.at(version).body(name).filter(|body| body.fields().next().is_some()) else {
                    continue;
                };
                held = true;
                let mut missing = Vec::new();
                names(&condition.test, body, false, &mut missing);
                wrong.extend(missing.into_iter().map(|m| format!("{version}: {m} ({})", condition.message)));
            }
            let _ = held;
            assert!(condition.evidence.contains('@'), "{}", condition.message);
        }
    }
    wrong.sort();
    wrong.dedup();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn defaults() {
    // TEMP: prints bodies whose empty block is refused.
    let schema = schema("alloy").unwrap();
    let parse = vispyr_alloy::parse("a {}");
    for version in schema.versions() {
        for (name, conditions) in all() {
            let Some(body) = schema.at(version).body(name).filter(|body| body.fields().next().is_some()) else {
                continue;
            };
            let block = parse.file.body().all_blocks().next().unwrap();
            let decoded = Decoded::new(SourceId(0), body, &block);
            violations(conditions, version, &decoded, &Regexes, &mut |v| {
                println!("EMPTY {version} {name}: {}", v.message)
            });
        }
    }
}

#[test]
fn corpus() {
    let Ok(root) = std::env::var("CONDITIONS_CORPUS") else { return };
    let version = Version::exact(&std::env::var("CONDITIONS_VERSION").unwrap()).unwrap();
    let schema = schema("alloy").unwrap().at(version);
    for file in std::fs::read_to_string(root).unwrap().lines() {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        let parse = vispyr_alloy::parse(&text);
        if !parse.errors.is_empty() {
            continue;
        }
        let mut found = Vec::new();
        for block in parse.file.body().all_blocks() {
            if let Some(body) = schema.root(&block.name()).and_then(|root| root.body()) {
                collect(&Decoded::new(SourceId(0), body, &block), version, &mut found);
            }
        }
        for v in found {
            println!("HIT {file} :: {} | {}", v.message, v.help);
        }
    }
}
