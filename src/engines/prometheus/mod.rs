//! Prometheus: its config, rule files and rule tests.

mod check;
mod command;
mod config;
pub mod emit;
mod judge;
pub mod queries;
mod rulefile;
pub mod rules;
pub mod symbols;
mod upgrade;
mod variables;

use crate::engine::{Engine, InstanceCheck};
use crate::parse::{Dialect, Node, NodeKind};
use crate::tree::{Format, Kind, KindDef, Service, Sniff, path};

/// The engine.
pub static ENGINE: Engine = Engine {
    name: "prometheus",
    kinds: &[&CONFIG, &RULES, &RULE_TESTS],
    mounted,
    services: None,
    symbols: symbols::symbols,
    rules: rules::ALL,
    check: Some(&InstanceCheck { rules: rules::WHOLE, run: check::check }),
    emit: Some(emit::emit),
    upgrade: Some(&upgrade::UPGRADE),
};

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

fn sniff_rules(sniff: &Sniff<'_>) -> u8 {
    if !sniff.is_yaml() || !sniff.line_starts("groups") {
        return 0;
    }
    let Some(root) = sniff.root() else { return 10 };
    let only_groups = root.entries().iter().all(|e| matches!(e.name(), "groups" | "namespace"));
    // Rules of Loki's own ruler lie in folders of that name; rules about Loki do not.
    let of_loki = path::folder(sniff.path).split('/').any(|f| f.to_ascii_lowercase().starts_with("loki"));
    if !only_groups || of_loki {
        return 0;
    }
    let groups = || root.get("groups").into_iter().flat_map(Node::items);
    let rules = || groups().filter_map(|g| g.get("rules")).flat_map(Node::items);
    let expr = |rule: Node<'_>| rule.get("expr").and_then(Node::scalar).map(str::to_owned);
    // One whole rule is enough: a file with broken ones beside it is one all the same.
    let shaped =
        |rule: Node<'_>| rule.get("alert").or_else(|| rule.get("record")).is_some() && rule.get("expr").is_some();
    let fits = rules().any(shaped) && rules().filter_map(expr).all(|e| !is_logql(&e));
    if fits { 80 } else { 0 }
}

/// Marks of LogQL that PromQL hardly holds: line filters, parsers, and selectors without a metric's name.
fn is_logql(expr: &str) -> bool {
    let bare = (expr.contains("({") || expr.trim_start().starts_with('{')) && !expr.contains("__name__");
    bare || ["|=", "|~", "| json", "| logfmt", "|json", "|logfmt", "| pattern", "| unwrap"]
        .iter()
        .any(|m| expr.contains(m))
        || ["bytes_over_time(", "bytes_rate("].iter().any(|m| expr.contains(m))
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
