//! Every way that a signal, a scrape or a query takes: from, to, protocol, address. Emitters read addresses here alone.

use crate::symbol::{Protocol, Route};

use super::{EdgeTls, PlannedRoute, Role, Stack};

/// Ports that the stack's services listen on inside their networks. Where an engine has a default, it is that one.
pub mod port {
    /// OTLP over gRPC, on Alloy and on Tempo.
    pub const OTLP_GRPC: u16 = 4317;
    /// OTLP over HTTP, on Alloy.
    pub const OTLP_HTTP: u16 = 4318;
    /// Profiles, on Alloy and on Pyroscope.
    pub const PROFILES: u16 = 4040;
    /// Remote write into the gateway.
    pub const GATEWAY_WRITE: u16 = 9009;
    /// Alloy's own HTTP server.
    pub const ALLOY: u16 = 12345;
    /// Prometheus.
    pub const PROMETHEUS: u16 = 9090;
    /// Tempo's HTTP API.
    pub const TEMPO: u16 = 3200;
    /// Grafana.
    pub const GRAFANA: u16 = 3000;
    /// The proxy's TLS listener.
    pub const PROXY: u16 = 4443;
    /// The proxy's own health and metrics.
    pub const PROXY_HEALTH: u16 = 9180;
}

/// Path of remote write on Prometheus (`prometheus/prometheus web/api/v1/api.go@v3.14.0`).
const PROMETHEUS_WRITE: &str = "/api/v1/write";
/// Path of remote write on Alloy (`grafana/alloy internal/component/prometheus/receive_http/receive_http.go@v1.18.1`).
const ALLOY_WRITE: &str = "/api/v1/metrics/write";
/// Path of an engine's own metrics.
const METRICS: &str = "/metrics";

/// All routes of the stack.
pub(super) fn plan(stack: &Stack) -> Vec<PlannedRoute> {
    let mut out = Vec::new();
    let mut go = |from: &str, to: &str, protocol, port, path| {
        let route = Route { from: from.into(), to: to.into(), protocol, port, tls: false };
        out.push(PlannedRoute { host: route.to.clone(), route, path });
    };
    let traces = stack.node(Role::Traces).is_some();
    let profiles = stack.node(Role::Profiles).is_some();
    let collector = stack.node(Role::Gateway).or_else(|| stack.node(Role::Collector));
    if let Some(collector) = collector.map(|n| n.service) {
        go(collector, "prometheus", Protocol::RemoteWrite, port::PROMETHEUS, PROMETHEUS_WRITE);
        if traces {
            go(collector, "tempo", Protocol::OtlpGrpc, port::OTLP_GRPC, "");
        }
        if profiles {
            go(collector, "pyroscope", Protocol::ProfilePush, port::PROFILES, "");
        }
    }
    go("prometheus", "prometheus", Protocol::Scrape, port::PROMETHEUS, METRICS);
    go("grafana", "prometheus", Protocol::PrometheusQuery, port::PROMETHEUS, "");
    if traces {
        go("prometheus", "tempo", Protocol::Scrape, port::TEMPO, METRICS);
        go("grafana", "tempo", Protocol::TempoQuery, port::TEMPO, "");
    }
    if profiles {
        go("prometheus", "pyroscope", Protocol::Scrape, port::PROFILES, METRICS);
        go("grafana", "pyroscope", Protocol::PyroscopeQuery, port::PROFILES, "");
    }
    go("prometheus", "grafana", Protocol::Scrape, port::GRAFANA, METRICS);
    if stack.node(Role::Proxy).is_some() {
        go("proxy", "gateway", Protocol::OtlpGrpc, port::OTLP_GRPC, "");
        go("proxy", "gateway", Protocol::OtlpHttp, port::OTLP_HTTP, "");
        go("proxy", "gateway", Protocol::RemoteWrite, port::GATEWAY_WRITE, ALLOY_WRITE);
        if profiles {
            go("proxy", "gateway", Protocol::ProfilePush, port::PROFILES, "");
        }
        go("gateway", "proxy", Protocol::Scrape, port::PROXY_HEALTH, METRICS);
    }
    if let Some(edge) = &stack.edge {
        let tls = edge.tls != EdgeTls::Off;
        let mut across = |protocol, path| {
            let route = Route { from: "agent".into(), to: "proxy".into(), protocol, port: edge.port, tls };
            out.push(PlannedRoute { route, host: edge.address.clone(), path });
        };
        across(Protocol::RemoteWrite, ALLOY_WRITE);
        across(Protocol::OtlpHttp, "");
        if profiles {
            across(Protocol::ProfilePush, "");
        }
    }
    out
}
