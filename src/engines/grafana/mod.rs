//! Grafana: its ini, its provisioning files and its dashboards.

mod alerts;
mod board;
pub mod dashboard;
pub mod emit;
mod flows;
mod ini;
mod keys;
mod plugins;
mod provisioned;
pub mod queries;
pub mod rules;
pub mod symbols;

use crate::engine::{Engine, Findings, Instance, InstanceCheck};
use crate::parse::{Dialect, Node, NodeKind};
use crate::tree::{Format, Kind, KindDef, Service, Sniff, path};

/// The engine.
pub static ENGINE: Engine = Engine {
    name: "grafana",
    kinds: &[&INI, &DATASOURCES, &PROVIDER, &DASHBOARD, &DASHBOARD_V2, &DASHBOARD_WRAPPED, &ALERTING, &PLUGINS],
    mounted,
    names: None,
    services: None,
    symbols: symbols::symbols,
    flows: Some(flows::flows),
    rules: rules::ALL,
    check: Some(&InstanceCheck { rules: rules::WHOLE, run: check }),
    emit: Some(emit::emit),
    upgrade: None,
};

/// `grafana.ini`.
pub static INI: KindDef = KindDef { name: "grafana-ini", engine: "grafana", format: Format::Ini, sniff: sniff_ini };

/// Provisioned data sources. Read by yaml.v3, not strictly (grafana/grafana pkg/services/provisioning/datasources/config_reader.go
/// at 9.5, 12.1 and 12.3.3, as are the other files of provisioning).
pub static DATASOURCES: KindDef = KindDef {
    name: "grafana-datasources",
    engine: "grafana",
    format: Format::Yaml(Dialect::V3),
    sniff: sniff_datasources,
};

/// Providers of dashboards.
pub static PROVIDER: KindDef = KindDef {
    name: "grafana-dashboard-provider",
    engine: "grafana",
    format: Format::Yaml(Dialect::V3),
    sniff: sniff_provider,
};

/// A dashboard in the classic form.
pub static DASHBOARD: KindDef =
    KindDef { name: "grafana-dashboard", engine: "grafana", format: Format::Json, sniff: sniff_dashboard };

/// A dashboard in the form of Grafana 12's second schema: recognised, so that it is taken for nothing else.
pub static DASHBOARD_V2: KindDef =
    KindDef { name: "grafana-dashboard-v2", engine: "grafana", format: Format::Json, sniff: sniff_dashboard_v2 };

/// A dashboard as the API or an export wraps it, which file provisioning does not unwrap.
pub static DASHBOARD_WRAPPED: KindDef = KindDef {
    name: "grafana-dashboard-wrapped",
    engine: "grafana",
    format: Format::Json,
    sniff: sniff_dashboard_wrapped,
};

/// Provisioned alerting: recognised, so that it is not taken for Prometheus' rules.
pub static ALERTING: KindDef =
    KindDef { name: "grafana-alerting", engine: "grafana", format: Format::Yaml(Dialect::V3), sniff: sniff_alerting };

fn check(instance: &Instance<'_>, findings: &mut Findings) {
    rules::ds_absent::run(instance, findings);
    rules::alerting_ref::run(instance, findings);
    rules::dashboards_unprovided::run(instance, findings);
    rules::delete_datasource_orphan::run(instance, findings);
    rules::ds_name_duplicate::run(instance, findings);
    rules::ds_uid_duplicate::run(instance, findings);
    rules::env_file::run(instance, findings);
    rules::env_unknown::run(instance, findings);
    rules::ini_unreadable::run(instance, findings);
    rules::provisioning_unread::run(instance, findings);
    rules::smtp_disabled::run(instance, findings);
}

/// Provisioned apps: known by where they are mounted alone.
pub static PLUGINS: KindDef =
    KindDef { name: "grafana-plugins", engine: "grafana", format: Format::Yaml(Dialect::V3), sniff: |_| 0 };

/// What Grafana reads before its config (`grafana/grafana pkg/setting/setting.go` `loadConfiguration`), in its image's home.
const DEFAULTS: &str = "/usr/share/grafana/conf/defaults.ini";

/// A path that a variable may move; `None` = not known where to.
fn path_of(service: &Service, name: &str, default: &str) -> Option<String> {
    match service.env(name) {
        Some(variable) => variable.value.as_deref().map(path::clean),
        None => Some(default.to_owned()),
    }
}

/// The folder of what is provisioned (grafana/grafana packaging/docker/run.sh: `GF_PATHS_PROVISIONING`).
fn provisioning(service: &Service) -> Option<String> {
    path_of(service, "GF_PATHS_PROVISIONING", "/etc/grafana/provisioning")
}

/// Where Grafana's image looks (the same, and `GF_PATHS_CONFIG`).
fn mounted(service: &Service, at: &str) -> Option<Kind> {
    let ini = path_of(service, "GF_PATHS_CONFIG", "/etc/grafana/grafana.ini");
    let flag = service.flag("config").map(|(_, v)| path::clean(&v)).filter(|v| !v.is_empty());
    if at == DEFAULTS || ini.as_deref() == Some(at) || flag.as_deref() == Some(at) {
        return Some(&INI);
    }
    let provisioning = provisioning(service)?;
    let (folder, name) = path::below(at, &provisioning)?.split_once('/')?;
    // Files of deeper folders are not read (grafana/grafana pkg/services/provisioning/datasources/config_reader.go).
    if name.contains('/') || !matches!(path::extension(name), "yaml" | "yml") {
        return None;
    }
    match folder {
        "datasources" => Some(&DATASOURCES),
        "dashboards" => Some(&PROVIDER),
        "alerting" => Some(&ALERTING),
        "plugins" => Some(&PLUGINS),
        _ => None,
    }
}

fn sniff_ini(sniff: &Sniff<'_>) -> u8 {
    const SECTIONS: [&str; 8] = [
        "[auth.anonymous]",
        "[unified_alerting]",
        "[security]",
        "[dashboards]",
        "[paths]",
        "[users]",
        "[feature_toggles]",
        "[auth.basic]",
    ];
    if sniff.extension() != "ini" {
        return 0;
    }
    let sections = SECTIONS.iter().filter(|s| sniff.text.lines().any(|l| l.trim() == **s)).count();
    match (sniff.name.to_ascii_lowercase().contains("grafana"), sections) {
        (true, _) => 90,
        (false, 0 | 1) => 0,
        (false, _) => 70,
    }
}

/// The only root keys are these.
fn only(root: Node<'_>, keys: &[&str]) -> bool {
    root.entries().iter().all(|e| keys.contains(&e.name()))
}

fn items<'a>(root: Node<'a>, key: &str) -> Vec<Node<'a>> {
    root.get(key).into_iter().flat_map(Node::items).collect()
}

fn sniff_datasources(sniff: &Sniff<'_>) -> u8 {
    if !sniff.is_yaml() || !sniff.line_starts("datasources") {
        return 0;
    }
    let Some(root) = sniff.root() else { return 10 };
    let sources = items(root, "datasources");
    let shaped = !sources.is_empty() && sources.iter().all(|d| d.get("name").is_some() && d.get("type").is_some());
    let known = only(root, keys::SOURCES);
    if shaped && known { 85 } else { 0 }
}

fn sniff_provider(sniff: &Sniff<'_>) -> u8 {
    if !sniff.is_yaml() || !sniff.line_starts("providers") {
        return 0;
    }
    let Some(root) = sniff.root() else { return 10 };
    let providers = items(root, "providers");
    let shaped = |p: &Node<'_>| {
        let path = p.get("options").is_some_and(|o| o.get("path").is_some() || o.get("folder").is_some());
        path || p.get("folder").is_some() && p.get("type").is_some()
    };
    let known = only(root, keys::PROVIDERS);
    if known && !providers.is_empty() && providers.iter().all(shaped) { 85 } else { 0 }
}

fn sniff_dashboard(sniff: &Sniff<'_>) -> u8 {
    let has = |key: &str| sniff.text.contains(key);
    let telling = || ["\"schemaVersion\"", "\"templating\"", "\"gridPos\"", "\"targets\""].into_iter().any(has);
    if !sniff.is_json() || !telling() || !(has("\"panels\"") || has("\"rows\"")) {
        return 0;
    }
    let Some(root) = sniff.root() else { return 10 };
    let is_list = |key: &str| root.get(key).is_some_and(|n| n.kind() == NodeKind::Seq);
    let marks = ["schemaVersion", "templating", "timezone", "annotations", "uid"];
    let marked = marks.iter().filter(|k| root.get(k).is_some()).count();
    // A provider refuses one without a title, and says so.
    let titled = root.get("title").is_some() || marked >= 3 && root.get("schemaVersion").is_some();
    // Written by hand it may have nothing of what Grafana itself writes: then its panels tell.
    let is_panel = |n: &Node<'_>| {
        n.get("type").is_some_and(|t| t.as_str().is_some()) && n.get("targets").is_some_and(Node::is_seq)
    };
    let drawn = || items(root, "panels").iter().any(is_panel);
    let fits = (is_list("panels") || is_list("rows")) && titled && (marked >= 2 || drawn());
    // A library panel or a single panel has no panels of its own; one wrapped for the API is not what a provider reads.
    if fits { 90 } else { 0 }
}

fn sniff_dashboard_v2(sniff: &Sniff<'_>) -> u8 {
    if !sniff.is_json() || !(sniff.text.contains("dashboard.grafana.app") || sniff.text.contains("\"elements\"")) {
        return 0;
    }
    let Some(root) = sniff.root() else { return 10 };
    let resource =
        root.get("apiVersion").and_then(Node::scalar).is_some_and(|v| v.starts_with("dashboard.grafana.app/"));
    let spec = root.get("spec").unwrap_or(root);
    let second = spec.get("elements").is_some() && spec.get("layout").is_some();
    if second || resource && root.get("spec").is_some() { 85 } else { 0 }
}

fn sniff_dashboard_wrapped(sniff: &Sniff<'_>) -> u8 {
    if !sniff.is_json() || !sniff.text.contains("\"dashboard\"") || !sniff.text.contains("\"schemaVersion\"") {
        return 0;
    }
    let Some(root) = sniff.root() else { return 10 };
    let Some(inner) = root.get("dashboard").filter(|d| d.is_map()) else { return 0 };
    let is_list = |key: &str| inner.get(key).is_some_and(Node::is_seq);
    let shaped = inner.get("title").is_some() && (is_list("panels") || is_list("rows"));
    // What stands beside it in answers and requests of the API.
    let around =
        ["dashboard", "meta", "overwrite", "inputs", "folderId", "folderUid", "message", "folderTitle", "isFolder"];
    if shaped && only(root, &around) { 90 } else { 0 }
}

fn sniff_alerting(sniff: &Sniff<'_>) -> u8 {
    if !sniff.is_yaml() || !keys::ALERTING[1..].iter().any(|k| sniff.line_starts(k)) {
        return 0;
    }
    let Some(root) = sniff.root() else { return 10 };
    if !only(root, keys::ALERTING) {
        return 0;
    }
    let rules: Vec<_> = items(root, "groups").iter().filter_map(|g| g.get("rules")).flat_map(Node::items).collect();
    let ruled = !rules.is_empty() && rules.iter().all(|r| r.get("data").is_some() && r.get("title").is_some());
    let told = ["contactPoints", "policies", "muteTimes"].iter().any(|k| !items(root, k).is_empty());
    if ruled || told && root.get("apiVersion").is_some() { 85 } else { 0 }
}
