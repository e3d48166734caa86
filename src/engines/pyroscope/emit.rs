//! Pyroscope's file, for 1.x and for 2.x.
//!
//! Keys: `grafana/pyroscope pkg/pyroscope/pyroscope.go`, `pkg/validation/limits.go`, `pkg/metastore` @v1.21.1 and @v2.2.1.

use serde::Serialize;

use crate::emitter::{Emitted, Place, yaml};
use crate::stack::{containers::duration, port};

#[derive(Serialize)]
struct Config {
    #[serde(skip_serializing_if = "Option::is_none")]
    architecture_storage: Option<&'static str>,
    server: Server,
    #[serde(skip_serializing_if = "Option::is_none")]
    pyroscopedb: Option<Database>,
    storage: Storage,
    #[serde(skip_serializing_if = "Option::is_none")]
    metastore: Option<Metastore>,
    limits: Limits,
    self_profiling: SelfProfiling,
    analytics: Analytics,
}

#[derive(Serialize)]
struct Server {
    http_listen_port: u16,
}

#[derive(Serialize)]
struct Database {
    data_path: &'static str,
}

#[derive(Serialize)]
struct Storage {
    backend: &'static str,
    filesystem: Dir,
}

#[derive(Serialize)]
struct Dir {
    dir: &'static str,
}

#[derive(Serialize)]
struct Metastore {
    data_dir: &'static str,
    raft: Dir,
    index: Index,
}

#[derive(Serialize)]
struct Index {
    /// Off by default in 2.0 and 2.1: without it nothing is ever deleted.
    cleanup_interval: &'static str,
}

#[derive(Serialize)]
struct Limits {
    #[serde(skip_serializing_if = "Option::is_none")]
    retention_period: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    compactor_blocks_retention_period: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ingestion_rate_mb: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ingestion_burst_size_mb: Option<f64>,
}

#[derive(Serialize)]
struct SelfProfiling {
    disable_push: bool,
}

#[derive(Serialize)]
struct Analytics {
    reporting_enabled: bool,
}

/// Writes `pyroscope.yaml`.
pub fn emit(at: &Place<'_>) -> Vec<Emitted> {
    let second = at.node.version.major >= 2;
    let retention = duration(at.stack.retention.profiles);
    let rate = at.stack.limits.profiles_rate.as_ref().map(|r| r.value as f64 / f64::from(1 << 20));
    let config = Config {
        architecture_storage: second.then_some("v2"),
        server: Server { http_listen_port: port::PROFILES },
        pyroscopedb: (!second).then_some(Database { data_path: "/data" }),
        // Without a backend 1.x keeps its blocks where the retention below does not reach.
        storage: Storage {
            backend: "filesystem",
            filesystem: Dir { dir: if second { "/data/v2/shared" } else { "/data/shared" } },
        },
        metastore: second.then_some(Metastore {
            data_dir: "/data/v2/metastore/data",
            raft: Dir { dir: "/data/v2/metastore/raft" },
            index: Index { cleanup_interval: "15m" },
        }),
        limits: Limits {
            retention_period: second.then(|| retention.clone()),
            compactor_blocks_retention_period: (!second).then_some(retention),
            ingestion_rate_mb: rate,
            ingestion_burst_size_mb: rate,
        },
        self_profiling: SelfProfiling { disable_push: true },
        analytics: Analytics { reporting_enabled: false },
    };
    vec![at.file("pyroscope/pyroscope.yaml", "pyroscope-config", yaml(&config))]
}
