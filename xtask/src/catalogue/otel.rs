//! `schemas/lang/otel.json`: what OpenTelemetry's semantic conventions call metrics and the attributes of resources, and
//! what Prometheus calls units.
//!
//! Applications follow any release of them, so only what no release says otherwise is kept: a metric with the same
//! instrument and unit in all of them that the newest one does not discourage, and an attribute of a resource that no
//! metric has as its own, and no span but where the attribute is named for the resource. Of all other attributes the
//! names of every release are kept: whoever misspells one meant any of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use serde_json::json;
use vispyr::parse::{self, Dialect, Node};
use vispyr::source::SourceId;

use super::git::git;
use super::tags::{self, Release};
use crate::root;

/// The release of prometheus/otlptranslator that is read.
const TRANSLATOR: &str = "v1.0.0";

/// The conventions of one release.
#[derive(Default)]
struct Conventions {
    /// Attributes of resources, each with whether it is named for one.
    resource: BTreeSet<(String, bool)>,
    /// Attributes that metrics have.
    measured: BTreeSet<String>,
    /// Attributes that spans and events have.
    traced: BTreeSet<String>,
    /// Attributes of whatever.
    named: BTreeSet<String>,
    /// Instrument and unit of metrics.
    metrics: BTreeMap<String, (String, String)>,
    /// Metrics that are discouraged.
    deprecated: BTreeSet<String>,
}

/// Writes the file.
pub(super) fn run(checkout: &Path, translator: &Path, out: Option<&str>) -> Result<()> {
    let units = units(translator)?;
    let releases = tags::releases(checkout, (1, 21))?;
    let all: Vec<Conventions> =
        releases.iter().map(|r| read(checkout, r).with_context(|| r.tag.clone())).collect::<Result<_>>()?;
    let newest = all.last().context("there is no release")?;
    let measured: BTreeSet<&String> = all.iter().flat_map(|c| &c.measured).collect();
    let traced: BTreeSet<&String> = all.iter().flat_map(|c| &c.traced).collect();
    let kept =
        |(attribute, named): &&(String, bool)| !measured.contains(attribute) && (*named || !traced.contains(attribute));
    let resource: BTreeSet<&String> = all.iter().flat_map(|c| &c.resource).filter(kept).map(|(a, _)| a).collect();
    let named: BTreeSet<&String> =
        all.iter().flat_map(|c| &c.named).filter(|a| a.contains('.') && !resource.contains(a)).collect();
    let settled = |name: &String, what: &(String, String)| {
        let same = |c: &Conventions| c.metrics.get(name).is_none_or(|other| other == what);
        // No name of a unit has another one below it but those of rates, which no metric of these is.
        !what.1.contains('/') && !newest.deprecated.contains(name) && all.iter().all(same)
    };
    let metrics: Vec<String> = newest
        .metrics
        .iter()
        .filter(|(name, what)| settled(name, what))
        .map(|(name, (instrument, unit))| format!("{}: {}", json!(name), json!([instrument, unit])))
        .collect();
    let versions: Vec<&str> = releases.iter().map(|r| r.version.as_str()).collect();
    let lines = |names: &BTreeSet<&String>| {
        let names: Vec<String> = names.iter().map(|a| json!(a).to_string()).collect();
        names.join(",\n")
    };
    let text = format!(
        "{{\n\"repository\": \"open-telemetry/semantic-conventions\",\n\"path\": \"model\",\n\"versions\": {},\n\
         \"translator\": {},\n\"units\": {},\n\"resource\": [\n{}\n],\n\
         \"attributes\": [\n{}\n],\n\"metrics\": {{\n{}\n}}\n}}\n",
        json!(versions),
        json!(format!("prometheus/otlptranslator@{TRANSLATOR}")),
        json!(units),
        lines(&resource),
        lines(&named),
        metrics.join(",\n")
    );
    let out = out.map_or_else(|| root().join("schemas/lang/otel.json"), PathBuf::from);
    fs::write(&out, &text).with_context(|| out.display().to_string())?;
    let (metrics, resource, named) = (metrics.len(), resource.len(), named.len());
    println!("{}: {metrics} metrics, {resource} attributes of resources, {named} others", out.display());
    Ok(())
}

/// What units are called in names (`metric_namer.go`).
fn units(translator: &Path) -> Result<BTreeMap<String, String>> {
    let text = git(translator, &["show", &format!("{TRANSLATOR}:metric_namer.go")])?;
    let (_, rest) = text.split_once("var unitMap = map[string]string{").context("no table of units")?;
    let (table, _) = rest.split_once("\n}").context("the table of units has no end")?;
    let pairs = table.lines().map(str::trim).filter(|l| l.starts_with('"'));
    pairs
        .map(|line| {
            let parts: Vec<&str> = line.split('"').collect();
            let [_, unit, _, name, _] = parts[..] else { bail!("`{line}` is no pair") };
            Ok((unit.to_owned(), name.to_owned()))
        })
        .collect()
}

fn read(checkout: &Path, release: &Release) -> Result<Conventions> {
    let list = git(checkout, &["ls-tree", "-r", "--name-only", &release.tag, "model"])?;
    let mut found = Conventions::default();
    for file in list.lines().filter(|f| f.ends_with(".yaml")) {
        let text = git(checkout, &["show", &format!("{}:{file}", release.tag)])?;
        let (document, errors) = parse::yaml(SourceId(0), &text.into(), Dialect::V3);
        if let Some(error) = errors.first() {
            bail!("{file}: {}", error.message);
        }
        let groups = document.root().and_then(|r| r.get("groups"));
        groups.into_iter().flat_map(Node::items).for_each(|group| take(group, &mut found));
    }
    ensure!(!found.metrics.is_empty() && !found.resource.is_empty(), "nothing was found");
    Ok(found)
}

fn take(group: Node<'_>, found: &mut Conventions) {
    let word = |node: Node<'_>, key: &str| node.get(key).and_then(Node::scalar).unwrap_or_default().to_owned();
    let id = word(group, "id");
    let kind = word(group, "type");
    let prefix = word(group, "prefix");
    let attributes = group.get("attributes").into_iter().flat_map(Node::items).map(|attribute| {
        let own = word(attribute, "id");
        match (own.as_str(), prefix.as_str()) {
            ("", _) => word(attribute, "ref"),
            (_, "") => own,
            (own, prefix) => format!("{prefix}.{own}"),
        }
    });
    let attributes: Vec<String> = attributes.filter(|a| !a.is_empty()).collect();
    found.named.extend(attributes.iter().cloned());
    let attributes = attributes.into_iter();
    match kind.as_str() {
        "resource" | "entity" => {
            let of = id.trim_start_matches("entity.").split('.').next().unwrap_or_default();
            let named = |a: &String| a.split('.').next() == Some(of);
            found.resource.extend(attributes.map(|a| (a.clone(), named(&a))));
        }
        "metric" => {
            found.measured.extend(attributes);
            let name = word(group, "metric_name");
            if group.get("deprecated").is_some() {
                found.deprecated.insert(name.clone());
            }
            found.metrics.insert(name, (word(group, "instrument"), word(group, "unit")));
        }
        "span" | "event" => found.traced.extend(attributes),
        // What metrics have in common, and what belongs to an instrumentation.
        _ if id.contains("metric") || id.contains("scope") => found.measured.extend(attributes),
        _ => {}
    }
}
