//! A catalogue as JSON Schema 2020-12, for editors. What a YAML reader takes, not what it makes of it: a string may be
//! written as a number, and everything may be left empty.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::schema::{At, Body, Field, TextType, Type, TypeKind};

/// The field of every other key.
const OTHERS: &str = "*";

/// Go's durations; numbers are told apart by the type.
const DURATION: &str = r"^[-+]?(0|([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+$";

/// Words of YAML 1.1 for true and false (go-yaml/yaml resolve.go@v2.4.0, decode.go@v3.0.1).
const WORDS: [&str; 16] =
    ["y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "n", "N", "no", "No", "NO", "off", "Off", "OFF"];

/// The schema of a kind of file. With `variables`, text with `${…}` is taken anywhere: it is replaced before it is read.
pub fn editor_schema(title: &str, at: At, root: &str, variables: bool) -> Option<Value> {
    let body = at.root(root)?.body()?;
    let draft = at.is_draft();
    let seen = BTreeSet::from([body.number()]);
    let mut writer = Writer { draft, variables, pending: vec![body], seen, defs: Map::new() };
    while let Some(body) = writer.pending.pop() {
        let schema = writer.body(body);
        writer.defs.insert(body.name().to_owned(), schema);
    }
    Some(json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        "$ref": reference(body),
        "$defs": writer.defs,
    }))
}

fn reference(body: Body) -> String {
    // A JSON pointer in a URL fragment: `~` and `/` have a meaning of their own.
    format!("#/$defs/{}", body.name().replace('~', "~0").replace('/', "~1"))
}

struct Writer {
    /// Whether no release was read.
    draft: bool,
    variables: bool,
    pending: Vec<Body>,
    seen: BTreeSet<usize>,
    defs: Map<String, Value>,
}

impl Writer {
    fn body(&mut self, body: Body) -> Value {
        let mut properties = Map::new();
        // A commit tells what it takes, not what the release refuses.
        let mut others = json!(self.draft);
        let mut required = Vec::new();
        for field in body.fields() {
            let schema = self.field(field);
            if field.name() == OTHERS {
                others = schema;
            } else {
                properties.insert(field.name().to_owned(), schema);
            }
            if field.required() {
                required.push(field.name());
            }
        }
        let mut object = Map::new();
        object.insert("type".to_owned(), json!(["object", "null"]));
        object.insert("properties".to_owned(), Value::Object(properties));
        object.insert("additionalProperties".to_owned(), others);
        if !required.is_empty() {
            object.insert("required".to_owned(), json!(required));
        }
        Value::Object(object)
    }

    fn field(&mut self, field: Field) -> Value {
        let mut schema = self.ty(field.ty());
        let words: Vec<&str> = field.values().collect();
        if !words.is_empty() {
            schema = self.words(&words, false);
        }
        if let Value::Object(schema) = &mut schema {
            if let Some(default) = field.default().and_then(|d| serde_json::from_str(d).ok()) {
                schema.insert("default".to_owned(), default);
            }
            if field.deprecated() {
                schema.insert("deprecated".to_owned(), json!(true));
            }
        }
        schema
    }

    fn ty(&mut self, ty: Type) -> Value {
        match ty.kind() {
            TypeKind::Any | TypeKind::Capsule(_) => json!({}),
            TypeKind::String => scalar(),
            // Editors follow YAML 1.2, in which the words of 1.1 are text; the engines' readers take both.
            TypeKind::Bool => self.or_variable(json!({"anyOf": [{"type": ["boolean", "null"]}, {"enum": WORDS}]})),
            TypeKind::Number(kind) if kind.starts_with("float") => {
                self.or_variable(json!({"type": ["number", "null"]}))
            }
            TypeKind::Number(kind) if kind.starts_with("uint") => {
                self.or_variable(json!({"type": ["integer", "null"], "minimum": 0}))
            }
            TypeKind::Number(_) => self.or_variable(json!({"type": ["integer", "null"]})),
            TypeKind::Duration => self.or_variable(
                json!({"anyOf": [{"type": ["integer", "null"]}, {"type": "string", "pattern": DURATION}]}),
            ),
            TypeKind::List(of) => {
                let items = self.ty(of);
                json!({"type": ["array", "null"], "items": items})
            }
            TypeKind::Map(of) => {
                let values = self.ty(of);
                json!({"type": ["object", "null"], "additionalProperties": values})
            }
            TypeKind::Object(body) => {
                if self.seen.insert(body.number()) {
                    self.pending.push(body);
                }
                json!({"$ref": reference(body)})
            }
            TypeKind::Text(text) => self.text(text),
        }
    }

    fn text(&self, text: TextType) -> Value {
        let words: Vec<&str> = text.values().collect();
        // Words in any case are more than a list can say.
        if text.open() || text.fold() || words.is_empty() { scalar() } else { self.words(&words, text.empty()) }
    }

    fn words(&self, words: &[&str], empty: bool) -> Value {
        let mut all: Vec<Value> = words.iter().map(|w| json!(w)).collect();
        all.push(Value::Null);
        if empty {
            all.push(json!(""));
        }
        self.or_variable(json!({"enum": all}))
    }

    fn or_variable(&self, schema: Value) -> Value {
        if self.variables { json!({"anyOf": [schema, {"type": "string", "pattern": r"\$\{"}]}) } else { schema }
    }
}

/// What is read into a string.
fn scalar() -> Value {
    json!({"type": ["string", "number", "boolean", "null"]})
}
