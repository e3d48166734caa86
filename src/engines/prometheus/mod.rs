//! Prometheus: its config, rule files and rule tests.

mod alerting;
mod check;
mod command;
mod config;
mod deployed;
pub mod emit;
mod filesd;
mod flows;
mod otlp;
pub mod queries;
mod recorded;
mod rulefile;
pub mod rules;
mod ruletest;
mod scraped;
mod series;
pub mod symbols;
mod upgrade;
mod variables;
mod web;

use crate::engine::{Engine, InstanceCheck};
use crate::parse::{Dialect, Node, NodeKind};
use crate::tree::{Format, Kind, KindDef, Service, Sniff, path};

/// The engine.
pub static ENGINE: Engine = Engine {
    name: "prometheus",
    kinds: &[&CONFIG, &SCRAPES, &RULES, &RULE_TESTS, &WEB, &FILE_SD, &FILE_SD_JSON],
    mounted,
    names: None,
    services: None,
    symbols: symbols::symbols,
    flows: Some(flows::flows),
    rules: rules::ALL,
    check: Some(&InstanceCheck { rules: rules::WHOLE, run: check::check }),
    emit: Some(emit::emit),
    upgrade: Some(&upgrade::UPGRADE),
};

/// Where the image starts it (prometheus/prometheus Dockerfile@v2.40.7, @v3.14.0).
const HOME: &str = "/prometheus";

/// `prometheus.yml`. Read by yaml.v2 in strict mode (prometheus/prometheus config/config.go@v3.14.0).
pub static CONFIG: KindDef =
    KindDef { name: "prometheus-config", engine: "prometheus", format: Format::Yaml(Dialect::V2), sniff: sniff_config };

/// Recording and alerting rules. Read by yaml.v3 (prometheus/prometheus model/rulefmt/rulefmt.go@v3.14.0).
pub static RULES: KindDef =
    KindDef { name: "prometheus-rules", engine: "prometheus", format: Format::Yaml(Dialect::V3), sniff: sniff_rules };

/// Unit tests of rules, as `promtool test rules` reads them (prometheus/prometheus cmd/promtool/unittest.go@v3.14.0).
pub static RULE_TESTS: KindDef = KindDef {
    name: "prometheus-rule-tests",
    engine: "prometheus",
    format: Format::Yaml(Dialect::V2),
    sniff: sniff_tests,
};

/// Jobs beside a config, which names them in `scrape_config_files` (prometheus/prometheus config/config.go
/// `ScrapeConfigs`@v3.14.0).
pub static SCRAPES: KindDef = KindDef {
    name: "prometheus-scrape-configs",
    engine: "prometheus",
    format: Format::Yaml(Dialect::V2),
    sniff: sniff_scrapes,
};

/// TLS and users of its port. Only the flag tells: exporters have the same file, and read it at versions of their own.
pub static WEB: KindDef =
    KindDef { name: "prometheus-web-config", engine: "prometheus", format: Format::Yaml(Dialect::V2), sniff: |_| 0 };

/// Targets in YAML (prometheus/prometheus discovery/file/file.go@v3.14.0).
pub static FILE_SD: KindDef = KindDef {
    name: "prometheus-file-sd",
    engine: "prometheus",
    format: Format::Yaml(Dialect::V2),
    sniff: |sniff| if sniff.is_yaml() { sniff_targets(sniff) } else { 0 },
};

/// Targets in JSON.
pub static FILE_SD_JSON: KindDef = KindDef {
    name: "prometheus-file-sd-json",
    engine: "prometheus",
    format: Format::Json,
    sniff: |sniff| if sniff.is_json() { sniff_targets(sniff) } else { 0 },
};

/// Top-level keys (prometheus/prometheus config/config.go@v3.14.0).
const CONFIG_KEYS: [&str; 11] = [
    "global",
    "runtime",
    "alerting",
    "rule_files",
    "scrape_config_files",
    "scrape_configs",
    "storage",
    "tracing",
    "remote_write",
    "remote_read",
    "otlp",
];

fn mounted(service: &Service, at: &str) -> Option<Kind> {
    let web = service.flag("web.config.file").filter(|(arg, value)| !arg.open && !value.is_empty());
    if web.is_some_and(|(_, value)| service.path(HOME, &value) == at) {
        return Some(&WEB);
    }
    let config = match service.flag("config.file") {
        Some((arg, _)) if arg.open => return None,
        Some((_, value)) => value,
        None => "/etc/prometheus/prometheus.yml".to_owned(),
    };
    (path::clean(&config) == at).then_some(&CONFIG)
}

/// `scrape_configs` alone decides nothing: Promtail, the agents, Parca and others have it too.
fn sniff_config(sniff: &Sniff<'_>) -> u8 {
    if !sniff.is_yaml() || !CONFIG_KEYS.iter().any(|k| sniff.line_starts(k)) {
        return 0;
    }
    let Some(root) = sniff.root() else { return 10 };
    let keys: Vec<&str> = root.entries().into_iter().map(|e| e.name()).collect();
    if keys.is_empty() || keys.iter().any(|k| !CONFIG_KEYS.contains(k)) {
        return 0;
    }
    let jobs = || root.get("scrape_configs").into_iter().flat_map(Node::items);
    if jobs().any(|j| j.get("job_name").is_none() || j.get("pipeline_stages").is_some()) {
        return 0;
    }
    let named = sniff.name.to_ascii_lowercase().contains("prometheus");
    let own = keys.iter().any(|k| ["alerting", "rule_files", "scrape_config_files", "storage", "otlp"].contains(k));
    let global = root.get("global").is_some_and(|g| {
        ["scrape_interval", "evaluation_interval", "external_labels"].iter().any(|k| g.get(k).is_some())
    });
    let pair = keys.contains(&"scrape_configs") && (global || keys.contains(&"remote_write"));
    match (named, own || pair) {
        (true, true) => 90,
        (true, false) => 70,
        (false, true) if keys.contains(&"scrape_configs") || keys.contains(&"rule_files") => 80,
        _ => 0,
    }
}

/// Keys of rule files that other rulers take and Prometheus does not: Thanos (thanos-io/thanos
/// pkg/rules/manager.go@v0.42.4), Cortex and Mimir (grafana/mimir-prometheus
/// model/rulefmt/rulefmt.go@af7900704075, grafana/mimir pkg/mimirtool/rules/rwrulefmt/rulefmt.go@mimir-2.10.0, mimir-3.0.2).
const OF_OTHERS: [&str; 5] = [
    "partial_response_strategy",
    "source_tenants",
    "align_evaluation_time_on_interval",
    "evaluation_delay",
    "remote_write",
];

fn sniff_rules(sniff: &Sniff<'_>) -> u8 {
    if !sniff.is_yaml() || !sniff.line_starts("groups") {
        return 0;
    }
    let Some(root) = sniff.root() else { return 10 };
    let only_groups = root.entries().iter().all(|e| e.name() == "groups");
    // Rules of Loki's own ruler lie in folders of that name; rules about Loki do not.
    let of_loki = path::folder(sniff.path).split('/').any(|f| f.to_ascii_lowercase().starts_with("loki"));
    let groups = || root.get("groups").into_iter().flat_map(Node::items);
    let rules = || groups().filter_map(|g| g.get("rules")).flat_map(Node::items);
    let foreign = |node: Node<'_>| OF_OTHERS.iter().any(|k| node.get(k).is_some());
    if !only_groups || of_loki || groups().any(foreign) || rules().any(foreign) {
        return 0;
    }
    let expr = |rule: Node<'_>| rule.get("expr").and_then(Node::scalar).map(str::to_owned);
    // One whole rule is enough: a file with broken ones beside it is one all the same.
    let shaped =
        |rule: Node<'_>| rule.get("alert").or_else(|| rule.get("record")).is_some() && rule.get("expr").is_some();
    let fits = rules().any(shaped) && rules().filter_map(expr).all(|e| !is_logql(&e));
    if fits { 80 } else { 0 }
}

/// Marks of LogQL that PromQL hardly holds: line filters, parsers, and selectors without a metric's name.
fn is_logql(expr: &str) -> bool {
    let begins = |at: usize| expr[..at].trim_end().is_empty() || expr[..at].ends_with('(');
    // What starts with a quote there is the name of a metric.
    let named = |at: usize| expr[at + 1..].trim_start().starts_with(['"', '\'', '`']);
    let bare = expr.match_indices('{').any(|(at, _)| begins(at) && !named(at)) && !expr.contains("__name__");
    bare || ["|=", "|~", "| json", "| logfmt", "|json", "|logfmt", "| pattern", "| unwrap"]
        .iter()
        .any(|m| expr.contains(m))
        || ["bytes_over_time(", "bytes_rate("].iter().any(|m| expr.contains(m))
}

/// Jobs and nothing else, in a place that names Prometheus, for others have such files too: what it is for certain, the
/// config that names it tells.
fn sniff_scrapes(sniff: &Sniff<'_>) -> u8 {
    let named = sniff.path.to_ascii_lowercase().contains("prometheus");
    if !named || !sniff.is_yaml() || !sniff.line_starts("scrape_configs") {
        return 0;
    }
    let Some(root) = sniff.root() else { return 10 };
    let only = root.entries().iter().all(|e| e.name() == "scrape_configs");
    let foreign = |job: Node<'_>| {
        let log = |g: Node<'_>| g.get("labels").is_some_and(|l| l.get("__path__").is_some());
        let groups = job.get("static_configs").into_iter().flat_map(Node::items);
        job.get("job_name").is_none() || job.get("pipeline_stages").is_some() || groups.into_iter().any(log)
    };
    let jobs = root.get("scrape_configs").map_or(0, |j| j.items().len());
    let any = root.get("scrape_configs").into_iter().flat_map(Node::items).any(foreign);
    if only && jobs > 0 && !any { 60 } else { 0 }
}

/// A list of groups, each with a list of targets that are addresses.
fn sniff_targets(sniff: &Sniff<'_>) -> u8 {
    if !sniff.text.contains("targets") {
        return 0;
    }
    let Some(root) = sniff.root() else { return 10 };
    let address = |t: Node<'_>| t.scalar().is_some_and(|t| !t.contains([' ', '\n']));
    let shaped = |group: Node<'_>| {
        let targets = group.get("targets").filter(|t| t.is_seq());
        let labels = group.get("labels").is_none_or(|l| l.is_map() || l.is_null());
        targets.is_some_and(|t| t.items().all(address)) && labels
    };
    let (first, all) = (root.items().any(shaped), || root.items().filter(|g| !g.is_null()));
    // One with a fault is one all the same, when nothing else of it speaks against.
    let fits = all().all(|g| g.get("targets").is_some());
    let labelled = all().any(|g| g.get("labels").is_some());
    let only = all().all(|g| g.entries().iter().all(|e| ["targets", "labels"].contains(&e.name())));
    if root.is_seq() && first && fits && (labelled || only) { 75 } else { 0 }
}

fn sniff_tests(sniff: &Sniff<'_>) -> u8 {
    if !sniff.is_yaml() || !sniff.line_starts("tests") {
        return 0;
    }
    let Some(root) = sniff.root() else { return 10 };
    let is_list = |key: &str| root.get(key).is_some_and(|n| n.kind() == NodeKind::Seq);
    let cases = root.get("tests").into_iter().flat_map(Node::items);
    let kinds = ["input_series", "alert_rule_test", "promql_expr_test"];
    let shaped = cases.into_iter().any(|c| kinds.iter().any(|k| c.get(k).is_some()));
    if is_list("tests") && shaped { 85 } else { 0 }
}
