//! Tempo's file, for 2.x and for 3.x.
//!
//! Keys: `grafana/tempo cmd/tempo/app/config.go`, `modules/overrides/config.go` @v2.10.8 and @v3.0.3.

use serde::Serialize;

use crate::emitter::{Emitted, Place, yaml};
use crate::stack::{containers::duration, port};

#[derive(Serialize)]
struct Config {
    stream_over_http_enabled: bool,
    server: Server,
    distributor: Distributor,
    #[serde(skip_serializing_if = "Option::is_none")]
    compactor: Option<Compactor>,
    #[serde(skip_serializing_if = "Option::is_none")]
    backend_worker: Option<Compactor>,
    storage: Storage,
    #[serde(skip_serializing_if = "Option::is_none")]
    overrides: Option<Overrides>,
    usage_report: UsageReport,
}

#[derive(Serialize)]
struct Server {
    http_listen_port: u16,
}

#[derive(Serialize)]
struct Distributor {
    receivers: Receivers,
}

#[derive(Serialize)]
struct Receivers {
    otlp: Otlp,
}

#[derive(Serialize)]
struct Otlp {
    protocols: Protocols,
}

#[derive(Serialize)]
struct Protocols {
    grpc: Endpoint,
}

#[derive(Serialize)]
struct Endpoint {
    endpoint: String,
}

#[derive(Serialize)]
struct Compactor {
    compaction: Compaction,
}

#[derive(Serialize)]
struct Compaction {
    block_retention: String,
}

#[derive(Serialize)]
struct Storage {
    trace: Trace,
}

#[derive(Serialize)]
struct Trace {
    backend: &'static str,
    local: Folder,
    wal: Folder,
}

#[derive(Serialize)]
struct Folder {
    path: &'static str,
}

#[derive(Serialize)]
struct Overrides {
    defaults: Defaults,
}

#[derive(Serialize)]
struct Defaults {
    #[serde(skip_serializing_if = "Option::is_none")]
    ingestion: Option<Ingestion>,
    #[serde(skip_serializing_if = "Option::is_none")]
    global: Option<Global>,
}

#[derive(Serialize)]
struct Ingestion {
    rate_limit_bytes: u64,
    burst_size_bytes: u64,
}

#[derive(Serialize)]
struct Global {
    max_bytes_per_trace: u64,
}

#[derive(Serialize)]
struct UsageReport {
    reporting_enabled: bool,
}

/// Writes `tempo.yaml`.
pub fn emit(at: &Place<'_>) -> Vec<Emitted> {
    let retention = Compactor { compaction: Compaction { block_retention: duration(at.stack.retention.traces) } };
    // From 3.0 on there is no compactor: the worker's own block is the one that the retention job reads.
    let worker = at.node.version.major >= 3;
    let limits = &at.stack.limits;
    let ingestion =
        limits.traces_rate.as_ref().map(|r| Ingestion { rate_limit_bytes: r.value, burst_size_bytes: r.value });
    let global = limits.trace_size.as_ref().map(|s| Global { max_bytes_per_trace: s.value });
    let limited = ingestion.is_some() || global.is_some();
    let (compactor, backend_worker) = if worker { (None, Some(retention)) } else { (Some(retention), None) };
    let config = Config {
        stream_over_http_enabled: true,
        server: Server { http_listen_port: port::TEMPO },
        distributor: Distributor {
            // Without an address the receiver would listen on loopback, where no other container reaches it.
            receivers: Receivers {
                otlp: Otlp {
                    protocols: Protocols { grpc: Endpoint { endpoint: format!("0.0.0.0:{}", port::OTLP_GRPC) } },
                },
            },
        },
        compactor,
        backend_worker,
        storage: Storage {
            trace: Trace {
                backend: "local",
                local: Folder { path: "/var/tempo/blocks" },
                wal: Folder { path: "/var/tempo/wal" },
            },
        },
        overrides: limited.then_some(Overrides { defaults: Defaults { ingestion, global } }),
        usage_report: UsageReport { reporting_enabled: false },
    };
    vec![at.file("tempo/tempo.yaml", "tempo-config", yaml(&config))]
}
