//! What `trace` and `graph` show of a stack: complete where nothing is broken, an end with its reason where something is.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use proptest::prelude::*;
use vispyr::report::graph::{FORMATS, Picture, format};
use vispyr::report::trace::{Followed, text};
use vispyr::symbol::Signal;
use vispyr::topology::{self, NodeKind, State, Topology};
use vispyr::tree::{RawTree, Settings};
use vispyr::{check, engines, link};

use crate::adapter;
use crate::harness::run;
use crate::specs::specs;

fn seen<T>(files: &[(&str, &str)], look: impl FnOnce(&Topology<'_>) -> T) -> T {
    let tree = engines::tree(RawTree::from_texts(files.iter().copied()), &Settings::default());
    let report = check::check(&tree, &check::Options::default());
    let mut symbols = check::symbols(&tree);
    check::flows(&tree, &mut symbols);
    let linked = link::link(&tree, &symbols);
    look(&Topology::new(&linked, &report.diagnostics))
}

fn drawn(files: &[(&str, &str)], name: &str) -> String {
    let picture = seen(files, |t| Picture::of(t, "stack"));
    let mut out = Vec::new();
    (format(name).unwrap().render)(&picture, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn traced(files: &[(&str, &str)], what: &str) -> String {
    seen(files, |t| {
        let followed = match Signal::ALL.into_iter().find(|s| s.name() == what) {
            Some(signal) => Followed::Signal(signal, topology::trace(t, signal, None)),
            None => match topology::parts(what) {
                Some((host, port)) => Followed::Address(what.to_owned(), topology::address(t, &host, port)),
                None => Followed::Metric(what.to_owned(), topology::metric(t, what)),
            },
        };
        let mut out = Vec::new();
        text(t, &followed, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    })
}

const COMPOSE: &str = "services:
  checkout:
    image: shop/checkout:1.2.3
    environment:
      OTEL_EXPORTER_OTLP_ENDPOINT: http://alloy:4318
  alloy:
    image: grafana/alloy:v1.11.3
    command: [run, /etc/alloy/config.alloy]
    volumes: [./config.alloy:/etc/alloy/config.alloy]
  tempo:
    image: grafana/tempo:2.8.2
    command: [-config.file=/etc/tempo.yaml]
    volumes: [./tempo.yaml:/etc/tempo.yaml]
  prometheus:
    image: prom/prometheus:v3.5.0
    command: [--config.file=/etc/prometheus/prometheus.yml, --web.enable-remote-write-receiver]
    volumes: [./prometheus.yml:/etc/prometheus/prometheus.yml]
  grafana:
    image: grafana/grafana:12.1.1
    volumes:
      - ./grafana/datasources.yaml:/etc/grafana/provisioning/datasources/datasources.yaml
      - ./grafana/dashboards.yaml:/etc/grafana/provisioning/dashboards/dashboards.yaml
      - ./grafana/boards:/boards
";

const ALLOY: &str = r#"otelcol.receiver.otlp "in" {
  http { endpoint = "0.0.0.0:4318" }
  output {
    traces  = [otelcol.processor.batch.all.input, otelcol.connector.spanmetrics.red.input]
    metrics = [otelcol.processor.batch.all.input]
  }
}
otelcol.connector.spanmetrics "red" {
  histogram { explicit { } }
  output { metrics = [otelcol.exporter.prometheus.out.input] }
}
otelcol.processor.batch "all" {
  output {
    traces  = [otelcol.exporter.otlp.tempo.input]
    metrics = [otelcol.exporter.prometheus.out.input]
  }
}
otelcol.exporter.otlp "tempo" {
  client {
    endpoint = "tempo:4317"
    tls { insecure = true }
  }
}
otelcol.exporter.prometheus "out" { forward_to = [prometheus.remote_write.out.receiver] }
prometheus.remote_write "out" {
  endpoint { url = "http://prometheus:9090/api/v1/write" }
}
"#;

const TEMPO: &str = "server:
  http_listen_port: 3200
distributor:
  receivers:
    otlp:
      protocols:
        grpc:
          endpoint: 0.0.0.0:4317
storage:
  trace:
    backend: local
    local:
      path: /var/tempo
";

const BOARD: &str = r#"{"title": "Shop", "uid": "shop", "schemaVersion": 39, "panels": [
  {"type": "timeseries", "title": "Requests", "datasource": {"type": "prometheus", "uid": "prom"},
   "targets": [{"refId": "A", "expr": "rate(traces_span_metrics_calls_total[5m])"}]},
  {"type": "table", "title": "Traces", "datasource": {"type": "tempo", "uid": "tempo"},
   "targets": [{"refId": "A", "queryType": "traceql", "query": "{}"}]}]}"#;

fn files<'a>(alloy: &'a str, tempo: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("compose.yaml", COMPOSE),
        ("config.alloy", alloy),
        ("tempo.yaml", tempo),
        ("prometheus.yml", "scrape_configs:\n  - job_name: tempo\n    static_configs: [{targets: ['tempo:3200']}]\n"),
        (
            "grafana/datasources.yaml",
            "apiVersion: 1\ndatasources:\n  - {name: Prometheus, uid: prom, type: prometheus, url: 'http://prometheus:9090'}\n  \
             - {name: Tempo, uid: tempo, type: tempo, url: 'http://tempo:3200'}\n",
        ),
        (
            "grafana/dashboards.yaml",
            "apiVersion: 1\nproviders:\n  - {name: all, type: file, options: {path: /boards}}\n",
        ),
        ("grafana/boards/shop.json", BOARD),
    ]
}

#[test]
fn a_signal_is_followed_from_the_application_to_the_panel() {
    insta::assert_snapshot!("trace traces", traced(&files(ALLOY, TEMPO), "traces"));
}

#[test]
fn a_metric_is_followed_from_what_makes_it() {
    insta::assert_snapshot!("trace metric", traced(&files(ALLOY, TEMPO), "traces_span_metrics_calls_total"));
}

#[test]
fn a_metric_of_an_engine_itself_comes_from_where_it_is_scraped() {
    let compose = "services:
  tempo:
    image: grafana/tempo:2.8.1
  prometheus:
    image: prom/prometheus:v3.5.0
    volumes:
      - ./prometheus.yml:/etc/prometheus/prometheus.yml
";
    let jobs = "scrape_configs:
  - job_name: tempo
    static_configs:
      - targets: ['tempo:80']
";
    let shown = traced(&[("compose.yaml", compose), ("prometheus.yml", jobs)], "tempo_ingester_live_traces");
    assert!(shown.contains("made by Tempo 2.8.1 itself  compose.yaml:3"), "{shown}");
    assert!(shown.contains("scraped at `tempo`:80  prometheus.yml:4"), "{shown}");
    let alone = traced(&[("compose.yaml", compose)], "tempo_ingester_live_traces");
    assert!(alone.contains("made by Tempo 2.8.1 itself") && !alone.contains("scraped"), "{alone}");
}

#[test]
fn labels_of_a_metric_are_shown_at_each_stage() {
    let jobs = "scrape_configs:
  - job_name: shop
    static_configs:
      - targets: ['shop:8080']
        labels: {team: a, pod: x}
    metric_relabel_configs:
      - {regex: pod, action: labeldrop}
      - {source_labels: [__name__], regex: noise, action: drop}
";
    let files = [("compose.yaml", COMPOSE), ("prometheus.yml", jobs)];
    let shown = traced(&files, "up");
    let made =
        "from scrape job `shop` as {instance=\"shop:8080\", job=\"shop\", pod=\"x\", team=\"a\"}  prometheus.yml:2";
    assert!(shown.contains(made), "{shown}");
    assert!(!shown.contains("team=\"a\", …}\n"), "all labels of `up` are known: {shown}");
    let shown = traced(&files, "requests");
    let after =
        "→ `metric_relabel_configs` of scrape job `shop`: {instance=\"shop:8080\", job=\"shop\", team=\"a\", …}";
    assert!(shown.contains(after), "{shown}");
    assert!(traced(&files, "noise").contains("✗ dropped  prometheus.yml:8"));
}

#[test]
fn a_way_ends_where_it_is_broken_and_says_why() {
    let moved = TEMPO.replace("0.0.0.0:4317", "0.0.0.0:14317");
    let shown = traced(&files(ALLOY, &moved), "traces");
    assert!(shown.contains("✗") && shown.contains("[link-port-unserved]"), "{shown}");
    assert!(!shown.contains("panel `Traces`"), "nobody sees what does not arrive: {shown}");
    assert!(shown.contains("1 broken"), "{shown}");
}

#[test]
fn an_address_is_answered_and_dialled() {
    insta::assert_snapshot!("trace address", traced(&files(ALLOY, TEMPO), "tempo:4317"));
}

#[test]
fn the_formats_say_the_same() {
    let moved = TEMPO.replace("0.0.0.0:4317", "0.0.0.0:14317");
    let broken = files(ALLOY, &moved);
    let mermaid = drawn(&broken, "mermaid");
    assert!(mermaid.starts_with("flowchart LR\n"), "{mermaid}");
    assert!(mermaid.lines().any(|l| l.contains("-.->") && l.contains("link-port-unserved")), "{mermaid}");
    let dot = drawn(&broken, "dot");
    assert!(dot.starts_with("digraph \"stack\" {\n") && dot.ends_with("}\n"), "{dot}");
    assert!(dot.lines().any(|l| l.contains("style=dashed") && l.contains("link-port-unserved")), "{dot}");
    for name in ["svg", "html"] {
        let text = drawn(&broken, name);
        for said in
            ["otelcol.exporter.otlp.tempo", "link-port-unserved", "class=\"line s-traces broken\"", "config.alloy:20"]
        {
            assert!(text.contains(said), "{name} does not say {said}");
        }
    }
    let json: serde_json::Value = serde_json::from_str(&drawn(&broken, "json")).unwrap();
    assert_eq!(json["version"], 1);
    assert!(json["edges"].as_array().unwrap().iter().any(|e| e["rule"] == "link-port-unserved"));
}

/// A stack whose names try to be markup.
fn hostile() -> Vec<(String, String)> {
    let name = r#"</script><script>alert(1)</script>\"]; click n0 <img src=x onerror=alert(1)> `x` %%"#;
    let title = serde_json::Value::from(name);
    let board = BOARD.replace("\"Shop\"", &title.to_string()).replace("\"Requests\"", &title.to_string());
    let sources = serde_json::json!({"apiVersion": 1, "datasources": [
        {"name": name, "uid": "prom", "type": "prometheus", "url": "http://prometheus:9090"},
        {"name": "Tempo", "uid": "tempo", "type": "tempo", "url": "http://tempo:3200"}]});
    let mut all: Vec<(String, String)> =
        files(ALLOY, TEMPO).into_iter().map(|(p, t)| (p.to_owned(), t.to_owned())).collect();
    for (path, text) in &mut all {
        match path.as_str() {
            "grafana/boards/shop.json" => *text = board.clone(),
            "grafana/datasources.yaml" => *text = sources.to_string(),
            _ => {}
        }
    }
    all
}

#[test]
fn names_never_become_markup() {
    let all = hostile();
    let files: Vec<(&str, &str)> = all.iter().map(|(p, t)| (p.as_str(), t.as_str())).collect();
    for name in ["svg", "html"] {
        let text = drawn(&files, name);
        assert!(!text.contains("<script>alert") && !text.contains("<img"), "{name}");
        assert!(text.contains("alert(1)"), "{name} shows the name");
    }
    let mermaid = drawn(&files, "mermaid");
    assert!(
        mermaid.lines().all(|l| l.matches('"').count() % 2 == 0 && !l.contains("<img") && !l.contains("%%")),
        "{mermaid}"
    );
    let dot = drawn(&files, "dot");
    // Quotes that end a string are not escaped.
    let bare = |l: &str| l.replace("\\\\", "").replace("\\\"", "").matches('"').count();
    assert!(dot.lines().all(|l| bare(l) % 2 == 0), "{dot}");
    for what in ["metrics", "traces"] {
        assert!(traced(&files, what).lines().all(|l| !l.contains('\u{1b}')));
    }
}

#[test]
fn every_format_has_one_name_in_order() {
    let names: Vec<_> = FORMATS.iter().map(|f| f.name).collect();
    let sorted: BTreeSet<_> = names.iter().copied().collect();
    assert_eq!(names, sorted.into_iter().collect::<Vec<_>>());
}

#[test]
fn exit_codes_tell_a_broken_way() {
    let dir = tempfile::tempdir().unwrap();
    let write = |all: &[(&str, &str)]| {
        for (path, text) in all {
            fs::create_dir_all(dir.path().join(path).parent().unwrap()).unwrap();
            fs::write(dir.path().join(path), text).unwrap();
        }
    };
    write(&files(ALLOY, TEMPO));
    assert_eq!(run(dir.path(), &["trace", "traces"]).code, Some(0));
    assert_eq!(run(dir.path(), &["trace", "profiles"]).code, Some(1));
    assert_eq!(run(dir.path(), &["trace", "nobody_makes_this"]).code, Some(0), "applications may");
    assert_eq!(run(dir.path(), &["graph", "--format", "svg", "-o", "out.svg"]).code, Some(0));
    assert!(fs::read_to_string(dir.path().join("out.svg")).unwrap().starts_with("<?xml"));
    assert_eq!(run(dir.path(), &["graph", "--format", "png"]).code, Some(2));
    write(&files(ALLOY, &TEMPO.replace("0.0.0.0:4317", "0.0.0.0:14317")));
    assert_eq!(run(dir.path(), &["trace", "traces", "--format", "json"]).code, Some(1));
    assert_eq!(run(dir.path(), &["trace", "tempo:4317"]).code, Some(1));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_planned_arrives(text in specs()) {
        let (_, files) = adapter::generate(&text);
        let files: Vec<(&str, &str)> = files.iter().map(|f| (f.path.as_str(), f.content.as_str())).collect();
        let faults = seen(&files, |t| {
            let mut faults = Vec::new();
            for edge in &t.edges {
                if let State::Broken(why, _) = &edge.state {
                    faults.push(format!("{} → {}: {why}", t.node(edge.from).name, t.node(edge.to).name));
                }
            }
            for source in t.nodes.iter().filter(|n| n.kind == NodeKind::Datasource) {
                for signal in &source.signals {
                    let trace = topology::trace(t, *signal, None);
                    if trace.stores == 0 {
                        faults.push(format!("{} has no store of {}", source.name, signal.name()));
                    }
                }
            }
            faults
        });
        prop_assert!(faults.is_empty(), "{:#?}\n{}", faults, text);
    }
}

/// Chromium, where one is installed.
fn chromium() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let names = ["chromium", "chromium-browser", "google-chrome", "chrome"];
    std::env::split_paths(&path).flat_map(|d| names.map(|n| d.join(n))).find(|p| p.is_file())
}

fn dumped(browser: &Path, page: &Path, profile: &Path) -> (String, String) {
    let output = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--dump-dom"])
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg(format!("file://{}", page.display()))
        .output()
        .unwrap();
    (String::from_utf8_lossy(&output.stdout).into_owned(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn the_page_works_in_a_browser() {
    let Some(browser) = chromium() else {
        eprintln!("skipped: there is no Chromium here");
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let all = hostile();
    let files: Vec<(&str, &str)> = all.iter().map(|(p, t)| (p.as_str(), t.as_str())).collect();
    let page = dir.path().join("page.html");
    fs::write(&page, drawn(&files, "html")).unwrap();
    let (dom, said) = dumped(&browser, &page, &dir.path().join("profile"));
    assert!(dom.contains("data-ready=\"true\""), "the script did not run to its end: {said}");
    assert!(!said.contains("CONSOLE"), "{said}");
}
