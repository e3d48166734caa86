//! The catalogues in `schemas/`: what each version of an engine knows, extracted from its source.
//!
//! A Go program (`xtask/catalogue/alloy/`, `xtask/catalogue/stores/`) reads one tag and prints one snapshot; here the snapshots of all tags are folded
//! into one file in which every record says from which version on and up to which one it holds.

#[cfg(test)]
mod agreement;
mod compose;
mod discovery;
#[cfg(test)]
mod documented;
mod encodings;
mod fold;
mod git;
mod grafana;
mod grok;
mod metrics;
mod otel;
mod print;
mod profiles;
mod snapshot;
mod tags;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::root;
use snapshot::{Extractor, Reads};
use tags::{Release, V};

/// Writes a list of names of `schemas/lang`, below a line that says where they come from.
fn list(file: &str, head: &str, names: &BTreeSet<String>) -> Result<()> {
    let out = root().join("schemas/lang").join(file);
    let lines = names.iter().map(|name| format!("{name}\n"));
    let text: String = std::iter::once(head.to_owned()).chain(lines).collect();
    fs::write(&out, text).with_context(|| out.display().to_string())?;
    println!("{}: {} names", out.display(), names.len());
    Ok(())
}

/// An engine whose catalogue is made here.
pub(crate) struct Engine {
    name: &'static str,
    repository: &'static str,
    /// What its release tags begin with.
    tags: &'static str,
    /// The first line that is read.
    from: (u32, u32),
}

const ENGINES: [Engine; 7] = [
    Engine { name: "alertmanager", repository: "prometheus/alertmanager", tags: V, from: (0, 26) },
    Engine { name: "alloy", repository: "grafana/alloy", tags: V, from: (0, 0) },
    Engine { name: "loki", repository: "grafana/loki", tags: V, from: (2, 9) },
    Engine { name: "mimir", repository: "grafana/mimir", tags: "mimir-", from: (2, 10) },
    Engine { name: "prometheus", repository: "prometheus/prometheus", tags: V, from: (2, 40) },
    Engine { name: "pyroscope", repository: "grafana/pyroscope", tags: V, from: (1, 7) },
    Engine { name: "tempo", repository: "grafana/tempo", tags: V, from: (2, 3) },
];

/// `cargo xtask catalogue ENGINE CHECKOUT [--out FILE] [--mirror MODULE=CHECKOUT]`.
pub(crate) fn run(args: &[&str]) -> Result<()> {
    const USAGE: &str = "usage: cargo xtask catalogue ENGINE CHECKOUT [--out FILE] [--mirror MODULE=CHECKOUT]…";
    match args {
        ["compose", checkout] => return compose::run(Path::new(checkout), None),
        ["encodings", checkout] => return encodings::run(Path::new(checkout)),
        ["grok", checkout] => return grok::run(Path::new(checkout)),
        ["grafana-ini", sources @ ..] if !sources.is_empty() => return grafana::run(sources),
        ["metrics", rest @ ..] => return metrics::run(rest),
        ["compose", checkout, "--out", out] => return compose::run(Path::new(checkout), Some(out)),
        ["discovery", checkout] => return discovery::run(Path::new(checkout), None),
        ["discovery", checkout, "--out", out] => return discovery::run(Path::new(checkout), Some(out)),
        ["otel", conventions, translator] => return otel::run(Path::new(conventions), Path::new(translator), None),
        ["otel", conventions, translator, "--out", out] => {
            return otel::run(Path::new(conventions), Path::new(translator), Some(out));
        }
        ["profiles", checkout] => return profiles::run(Path::new(checkout), None),
        ["profiles", checkout, "--out", out] => return profiles::run(Path::new(checkout), Some(out)),
        _ => {}
    }
    let [name, checkout, options @ ..] = args else { bail!(USAGE) };
    let Some(engine) = ENGINES.iter().find(|e| e.name == *name) else { bail!("no catalogue is made of `{name}`") };
    let mut out = root().join(format!("schemas/{name}.json"));
    let mut mirrors = Vec::new();
    for option in options.chunks(2) {
        match option {
            ["--out", file] => out = PathBuf::from(file),
            ["--mirror", pair] => mirrors.push(*pair),
            _ => bail!(USAGE),
        }
    }
    let releases = tags::prefixed(Path::new(checkout), engine.tags, engine.from)?;
    let extractor = Extractor::build(engine.name, Reads::Config, &mirrors.join(","), Vec::new())?;
    let snapshots = extractor.all(Path::new(checkout), &releases)?;
    let text = catalogue(engine, &releases, &snapshots);
    let same = fs::read_to_string(&out).is_ok_and(|before| before == text);
    fs::write(&out, &text).with_context(|| out.display().to_string())?;
    let state = if same { "unchanged" } else { "written" };
    println!("{} {state}: {} versions, {} bytes", out.display(), releases.len(), text.len());
    Ok(())
}

/// The whole file.
fn catalogue(engine: &Engine, releases: &[Release], snapshots: &[Value]) -> String {
    written(engine.name, engine.repository, releases, snapshots, &print::SECTIONS)
}

/// A file of these sections.
fn written(
    engine: &str,
    repository: &str,
    releases: &[Release],
    snapshots: &[Value],
    sections: &[(&str, &[&str])],
) -> String {
    let versions: Vec<&str> = releases.iter().map(|r| r.version.as_str()).collect();
    let prereleases: BTreeMap<&str, &str> =
        releases.iter().filter(|r| r.prerelease).map(|r| (r.version.as_str(), r.tag.as_str())).collect();
    let mut out = String::from("{\n");
    print::member(&mut out, "engine", json!(engine));
    print::member(&mut out, "repository", json!(repository));
    print::member(&mut out, "versions", json!(versions));
    print::member(&mut out, "prereleases", json!(prereleases));
    for (section, keys) in sections {
        let records = fold::section(&versions, snapshots, section, engine != "alloy");
        print::section(&mut out, section, keys, &records);
    }
    out.truncate(out.trim_end_matches(",\n").len());
    out.push_str("\n}\n");
    out
}
