//! The layout of the file: one record a line, keys in a fixed order, so that the change of a release reads well.

use serde_json::{Value, json};

use super::fold::Record;

/// The sections in their order, with the order of a record's keys.
pub(crate) const SECTIONS: [(&str, &[&str]); 5] = [
    ("roots", &["name", "kind", "stability", "community", "body", "exports", "since", "until"]),
    ("bodies", &["name", "since", "until", "validate", "defaults"]),
    ("types", &["name", "values", "fold", "empty", "open", "since", "until"]),
    ("capsules", &["name", "from", "into", "kind", "since", "until"]),
    ("functions", &["name", "go", "kind", "experimental", "deprecated", "since", "until"]),
];

const FIELD: &[&str] = &[
    "name",
    "kind",
    "required",
    "many",
    "type",
    "body",
    "default",
    "values",
    "inherit",
    "when_absent",
    "active",
    "dynamic",
    "deprecated",
    "since",
    "until",
];

/// A member of the file that is no list of records.
pub(crate) fn member(out: &mut String, name: &str, value: Value) {
    out.push_str(&format!("{}: {},\n", json!(name), value));
}

/// A list of records.
pub(crate) fn section(out: &mut String, name: &str, keys: &[&str], records: &[Record]) {
    out.push_str(&format!("{}: [\n", json!(name)));
    for (i, record) in records.iter().enumerate() {
        out.push('{');
        members(out, keys, record);
        if let Some(Value::Array(fields)) = record.get("fields") {
            out.push_str(",\"fields\":[");
            for (n, field) in fields.iter().filter_map(Value::as_object).enumerate() {
                out.push_str(if n == 0 { "\n {" } else { ",\n {" });
                members(out, FIELD, field);
                out.push('}');
            }
            out.push_str(if fields.is_empty() { "]" } else { "\n]" });
        }
        out.push_str(if i + 1 == records.len() { "}\n" } else { "},\n" });
    }
    out.push_str("],\n");
}

fn members(out: &mut String, keys: &[&str], record: &Record) {
    let held = keys.iter().filter_map(|key| Some((key, record.get(*key)?)));
    for (i, (key, value)) in held.enumerate() {
        if i > 0 {
            out.push(',');
        }
        out.push_str(&format!("{}:{value}", json!(key)));
    }
}
