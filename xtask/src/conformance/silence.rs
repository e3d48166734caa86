//! Silent failures on the real Prometheus: stacks that deliver, and the same ones broken at one place. The broken ones must
//! start as the others do and deliver nothing, and vispyr must tell the class of exactly those.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use vispyr::check::{Options, check};

/// One place of the stack, right and broken.
struct Case {
    /// What tells of it.
    rule: &'static str,
    /// The file that is changed.
    file: &'static str,
    /// What stands there.
    right: &'static str,
    /// What stands there instead.
    broken: &'static str,
    /// Who is asked whether it arrives.
    ask: &'static str,
    /// With what.
    query: &'static str,
}

const COMPOSE: &str = "services:
  prometheus:
    image: prom/prometheus:v3.14.0
    volumes: [./prometheus:/etc/prometheus]
  app:
    image: example/app:1.0.0
";

/// A second server, to which the first one writes.
const STORE: &str = "  store:
    image: prom/prometheus:v3.14.0
    command: [--config.file=/etc/prometheus/prometheus.yml, --web.enable-remote-write-receiver]
    volumes: [./store:/etc/prometheus]
";

const CONFIG: &str = "global:
  scrape_interval: 200ms
  evaluation_interval: 200ms
rule_files: [rules/*.yml]
scrape_configs:
  - job_name: app
    static_configs:
      - targets: [\"app:8080\"]
        labels: {env: prod}
    metric_relabel_configs:
      - action: labeldrop
        regex: uid
      - action: drop
        source_labels: [__name__]
        regex: app_debug_.*
";

const WRITE: &str = "remote_write:
  - url: http://store:9090/api/v1/write
    queue_config: {batch_send_deadline: 200ms}
";

/// That of the second server, which only takes what is written to it.
const STORED: &str = "global:
  evaluation_interval: 1s
";

const RULES: &str = "groups:
  - name: app
    rules:
      - record: pod_code:app_errors:sum
        expr: sum by (pod, code) (app_errors_total)
      - alert: Errors
        expr: sum by (pod) (app_errors_total{pod=\"a\"}) > 1
      - alert: Recorded
        expr: sum by (pod) (pod_code:app_errors:sum{pod=\"a\"}) > 1
      - alert: Slow
        expr: app_seconds_bucket{le=\"1.0\"} > 1
      - alert: Production
        expr: app_errors_total{env=\"prod\"} > 1
      - alert: Running
        expr: up{job=\"app\"} == 1
";

/// What the application shows.
const PAGE: &str = "# TYPE app_errors_total counter
app_errors_total{pod=\"a\",uid=\"1\",code=\"500\"} 7
# TYPE app_debug_total counter
app_debug_total 1
# TYPE app_seconds histogram
app_seconds_bucket{le=\"1\"} 5
app_seconds_bucket{le=\"+Inf\"} 6
app_seconds_sum 4
app_seconds_count 6
";

const CASES: [Case; 12] = [
    Case {
        rule: "link-label-dropped",
        file: "prometheus/prometheus.yml",
        right: "regex: uid",
        broken: "regex: uid|pod",
        ask: "prometheus",
        query: "ALERTS{alertname=\"Errors\"}",
    },
    Case {
        rule: "link-label-dropped",
        file: "prometheus/rules/app.yml",
        right: "sum by (pod, code) (app_errors_total)",
        broken: "sum by (code) (app_errors_total)",
        ask: "prometheus",
        query: "ALERTS{alertname=\"Recorded\"}",
    },
    Case {
        rule: "link-metric-dropped",
        file: "prometheus/prometheus.yml",
        right: "regex: app_debug_.*",
        broken: "regex: app_.*",
        ask: "prometheus",
        query: "ALERTS{alertname=\"Errors\"}",
    },
    Case {
        rule: "prom-rule-glob-empty",
        file: "prometheus/prometheus.yml",
        right: "rules/*.yml",
        broken: "rules/*.yaml",
        ask: "prometheus",
        query: "ALERTS",
    },
    Case {
        rule: "prom-le-integer",
        file: "prometheus/rules/app.yml",
        right: "le=\"1.0\"",
        broken: "le=\"1\"",
        ask: "prometheus",
        query: "ALERTS{alertname=\"Slow\"}",
    },
    Case {
        rule: "dash-label-unknown",
        file: "prometheus/rules/app.yml",
        right: "up{job=\"app\"}",
        broken: "up{job=\"application\"}",
        ask: "prometheus",
        query: "ALERTS{alertname=\"Running\"}",
    },
    Case {
        rule: "prom-relabel-drops-all",
        file: "prometheus/prometheus.yml",
        right: "    static_configs:\n",
        broken: "    relabel_configs: [{action: keep, source_labels: [__address__], regex: app}]\n    static_configs:\n",
        ask: "prometheus",
        query: "up",
    },
    Case {
        rule: "prom-env-not-expanded",
        file: "prometheus/prometheus.yml",
        right: "env: prod",
        broken: "env: \"${DEPLOYMENT}\"",
        ask: "prometheus",
        query: "ALERTS{alertname=\"Production\"}",
    },
    Case {
        rule: "link-path-wrong",
        file: "prometheus/prometheus.yml",
        right: "/api/v1/write",
        broken: "/api/v1/push",
        ask: "store",
        query: "app_errors_total",
    },
    Case {
        rule: "link-port-unserved",
        file: "prometheus/prometheus.yml",
        right: "store:9090",
        broken: "store:9009",
        ask: "store",
        query: "app_errors_total",
    },
    Case {
        rule: "link-tls-mismatch",
        file: "prometheus/prometheus.yml",
        right: "http://store",
        broken: "https://store",
        ask: "store",
        query: "app_errors_total",
    },
    Case {
        rule: "link-receiver-flag",
        file: "compose.yaml",
        right: ", --web.enable-remote-write-receiver",
        broken: "",
        ask: "store",
        query: "app_errors_total",
    },
];

/// What the real servers say to a stack.
#[derive(Debug)]
struct Answer {
    error: String,
    found: usize,
}

/// Runs all of them, each in both ways.
pub(super) fn compare(program: &Path) -> Result<String> {
    let folder = tempfile::Builder::new().prefix("vispyr-silence-").tempdir()?;
    let mut tasks = Vec::new();
    for (at, case) in CASES.iter().enumerate() {
        for broken in [false, true] {
            let here = folder.path().join(format!("{at}-{broken}"));
            write(&here, case, broken)?;
            tasks.push((case, broken, here));
        }
    }
    let list: Vec<Value> = tasks.iter().map(|(case, broken, here)| task(case, *broken, here)).collect::<Result<_>>()?;
    let answers = ask(program, &Value::Array(list))?;
    ensure!(answers.len() == tasks.len(), "{} answers on {} stacks", answers.len(), tasks.len());
    let told: Vec<BTreeMap<String, usize>> = tasks.iter().map(|(.., here)| told(here)).collect::<Result<_>>()?;
    let mut wrong = Vec::new();
    for (at, (case, ..)) in tasks.iter().enumerate().step_by(2) {
        let (right, broken) = (&answers[at], &answers[at + 1]);
        let mut claim = |holds: bool, what: String| {
            if !holds {
                wrong.push(format!("{} (`{}` → `{}`): {what}", case.rule, case.right.trim(), case.broken.trim()));
            }
        };
        claim(right.error.is_empty(), format!("the right stack does not start: {}", right.error));
        claim(broken.error.is_empty(), format!("the broken stack does not start: {}", broken.error));
        claim(right.found > 0, format!("the right stack does not deliver `{}`", case.query));
        claim(broken.found == 0, format!("the broken stack delivers {} of `{}`", broken.found, case.query));
        let (clean, said) = (&told[at], &told[at + 1]);
        claim(clean.is_empty(), format!("vispyr says {clean:?} of the right stack"));
        claim(said.keys().eq([case.rule]), format!("vispyr says {said:?} of the broken stack"));
    }
    ensure!(wrong.is_empty(), "{}", wrong.join("\n        "));
    let classes: std::collections::BTreeSet<&str> = CASES.iter().map(|c| c.rule).collect();
    let count = CASES.len();
    Ok(format!(
        "{count} stacks of {} classes deliver on Prometheus 3.14.0; broken at one place each they start as well, deliver \
         nothing, and vispyr tells the class of these alone",
        classes.len()
    ))
}

/// Writes the stack of a case: with the second server where that is asked.
fn write(folder: &Path, case: &Case, broken: bool) -> Result<()> {
    let two = case.ask == "store";
    let more = |text: &'static str| if two { text } else { "" };
    let files = [
        ("compose.yaml", format!("{COMPOSE}{}", more(STORE))),
        ("prometheus/prometheus.yml", format!("{CONFIG}{}", more(WRITE))),
        ("prometheus/rules/app.yml", RULES.to_owned()),
        ("store/prometheus.yml", more(STORED).to_owned()),
    ];
    for (name, mut text) in files.into_iter().filter(|(_, text)| !text.is_empty()) {
        if case.file == name {
            ensure!(text.matches(case.right).count() == 1, "`{}` does not stand once in {name}", case.right);
            text = if broken { text.replace(case.right, case.broken) } else { text };
        }
        let path = folder.join(name);
        fs::create_dir_all(path.parent().context("no folder")?)?;
        fs::write(path, text)?;
    }
    Ok(())
}

/// A stack as the program takes it: the servers with the command lines that vispyr reads too.
fn task(case: &Case, broken: bool, folder: &Path) -> Result<Value> {
    let tree = super::tree(folder)?;
    let servers = tree.services.iter().filter(|s| s.engine == Some("prometheus"));
    let server = |s: &vispyr::tree::Service| {
        let args: Vec<&str> = s.args().unwrap_or_default().iter().map(|a| a.text.as_str()).collect();
        json!({"name": s.name, "config": folder.join(&s.name).join("prometheus.yml"), "args": args})
    };
    Ok(json!({
        "servers": servers.map(server).collect::<Vec<_>>(),
        "pages": {"app:8080": PAGE},
        "ask": case.ask,
        "query": case.query,
        "expected": !broken,
    }))
}

fn ask(program: &Path, task: &Value) -> Result<Vec<Answer>> {
    let mut child = Command::new(program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    child.stdin.take().context("no standard input")?.write_all(task.to_string().as_bytes())?;
    let output = child.wait_with_output()?;
    ensure!(output.status.success(), "{} failed", program.display());
    let said: Value = serde_json::from_slice(&output.stdout)?;
    let answer = |a: &Value| {
        let error = a["error"].as_str().context("no error")?.to_owned();
        Ok(Answer { error, found: a["found"].as_u64().context("no count")? as usize })
    };
    said.as_array().context("no list")?.iter().map(answer).collect()
}

/// How often vispyr tells which rule, hints aside.
fn told(folder: &Path) -> Result<BTreeMap<String, usize>> {
    let report = check(&super::tree(folder)?, &Options::default());
    let mut told = BTreeMap::new();
    for diagnostic in report.diagnostics.iter().filter(|d| d.severity != vispyr::diagnostic::Severity::Info) {
        *told.entry(diagnostic.rule.id.to_owned()).or_default() += 1;
    }
    Ok(told)
}
