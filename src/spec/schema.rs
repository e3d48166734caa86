//! JSON Schema of `vispyr.toml`, for editors: the shapes of the table of declarations.
//!
//! It refuses every error of shape that a schema can express; bounds of durations and sizes, and what two
//! values together make wrong, only the decoder knows.

use indexmap::IndexMap;
use serde::Serialize;

use super::ignores;
use super::quantity;
use super::sections::{OF_CHECK, SECTIONS};
use super::table::{Fallback, Form, Key, Section, Shape};
use super::text::VARIABLE;

/// A schema, with the few keywords that are used here. Its own type, so that the order of keys is ours.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Schema {
    #[serde(rename = "$schema", skip_serializing_if = "Option::is_none")]
    dialect: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    r#type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    default: Option<serde_json::Value>,
    #[serde(rename = "enum", skip_serializing_if = "<[_]>::is_empty")]
    values: &'static [&'static str],
    #[serde(skip_serializing_if = "Option::is_none")]
    pattern: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    minimum: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    maximum: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    min_items: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    items: Option<Box<Schema>>,
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    properties: IndexMap<&'static str, Schema>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    required: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    property_names: Option<Box<Schema>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    additional_properties: Option<Extra>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    any_of: Vec<Schema>,
}

/// What keys may have that `properties` does not name.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Extra {
    /// Whether there may be any.
    Are(bool),
    /// What they hold.
    Hold(Box<Schema>),
}

/// JSON Schema (2020-12) of `vispyr.toml`.
pub fn schema() -> String {
    let root = Schema {
        dialect: Some("https://json-schema.org/draft/2020-12/schema"),
        title: Some("vispyr.toml"),
        description: Some("An observability stack, as `vispyr gen` writes it.".to_owned()),
        any_of: vec![
            Schema { required: vec!["stack"], ..Schema::default() },
            // A file that only says how to check needs no stack.
            object(OF_CHECK.iter().map(|s| (*s, Schema::default())).collect()),
        ],
        ..object(SECTIONS.iter().map(|s| (s.name, section(s))).collect())
    };
    let mut text = serde_json::to_string_pretty(&root).unwrap_or_default();
    text.push('\n');
    text
}

fn object(properties: IndexMap<&'static str, Schema>) -> Schema {
    Schema { r#type: Some("object"), properties, additional_properties: Some(Extra::Are(false)), ..Schema::default() }
}

fn section(section: &'static Section) -> Schema {
    let keys = section.keys.iter().map(|k| (k.name, key(k))).collect();
    let required = section.keys.iter().filter(|k| matches!(k.fallback, Fallback::Required)).map(|k| k.name);
    let table = Schema { required: required.collect(), ..object(keys) };
    let described = |schema: Schema| Schema { description: Some(section.doc.to_owned()), ..schema };
    match section.shape {
        Shape::Table => described(table),
        Shape::List => described(Schema { r#type: Some("array"), items: Some(Box::new(table)), ..Schema::default() }),
        Shape::Named(names) => {
            let each = names.iter().map(|n| (*n, self::each(section)));
            described(object(each.collect()))
        }
    }
}

fn each(section: &'static Section) -> Schema {
    object(section.keys.iter().map(|k| (k.name, key(k))).collect())
}

fn key(key: &'static Key) -> Schema {
    let mut description = format!("{}{}", key.doc, key.form.bound());
    if !key.form.unit().is_empty() {
        description.push_str(&format!(" Units: {}.", key.form.unit()));
    }
    if let Fallback::Depends(on) = key.fallback {
        description.push_str(&format!(" Default: {on}."));
    }
    Schema { description: Some(description), default: default(key), ..form(&key.form) }
}

fn default(key: &Key) -> Option<serde_json::Value> {
    let Fallback::Value(text) = key.fallback else { return None };
    match key.form {
        Form::Flag => text.parse::<bool>().ok().map(Into::into),
        Form::Port | Form::Count => text.parse::<u64>().ok().map(Into::into),
        _ => Some(text.into()),
    }
}

fn form(form: &Form) -> Schema {
    let string = |pattern| Schema { r#type: Some("string"), pattern: Some(pattern), ..Schema::default() };
    let integer = |maximum| Schema { r#type: Some("integer"), minimum: Some(1), maximum, ..Schema::default() };
    match form {
        Form::Flag => Schema { r#type: Some("boolean"), ..Schema::default() },
        Form::Port => integer(Some(u16::MAX.into())),
        Form::Count => integer(None),
        Form::Duration(_) => string(quantity::DURATION),
        Form::Size(_) => string(quantity::SIZE),
        Form::Choice(values, _) => Schema { r#type: Some("string"), values, ..Schema::default() },
        Form::Version => string("^v?[0-9]+\\.[0-9]+\\.[0-9]+$"),
        Form::Text(form) => string(form.pattern),
        Form::Texts(form, some) => Schema {
            r#type: Some("array"),
            items: Some(Box::new(string(form.pattern))),
            min_items: some.then_some(1),
            ..Schema::default()
        },
        Form::Ignores => Schema {
            r#type: Some("object"),
            property_names: Some(Box::new(string(ignores::GLOB.pattern))),
            additional_properties: Some(Extra::Hold(Box::new(form_of_rules()))),
            ..Schema::default()
        },
        Form::Secret => Schema { required: vec!["env"], ..object(IndexMap::from([("env", string(VARIABLE.pattern))])) },
    }
}

fn form_of_rules() -> Schema {
    form(&Form::Texts(&ignores::RULE, true))
}

#[cfg(test)]
#[allow(clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::source::SourceId;
    use crate::spec::{decode, presets};

    fn validator() -> jsonschema::Validator {
        let schema: serde_json::Value = serde_json::from_str(&schema()).expect("the schema is JSON");
        assert!(jsonschema::meta::is_valid(&schema), "the schema is a schema");
        jsonschema::validator_for(&schema).expect("the schema compiles")
    }

    fn json(text: &str) -> serde_json::Value {
        let table: toml::Table = toml::from_str(text).expect("the example is TOML");
        serde_json::to_value(table).expect("TOML without dates is JSON")
    }

    #[test]
    fn presets_are_valid() {
        let validator = validator();
        for (name, text) in presets() {
            let errors: Vec<String> = validator.iter_errors(&json(text)).map(|e| e.to_string()).collect();
            assert!(errors.is_empty(), "{name}: {errors:?}");
        }
    }

    #[test]
    fn what_the_decoder_refuses_for_its_shape_the_schema_refuses() {
        let validator = validator();
        let stack = "[stack]\nname = \"shop\"\n";
        for bad in [
            "stack = 1",
            "[stack]",
            "[stack]\nname = \"My Shop\"",
            "[stack]\nname = \"shop\"\nnmae = 1",
            "[stack]\nname = \"shop\"\nlayout = \"two\"",
            "[stack]\nname = \"shop\"\n[services]\nname = \"a\"",
            "[stack]\nname = \"shop\"\n[[services]]\nlanguage = \"go\"",
            "[stack]\nname = \"shop\"\n[storage]",
            "[stack]\nname = \"shop\"\n[signals]\nlogs = \"loki\"",
            "[stack]\nname = \"shop\"\n[versions]\ntempo = \"2.9\"",
            "[stack]\nname = \"shop\"\n[versions]\ntempo = \"latest\"",
            "[stack]\nname = \"shop\"\n[retention]\nmetrics = \"15\"",
            "[stack]\nname = \"shop\"\n[retention]\nmetrics = \"1h1d\"",
            "[stack]\nname = \"shop\"\n[retention]\nmetrics_size = \"20G\"",
            "[stack]\nname = \"shop\"\n[grafana]\nport = 70000",
            "[stack]\nname = \"shop\"\n[grafana]\nport = \"3000\"",
            "[stack]\nname = \"shop\"\n[grafana]\nbind = \"localhost\"",
            "[stack]\nname = \"shop\"\n[collector]\nhost_metrics = \"true\"",
            "[stack]\nname = \"shop\"\n[[scrape]]\nname = \"a\"\ntargets = []",
            "[stack]\nname = \"shop\"\n[[scrape]]\nname = \"a\"\ntargets = [\"http://a:80\"]",
            "[stack]\nname = \"shop\"\n[[scrape]]\nname = \"a\"\ntargets = [\"a:80\"]\nbearer = \"x\"",
            "[stack]\nname = \"shop\"\n[[scrape]]\nname = \"a\"\ntargets = [\"a:80\"]\nbearer = { file = \"x\" }",
            "[stack]\nname = \"shop\"\n[resources.redis]\nmemory = \"1GiB\"",
            "[stack]\nname = \"shop\"\n[limits]\nscrape_samples = 0",
            "[stack]\nname = \"shop\"\n[check]\nignore = [\"a\"]",
            "[stack]\nname = \"shop\"\n[check.ignore]\n\"a\" = \"compose-floating-tag\"",
            "[stack]\nname = \"shop\"\n[check.ignore]\n\"a\" = []",
            "[stack]\nname = \"shop\"\n[check.ignore]\n\"/a\" = [\"*\"]",
            "[stack]\nname = \"shop\"\n[check.ignore]\n\"a\" = [\"Floating Tag\"]",
            "[check.ignore]\n\"a\" = [\"*\"]\n[grafana]\nport = 3000",
        ] {
            assert!(decode(SourceId(0), bad).0.is_none(), "the decoder takes {bad}");
            assert!(!validator.is_valid(&json(bad)), "the schema takes {bad}");
        }
        assert!(validator.is_valid(&json(stack)));
    }

    #[test]
    fn what_the_decoder_takes_the_schema_takes() {
        let validator = validator();
        for good in [
            crate::spec::tests::EVERYTHING,
            "[stack]\nname = \"a\"\n[check.ignore]\n\"legacy/**\" = [\"*\", \"compose-floating-tag\"]\n\"*.yml\" = [\"x\"]",
            "[stack]\nname = \"0\"\nenvironment = \"Ünï cödé 'x'\"\n[agent]\nbind = \"::ffff:10.0.0.1\"",
            "[stack]\nname = \"a\"\n[retention]\ntraces = \"1w2d3h4m5s\"\nmetrics_size = \"1TiB\"\nprofiles = \"61m\"",
            "[stack]\nname = \"a\"\n[[scrape]]\nname = \"a_b-c\"\ntargets = [\"a_b.c:1\", \"[2001:db8::1]:65535\", \"10.0.0.1:80\"]\npath = \"/a;b=%20~\"",
            "[stack]\nname = \"a\"\n[grafana]\nroot_url = \"http://[2001:db8::1]:3000/x\"\n[versions]\ngrafana = \"v12.4.1\"",
        ] {
            let (spec, found) = decode(SourceId(0), good);
            assert!(spec.is_some(), "{found:?}");
            let errors: Vec<String> = validator.iter_errors(&json(good)).map(|e| e.to_string()).collect();
            assert!(errors.is_empty(), "{good}: {errors:?}");
        }
    }
}
