//! Loki: its config, and the limits of tenants that it reads again while it runs.

pub mod rules;
mod validate;

use crate::address;
use crate::conform::{Expand, Plug, Reader, Rules, at_home, flags};
use crate::dskit::{self, EXPAND_FLAG, Reloaded, Server, Syntax, Variables};
use crate::engine::{Engine, Findings, Instance, InstanceCheck, Say, Upgrade};
use crate::parse::{Dialect, Node};
use crate::symbol::{Import, Signal};
use crate::tree::{Artifact, ArtifactId, Format, Kind, KindDef, MountSource, Service, Sniff, path};

/// The engine.
pub static ENGINE: Engine = Engine {
    name: "loki",
    kinds: &[&CONFIG, &RUNTIME, &RULES],
    mounted,
    names: Some(names),
    services: None,
    symbols,
    flows: Some(flows),
    rules: rules::ALL,
    check: Some(&InstanceCheck { rules: rules::WHOLE, run: check }),
    emit: None,
    upgrade: Some(&Upgrade {
        steps: |passage| PLUG.steps(passage),
        tidy: |_| None,
        wider: Some(|crossing| PLUG.wider(crossing)),
    }),
};

/// Its config. Read by yaml.v2 in strict mode (grafana/loki pkg/util/cfg/files.go@v3.7.6).
pub static CONFIG: KindDef = KindDef { name: "loki-config", engine: "loki", format: Format::Yaml(Dialect::V2), sniff };

/// Limits by tenant, which its config names. Read by yaml.v2 in strict mode, after grafana/dskit has put them together with
/// yaml.v3 (grafana/loki pkg/loki/runtime_config.go@v2.9.2, v3.0.0, v3.5.0, v3.7.6).
pub static RUNTIME: KindDef =
    KindDef { name: "loki-runtime", engine: "loki", format: Format::Yaml(Dialect::V3), sniff: |_| 0 };

/// Rules of its ruler, in a folder of each tenant below the one that its config names. Read by yaml.v3 with known fields only
/// (grafana/loki pkg/ruler/grouploader.go `parseRules`@v2.9.2, v3.7.6).
pub static RULES: KindDef =
    KindDef { name: "loki-rules", engine: "loki", format: Format::Yaml(Dialect::V3), sniff: |_| 0 };

/// Where the limits are named (grafana/loki pkg/loki/modules.go `initRuntimeConfig`, pkg/validation/limits.go@v2.9.2, v3.7.6).
static RELOADED: Reloaded = Reloaded {
    kind: &RUNTIME,
    places: &[
        (&["runtime_config", "file"], "runtime-config.file"),
        (&["limits_config", "per_tenant_override_config"], "limits.per-user-override-config"),
    ],
    syntax: Syntax::Envsubst,
};

/// Its config path is that of the image (grafana/loki cmd/loki/Dockerfile@v2.9.0, v3.7.6).
static SERVER: Server = Server {
    engine: "loki",
    kind: "loki-config",
    config: Some("/etc/loki/local-config.yaml"),
    limits: Some(RELOADED.places),
    prefixes: &[&["server", "http_path_prefix"], &["http_prefix"]],
    // pkg/util/cfg/files.go@v2.9.2, v3.7.6
    syntax: Syntax::Envsubst,
    config_behind_words: false,
};

/// Yaml.v2 in strict mode, after drone/envsubst when a flag says so (grafana/loki pkg/util/cfg/files.go@v3.7.6).
static PLUG: Plug = Plug {
    engine: "loki",
    rules: Rules {
        unknown: &rules::unknown_key::RULE,
        removed: &rules::removed_key::RULE,
        invalid: &rules::invalid_value::RULE,
    },
    readers: &[
        reader(&CONFIG, "config", Dialect::V2, Expand::Flag(EXPAND_FLAG)),
        // No flag has variables replaced in these.
        reader(&RUNTIME, "runtime", Dialect::V2, Expand::Never),
        reader(&RULES, "rules", Dialect::V3, Expand::Never),
    ],
    variables: Some(validate::variables),
    // grafana/loki cmd/loki/main.go@v3.7.6
    flags: Some((flags::Dialect::Go, &rules::flag_unknown::RULE)),
};

const fn reader(kind: Kind, root: &'static str, dialect: Dialect, expand: Expand) -> Reader {
    Reader { kind, root, dialect, expand, zero_until: None }
}

fn check(instance: &Instance<'_>, findings: &mut Findings) {
    let first = findings.all.len();
    PLUG.check_with(instance, findings, validate::config);
    PLUG.look_at_nothing(instance, findings, first, validate::nothing);
    PLUG.look_at_blank(instance, findings, first, validate::blank);
    PLUG.look(instance, findings, first, "runtime", validate::runtime);
    PLUG.look(instance, findings, first, "rules", validate::rules);
}

fn mounted(service: &Service, path: &str) -> Option<Kind> {
    RELOADED.mounted(&SERVER, &CONFIG, service, path)
}

fn names(file: &Artifact, service: Option<&Service>) -> Vec<(String, Kind)> {
    if *file.kind == CONFIG { RELOADED.names_with(file, service, &RULES, rules_folder) } else { Vec::new() }
}

/// The folder with rules of tenants, where its ruler reads files and no bucket (grafana/loki pkg/ruler/base/storage.go,
/// pkg/loki/config_wrapper.go `applyStorageConfig`@v2.9.2, v3.7.6).
fn rules_folder(config: &Artifact, service: &Service) -> Option<String> {
    let root = config.data()?.root()?;
    let flags = ["ruler.storage.type", "ruler.storage.local.directory", "ruler-storage.backend"];
    if flags.iter().any(|flag| service.flag(flag).is_some()) {
        return None;
    }
    let local = |storage: Node<'_>, key: &str| storage.get(key).and_then(Node::scalar) == Some("local");
    // One of the two is read, and the other is ignored (pkg/loki/modules.go `initRulerStorage`@v3.7.6).
    let clients = root.at(&["storage_config", "use_thanos_objstore"]).is_some_and(|n| n.as_bool() != Some(false));
    let storage = if clients { root.get("ruler_storage") } else { root.at(&["ruler", "storage"]) };
    let folder = match storage {
        Some(storage) if local(storage, if clients { "backend" } else { "type" }) => {
            storage.at(&["local", "directory"])
        }
        None if !clients => root.at(&["common", "storage", "filesystem", "rules_directory"]),
        _ => None,
    };
    let text = SERVER.variables(service).replaced(folder?.text()?)?;
    (!text.value().is_empty()).then(|| path::join("/", text.value()))
}

fn symbols(instance: &Instance<'_>, say: &mut Say<'_>) {
    SERVER.symbols(instance, say);
    let Some((_, service)) = instance.service else { return };
    for (id, artifact) in instance.read(CONFIG.name, |at| SERVER.reads(service, at)) {
        let Some(ruler) = artifact.data().and_then(|d| d.root()?.get("ruler")) else { continue };
        let variables = SERVER.variables(service);
        remote_write(id, ruler, variables, say);
        // The image's own config names an Alertmanager beside it, whether there are rules or not (grafana/loki
        // cmd/loki/loki-local-config.yaml@v3.7.6): who keeps that line and brings no rules asks for nothing.
        let url = dskit::alerts(ruler, "Loki's ruler", variables);
        let url =
            url.filter(|u| !(address::is_loopback(&u.host) || u.host == "0.0.0.0") || brings_rules(service, artifact));
        url.into_iter().for_each(|u| say.import(Some(id), Import::Url(u)));
    }
}

/// Whether a file or a folder of the host is mounted where the ruler looks for rules.
fn brings_rules(service: &Service, config: &Artifact) -> bool {
    const RULES: [&[&str]; 3] = [
        &["ruler", "storage", "local", "directory"],
        &["ruler_storage", "local", "directory"],
        &["common", "storage", "filesystem", "rules_directory"],
    ];
    let root = config.data().and_then(|d| d.root());
    let folders = RULES.iter().filter_map(|keys| root?.at(keys)?.scalar());
    let binds = || service.mounts.iter().filter(|m| matches!(m.source, MountSource::Bind(_)));
    folders.into_iter().any(|folder| binds().any(|m| path::below(&m.target, &path::clean(folder)).is_some()))
}

/// Where the ruler sends what recording rules make (grafana/loki pkg/ruler/config.go, registry.go@v2.9.2, v3.7.6). It is off
/// unless the file or a flag says otherwise.
fn remote_write(id: ArtifactId, ruler: Node<'_>, variables: Variables<'_>, say: &mut Say<'_>) {
    let Some(settings) = ruler.get("remote_write") else { return };
    if settings.get("enabled").and_then(Node::scalar) != Some("true") {
        return;
    }
    let clients = settings.get("clients").into_iter().flat_map(Node::entries).map(|e| e.value);
    for client in settings.get("client").into_iter().chain(clients) {
        let url = address::remote_write(client, "Loki's ruler", |text| variables.replaced(text));
        url.into_iter().for_each(|u| say.import(Some(id), Import::Url(u)));
    }
}

fn flows(instance: &Instance<'_>, say: &mut Say<'_>) {
    SERVER.flows(instance, Signal::Logs, say);
}

/// `schema_config` with periods is Loki's alone; Cortex had the name, and no `limits_config` beside it.
fn sniff(sniff: &Sniff<'_>) -> u8 {
    if !sniff.is_yaml() || !sniff.line_starts("schema_config") {
        return 0;
    }
    let Some(root) = sniff.root() else { return 10 };
    let foreign = ["apiVersion", "kind", "blocks_storage", "loki", "image", "services", "scrape_configs"];
    if foreign.iter().any(|k| root.get(k).is_some()) || !at_home(ENGINE.name, root) {
        return 0;
    }
    let periods = root.at(&["schema_config", "configs"]).is_some_and(|n| n.is_seq());
    let server = ["server", "common", "storage_config", "ingester", "limits_config", "auth_enabled"];
    if periods && server.iter().any(|k| root.get(k).is_some()) { 85 } else { 0 }
}
