//! Answers of Prometheus' API, whole or only their `data`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::families::Families;

/// An answer as a whole.
#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    data: Option<Vec<Item>>,
}

/// A name, or the labels of a series.
#[derive(Deserialize)]
#[serde(untagged)]
enum Item {
    Name(String),
    Labels(BTreeMap<String, String>),
}

pub(super) fn read(text: &str, families: &mut Families) -> Result<(), String> {
    let wrong =
        |e: serde_json::Error| format!("it is no answer of `/api/v1/series` or `/api/v1/label/__name__/values`: {e}");
    let items: Vec<Item> = match text.trim_start().starts_with('[') {
        true => serde_json::from_str(text).map_err(wrong)?,
        false => {
            let answer: Answer = serde_json::from_str(text).map_err(wrong)?;
            if let Some(error) = answer.error {
                return Err(format!("the API answered with an error: {error}"));
            }
            answer.data.ok_or("the answer has no `data`")?
        }
    };
    for item in items {
        match item {
            Item::Name(name) if !name.is_empty() => families.declare(&name, None),
            Item::Labels(labels) => {
                if let Some(name) = labels.get("__name__").filter(|n| !n.is_empty()) {
                    families.add(name, None, labels.keys().filter(|l| *l != "__name__"));
                }
            }
            Item::Name(_) => {}
        }
    }
    families.collapse();
    Ok(())
}
