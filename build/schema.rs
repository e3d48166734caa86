//! `schemas/<engine>.json` → one flat table per engine: 32-bit words and a string pool, read in place by `catalogue::schema`.
//!
//! Layout, all words little-endian: the sections in the order of `Section`. A string is a number into the string section; a
//! range is two version numbers in one word (first, first no more).

use std::collections::BTreeMap;
use std::path::Path;
use std::{env, fs};

use serde::Deserialize;
use serde_json::Value;

use crate::layout::{Section, entry, record, slot};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Schema {
    engine: String,
    #[allow(dead_code)] // Where the facts were read: for people.
    repository: String,
    versions: Vec<String>,
    /// The tags that stand in for lines without a release.
    #[serde(default)]
    prereleases: BTreeMap<String, String>,
    roots: Vec<Root>,
    bodies: Vec<Body>,
    types: Vec<Text>,
    capsules: Vec<Capsule>,
    functions: Vec<Function>,
}

impl Schema {
    /// Whether its newest version is a commit on the way to a release, as Go names those, and no candidate.
    fn draft(&self) -> bool {
        self.versions.last().and_then(|v| self.prereleases.get(v)).is_some_and(|tag| tag.contains("-0."))
    }
}

macro_rules! record {
    ($name:ident { $($field:ident: $type:ty),* $(,)? }) => {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct $name {
            $(#[serde(default)] $field: $type,)*
            since: Option<String>,
            until: Option<String>,
        }
        impl Ranged for $name {
            fn ends(&self) -> (Option<&str>, Option<&str>) {
                (self.since.as_deref(), self.until.as_deref())
            }
        }
    };
}

trait Ranged {
    fn ends(&self) -> (Option<&str>, Option<&str>);
}

record!(Root { name: String, kind: String, stability: Option<String>, community: bool, body: Option<String>, exports: Option<String> });
record!(Field {
    name: String,
    kind: String,
    required: bool,
    many: bool,
    r#type: Option<String>,
    body: Option<String>,
    label: bool,
    default: Option<Value>,
    values: Vec<String>,
    inherit: Option<Value>,
    when_absent: Option<Value>,
    active: bool,
    dynamic: Option<Value>,
    deprecated: bool,
});
record!(Text { name: String, values: Vec<String>, empty: bool, open: bool, fold: bool });
record!(Capsule { name: String, from: bool, into: bool, kind: String });
record!(Function { name: String, go: String, kind: String, experimental: bool, deprecated: bool });
record!(Hash { hash: String });

record!(Body { name: String, validate: Vec<Hash>, defaults: Vec<Hash>, fields: Vec<Field> });

/// Strings, numbered in the order of their first use.
#[derive(Default)]
struct Pool {
    numbers: BTreeMap<String, u32>,
    texts: Vec<String>,
}

impl Pool {
    fn add(&mut self, text: &str) -> u32 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = self.texts.len() as u32;
        self.numbers.insert(text.to_owned(), number);
        self.texts.push(text.to_owned());
        number
    }

    /// One above the number; 0 = none.
    fn maybe(&mut self, text: Option<&str>) -> u32 {
        text.map_or(0, |t| self.add(t) + 1)
    }
}

struct Compiler {
    file: String,
    versions: Vec<String>,
    bodies: BTreeMap<String, u32>,
    pool: Pool,
    /// Kinds of types: `[tag, operand]`, by spelling.
    types: BTreeMap<String, u32>,
    type_words: Vec<u32>,
    lists: Vec<u32>,
}

impl Compiler {
    fn version(&self, text: &str) -> u32 {
        let at = self.versions.iter().position(|v| v == text);
        at.unwrap_or_else(|| panic!("{}: `{text}` is none of its versions", self.file)) as u32
    }

    fn range(&self, of: &impl Ranged) -> u32 {
        let (since, until) = of.ends();
        let since = since.map_or(0, |v| self.version(v));
        let until = until.map_or(self.versions.len() as u32, |v| self.version(v));
        assert!(since < until, "{}: a record ends before it begins", self.file);
        since | until << 16
    }

    /// One above the number; 0 = none.
    fn body(&self, name: Option<&str>) -> u32 {
        name.map_or(0, |n| {
            1 + self.bodies.get(n).unwrap_or_else(|| panic!("{}: `{n}` is none of its bodies", self.file))
        })
    }

    /// The number of a type. Tags are those of `catalogue::schema::TypeKind`.
    fn ty(&mut self, text: &str) -> u32 {
        if let Some(at) = self.types.get(text) {
            return *at;
        }
        let within = |open: &str, close: char| text.strip_prefix(open)?.strip_suffix(close);
        let (tag, operand) = if let Some(of) = within("list(", ')') {
            (5, self.ty(of))
        } else if let Some(of) = within("map(", ')') {
            (6, self.ty(of))
        } else if let Some(of) = within("object(", ')') {
            (7, self.body(Some(of)) - 1)
        } else if let Some(of) = within("capsule(", ')') {
            (8, self.pool.add(of))
        } else if let Some(of) = within("string<", '>') {
            (9, self.pool.add(of))
        } else if let Some(of) = text.strip_prefix("number:") {
            (3, self.pool.add(of))
        } else {
            let tag = match text {
                "any" => 0,
                "string" => 1,
                "bool" => 2,
                "duration" => 4,
                other => panic!("{}: `{other}` is no type", self.file),
            };
            (tag, 0)
        };
        let at = (self.type_words.len() / 2) as u32;
        self.type_words.extend([tag, operand]);
        self.types.insert(text.to_owned(), at);
        at
    }

    fn list(&mut self, of: &[String]) -> [u32; 2] {
        let at = self.lists.len() as u32;
        for text in of {
            let number = self.pool.add(text);
            self.lists.push(number);
        }
        [at, of.len() as u32]
    }

    fn root(&mut self, root: &Root) -> Vec<u32> {
        let kind = match root.kind.as_str() {
            "component" => 0,
            "block" => 1,
            "file" => 2,
            "flags" => 3,
            other => panic!("{}: `{other}` is no kind of root", self.file),
        };
        let stability = match root.stability.as_deref() {
            None | Some("generally-available") => 0,
            Some("public-preview") => 1,
            Some("experimental") => 2,
            Some(other) => panic!("{}: `{other}` is no stability", self.file),
        };
        let flags = kind | stability << 8 | u32::from(root.community) << 16;
        let name = self.pool.add(&root.name);
        vec![name, flags, self.body(root.body.as_deref()), self.body(root.exports.as_deref()), self.range(root)]
    }

    fn field(&mut self, field: &Field) -> Vec<u32> {
        let kind = match field.kind.as_str() {
            "attr" => 0,
            "block" => 1,
            "enum" => 2,
            "label" => 3,
            other => panic!("{}: `{other}` is no kind of field", self.file),
        };
        let dynamic = field.dynamic.is_some();
        let flags =
            [field.required, field.many, field.label, field.active, dynamic, field.deprecated].into_iter().enumerate();
        let flags = flags.fold(kind, |all, (at, on)| all | u32::from(on) << (8 + at));
        let name = self.pool.add(&field.name);
        let ty = self.ty(field.r#type.as_deref().unwrap_or("any"));
        let values = self.list(&field.values);
        let mut json = |value: &Option<Value>| {
            let text = value.as_ref().map(Value::to_string);
            self.pool.maybe(text.as_deref())
        };
        let (default, inherit, when_absent) = (json(&field.default), json(&field.inherit), json(&field.when_absent));
        let body = self.body(field.body.as_deref());
        vec![name, flags, ty, body, default, values[0], values[1], inherit, when_absent, self.range(field)]
    }
}

/// Compiles every `schemas/*.json` and writes `schemas.rs`, the list of them by engine.
pub(crate) fn compile() {
    let folder = Path::new("schemas");
    println!("cargo::rerun-if-changed=schemas");
    let out = env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    let mut list = String::from("static TABLES: &[Table] = &[\n");
    for path in super::files(folder, "json") {
        let text = fs::read_to_string(&path).expect("a schema file is readable");
        let schema: Schema = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let stem = path.file_stem().and_then(|s| s.to_str()).expect("a schema file has a readable name");
        assert_eq!(stem, schema.engine, "the file is named for its engine");
        let target = Path::new(&out).join(format!("{stem}.schema"));
        let texts = Path::new(&out).join(format!("{stem}.texts"));
        let draft = schema.draft();
        let Table { words, strings, starts } = table(&schema, &path.display().to_string());
        fs::write(&target, words).expect("OUT_DIR is writable");
        fs::write(&texts, strings).expect("OUT_DIR is writable");
        list.push_str(&format!(
            "Table {{ engine: {stem:?}, words: include_bytes!(\"{stem}.schema\").as_chunks().0, texts: include_str!(\"{stem}.texts\"), draft: {draft}, starts: {starts:?} }},\n"
        ));
    }
    list.push_str("];\n");
    fs::write(Path::new(&out).join("schemas.rs"), list).expect("OUT_DIR is writable");
}

fn sorted(file: &str, what: &str, names: impl Iterator<Item = String>) {
    let names: Vec<_> = names.collect();
    assert!(names.is_sorted(), "{file}: {what} are not sorted by name");
}

/// A table in the form that is compiled in.
struct Table {
    words: Vec<u8>,
    /// One behind the other: text of its own, so that nobody has to look whether it is UTF-8 at run time.
    strings: String,
    /// Where the sections begin, and where the last one ends.
    starts: Vec<usize>,
}

fn table(schema: &Schema, file: &str) -> Table {
    sorted(file, "roots", schema.roots.iter().map(|r| r.name.clone()));
    sorted(file, "bodies", schema.bodies.iter().map(|b| b.name.clone()));
    sorted(file, "types", schema.types.iter().map(|t| t.name.clone()));
    sorted(file, "capsules", schema.capsules.iter().map(|c| c.name.clone()));
    sorted(file, "functions", schema.functions.iter().map(|f| f.name.clone()));
    for body in &schema.bodies {
        sorted(file, &format!("the fields of {}", body.name), body.fields.iter().map(|f| f.name.clone()));
    }
    let bodies = schema.bodies.iter().enumerate().map(|(at, b)| (b.name.clone(), at as u32)).collect();
    let mut c = Compiler {
        file: file.to_owned(),
        versions: schema.versions.clone(),
        bodies,
        pool: Pool::default(),
        types: BTreeMap::new(),
        type_words: Vec::new(),
        lists: Vec::new(),
    };
    let versions: Vec<u32> = schema.versions.iter().flat_map(|v| numbers(v)).collect();
    let roots: Vec<u32> = schema.roots.iter().flat_map(|r| c.root(r)).collect();
    let (mut bodies, mut fields, mut hashes) = (Vec::new(), Vec::new(), Vec::new());
    for body in &schema.bodies {
        let name = c.pool.add(&body.name);
        bodies.extend([name, fields.len() as u32 / 10, body.fields.len() as u32]);
        bodies.extend([hashes.len() as u32 / 2, body.validate.len() as u32]);
        for field in &body.fields {
            fields.extend(c.field(field));
        }
        for hash in body.validate.iter().chain(&body.defaults) {
            let text = c.pool.add(&hash.hash);
            hashes.extend([text, c.range(hash)]);
        }
        bodies.extend([body.defaults.len() as u32, c.range(body)]);
    }
    let mut texts = Vec::new();
    for text in &schema.types {
        let values = c.list(&text.values);
        let flags = u32::from(text.empty) | u32::from(text.open) << 1 | u32::from(text.fold) << 2;
        let name = c.pool.add(&text.name);
        texts.extend([name, values[0], values[1], flags, c.range(text)]);
    }
    let mut capsules = Vec::new();
    for capsule in &schema.capsules {
        let flags = u32::from(capsule.from) | u32::from(capsule.into) << 1;
        let (name, kind) = (c.pool.add(&capsule.name), c.pool.add(&capsule.kind));
        capsules.extend([name, kind, flags, c.range(capsule)]);
    }
    let mut functions = Vec::new();
    for function in &schema.functions {
        let flags = u32::from(function.experimental) | u32::from(function.deprecated) << 1;
        let (name, go, kind) = (c.pool.add(&function.name), c.pool.add(&function.go), c.pool.add(&function.kind));
        functions.extend([name, go, kind, flags, c.range(function)]);
    }
    let mut ends = vec![0];
    let mut strings = String::new();
    for text in &c.pool.texts {
        strings.push_str(text);
        ends.push(strings.len() as u32);
    }
    let slots = slots(schema);
    let sections: [Vec<u32>; Section::COUNT] =
        [versions, roots, bodies, fields, hashes, c.type_words, c.lists, texts, capsules, functions, slots, ends];
    let mut starts = vec![0];
    let mut words = Vec::new();
    for section in &sections {
        words.extend(section.iter().flat_map(|word| word.to_le_bytes()));
        starts.push(words.len() / 4);
    }
    Table { words, strings, starts }
}

/// Slots for everything that is looked up by its name, at least half of them free.
fn slots(schema: &Schema) -> Vec<u32> {
    let mut groups: Vec<(Section, usize, Vec<&String>)> = vec![
        (Section::Roots, 0, schema.roots.iter().map(|r| &r.name).collect()),
        (Section::Bodies, 0, schema.bodies.iter().map(|b| &b.name).collect()),
        (Section::Texts, 0, schema.types.iter().map(|t| &t.name).collect()),
        (Section::Capsules, 0, schema.capsules.iter().map(|c| &c.name).collect()),
        (Section::Functions, 0, schema.functions.iter().map(|f| &f.name).collect()),
    ];
    let mut from = 0;
    for body in &schema.bodies {
        groups.push((Section::Fields, from, body.fields.iter().map(|f| &f.name).collect()));
        from += body.fields.len();
    }
    let mut named: Vec<(Section, usize, usize, &String)> = Vec::new();
    for (section, from, names) in &groups {
        // Of records of one name, which stand side by side, the first.
        let first = |at: &usize| *at == 0 || names[at - 1] != names[*at];
        named.extend((0..names.len()).filter(first).map(|at| (*section, *from, from + at, names[at])));
    }
    let mut slots = vec![0; (named.len() * 2).next_power_of_two()];
    for (section, from, at, name) in named {
        let mut free = slot(section, from, name.as_bytes(), slots.len());
        while slots[free] != 0 {
            free = (free + 1) % slots.len();
        }
        slots[free] = u32::try_from(entry(section, at)).expect("a table has less records than that");
        assert_eq!(record(section, slots[free] as usize), Some(at), "an entry says what it was made of");
    }
    slots
}

fn numbers(version: &str) -> [u32; 3] {
    let numbers: Vec<u32> = version.split('.').map(|n| n.parse().expect("a version is three numbers")).collect();
    numbers.try_into().expect("a version is three numbers")
}
