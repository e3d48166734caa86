//! Caddy's file: ends TLS, checks the credential, routes each signal to the gateway.
//!
//! Directives and matchers: `caddyserver/caddy caddyconfig/httpcaddyfile`, `modules/caddyhttp` @v2.11.4.

use std::fmt::Write as _;

use crate::emitter::{Emitted, Place, header};
use crate::spec::AuthMode;
use crate::stack::{EdgeTls, port, secrets};
use crate::symbol::Protocol;

/// Paths of each protocol. gRPC paths are `/package.Service/Method`.
const PATHS: [(Protocol, &str, &str); 4] = [
    (Protocol::OtlpGrpc, "otlp_grpc", "/opentelemetry.proto.collector.*"),
    (Protocol::OtlpHttp, "otlp_http", "/v1/traces /v1/metrics"),
    (Protocol::RemoteWrite, "remote_write", "/api/v1/metrics/write"),
    (Protocol::ProfilePush, "profiles", "/push.v1.PusherService/* /ingest"),
];

/// Writes the `Caddyfile`.
pub fn emit(at: &Place<'_>) -> Vec<Emitted> {
    let Some(edge) = &at.stack.edge else { return Vec::new() };
    let scheme = if edge.tls == EdgeTls::Off { "http" } else { "https" };
    let host = if edge.address.contains(':') { format!("[{}]", edge.address) } else { edge.address.clone() };
    let mut out = header("#");
    // The admin API would let a container on the network change all this; certificates come from files.
    out.push_str("\n{\n\tadmin off\n\tauto_https off\n\tpersist_config off\n\tmetrics\n");
    if edge.tls != EdgeTls::Off {
        // A client that dials an address sends no server name, and behind a published port the connection's own address
        // is the container's: without this no certificate would fit.
        let _ = writeln!(out, "\tdefault_sni {}", edge.address);
    }
    if edge.tls == EdgeTls::Off {
        out.push_str("\tservers {\n\t\tprotocols h1 h2 h2c\n\t}\n");
    }
    let _ = write!(out, "}}\n\n# Its own health and metrics, for the gateway alone: this port is not published.\n");
    let _ = write!(out, "http://:{} {{\n\trespond /healthz 200\n\tmetrics /metrics\n}}\n\n", port::PROXY_HEALTH);
    let _ = writeln!(out, "{scheme}://{host}:{} {{", port::PROXY);
    if edge.tls != EdgeTls::Off {
        out.push_str("\ttls /etc/vispyr/tls/server.crt /etc/vispyr/tls/server.key\n\n");
    }
    let expected = match edge.auth {
        AuthMode::Bearer => Some(format!("Bearer {{env.{}}}", secrets::TOKEN)),
        AuthMode::Basic => Some(format!("Basic {{env.{}}}", secrets::BASIC)),
        AuthMode::None => None,
    };
    if let Some(expected) = &expected {
        let _ = writeln!(out, "\t@stranger not header Authorization \"{expected}\"");
    }
    let routes: Vec<_> = PATHS.iter().filter_map(|p| Some((p, at.stack.route(at.node.service, p.0, None)?))).collect();
    for ((_, name, paths), _) in &routes {
        let _ = writeln!(out, "\t@{name} path {paths}");
    }
    // In a `route` block directives run as written; outside of it `respond` would come before every proxy.
    out.push_str("\n\troute {\n");
    if expected.is_some() {
        out.push_str("\t\trespond @stranger 401\n");
    }
    for ((protocol, name, _), route) in &routes {
        let scheme = if protocol.is_grpc() { "h2c://" } else { "" };
        let _ = writeln!(out, "\t\treverse_proxy @{name} {scheme}{}", route.address());
    }
    out.push_str("\t\trespond 404\n\t}\n}\n");
    vec![at.file("proxy/Caddyfile", "caddyfile", out)]
}
