//! Tempo: its config.

pub mod emit;
mod flows;
pub mod overrides;
pub mod rules;
mod series;
pub mod symbols;
mod validate;

use crate::conform::{Expand, Plug, Reader, Rules, at_home, flags};
use crate::dskit::{EXPAND_FLAG, Reloaded, Syntax};
use crate::engine::{Engine, Findings, Instance, InstanceCheck, Upgrade};
use crate::parse::{Dialect, Node};
use crate::tree::{Artifact, Format, Kind, KindDef, Service, Sniff};

/// The engine.
pub static ENGINE: Engine = Engine {
    name: "tempo",
    kinds: &[&CONFIG, &OVERRIDES],
    mounted,
    names: Some(names),
    services: None,
    symbols: symbols::symbols,
    flows: Some(flows::flows),
    rules: rules::ALL,
    check: Some(&InstanceCheck { rules: rules::WHOLE, run: check }),
    emit: Some(emit::emit),
    upgrade: Some(&Upgrade {
        steps: |passage| PLUG.steps(passage),
        tidy: |_| None,
        wider: Some(|crossing| PLUG.wider(crossing)),
    }),
};

/// Its config. Read by yaml.v2 in strict mode (grafana/tempo cmd/tempo/main.go@v3.0.3).
pub static CONFIG: KindDef =
    KindDef { name: "tempo-config", engine: "tempo", format: Format::Yaml(Dialect::V2), sniff };

/// Overrides by tenant, which its config names: Loki and Mimir have files of that shape too. Read by yaml.v2 in strict mode,
/// after grafana/dskit has read them with yaml.v3 (grafana/tempo modules/overrides/runtime_config_overrides.go@v2.3.1, v3.0.3).
pub static OVERRIDES: KindDef =
    KindDef { name: "tempo-overrides", engine: "tempo", format: Format::Yaml(Dialect::V3), sniff: |_| 0 };

/// Where it is named (grafana/tempo modules/overrides/config.go@v2.3.1, v3.0.3).
static RELOADED: Reloaded = Reloaded {
    kind: &OVERRIDES,
    places: &[(&["overrides", "per_tenant_override_config"], "config.per-user-override-config")],
    syntax: Syntax::Envsubst,
};

/// Yaml.v2 in strict mode, after drone/envsubst when a flag says so (grafana/tempo cmd/tempo/main.go@v3.0.3).
static PLUG: Plug = Plug {
    engine: "tempo",
    rules: Rules {
        unknown: &rules::unknown_key::RULE,
        removed: &rules::removed_key::RULE,
        invalid: &rules::invalid_value::RULE,
    },
    readers: &[reader(&CONFIG, "config"), reader(&OVERRIDES, "overrides")],
    variables: Some(validate::variables),
    // grafana/tempo cmd/tempo/main.go@v3.0.3
    flags: Some((flags::Dialect::Go, &rules::flag_unknown::RULE)),
};

const fn reader(kind: Kind, root: &'static str) -> Reader {
    Reader { kind, root, dialect: Dialect::V2, expand: Expand::Flag(EXPAND_FLAG), zero_until: None }
}

fn check(instance: &Instance<'_>, findings: &mut Findings) {
    let first = findings.all.len();
    PLUG.check_with(instance, findings, validate::config);
    PLUG.look_at_nothing(instance, findings, first, |judge, settings, _| validate::server(judge, settings));
    PLUG.look_at_blank(instance, findings, first, validate::blank);
    overrides::check(instance, findings, first);
}

/// Tempo reads no file without the flag (grafana/tempo cmd/tempo/main.go@v3.0.3).
fn mounted(service: &Service, path: &str) -> Option<Kind> {
    let (arg, value) = service.flag("config.file")?;
    if !arg.open && crate::tree::path::clean(&value) == path {
        return Some(&CONFIG);
    }
    RELOADED.is_flagged(service, path).then_some(&OVERRIDES)
}

fn names(file: &Artifact, service: Option<&Service>) -> Vec<(String, Kind)> {
    if *file.kind == CONFIG { RELOADED.names(file, service) } else { Vec::new() }
}

/// `storage.trace` and `distributor.receivers` are Tempo's alone; Loki, Mimir and Pyroscope share the other names.
fn sniff(sniff: &Sniff<'_>) -> u8 {
    if !sniff.is_yaml() || !(sniff.line_starts("storage") || sniff.line_starts("distributor")) {
        return 0;
    }
    let Some(root) = sniff.root() else { return 10 };
    let foreign =
        ["apiVersion", "kind", "receivers", "service", "schema_config", "blocks_storage", "extensions", "image"];
    if foreign.iter().any(|k| root.get(k).is_some()) || !at_home(ENGINE.name, root) {
        return 0;
    }
    let receivers = root.get("distributor").and_then(|d| d.get("receivers"));
    let trace = root.get("storage").and_then(|s| s.get("trace"));
    let backed = trace.and_then(|t: Node<'_>| t.get("backend"));
    match (receivers, trace, backed) {
        (Some(_), Some(_), _) => 90,
        (_, _, Some(_)) => 80,
        // Chart values nest the same blocks; without a backend only the receivers of a server's own file speak.
        (Some(_), None, _) if root.get("server").is_some() => 70,
        _ => 0,
    }
}
