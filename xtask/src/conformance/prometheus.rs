//! What Prometheus loads against `promtool`: its configs and rules on our case pages, or in a folder, and accidents made of
//! them by chance.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use vispyr::catalogue::{self, Version};
use vispyr::diagnostic::{Severity, Tier};
use vispyr::tree::{RawTree, Settings};

use super::Tools;
use crate::root;

/// How many texts are made by chance.
pub(super) const COUNT: usize = 600;

/// How many disagreements are shown.
const SHOWN: usize = 20;

/// The versions that are built, and the names under which `promtool` is asked for.
const VERSIONS: [Version; 2] = [Version::new(2, 55, 1), Version::new(3, 14, 0)];

/// Discoveries that the `promtool` of 3 is built with (`go.rs`): others are unknown keys to it and to nobody else.
const BUILT: [&str; 4] = ["file_sd_configs", "http_sd_configs", "kubernetes_sd_configs", "static_configs"];

/// Values that stand in the place of others.
const VALUES: [&str; 24] = [
    "",
    "[a]",
    "{a: b}",
    "abc",
    "12",
    "-5",
    "1.5",
    "true",
    "\"\"",
    "5x",
    "1h1d",
    "1.5h",
    "99999y",
    "'('",
    "'a)|(b'",
    "hashmod",
    "labeldrop",
    "keepequal",
    "up ==",
    "rate(up)",
    "mad_over_time(a[5m])",
    "'{{ $x }}'",
    "'{{ if $value }}'",
    "a.b",
];

/// Lines that are put in.
const LINES: [&str; 30] = [
    "scrape_timeout: 10m",
    "scrape_interval: 1s",
    "bearer_token: x",
    "basic_auth: {username: a, password: b}",
    "authorization: {type: basic}",
    "tls_config: {cert_file: a}",
    "no_proxy: a",
    "scrape_protocols: [PrometheusProto, prometheusproto]",
    "metric_name_validation_scheme: legacy",
    "metric_name_escaping_scheme: allow-utf-8",
    "relabel_configs: [{}]",
    "relabel_configs: [null]",
    "relabel_configs: [{action: labeldrop, regex: a, separator: x}]",
    "relabel_configs: [{target_label: \"a-$1\"}]",
    "static_configs: [{targets: [\"http://a:1\"]}]",
    "file_sd_configs: [{files: [a.txt]}]",
    "http_sd_configs: [{url: \"a:1\"}]",
    "kubernetes_sd_configs: [{role: pod, tls_config: {ca_file: a}}]",
    "queue_config: {min_shards: 100}",
    "headers: {Host: a}",
    "api_version: v1",
    "for: 5m",
    "keep_firing_for: 5m",
    "annotations: {a: \"{{ $x }}\"}",
    "labels: {__name__: a}",
    "record: \"a{b}\"",
    "alert: X",
    "expr: a[5m]",
    "expr:",
    "x: 1",
];

/// A text and whether it holds rules.
struct Sample {
    text: String,
    rules: bool,
}

/// Compares; with a folder its files are the texts.
pub(super) fn compare(tools: &Tools, folder: Option<&Path>, count: usize) -> Result<String> {
    let mut samples = match folder {
        Some(folder) => files(folder)?,
        None => pages()?,
    };
    ensure!(!samples.is_empty(), "there is no text of Prometheus");
    let given = samples.len();
    let mut chance = Chance(17);
    while samples.len() < given + count {
        let base = &samples[chance.below(given)];
        let (text, rules) = (mutate(&base.text, &mut chance, &VALUES, &LINES), base.rules);
        if text != base.text {
            samples.push(Sample { text, rules });
        }
    }
    let mut said = Vec::new();
    for version in VERSIONS {
        said.push(at(tools, version, &samples)?);
    }
    Ok(said.join("; "))
}

fn at(tools: &Tools, version: Version, samples: &[Sample]) -> Result<String> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("file.yml");
    let (mut accepted, mut refused, mut missed) = (0, 0, Vec::new());
    let mut alarms = Vec::new();
    for sample in samples {
        fs::write(&path, &sample.text)?;
        let (what, how) = if sample.rules { ("rules", "--lint=none") } else { ("config", "--syntax-only") };
        let output =
            Command::new(tools.promtool(&version.to_string())).args(["check", what, how]).arg(&path).output()?;
        let Some(ours) = ours(sample, version)? else { continue };
        match (output.status.success(), ours) {
            (true, None) => accepted += 1,
            (true, Some(message)) => {
                accepted += 1;
                alarms.push(format!("{message}\n{}", sample.text));
            }
            (false, Some(_)) => refused += 1,
            (false, None) => {
                refused += 1;
                let all =
                    String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
                let line = all.lines().map(str::trim).rfind(|l| !l.is_empty() && !l.starts_with("Checking"));
                let line = line.unwrap_or_default().to_owned();
                // Whether a flag allows it is not seen here, so that a warning is all that is told.
                if line.contains("is not enabled") || line.contains("experimental") {
                    refused -= 1;
                } else {
                    missed.push(line);
                }
            }
        }
    }
    for alarm in alarms.iter().take(SHOWN) {
        println!("  false alarm at {version}: {alarm}");
    }
    for line in missed.iter().take(SHOWN) {
        println!("  missed at {version}: {line}");
    }
    ensure!(alarms.is_empty(), "{} false alarms at {version}", alarms.len());
    let rate = 100.0 * (refused - missed.len()) as f64 / refused.max(1) as f64;
    // Without its catalogue nothing is known of names and types.
    ensure!(
        rate >= 99.0 || catalogue::schema("prometheus").is_none(),
        "only {rate:.2} % of what promtool refuses at {version} is refused"
    );
    Ok(format!("{version}: {accepted} accepted without an error, {rate:.2} % of {refused} refused"))
}

/// The first error of tiers A and B, if there is one; `None` = the text is left alone, as a template.
fn ours(sample: &Sample, version: Version) -> Result<Option<Option<String>>> {
    let kind = if sample.rules { "prometheus-rules" } else { "prometheus-config" };
    let kind = vispyr::engines::ALL.iter().flat_map(|e| e.kinds).find(|k| k.name == kind).context(kind)?;
    let settings = Settings { kind: Some(kind), engines: [("prometheus".to_owned(), version)].into() };
    let mut raw = RawTree::from_texts([("file.yml", sample.text.as_str())]);
    raw.named.insert("file.yml".to_owned());
    let tree = vispyr::engines::tree(raw, &settings);
    if tree.artifacts.is_empty() {
        return Ok(None);
    }
    let report = vispyr::check::check(&tree, &vispyr::check::Options::default());
    let error = report.diagnostics.iter().find(|d| d.severity == Severity::Error && d.rule.tier != Tier::C);
    Ok(Some(error.map(|d| format!("{}: {}", d.rule.id, d.message))))
}

fn sample(text: &str) -> Option<Sample> {
    let line = |key: &str| text.lines().any(|l| l.starts_with(key));
    let others = |l: &str| {
        l.trim()
            .trim_start_matches("- ")
            .split(':')
            .next()
            .is_some_and(|key| key.ends_with("_sd_configs") && !BUILT.contains(&key))
    };
    let rules = line("groups:");
    let config =
        ["global:", "scrape_configs:", "remote_write:", "alerting:", "rule_files:", "storage:"].iter().any(|k| line(k));
    ((rules || config) && !text.lines().any(others)).then(|| Sample { text: text.to_owned(), rules })
}

/// Files of a folder.
fn files(folder: &Path) -> Result<Vec<Sample>> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).with_context(|| folder.display().to_string())?.flatten().map(|e| e.path()).collect();
    paths.sort();
    Ok(paths.iter().filter_map(|p| sample(&fs::read_to_string(p).ok()?)).collect())
}

/// The files of Prometheus on the pages of its rules.
fn pages() -> Result<Vec<Sample>> {
    let mut found = Vec::new();
    let mut paths: Vec<PathBuf> =
        fs::read_dir(root().join("src/engines/prometheus/rules"))?.flatten().map(|e| e.path()).collect();
    paths.sort();
    for path in paths.iter().filter(|p| p.extension().is_some_and(|e| e == "md")) {
        let text = fs::read_to_string(path)?;
        let mut rest = text.as_str();
        while let Some((_, after)) = rest.split_once("```yaml prometheus/") {
            let Some((block, after)) = after.split_once("\n```") else { break };
            found.extend(block.split_once('\n').and_then(|(_, text)| sample(&format!("{text}\n"))));
            rest = after;
        }
    }
    Ok(found)
}

/// A fixed linear congruential sequence: the same texts on every machine.
pub(super) struct Chance(pub(super) u64);

impl Chance {
    pub(super) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit.max(1)
    }
}

/// One accident.
pub(super) fn mutate(text: &str, chance: &mut Chance, values: &[&str], put: &[&str]) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let keyed: Vec<usize> = (0..lines.len()).filter(|i| lines[*i].contains(": ") || lines[*i].ends_with(':')).collect();
    if keyed.is_empty() {
        return text.to_owned();
    }
    let at = keyed[chance.below(keyed.len())];
    let line = lines[at].clone();
    let indent = line.len() - line.trim_start_matches([' ', '-']).len();
    let colon = line.find(':').unwrap_or(line.len());
    match chance.below(7) {
        // Another key.
        0 if colon > indent + 1 => lines[at].replace_range(colon - 1..colon, ""),
        0 | 1 => lines[at].insert(colon, 's'),
        // Another value.
        2 | 3 => {
            lines[at].truncate(colon + 1);
            lines[at].push(' ');
            lines[at].push_str(values[chance.below(values.len())]);
        }
        4 if !line.trim_start().starts_with('-') => lines.insert(at, line),
        4 | 5 => lines.insert(at + 1, format!("{}{}", " ".repeat(indent), put[chance.below(put.len())])),
        _ => {
            lines.remove(at);
        }
    }
    lines.join("\n") + "\n"
}
