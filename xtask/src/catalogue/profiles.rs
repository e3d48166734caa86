//! `schemas/lang/profiles.json`: the types of profiles that Pyroscope's own pages have words for.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::{Map, Value, json};

use super::git::show;
use super::tags;
use crate::root;

/// Where releases keep them, the newest place first.
const PLACES: [&str; 2] = ["ui/src/api/profileTypes.json", "public/app/constants/profile-metrics.json"];

/// Writes the file: the ids of all releases.
pub(super) fn run(checkout: &Path, out: Option<&str>) -> Result<()> {
    let releases = tags::releases(checkout, (1, 7))?;
    let mut ids = BTreeSet::new();
    for release in &releases {
        let text = PLACES.iter().find_map(|place| show(checkout, &release.tag, place));
        let text = text.with_context(|| format!("{} keeps them elsewhere", release.tag))?;
        let types: Map<String, Value> = serde_json::from_str(&text).with_context(|| release.tag.clone())?;
        ensure!(!types.is_empty(), "{} has none", release.tag);
        ids.extend(types.into_iter().map(|(id, _)| id));
    }
    let versions: Vec<&str> = releases.iter().map(|r| r.version.as_str()).collect();
    let lines: Vec<String> = ids.iter().map(|id| json!(id).to_string()).collect();
    let text = format!(
        "{{\n\"repository\": \"grafana/pyroscope\",\n\"paths\": {},\n\"versions\": {},\n\"types\": [\n{}\n]\n}}\n",
        json!(PLACES),
        json!(versions),
        lines.join(",\n")
    );
    let out = out.map_or_else(|| root().join("schemas/lang/profiles.json"), PathBuf::from);
    fs::write(&out, &text).with_context(|| out.display().to_string())?;
    println!("{}: {} types of profiles", out.display(), ids.len());
    Ok(())
}
