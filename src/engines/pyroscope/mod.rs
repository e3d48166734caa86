//! Pyroscope: its config.

pub mod emit;
pub mod rules;
pub mod symbols;
mod validate;

use crate::catalogue::Version;
use crate::conform::{Expand, Plug, Reader, Rules, at_home, flags};
use crate::dskit::{CONFIG_FLAG, EXPAND_FLAG};
use crate::engine::{Engine, Findings, Instance, InstanceCheck, Upgrade};
use crate::parse::Dialect;
use crate::tree::{Format, Kind, KindDef, Service, Sniff};

/// The engine.
pub static ENGINE: Engine = Engine {
    name: "pyroscope",
    kinds: &[&CONFIG],
    mounted,
    names: None,
    services: None,
    symbols: symbols::symbols,
    flows: Some(symbols::flows),
    rules: rules::ALL,
    check: Some(&InstanceCheck { rules: rules::WHOLE, run: check }),
    emit: Some(emit::emit),
    upgrade: Some(&Upgrade {
        steps: |passage| PLUG.steps(passage),
        tidy: |_| None,
        wider: Some(|crossing| PLUG.wider(crossing)),
    }),
};

/// Its config. Read by yaml.v3 with known fields only (grafana/pyroscope pkg/cfg/files.go@v2.2.1).
pub static CONFIG: KindDef =
    KindDef { name: "pyroscope-config", engine: "pyroscope", format: Format::Yaml(Dialect::V3), sniff };

/// Yaml.v3 with known fields only, after drone/envsubst when a flag says so (grafana/pyroscope pkg/cfg/files.go@v2.2.1). Before
/// 2.1 it was a fork (go.mod@v1.7.0, v2.0.6).
static PLUG: Plug = Plug {
    engine: "pyroscope",
    rules: Rules {
        unknown: &rules::unknown_key::RULE,
        removed: &rules::removed_key::RULE,
        invalid: &rules::invalid_value::RULE,
    },
    readers: &[Reader {
        kind: &CONFIG,
        root: "config",
        dialect: Dialect::V3,
        expand: Expand::Flag(EXPAND_FLAG),
        zero_until: Some(Version::new(2, 1, 0)),
    }],
    variables: Some(validate::variables),
    // grafana/pyroscope cmd/pyroscope/main.go@v2.2.1
    flags: Some((flags::Dialect::Go, &rules::flag_unknown::RULE)),
};

fn check(instance: &Instance<'_>, findings: &mut Findings) {
    // A config that is named behind a word is not read, which is told of the process.
    let lost = |s: &Service| s.flag(CONFIG_FLAG).is_some() && s.leading_flag(CONFIG_FLAG).is_none();
    let first = findings.all.len();
    if !instance.service.is_some_and(|(_, s)| lost(s)) {
        PLUG.check_with(instance, findings, validate::config);
        PLUG.look_at_blank(instance, findings, first, validate::blank);
    }
    validate::process(instance, findings);
}

fn mounted(service: &Service, path: &str) -> Option<Kind> {
    symbols::SERVER.reads(service, path).then_some(&CONFIG)
}

/// Most of its keys are shared with Loki and Mimir: only blocks of its own count, and its name for a storage block.
fn sniff(sniff: &Sniff<'_>) -> u8 {
    const OWN: [&str; 6] =
        ["pyroscopedb", "self_profiling", "segment_writer", "compaction_worker", "symbolizer", "adaptive_placement"];
    if !sniff.is_yaml() {
        return 0;
    }
    let named = sniff.name.to_ascii_lowercase().contains("pyroscope");
    if !(OWN.iter().any(|k| sniff.line_starts(k)) || named && sniff.line_starts("storage")) {
        return 0;
    }
    let Some(root) = sniff.root() else { return 10 };
    let foreign = ["apiVersion", "kind", "scrape_configs", "schema_config", "blocks_storage", "image", "services"];
    if foreign.iter().any(|k| root.get(k).is_some()) || !at_home(ENGINE.name, root) {
        return 0;
    }
    let backend = root.get("storage").and_then(|s| s.get("backend")).is_some();
    match (OWN.iter().any(|k| root.get(k).is_some()), named && backend) {
        (true, _) => 85,
        (_, true) => 70,
        _ => 0,
    }
}
