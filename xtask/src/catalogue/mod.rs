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

/// An engine with a catalogue, and how it is read.
pub(crate) struct Source {
    /// `tempo`.
    engine: &'static str,
    /// `grafana/tempo`.
    repository: &'static str,
    /// The Go program in `xtask/catalogue/` that reads a release.
    program: &'static str,
    /// What of a release it reads, as git's path patterns.
    paths: &'static [&'static str],
    /// The first line that is read: major, minor.
    from: (u32, u32),
}

/// All of them.
const SOURCES: &[Source] = &[
    Source {
        engine: "alloy",
        repository: "grafana/alloy",
        program: "alloy",
        paths: &[":(glob)internal/**/*.go", ":(glob)syntax/**/*.go"],
        from: (1, 0),
    },
    Source {
        engine: "alertmanager",
        repository: "prometheus/alertmanager",
        program: "files",
        paths: &[":(glob)**/*.go", "go.mod"],
        from: (0, 26),
    },
    Source {
        engine: "loki",
        repository: "grafana/loki",
        program: "files",
        paths: &[":(glob)pkg/**/*.go", ":(glob)vendor/**/*.go", ":(exclude,glob)**/*vfsdata.go", "go.mod"],
        from: (2, 9),
    },
    Source {
        engine: "prometheus",
        repository: "prometheus/prometheus",
        program: "files",
        paths: &[":(glob)**/*.go", "go.mod"],
        from: (2, 40),
    },
    Source {
        engine: "pyroscope",
        repository: "grafana/pyroscope",
        program: "files",
        paths: &[":(glob)pkg/**/*.go", ":(glob)api/**/*.go", "go.mod"],
        from: (1, 7),
    },
    Source {
        engine: "tempo",
        repository: "grafana/tempo",
        program: "files",
        paths: &[
            ":(glob)cmd/tempo/**/*.go",
            ":(glob)modules/**/*.go",
            ":(glob)pkg/**/*.go",
            ":(glob)tempodb/**/*.go",
            ":(glob)vendor/**/*.go",
            "go.mod",
        ],
        from: (2, 3),
    },
];

/// `cargo xtask catalogue ENGINE CHECKOUT [--out FILE] [--module PATH=CHECKOUT]`.
pub(crate) fn run(args: &[&str]) -> Result<()> {
    const USAGE: &str = "usage: cargo xtask catalogue ENGINE CHECKOUT [--out FILE] [--module PATH=CHECKOUT]…";
    match args {
        ["compose", checkout] => return compose::run(Path::new(checkout), None),
        ["compose", checkout, "--out", out] => return compose::run(Path::new(checkout), Some(out)),
        _ => {}
    }
    let [engine, checkout, options @ ..] = args else { bail!(USAGE) };
    let Some(source) = SOURCES.iter().find(|s| s.engine == *engine) else {
        let known = SOURCES.iter().map(|s| s.engine).collect::<Vec<_>>().join(", ");
        bail!("there is no catalogue of `{engine}`: {known}");
    };
    let mut out = root().join(format!("schemas/{engine}.json"));
    let mut modules = Vec::new();
    for pair in options.chunks(2) {
        match pair {
            ["--out", file] => out = PathBuf::from(file),
            ["--module", module] => modules.push((*module).to_owned()),
            _ => bail!(USAGE),
        }
    }
    let mut releases = tags::releases(Path::new(checkout))?;
    releases.retain(|r| r.line() >= source.from);
    let extractor = Extractor::build(source, modules)?;
    let snapshots = extractor.all(Path::new(checkout), &releases)?;
    let text = catalogue(source, &releases, &snapshots);
    let same = fs::read_to_string(&out).is_ok_and(|before| before == text);
    fs::write(&out, &text).with_context(|| out.display().to_string())?;
    let state = if same { "unchanged" } else { "written" };
    println!("{} {state}: {} versions, {} bytes", out.display(), releases.len(), text.len());
    Ok(())
}

/// The whole file.
fn catalogue(source: &Source, releases: &[Release], snapshots: &[Value]) -> String {
    let versions: Vec<&str> = releases.iter().map(|r| r.version.as_str()).collect();
    let prereleases: BTreeMap<&str, &str> =
        releases.iter().filter(|r| r.prerelease).map(|r| (r.version.as_str(), r.tag.as_str())).collect();
    let mut out = format!("{{\n\"engine\": \"{}\",\n\"repository\": \"{}\",\n", source.engine, source.repository);
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
