//! `schemas/lang/ottl.json` → flat tables for `lang::ottl`: arrays of numbers and one text, read in place. A number stands for a text
//! (a place in the sorted pool), for a version (its place in the list) or for a place in another table.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;

use serde::Deserialize;

const FILE: &str = "schemas/lang/ottl.json";
/// Arguments are not judged: the function takes what it is given, or versions beside this one disagree.
const UNJUDGED: u16 = u16::MAX;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Schema {
    #[allow(dead_code)] // For people.
    language: String,
    #[allow(dead_code)] // For people.
    repository: String,
    versions: Vec<String>,
    #[allow(dead_code)] // Where the facts were read: for people.
    stand_ins: Vec<serde_json::Value>,
    embedded: Vec<Embedded>,
    grammar: Vec<Record>,
    priority: Vec<Record>,
    contexts: Vec<Record>,
    registries: Vec<Record>,
    parsers: Vec<Record>,
    functions: Vec<Record>,
    enums: Vec<Record>,
    paths: Vec<Record>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Embedded {
    component: String,
    alloy: String,
    contrib: String,
}

/// Every kind of record; each section fills its own keys.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
struct Record {
    name: String,
    order: Vec<String>,
    prefixes: Vec<String>,
    sets: Vec<String>,
    component: String,
    context: String,
    kind: String,
    functions: String,
    mode: String,
    set: String,
    args: Option<Vec<String>>,
    any: bool,
    checks: Vec<String>,
    form: String,
    path: String,
    since: Option<String>,
    until: Option<String>,
}

#[derive(Default)]
struct Pool {
    texts: BTreeSet<String>,
    numbers: BTreeMap<String, u16>,
}

impl Pool {
    fn of(&self, text: &str) -> u16 {
        self.numbers[text]
    }

    fn seal(&mut self) {
        self.numbers = self.texts.iter().enumerate().map(|(i, t)| (t.clone(), i as u16)).collect();
    }
}

pub(crate) fn compile() {
    println!("cargo::rerun-if-changed={FILE}");
    let text = fs::read_to_string(FILE).expect("the facts of OTTL are readable");
    let schema: Schema = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{FILE}: {e}"));
    let range = |r: &Record| {
        let place = |v: &Option<String>, otherwise| {
            v.as_deref().map_or(otherwise, |v| schema.versions.iter().position(|x| x == v).expect("a known version"))
        };
        [place(&r.since, 0) as u16, place(&r.until, schema.versions.len()) as u16]
    };
    let sections = [
        &schema.grammar,
        &schema.priority,
        &schema.contexts,
        &schema.registries,
        &schema.parsers,
        &schema.functions,
        &schema.enums,
        &schema.paths,
    ];
    let mut pool = Pool::default();
    for r in sections.iter().flat_map(|s| s.iter()) {
        let single =
            [&r.name, &r.component, &r.context, &r.kind, &r.functions, &r.mode, &r.set, &r.form, &r.path].into_iter();
        let lists = [r.order.join(","), r.prefixes.join(","), r.sets.join(",")];
        pool.texts.extend(single.cloned().chain(lists));
        for arg in r.args.iter().flatten() {
            let (name, kind) = arg.split_once(' ').expect("an argument has a name and a type");
            pool.texts.extend([name.to_owned(), kind.to_owned()]);
        }
    }
    pool.texts.extend(schema.embedded.iter().map(|e| e.component.clone()));
    pool.seal();

    let mut out = String::new();
    let list: Vec<&String> = pool.texts.iter().collect();
    let mut offsets = vec![0_u32];
    let mut joined = String::new();
    for t in &list {
        joined.push_str(t);
        offsets.push(joined.len() as u32);
    }
    let _ = writeln!(out, "static POOL: &str = {joined:?};\nstatic OFFSETS: &[u32] = &{offsets:?};");
    let numbers: Vec<Vec<u16>> = schema.versions.iter().map(|v| version(v)).collect();
    let _ = writeln!(out, "static VERSIONS: &[[u16; 3]] = &{numbers:?};");
    let rows: Vec<Vec<u16>> = schema
        .embedded
        .iter()
        .map(|e| {
            let contrib = schema.versions.iter().position(|v| *v == e.contrib).expect("a known version");
            [vec![pool.of(&e.component)], version(&e.alloy), vec![contrib as u16]].concat()
        })
        .collect();
    let _ = writeln!(out, "static EMBEDDED: &[[u16; 5]] = &{rows:?};");
    let mut table = |name: &str, records: &[Record], width: usize, row: &dyn Fn(&Record) -> Vec<u16>| {
        let rows: Vec<Vec<u16>> = records.iter().map(|r| [row(r), range(r).to_vec()].concat()).collect();
        assert!(rows.iter().all(|r| r.len() == width), "{name} has rows of {width}");
        let _ = writeln!(out, "static {name}: &[[u16; {width}]] = &{rows:?};");
    };
    table("GRAMMAR", &schema.grammar, 3, &|r| vec![pool.of(&r.name)]);
    table("PRIORITY", &schema.priority, 3, &|r| vec![pool.of(&r.order.join(","))]);
    table("CONTEXTS", &schema.contexts, 4, &|r| vec![pool.of(&r.name), pool.of(&r.prefixes.join(","))]);
    table("REGISTRIES", &schema.registries, 4, &|r| vec![pool.of(&r.functions), pool.of(&r.sets.join(","))]);
    table("PARSERS", &schema.parsers, 7, &|r| {
        [&r.component, &r.context, &r.kind, &r.functions, &r.mode].map(|t| pool.of(t)).to_vec()
    });
    table("ENUMS", &schema.enums, 4, &|r| vec![pool.of(&r.context), pool.of(&r.name)]);
    table("PATHS", &schema.paths, 5, &|r| vec![pool.of(&r.context), pool.of(&r.form), pool.of(&r.path)]);

    let mut args: Vec<[u16; 2]> = Vec::new();
    let mut rows: Vec<Vec<u16>> = Vec::new();
    for r in &schema.functions {
        let start = args.len() as u16;
        for arg in r.args.iter().flatten() {
            let (name, kind) = arg.split_once(' ').expect("an argument has a name and a type");
            args.push([pool.of(name), pool.of(kind)]);
        }
        let count = match &r.args {
            Some(a) if !r.any => a.len() as u16,
            _ => UNJUDGED,
        };
        let has = |check: &str| u16::from(r.checks.iter().any(|c| c == check));
        let flags = has("regexp") | has("depth") << 1 | has("named") << 2;
        let head = vec![pool.of(&r.set), pool.of(&r.name), start, count, flags];
        rows.push([head, range(r).to_vec()].concat());
    }
    let _ = writeln!(out, "static FUNCTIONS: &[[u16; 7]] = &{rows:?};\nstatic ARGUMENTS: &[[u16; 2]] = &{args:?};");
    super::write("ottl.rs", &out);
}

fn version(text: &str) -> Vec<u16> {
    let numbers: Vec<u16> = text.split('.').map(|n| n.parse().expect("a version is numbers")).collect();
    assert_eq!(numbers.len(), 3, "`{text}` names major, minor and patch");
    numbers
}
