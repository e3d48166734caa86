//! `schemas/metrics/NAME.json`: the names of the metrics that an engine has of itself, or that an exporter shows.
//!
//! The first and the last release of every line are read: what both of them lack, the ones between have not, either.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::snapshot::{Extractor, Reads};
use super::tags::{self, Release};
use super::{ENGINES, written};
use crate::root;

const USAGE: &str = "usage: cargo xtask catalogue metrics ENGINE|EXPORTER CHECKOUT [--mirror MODULE=CHECKOUT]…";

const SECTIONS: [(&str, &[&str]); 2] =
    [("metrics", &["name", "kind", "since", "until"]), ("prefixes", &["name", "since", "until"])];

/// The first line that is read of engines whose older releases have metrics that dashboards still ask for.
const FROM: [(&str, (u32, u32)); 5] =
    [("alertmanager", (0, 15)), ("loki", (2, 8)), ("prometheus", (2, 0)), ("pyroscope", (1, 0)), ("tempo", (1, 5))];

#[derive(Deserialize)]
struct Exporters {
    exporter: Vec<Exporter>,
}

/// What is read of an exporter, as `schemas/overlay/exporters.toml` says.
#[derive(Deserialize)]
struct Exporter {
    title: String,
    namespaces: Vec<String>,
    repository: String,
    from: String,
    roots: Vec<String>,
    recorded: Vec<String>,
}

impl Exporter {
    /// The first line.
    fn from(&self) -> Result<(u32, u32)> {
        let (major, minor) = self.from.split_once('.').context("a line is two numbers")?;
        Ok((major.parse()?, minor.parse()?))
    }

    /// What the extractor is told.
    fn options(&self) -> Vec<String> {
        let lists = [("-exporter", &self.namespaces), ("-roots", &self.roots), ("-recorded", &self.recorded)];
        lists.into_iter().flat_map(|(option, list)| [option.to_owned(), list.join(",")]).collect()
    }
}

/// Writes the file.
pub(super) fn run(args: &[&str]) -> Result<()> {
    let [name, checkout, options @ ..] = args else { bail!(USAGE) };
    let mut mirrors = Vec::new();
    for option in options.chunks(2) {
        let ["--mirror", pair] = option else { bail!(USAGE) };
        mirrors.push(*pair);
    }
    let checkout = Path::new(checkout);
    let overlay = fs::read_to_string(root().join("schemas/overlay/exporters.toml"))?;
    let exporters: Exporters = toml::from_str(&overlay)?;
    let exporter = exporters.exporter.iter().find(|e| e.title.to_lowercase() == *name);
    let engine = ENGINES.iter().find(|e| e.name == *name);
    let (repository, prefix, from) = match (engine, exporter) {
        (Some(engine), _) => {
            let from = FROM.iter().find(|(e, _)| e == name).map_or(engine.from, |(_, from)| *from);
            (engine.repository, engine.tags, from)
        }
        (None, Some(exporter)) => (exporter.repository.as_str(), tags::V, exporter.from()?),
        (None, None) => bail!("no catalogue is made of `{name}`"),
    };
    let releases = ends(tags::prefixed(checkout, prefix, from)?);
    let options = exporter.map(Exporter::options).unwrap_or_default();
    let extractor = Extractor::build(name, Reads::Metrics, &mirrors.join(","), options)?;
    let snapshots = extractor.all(checkout, &releases)?;
    let text = written(name, repository, &releases, &snapshots, &SECTIONS);
    let out = root().join(format!("schemas/metrics/{name}.json"));
    fs::create_dir_all(out.parent().context("no folder")?)?;
    let same = fs::read_to_string(&out).is_ok_and(|before| before == text);
    fs::write(&out, &text).with_context(|| out.display().to_string())?;
    let state = if same { "unchanged" } else { "written" };
    println!("{} {state}: {} versions, {} bytes", out.display(), releases.len(), text.len());
    Ok(())
}

/// The first and the last release of every line.
fn ends(releases: Vec<Release>) -> Vec<Release> {
    let line = |r: &Release| r.version.rsplit_once('.').map(|(line, _)| line.to_owned());
    let lines: Vec<_> = releases.iter().map(line).collect();
    let inner = |at: usize| at > 0 && lines.get(at - 1) == lines.get(at) && lines.get(at + 1) == lines.get(at);
    releases.into_iter().enumerate().filter(|(at, _)| !inner(*at)).map(|(_, release)| release).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use vispyr::catalogue::{Version, own};

    use super::*;

    /// What an engine's own dashboards read of it is there, at the release that they came with: `reference/mixins/`, made by
    /// `mixins.py`. What is not is a mistake upstream, and a row of `mixins.tsv` with its reason.
    #[test]
    fn engines_have_what_their_own_dashboards_read() {
        let folder = root().join("xtask/catalogue/reference/mixins");
        let mut lacking = BTreeSet::new();
        for file in fs::read_dir(&folder).unwrap() {
            let path = file.unwrap().path();
            let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
            let (engine, text) = stem.split_once('-').unwrap();
            let (own, version) = (own(engine).unwrap(), Version::exact(text).unwrap());
            assert!(!own.may_have("prometheus_loki_tempo_no_such_metric_x", version) || engine == "alloy", "{stem}");
            for series in fs::read_to_string(&path).unwrap().lines() {
                if !own.may_have(series, version) {
                    lacking.insert(format!("{engine}\t{text}\t{series}"));
                }
            }
        }
        let known = fs::read_to_string(root().join("xtask/catalogue/mixins.tsv")).unwrap();
        let rows = known.lines().skip(1).map(|l| l.rsplit_once('\t').unwrap());
        let known: BTreeSet<String> = rows
            .map(|(row, reason)| {
                assert!(!reason.trim().is_empty(), "{row}: no reason");
                row.to_owned()
            })
            .collect();
        assert_eq!(lacking, known);
    }

    #[test]
    fn the_first_and_the_last_of_each_line_are_read() {
        let release = |v: &str| Release { version: v.to_owned(), tag: format!("v{v}"), prerelease: false };
        let all = ["1.9.0", "1.10.0", "1.10.1", "1.10.2", "1.11.0", "1.11.1"].map(release).to_vec();
        let read: Vec<String> = ends(all).into_iter().map(|r| r.version).collect();
        assert_eq!(read, ["1.9.0", "1.10.0", "1.10.2", "1.11.0", "1.11.1"]);
    }
}
