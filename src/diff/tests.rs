use super::*;
use crate::engines;
use crate::tree::{RawTree, Settings};

fn difference(old: &[(&str, &str)], new: &[(&str, &str)]) -> Vec<String> {
    let tree = |files: &[(&str, &str)]| engines::tree(RawTree::from_texts(files.iter().copied()), &Settings::default());
    let found = compare(&tree(old), &tree(new), &Options::default());
    let told = |c: &Change| {
        let rule = c.rule.map_or(String::new(), |(rule, _)| format!("[{rule}] "));
        format!("{:?} {}: {rule}{}", c.weight, c.what.name(), c.text)
    };
    found.changes.iter().map(told).collect()
}

const COMPOSE: &str = "services:\n  prometheus:\n    image: prom/prometheus:v3.5.0\n    command: [--config.file=/etc/prometheus/prometheus.yml]\n    volumes: ['./prometheus:/etc/prometheus']\n  app:\n    image: example/app:1\n  grafana:\n    image: grafana/grafana:12.0.0\n    volumes: ['./p:/etc/grafana/provisioning', './d:/d']\n";
const PROMETHEUS: &str =
    "scrape_configs:\n  - job_name: app\n    static_configs: [{targets: ['app:80']}]\nrule_files: [alerts.yml]\n";
const ALERTS: &str = "groups:\n  - name: a\n    rules:\n      - alert: Down\n        expr: up == 0\n      - alert: Slow\n        expr: latency > 1\n";
const SOURCES: &str = "apiVersion: 1\ndatasources:\n  - {name: Metrics, uid: metrics, type: prometheus, url: 'http://prometheus:9090'}\n  - {name: Traces, uid: traces, type: tempo, url: 'http://elsewhere.example.com:3200'}\n";
const PROVIDER: &str = "apiVersion: 1\nproviders: [{name: a, options: {path: /d}}]\n";
const BOARD: &str = r#"{"title": "B", "uid": "b", "schemaVersion": 39, "timezone": "browser", "panels": [
{"type": "table", "title": "Traces", "datasource": {"type": "tempo", "uid": "traces"}, "targets": [{"query": "{}"}]}]}"#;

fn stack<'a>(changed: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let all = [
        ("compose.yaml", COMPOSE),
        ("prometheus/prometheus.yml", PROMETHEUS),
        ("prometheus/alerts.yml", ALERTS),
        ("p/datasources/a.yaml", SOURCES),
        ("p/dashboards/a.yaml", PROVIDER),
        ("d/b.json", BOARD),
    ];
    all.into_iter().map(|file| changed.iter().find(|c| c.0 == file.0).copied().unwrap_or(file)).collect()
}

#[test]
fn a_tree_does_not_differ_from_itself_nor_from_other_layout() {
    let other = ALERTS.replace("latency > 1", "latency  >  1 # slow");
    let moved = format!("# a remark\n\n{PROMETHEUS}");
    assert_eq!(difference(&stack(&[]), &stack(&[])), Vec::<String>::new());
    let new = stack(&[("prometheus/alerts.yml", &other), ("prometheus/prometheus.yml", &moved)]);
    assert_eq!(difference(&stack(&[]), &new), Vec::<String>::new());
}

#[test]
fn what_is_cut_is_told_as_what_it_does() {
    let sources = "apiVersion: 1\ndatasources:\n  - {name: Metrics, uid: metrics, type: prometheus, url: 'http://prometheus:9099'}\n";
    let alerts = "groups:\n  - name: a\n    rules:\n      - alert: Down\n        expr: up == 1\n      - alert: Lost\n        expr: up == 2\n";
    let prometheus =
        "scrape_configs:\n  - job_name: app\n    static_configs: [{targets: ['app:81']}]\nrule_files: [alerts.yml]\n";
    let found = difference(
        &stack(&[]),
        &stack(&[
            ("p/datasources/a.yaml", sources),
            ("prometheus/alerts.yml", alerts),
            ("prometheus/prometheus.yml", prometheus),
        ]),
    );
    let findings = |t: &&String| !t.contains(" finding: ");
    assert_eq!(
        found.iter().filter(findings).map(String::as_str).collect::<Vec<_>>(),
        [
            "Lost signal: data source `Traces` of `grafana` no longer asks `elsewhere.example.com:3200`",
            "Lost signal: what data source `Metrics` of `grafana` asks `prometheus:9099` arrives no more",
            "Lost alert: `Slow` can no longer fire: it is gone",
            "Lost panel: panel `Traces` of `d/b.json` goes empty: data source `traces` is gone",
            "Lost data source: data source `traces` is gone",
            "Changed signal: scrape job `app` of `prometheus` scrapes `app:81` (metrics), and no longer `app:80`",
            "Changed alert: `Down` fires on another condition",
            "Gained alert: `Lost` is new",
        ]
    );
    assert!(found.iter().any(|t| t.starts_with("Lost finding: [link-port-unserved]")), "{found:#?}");
}

#[test]
fn a_version_is_told_with_what_it_changes_here() {
    let tempo = |tag: &str| {
        format!(
            "services:\n  tempo:\n    image: grafana/tempo:{tag}\n    command: [-config.file=/tempo.yaml]\n    volumes: ['./tempo.yaml:/tempo.yaml']\n"
        )
    };
    let config = "compactor:\n  compaction:\n    block_retention: 1h\n";
    let (before, after) = (tempo("2.9.1"), tempo("3.0.3"));
    let files = |compose| [("compose.yaml", compose), ("tempo.yaml", config)];
    let tree = |files: [(&str, &str); 2]| engines::tree(RawTree::from_texts(files), &Settings::default());
    let (old, new) = (tree(files(before.as_str())), tree(files(after.as_str())));
    let found = compare(&old, &new, &Options::default());
    let version = found.changes.iter().find(|c| c.what == What::Version).unwrap();
    assert_eq!(version.text, "Tempo 2.9.1 → 3.0.3 (`tempo`)");
    assert!(version.notes.iter().any(|n| n.contains("compactor") && n.ends_with("(tempo.yaml:1)")), "{version:?}");
    let back = compare(&new, &old, &Options::default());
    let version = back.changes.iter().find(|c| c.what == What::Version).unwrap();
    assert_eq!((version.text.as_str(), version.notes.len()), ("Tempo 3.0.3 → 2.9.1 (`tempo`)", 0));
}

#[test]
fn what_moved_and_was_renamed_is_not_lost() {
    let renamed = SOURCES.replace("name: Metrics", "name: Prom");
    let mut new = stack(&[("p/datasources/a.yaml", renamed.as_str())]);
    for file in &mut new {
        if file.0 == "d/b.json" {
            file.0 = "d/deep/c.json";
        }
    }
    assert_eq!(difference(&stack(&[]), &new), Vec::<String>::new());
}

#[test]
fn what_is_not_known_differs_from_itself_in_nothing() {
    let compose = "services:\n  alloy:\n    image: grafana/alloy:v1.8.2\n    ports: ['12345:12345']\n  tempo:\n    image: grafana/tempo:2.6.1\n    command: ['-config.file=/t.yaml', '-server.http-listen-port=${PORT}']\n  grafana:\n    image: grafana/grafana:12.0.0\n    volumes: ['./more:/etc/grafana/provisioning']\n";
    let mut files = stack(&[]);
    files.push(("more.yaml", compose));
    files.push(("other/compose.yaml", compose));
    assert_eq!(difference(&files, &files), Vec::<String>::new());
    let closed =
        compose.replace("image: grafana/alloy:v1.8.2\n", "image: grafana/alloy:v1.8.2\n    command: run /c.alloy\n");
    let gained = |t: &String| t.contains("port 12345");
    assert!(!difference(&[("compose.yaml", compose)], &[("compose.yaml", &closed)]).iter().any(gained));
    assert!(!difference(&[("compose.yaml", &closed)], &[("compose.yaml", compose)]).iter().any(gained));
}

#[test]
fn an_alert_whose_file_no_config_names_any_more_is_lost() {
    let named = |t: &String| t.contains("`prometheus/prometheus.yml` names its file no more");
    let without = PROMETHEUS.replace("rule_files: [alerts.yml]\n", "");
    let lost = difference(&stack(&[]), &stack(&[("prometheus/prometheus.yml", &without)]));
    assert_eq!(lost.iter().filter(|t| named(t)).count(), 2, "{lost:#?}");
    let other = PROMETHEUS.replace("[alerts.yml]", "['*.yml']");
    assert!(!difference(&stack(&[]), &stack(&[("prometheus/prometheus.yml", &other)])).iter().any(named));
}

const PIPELINE: &str = "services:\n  alloy:\n    image: grafana/alloy:v1.8.2\n    command: run /etc/alloy/config.alloy\n    volumes: ['./config.alloy:/etc/alloy/config.alloy']\n  tempo:\n    image: grafana/tempo:2.8.2\n    command: [-config.file=/tempo.yaml]\n    volumes: ['./tempo.yaml:/tempo.yaml']\n";
const TEMPO: &str = "distributor:\n  receivers:\n    otlp:\n      protocols:\n        grpc:\n          endpoint: 0.0.0.0:4317\nstorage:\n  trace:\n    backend: local\n    local:\n      path: /var/tempo/b\n    wal:\n      path: /var/tempo/w\n";
const ALLOY: &str = "otelcol.receiver.otlp \"apps\" {\n\tgrpc {\n\t\tendpoint = \"0.0.0.0:4317\"\n\t}\n\n\toutput {\n\t\ttraces = [otelcol.processor.batch.all.input]\n\t}\n}\n\notelcol.processor.batch \"all\" {\n\toutput {\n\t\ttraces = [otelcol.exporter.otlp.tempo.input]\n\t}\n}\n\notelcol.exporter.otlp \"tempo\" {\n\tclient {\n\t\tendpoint = \"tempo:4317\"\n\n\t\ttls {\n\t\t\tinsecure = true\n\t\t}\n\t}\n}\n";

fn files(config: &str) -> [(&str, &str); 3] {
    [("compose.yaml", PIPELINE), ("tempo.yaml", TEMPO), ("config.alloy", config)]
}

#[test]
fn what_gets_lost_inside_of_a_process_is_lost() {
    let arrive = |t: &String| {
        t.starts_with("Lost signal: no traces of `otelcol.receiver.otlp.apps` of `alloy` arrive at `tempo`")
    };
    let cut = ALLOY.replace("[otelcol.processor.batch.all.input]", "[]");
    let lost = difference(&files(ALLOY), &files(&cut));
    assert!(lost.iter().any(arrive), "{lost:#?}");
    for other in [
        ALLOY.replace("otlp \"apps\"", "otlp \"services\""),
        ALLOY.replace("batch.all.input", "batch.some.input").replace("batch \"all\"", "batch \"some\""),
        ALLOY.replace("[otelcol.processor.batch.all.input]", "[otelcol.exporter.otlp.tempo.input]"),
    ] {
        let found = difference(&files(ALLOY), &files(&other));
        assert!(!found.iter().any(|t| t.contains(" arrive at ")), "{found:#?}");
    }
}
