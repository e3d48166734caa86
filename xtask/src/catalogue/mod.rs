//! The catalogues in `schemas/`: what each version of an engine knows, extracted from its source.
//!
//! A Go program (`xtask/catalogue/alloy/`) reads one tag and prints one snapshot; here the snapshots of all tags are folded
//! into one file in which every record says from which version on and up to which one it holds.

#[cfg(test)]
mod agreement;
mod compose;
mod fold;
mod print;
mod snapshot;
mod tags;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::root;
use snapshot::Extractor;
use tags::Release;

/// `cargo xtask catalogue alloy|compose CHECKOUT [--out FILE]`.
pub(crate) fn run(args: &[&str]) -> Result<()> {
    match args {
        ["compose", checkout] => return compose::run(Path::new(checkout), None),
        ["compose", checkout, "--out", out] => return compose::run(Path::new(checkout), Some(out)),
        _ => {}
    }
    let (checkout, out) = match args {
        ["alloy", checkout] => (checkout, root().join("schemas/alloy.json")),
        ["alloy", checkout, "--out", out] => (checkout, PathBuf::from(out)),
        _ => bail!("usage: cargo xtask catalogue alloy|compose CHECKOUT [--out FILE]"),
    };
    let releases = tags::releases(Path::new(checkout))?;
    let extractor = Extractor::build()?;
    let snapshots = extractor.all(Path::new(checkout), &releases)?;
    let text = catalogue(&releases, &snapshots);
    let same = fs::read_to_string(&out).is_ok_and(|before| before == text);
    fs::write(&out, &text).with_context(|| out.display().to_string())?;
    let state = if same { "unchanged" } else { "written" };
    println!("{} {state}: {} versions, {} bytes", out.display(), releases.len(), text.len());
    Ok(())
}

/// The whole file.
fn catalogue(releases: &[Release], snapshots: &[Value]) -> String {
    let versions: Vec<&str> = releases.iter().map(|r| r.version.as_str()).collect();
    let prereleases: BTreeMap<&str, &str> =
        releases.iter().filter(|r| r.prerelease).map(|r| (r.version.as_str(), r.tag.as_str())).collect();
    let mut out = String::from("{\n\"engine\": \"alloy\",\n\"repository\": \"grafana/alloy\",\n");
    print::member(&mut out, "versions", json!(versions));
    print::member(&mut out, "prereleases", json!(prereleases));
    for (section, keys) in print::SECTIONS {
        let records = fold::section(&versions, snapshots, section);
        print::section(&mut out, section, keys, &records);
    }
    out.truncate(out.trim_end_matches(",\n").len());
    out.push_str("\n}\n");
    out
}
