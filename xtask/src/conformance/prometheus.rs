//! What Prometheus loads against `promtool`: its configs and rules on our case pages, or in a folder, web configs, files of
//! targets and tests of rules, and accidents made of them by chance.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use vispyr::catalogue::{self, Version};
use vispyr::diagnostic::{Severity, Tier};
use vispyr::tree::{RawTree, Settings};

use super::Tools;
use super::samples::{Chance, blocks, mutate, texts};

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

/// What is put into the other kinds of files.
const OTHERS: [&str; 16] = [
    "cert_file: a",
    "client_auth_type: Any",
    "client_ca_file: a",
    "cipher_suites: [TLS_RSA_WITH_RC4_128_SHA]",
    "min_version: TLS11",
    "headers: {X-Frame-Options: deny, Via: a}",
    "http2: maybe",
    "rate_limit: {burst: a}",
    "targets: a",
    "labels: {a-b: c}",
    "labels: [a]",
    "values: '1 2, 3'",
    "series: 'up{a!=\"b\"}'",
    "exp_alerts: []",
    "eval_time: 5",
    "interval: 1",
];

/// A web config. There is no certificate here, so that what is looked at behind it is not reached.
const WEB: &str = "tls_server_config:
  min_version: TLS12
  max_version: TLS13
  prefer_server_cipher_suites: true
  cipher_suites:
    - TLS_AES_128_GCM_SHA256
  curve_preferences: [CurveP256]
http_server_config:
  http2: true
  headers:
    X-Frame-Options: deny
    Strict-Transport-Security: max-age=1
basic_auth_users:
  alice: $2y$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG
";

/// A file of targets.
const TARGETS: &str = "- targets:
    - app:80
    - db:80
  labels:
    env: prod
    port: 80
- targets: [\"c:1\"]
";

/// A test of rules.
const TESTS: &str = "evaluation_interval: 1m
group_eval_order: [a, b]
tests:
  - interval: 1m
    name: first
    input_series:
      - series: up{job=\"a\"}
        values: 0+1x5 _ stale 1
    external_labels:
      a: b
    promql_expr_test:
      - expr: up
        eval_time: 5m
        exp_samples:
          - labels: up{job=\"a\"}
            value: 5
    alert_rule_test:
      - eval_time: 5m
        alertname: A
";

/// A config that names the file of targets beside it.
const NAMES: &str =
    "global: {scrape_interval: 15s}\nscrape_configs: [{job_name: a, file_sd_configs: [{files: [file.yml]}]}]\n";

/// What a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Config,
    Rules,
    Web,
    Targets,
    Tests,
}

/// A text and what it is.
struct Sample {
    text: String,
    what: What,
}

/// Compares; with a folder its files are the texts.
pub(super) fn compare(tools: &Tools, folder: Option<&Path>, count: usize) -> Result<String> {
    let mut samples = match folder {
        Some(folder) => files(folder)?,
        None => pages()?,
    };
    ensure!(!samples.is_empty(), "there is no text of Prometheus");
    for (text, what) in [(WEB, What::Web), (TARGETS, What::Targets), (TESTS, What::Tests)] {
        // As often as there are others of each, so that chance meets them.
        let copies = samples.len() / 10 + 1;
        samples.extend((0..copies).map(|_| Sample { text: text.to_owned(), what }));
    }
    let given = samples.len();
    let mut chance = Chance(17);
    while samples.len() < given + count {
        let base = &samples[chance.below(given)];
        let pool: &[&str] = if matches!(base.what, What::Config | What::Rules) { &LINES } else { &OTHERS };
        let (text, what) = (mutate(&base.text, &mut chance, &VALUES, pool), base.what);
        if text != base.text {
            samples.push(Sample { text, what });
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
        fs::write(folder.path().join("prometheus.yml"), NAMES)?;
        let args: &[&str] = match sample.what {
            What::Config => &["check", "config", "--syntax-only", "file.yml"],
            What::Rules => &["check", "rules", "--lint=none", "file.yml"],
            What::Web => &["check", "web-config", "file.yml"],
            What::Targets => &["check", "config", "prometheus.yml"],
            What::Tests => &["test", "rules", "file.yml"],
        };
        let promtool = tools.promtool(&version.to_string());
        let output = Command::new(promtool).args(args).current_dir(folder.path()).output()?;
        let Some(ours) = ours(sample, version)? else { continue };
        let Some(good) = verdict(sample.what, &output) else { continue };
        match (good, ours) {
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

/// Whether the engine takes a text; `None` = what it says is about this machine.
fn verdict(what: What, output: &std::process::Output) -> Option<bool> {
    let said = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    let is = |part: &str| said.contains(part);
    match what {
        // The certificate is not there.
        What::Web if is("no such file") || is("failed to read") || is("X509KeyPair") => None,
        // That a test fails is no fault of its notation.
        What::Tests => {
            let refused = is("yaml")
                || is("duration")
                || is("misses required")
                || is("repeated in")
                || is("parse error")
                || is("unexpected");
            Some(output.status.success() || !refused)
        }
        _ => Some(output.status.success()),
    }
}

/// The first error of tiers A and B, if there is one; `None` = the text is left alone, as a template.
fn ours(sample: &Sample, version: Version) -> Result<Option<Option<String>>> {
    let kind = match sample.what {
        What::Config => "prometheus-config",
        What::Rules => "prometheus-rules",
        What::Web => "prometheus-web-config",
        What::Targets => "prometheus-file-sd",
        What::Tests => "prometheus-rule-tests",
    };
    let kind = vispyr::engines::ALL.iter().flat_map(|e| e.kinds).find(|k| k.name == kind).context(kind)?;
    let settings = Settings { kind: Some(kind), engines: [("prometheus".to_owned(), version)].into() };
    let named = [("prometheus.yml", NAMES)].into_iter().filter(|_| sample.what == What::Targets);
    let mut raw = RawTree::from_texts(named.chain([("file.yml", sample.text.as_str())]));
    raw.named.insert("file.yml".to_owned());
    let tree = vispyr::engines::tree(raw, &settings);
    if tree.artifacts.is_empty() {
        return Ok(None);
    }
    let report = vispyr::check::check(&tree, &vispyr::check::Options::default());
    let of_it = |d: &&vispyr::diagnostic::Diagnostic| tree.sources.get(d.primary.span.source).path == "file.yml";
    let mut all = report.diagnostics.iter().filter(of_it);
    let error = all.find(|d| d.severity == Severity::Error && d.rule.tier != Tier::C);
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
    let what = if rules { What::Rules } else { What::Config };
    ((rules || config) && !text.lines().any(others)).then(|| Sample { text: text.to_owned(), what })
}

/// The files of a folder.
fn files(folder: &Path) -> Result<Vec<Sample>> {
    Ok(texts(folder)?.iter().filter_map(|t| sample(t)).collect())
}

/// The files of Prometheus on the pages of its rules.
fn pages() -> Result<Vec<Sample>> {
    let found = blocks("src/engines/prometheus/rules", |path| path.starts_with("prometheus/"))?;
    Ok(found.iter().filter_map(|t| sample(t)).collect())
}
