//! Grafana's provisioning: data sources with the web of links between signals, the dashboard provider, the dashboards.
//!
//! Keys: the types of npm `@grafana/o11y-ds-frontend` and `@grafana/prometheus` 13; expansion of `$` in provisioning files
//! (`grafana/grafana pkg/services/provisioning/values/values.go`) is why every literal `$` is doubled.

use serde::Serialize;
use serde_json::{Value, json};

use crate::emitter::{Emitted, Place, yaml};
use crate::stack::{CPU_PROFILE, Resolved, Role, resolve};
use crate::symbol::Protocol;

use super::dashboard;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Datasources {
    api_version: u8,
    prune: bool,
    datasources: Vec<Datasource>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Datasource {
    name: &'static str,
    uid: &'static str,
    r#type: &'static str,
    access: &'static str,
    url: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    is_default: bool,
    editable: bool,
    json_data: Value,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Providers {
    api_version: u8,
    providers: [Provider; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Provider {
    name: &'static str,
    r#type: &'static str,
    disable_deletion: bool,
    allow_ui_updates: bool,
    options: Options,
}

#[derive(Serialize)]
struct Options {
    path: &'static str,
}

/// Writes provisioning and dashboards.
pub fn emit(at: &Place<'_>) -> Vec<Emitted> {
    let mut files = vec![
        at.file("grafana/provisioning/datasources/stack.yaml", "grafana-datasources", yaml(&datasources(at))),
        at.file("grafana/provisioning/dashboards/stack.yaml", "grafana-dashboard-provider", yaml(&provider())),
    ];
    for description in &dashboard::all() {
        let json = dashboard::json(description, at.stack, at.node.version);
        files.push(at.file(&format!("grafana/dashboards/{}.json", description.name), "grafana-dashboard", json));
    }
    files
}

fn provider() -> Providers {
    Providers {
        api_version: 1,
        providers: [Provider {
            name: "stack",
            r#type: "file",
            disable_deletion: true,
            allow_ui_updates: false,
            options: Options { path: "/etc/grafana/dashboards" },
        }],
    }
}

fn datasources(at: &Place<'_>) -> Datasources {
    let url = |protocol| at.stack.route(at.node.service, protocol, None).map(|r| r.url());
    let traces = at.stack.node(Role::Traces).is_some();
    let profiles = at.stack.node(Role::Profiles).is_some();
    let source = |name, uid, kind, url, is_default, json_data| Datasource {
        name,
        uid,
        r#type: kind,
        access: "proxy",
        url,
        is_default,
        editable: false,
        json_data,
    };
    let mut datasources = Vec::new();
    if let Some(url) = url(Protocol::PrometheusQuery) {
        datasources.push(source("Prometheus", "prometheus", "prometheus", url, true, prometheus(at, traces)));
    }
    if let Some(url) = url(Protocol::TempoQuery) {
        datasources.push(source("Tempo", "tempo", "tempo", url, false, tempo(at, profiles)));
    }
    if let Some(url) = url(Protocol::PyroscopeQuery) {
        let minimum = json!({ "minStep": format!("{}s", at.stack.pipeline.scrape_interval) });
        datasources.push(source("Pyroscope", "pyroscope", "grafana-pyroscope-datasource", url, false, minimum));
    }
    Datasources { api_version: 1, prune: true, datasources }
}

fn prometheus(at: &Place<'_>, traces: bool) -> Value {
    let version = at.stack.node(Role::Metrics).map(|n| n.version.to_string());
    let mut data = json!({
        "httpMethod": "POST",
        "timeInterval": format!("{}s", at.stack.pipeline.scrape_interval),
        "prometheusType": "Prometheus",
        "prometheusVersion": version,
    });
    if traces {
        data["exemplarTraceIdDestinations"] =
            json!([{ "name": "trace_id", "datasourceUid": "tempo", "urlDisplayLabel": "Trace" }]);
    }
    data
}

fn tempo(at: &Place<'_>, profiles: bool) -> Value {
    let mut data = json!({
        "nodeGraph": { "enabled": true },
        "streamingEnabled": { "search": true },
        "traceQuery": { "timeShiftEnabled": true, "spanStartTimeShift": "-30m", "spanEndTimeShift": "30m" },
    });
    if profiles {
        data["tracesToProfiles"] = json!({
            "datasourceUid": "pyroscope",
            "profileTypeId": CPU_PROFILE,
            "customQuery": false,
            "tags": [{ "key": "service.name", "value": "service_name" }],
        });
    }
    if let (Resolved::Family(calls), Resolved::Family(duration)) =
        (resolve(at.stack, "span.calls"), resolve(at.stack, "span.duration"))
    {
        let query = |name: &str, query: String| json!({ "name": name, "query": query });
        data["tracesToMetrics"] = json!({
            "datasourceUid": "prometheus",
            "spanStartTimeShift": "-5m",
            "spanEndTimeShift": "5m",
            "tags": [
                { "key": "service.name", "value": "service_name" },
                { "key": "name", "value": "span_name" },
            ],
            "queries": [
                query("Requests per second", format!("sum(rate({calls}{{$$__tags}}[5m]))")),
                query("Errors per second", format!("sum(rate({calls}{{$$__tags, status_code=\"STATUS_CODE_ERROR\"}}[5m]))")),
                query("Duration, P95", format!("histogram_quantile(0.95, sum by (le) (rate({duration}_bucket{{$$__tags}}[5m])))")),
            ],
        });
    }
    if at.stack.pipeline.service_graph {
        data["serviceMap"] = json!({ "datasourceUid": "prometheus" });
    }
    data
}
