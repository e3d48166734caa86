//! What fields of `prometheus.yml` must mean together for the engine to load it
//! (prometheus/prometheus config/config.go@v2.40.7 to v3.14.0). Names and types are the catalogue's.

mod client;
mod discovery;
mod relabel;
mod remote;
mod scrape;

use super::rules::invalid_value::RULE;
use crate::conform::read::{duration, filled, is_label, is_true, items, key, there, word};
use crate::conform::{Judge, When};
use crate::engine::Findings;
use crate::parse::Node;
use crate::source::Span;

/// The protocols of a scrape.
const PROTOCOLS: [&str; 5] =
    ["PrometheusProto", "OpenMetricsText0.0.1", "OpenMetricsText1.0.0", "PrometheusText1.0.0", "PrometheusText0.0.4"];

/// What a job takes over from `global`; `None` = cannot be known.
#[derive(Debug, Clone, Copy)]
struct Global {
    /// Milliseconds.
    interval: Option<u64>,
    /// The scheme of names: `utf8`, `legacy`.
    names: Option<&'static str>,
    /// Where `allow-utf-8` is asked for.
    allows: Option<Span>,
}

/// Looks at a whole config.
pub(super) fn config(judge: &mut Judge<'_>, root: Node<'_>) {
    let global = global(judge, root.get("global"));
    for list in ["rule_files", "scrape_config_files"] {
        for pattern in items(root, list) {
            let Some(text) = pattern.scalar() else { continue };
            if text.split_once('*').is_some_and(|(_, rest)| rest.contains('/')) {
                judge
                    .tell(&RULE, pattern.span(), When::Always, format!("`{list}` cannot hold `{text}`"))
                    .help("a `*` may stand in the last part of a path only");
            }
        }
    }
    scrape::jobs(judge, root, global);
    alerting(judge, root, global);
    remote::write(judge, root, utf8(judge, global.names));
    remote::read(judge, root);
    otlp(judge, root, global);
    tracing(judge, root);
    storage(judge, root);
}

/// Jobs of a file beside the config `main`, whose globals they take over (`GetScrapeConfigs`).
pub(super) fn scrapes(judge: &mut Judge<'_>, root: Node<'_>, main: Node<'_>) {
    let mut nobody = Findings::default();
    let global = global(&mut judge.quiet(&mut nobody), main.get("global"));
    let taken = || items(main, "scrape_configs").filter_map(|j| j.get("job_name"));
    for name in items(root, "scrape_configs").filter_map(|j| j.get("job_name")) {
        if let Some(first) = taken().find(|n| n.scalar().is_some_and(|t| !t.is_empty()) && n.scalar() == name.scalar())
        {
            let said = name.scalar().unwrap_or_default();
            judge
                .tell(&RULE, name.span(), When::Always, format!("two jobs are named `{said}`"))
                .label(first.span(), "the first one")
                .help("give each its own `job_name`");
        }
    }
    scrape::jobs(judge, root, global);
}

/// Fields that an agent refuses.
pub(super) fn agent(judge: &mut Judge<'_>, root: Node<'_>) {
    let rule = &super::rules::agent_mode_field::RULE;
    for name in ["rule_files", "remote_read", "alerting"] {
        let Some(entry) = root.entry(name) else { continue };
        let filled = match name {
            "alerting" => {
                ["alertmanagers", "alert_relabel_configs"].iter().any(|k| items(entry.value, k).next().is_some())
            }
            _ => entry.value.items().len() > 0,
        };
        if filled {
            judge
                .tell(rule, entry.key.span(), When::Always, format!("an agent does not take `{name}`"))
                .help("delete it, or run a server without `--agent`");
        }
    }
}

/// Whether names are UTF-8 unless the config says otherwise (cmd/prometheus/main.go@v3.0.0).
pub(super) fn is_utf8(judge: &Judge<'_>) -> bool {
    judge.since(3, 0)
}

/// The same for a scheme that a config asks for.
fn utf8(judge: &Judge<'_>, scheme: Option<&str>) -> Option<bool> {
    match scheme? {
        // Before 3.7 the scheme of a config reached validation through a variable of the process.
        "legacy" if !judge.since(3, 7) => None,
        "legacy" => Some(false),
        _ => Some(is_utf8(judge)),
    }
}

fn global(judge: &mut Judge<'_>, node: Option<Node<'_>>) -> Global {
    const INTERVAL: u64 = 60_000;
    let Some(node) = node.filter(|n| n.is_map()) else {
        return Global { interval: Some(INTERVAL), names: Some("utf8"), allows: None };
    };
    let names = match word(node, "metric_name_validation_scheme", "") {
        Some("" | "utf8") => Some("utf8"),
        Some("legacy") => Some("legacy"),
        Some(_) => {
            scheme(judge, node);
            None
        }
        None => None,
    };
    let utf8 = utf8(judge, names);
    for entry in there(node, "external_labels").into_iter().flat_map(Node::entries) {
        if utf8.is_some_and(|utf8| !is_label(entry.name(), utf8)) {
            let message = format!("`external_labels` cannot hold `{}`: it is no name of a label", entry.name());
            judge.tell(&RULE, entry.key.span(), When::Sometimes, message);
        }
    }
    let interval = duration(node, "scrape_interval").map(|i| if i == 0 { INTERVAL } else { i });
    if let (Some(timeout), Some(interval)) = (duration(node, "scrape_timeout"), interval)
        && timeout > interval
    {
        longer(judge, node, "1m");
    }
    protocols(judge, node);
    escaping(judge, node);
    let allows = filled(node, "metric_name_escaping_scheme").filter(|n| n.scalar() == Some("allow-utf-8"));
    Global { interval, names, allows: allows.map(Node::span) }
}

/// A timeout above the interval that it belongs to.
fn longer(judge: &mut Judge<'_>, map: Node<'_>, inherited: &str) {
    let Some(timeout) = map.get("scrape_timeout") else { return };
    let interval = map.get("scrape_interval").filter(|n| n.scalar().is_some_and(|t| !t.is_empty()));
    let than = interval.and_then(Node::scalar).unwrap_or(inherited);
    let message =
        format!("`scrape_timeout` {} is longer than `scrape_interval` {than}", timeout.scalar().unwrap_or_default());
    let told = judge.tell(&RULE, timeout.span(), When::Always, message).help("make it at most as long as the interval");
    if let Some(interval) = interval {
        told.label(interval.span(), "the interval");
    }
}

/// `scrape_protocols` and the one that is fallen back to.
fn protocols(judge: &mut Judge<'_>, map: Node<'_>) {
    let known = |text: &str| PROTOCOLS.contains(&text);
    if let Some(list) = map.get("scrape_protocols").filter(|n| n.is_seq()) {
        if list.items().len() == 0 {
            judge
                .tell(&RULE, list.span(), When::Sometimes, "`scrape_protocols` is empty")
                .help("delete it, or name protocols");
        }
        let mut seen: Vec<String> = Vec::new();
        for item in list.items() {
            let Some(text) = item.scalar() else { continue };
            if seen.contains(&text.to_lowercase()) {
                let message = format!("`scrape_protocols` holds `{text}` twice");
                judge.tell(&RULE, item.span(), When::Sometimes, message).help("remove one of the two");
            } else if !known(text) || (text == "PrometheusText1.0.0" && !judge.since(3, 0)) {
                protocol(judge, item, "scrape_protocols", text);
            }
            seen.push(text.to_lowercase());
        }
    }
    if let Some(item) = filled(map, "fallback_scrape_protocol")
        && let Some(text) = item.scalar().filter(|t| !known(t))
    {
        protocol(judge, item, "fallback_scrape_protocol", text);
    }
}

fn protocol(judge: &mut Judge<'_>, item: Node<'_>, field: &str, text: &str) {
    let all: Vec<_> = PROTOCOLS.iter().map(|p| format!("`{p}`")).collect();
    judge
        .tell(&RULE, item.span(), When::Sometimes, format!("`{field}` knows no protocol `{text}`"))
        .help(format!("one of {}", all.join(", ")));
}

/// A scheme of names that is none.
fn scheme(judge: &mut Judge<'_>, map: Node<'_>) {
    let Some(node) = filled(map, "metric_name_validation_scheme") else { return };
    if node.scalar().is_some_and(|t| t != "legacy" && t != "utf8") {
        judge
            .tell(&RULE, node.span(), When::Sometimes, "`metric_name_validation_scheme` is none")
            .help("`utf8` or `legacy`");
    }
}

/// How names are escaped for a client that does not take them all.
fn escaping(judge: &mut Judge<'_>, map: Node<'_>) {
    const WORDS: [&str; 4] = ["allow-utf-8", "underscores", "dots", "values"];
    let Some(node) = filled(map, "metric_name_escaping_scheme") else { return };
    if let Some(text) = node.scalar().filter(|t| !WORDS.contains(t)) {
        let all: Vec<_> = WORDS.iter().map(|w| format!("`{w}`")).collect();
        judge
            .tell(&RULE, node.span(), When::Sometimes, format!("`metric_name_escaping_scheme` cannot be `{text}`"))
            .help(format!("one of {}", all.join(", ")));
    }
}

fn alerting(judge: &mut Judge<'_>, root: Node<'_>, global: Global) {
    let Some(alerting) = there(root, "alerting") else { return };
    let utf8 = utf8(judge, global.names);
    relabel::rules(judge, alerting, "alert_relabel_configs", utf8);
    for manager in items(alerting, "alertmanagers").filter(|m| m.is_map()) {
        client::client(judge, manager);
        let login = ["basic_auth", "authorization", "oauth2"].into_iter().find(|k| there(manager, k).is_some());
        if let Some(login) = login.filter(|_| there(manager, "sigv4").is_some()) {
            client::several(judge, manager, login, "sigv4", "ways to log in");
        }
        remote::sigv4(judge, manager);
        if let Some(version) = manager.get("api_version").filter(|n| !n.is_null())
            && let Some(text) = version.scalar()
            && text != "v2"
            && (text != "v1" || judge.since(3, 0))
        {
            let when = if text == "v1" { When::Sometimes } else { When::Always };
            judge
                .tell(&RULE, version.span(), when, format!("`api_version` cannot be `{text}`"))
                .help("write `v2`, or delete it: Alertmanager dropped the first API in 0.27");
        }
        discovery::discoveries(judge, manager);
        relabel::rules(judge, manager, "relabel_configs", utf8);
        relabel::rules(judge, manager, "alert_relabel_configs", utf8);
    }
}

fn otlp(judge: &mut Judge<'_>, root: Node<'_>, global: Global) {
    let Some(otlp) = there(root, "otlp").filter(|n| n.is_map()) else { return };
    let known = |text: &str| match text {
        "UnderscoreEscapingWithSuffixes" | "NoUTF8EscapingWithSuffixes" => true,
        "NoTranslation" => judge.since(3, 4),
        "UnderscoreEscapingWithoutSuffixes" => judge.since(3, 6),
        _ => false,
    };
    if let Some(node) = filled(otlp, "translation_strategy")
        && let Some(text) = node.scalar()
    {
        if !known(text) {
            judge
                .tell(&RULE, node.span(), When::Sometimes, format!("`translation_strategy` cannot be `{text}`"))
                .help("one of `UnderscoreEscapingWithSuffixes`, `UnderscoreEscapingWithoutSuffixes`, `NoUTF8EscapingWithSuffixes`, `NoTranslation`");
        } else if global.names == Some("legacy") && matches!(text, "NoUTF8EscapingWithSuffixes" | "NoTranslation") {
            let message = format!("`translation_strategy: {text}` needs UTF-8 names, and `global` asks for old ones");
            let told =
                judge.tell(&RULE, node.span(), When::Sometimes, message).help("write `UnderscoreEscapingWithSuffixes`");
            if let Some(legacy) = root.at(&["global", "metric_name_validation_scheme"]) {
                told.label(legacy.span(), "old names");
            }
        }
    }
    let all = is_true(otlp, "promote_all_resource_attributes");
    let some = items(otlp, "promote_resource_attributes").next().is_some();
    let ignored = items(otlp, "ignore_resource_attributes").next().is_some();
    if all && some {
        let (one, other) = ("promote_all_resource_attributes", "promote_resource_attributes");
        client::several(judge, otlp, one, other, "answers to one question");
    }
    if ignored && !all {
        judge
            .tell(
                &RULE,
                key(otlp, "ignore_resource_attributes"),
                When::Sometimes,
                "`ignore_resource_attributes` does nothing alone",
            )
            .help("write `promote_all_resource_attributes: true`");
    }
    let looked = if all { "ignore_resource_attributes" } else { "promote_resource_attributes" };
    let mut seen: Vec<&str> = Vec::new();
    for item in items(otlp, looked) {
        let text = item.scalar().unwrap_or_default().trim();
        if text.is_empty() || seen.contains(&text) {
            let message = format!(
                "`{looked}` holds {}",
                if text.is_empty() { "an empty name".to_owned() } else { format!("`{text}` twice") }
            );
            judge.tell(&RULE, item.span(), When::Sometimes, message).help("delete it");
        }
        seen.push(text);
    }
}

fn tracing(judge: &mut Judge<'_>, root: Node<'_>) {
    let Some(entry) = root.entry("tracing").filter(|e| e.value.is_map()) else { return };
    let tracing = entry.value;
    if word(tracing, "endpoint", "") == Some("") {
        judge
            .tell(&RULE, entry.key.span(), When::Always, "`tracing` lacks `endpoint`")
            .help("write `endpoint:` and the address that takes OTLP");
    }
    if let Some(node) = filled(tracing, "compression")
        && let Some(text) = node.scalar().filter(|t| *t != "gzip")
    {
        judge
            .tell(&RULE, node.span(), When::Always, format!("`compression` cannot be `{text}`"))
            .help("write `gzip`, or delete it");
    }
    if let Some(node) = tracing.get("client_type").filter(|n| !n.is_null())
        && let Some(text) = node.scalar().filter(|t| *t != "grpc" && *t != "http")
    {
        judge
            .tell(&RULE, node.span(), When::Always, format!("`client_type` cannot be `{text}`"))
            .help("`grpc` or `http`");
    }
    remote::headers(judge, tracing);
    client::tls(judge, tracing);
}

fn storage(judge: &mut Judge<'_>, root: Node<'_>) {
    if let Some(node) = root.at(&["storage", "tsdb", "chunk_encoding"]).and_then(|n| filled(n, "floats"))
        && let Some(text) = node.scalar().filter(|t| *t != "xor" && *t != "xor2")
    {
        judge.tell(&RULE, node.span(), When::Sometimes, format!("`floats` cannot be `{text}`")).help("`xor` or `xor2`");
    }
    let Some(retention) = root.at(&["storage", "tsdb", "retention"]).filter(|_| judge.since(3, 11)) else { return };
    if let Some(node) = retention.get("percentage")
        && node.as_f64().is_some_and(|p| !(0.0..=100.0).contains(&p))
    {
        judge.tell(&RULE, node.span(), When::Sometimes, "`percentage` goes from 0 to 100");
    }
    if let Some(node) = filled(retention, "size")
        && node.scalar().is_some_and(|t| t.starts_with('-'))
    {
        judge.tell(&RULE, node.span(), When::Sometimes, "`size` cannot be negative");
    }
}
