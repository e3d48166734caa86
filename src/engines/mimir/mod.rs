//! Mimir: its config, and the limits of tenants that it reads again while it runs.

mod fields;
mod paths;
pub mod rules;
mod stores;

use crate::conform::rulegroups::{self, Ruler};
use crate::conform::{Expand, Judge, Plug, Reader, Rules, Settings, When, flags, variables};
use crate::dskit::{self, EXPAND_FLAG, Reloaded, Server, Syntax};
use crate::engine::{Engine, Findings, Instance, InstanceCheck, Say, Upgrade};
use crate::lang::promql;
use crate::parse::Dialect;
use crate::source::Span;
use crate::symbol::{Import, Signal};
use crate::tree::{Artifact, Format, Kind, KindDef, Service, Sniff, path};

/// The engine.
pub static ENGINE: Engine = Engine {
    name: "mimir",
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

/// Its config. Read by yaml.v3 with known fields only (grafana/mimir cmd/mimir/main.go@mimir-2.10.0, mimir-3.0.2).
pub static CONFIG: KindDef =
    KindDef { name: "mimir-config", engine: "mimir", format: Format::Yaml(Dialect::V3), sniff };

/// Limits by tenant, which its config names. Read by yaml.v3 with known fields only (grafana/mimir
/// pkg/mimir/runtime_config.go@mimir-2.10.0, mimir-3.0.2).
pub static RUNTIME: KindDef =
    KindDef { name: "mimir-runtime", engine: "mimir", format: Format::Yaml(Dialect::V3), sniff: |_| 0 };

/// Rules of its ruler, in a folder of each tenant below the one that its config names. Read by yaml.v3 with known fields only
/// (grafana/mimir pkg/ruler/rulestore/local/local.go@mimir-2.10.0, mimir-3.0.2).
pub static RULES: KindDef =
    KindDef { name: "mimir-rules", engine: "mimir", format: Format::Yaml(Dialect::V3), sniff: |_| 0 };

/// Where the limits are named (grafana/mimir cmd/mimir/config-descriptor.json@mimir-2.10.0, mimir-3.0.2).
static RELOADED: Reloaded = Reloaded {
    kind: &RUNTIME,
    places: &[(&["runtime_config", "file"], "runtime-config.file")],
    syntax: Syntax::Expand,
};

/// The image names no config (grafana/mimir cmd/mimir/Dockerfile@mimir-2.10.0, mimir-3.0.2).
static SERVER: Server = Server {
    engine: "mimir",
    kind: "mimir-config",
    config: None,
    limits: Some(RELOADED.places),
    prefixes: &[
        &["server", "http_path_prefix"],
        &["api", "prometheus_http_prefix"],
        &["api", "alertmanager_http_prefix"],
    ],
    syntax: Syntax::Expand,
    // cmd/mimir/main.go `parseConfigFileParameter`@mimir-2.10.0, mimir-3.0.2
    config_behind_words: true,
};

/// Yaml.v3 with known fields only, after Go's `os.Expand` when a flag says so (grafana/mimir cmd/mimir/main.go@mimir-2.10.0, mimir-3.0.2).
static PLUG: Plug = Plug {
    engine: "mimir",
    rules: Rules {
        unknown: &rules::unknown_key::RULE,
        removed: &rules::removed_key::RULE,
        invalid: &rules::invalid_value::RULE,
    },
    readers: &[
        reader(&CONFIG, "config", Expand::Dollar(EXPAND_FLAG)),
        // No flag has variables replaced in these.
        reader(&RUNTIME, "runtime", Expand::Never),
        reader(&RULES, "rules", Expand::Never),
    ],
    variables: Some(written),
    flags: Some((flags::Dialect::Go, &rules::flag_unknown::RULE)),
};

const fn reader(kind: Kind, root: &'static str, expand: Expand) -> Reader {
    Reader { kind, root, dialect: Dialect::V3, expand, zero_until: None }
}

fn check(instance: &Instance<'_>, findings: &mut Findings) {
    let first = findings.all.len();
    PLUG.check_with(instance, findings, validate);
    PLUG.look_at_blank(instance, findings, first, blank);
    PLUG.look(instance, findings, first, "rules", rules_of_tenant);
}

/// Rules of a tenant: one that is refused keeps all of all tenants from being read (grafana/mimir
/// pkg/ruler/rulestore/local/local.go `ListAllUsers`, `loadAllRulesGroupsForUser`@mimir-2.10.0, mimir-3.0.2).
fn rules_of_tenant(judge: &mut Judge<'_>, settings: &Settings<'_>, _: &Instance<'_>) {
    let ruler = Ruler {
        invalid: &rules::rule_invalid::RULE,
        utf8: true,
        braced: true,
        of_groups: true,
        waits: &["for", "keep_firing_for"],
        minor: u16::MAX,
    };
    rulegroups::file(judge, settings.root, &ruler, |judge, rule| {
        let Some((expr, text)) = rule.expr.and_then(|expr| Some((expr, expr.text()?))) else { return };
        let Err(errors) = promql::parse(text.value(), promql::Options::EXPERIMENTAL) else { return };
        let Some(error) = errors.into_iter().find(|e| e.certain) else { return };
        let place = if error.range.is_empty() { expr.span() } else { text.span(error.range) };
        let message = format!("`expr` is no query: {}", error.message);
        let told = judge.tell(&rules::rule_invalid::RULE, place, When::Always, message);
        if let Some(help) = error.help {
            told.help(help);
        }
    });
}

/// A file without a document is the end of a text that was to hold one (cmd/mimir/main.go `LoadConfig`@mimir-2.10.0, mimir-3.0.2).
fn blank(judge: &mut Judge<'_>, _: &Service, _: &str, start: Span) {
    judge
        .tell(&rules::invalid_value::RULE, start, When::Always, "there is nothing in this config")
        .help("write `{}` where all is to have its default, or leave the flag away")
        .note("Mimir does not start: \"Error parsing config file: EOF\"");
}

fn written(judge: &mut Judge<'_>, settings: &Settings<'_>, instance: &Instance<'_>) {
    variables::unexpanded(judge, &rules::env_not_expanded::RULE, settings, instance, EXPAND_FLAG);
    variables::unset(judge, &rules::env_unset::RULE, settings, instance, EXPAND_FLAG);
}

fn validate(judge: &mut Judge<'_>, settings: &Settings<'_>, instance: &Instance<'_>) {
    dskit::ports(judge, settings, &rules::invalid_value::RULE);
    fields::validate(judge, settings);
    stores::validate(judge, settings);
    replication(judge, settings, instance);
    paths::validate(judge, settings, instance);
}

/// Three copies are the default (grafana/mimir cmd/mimir/config-descriptor.json@mimir-2.10.0, mimir-3.0.2), and one process takes one.
fn replication(judge: &mut Judge<'_>, settings: &Settings<'_>, instance: &Instance<'_>) {
    let Some((_, service)) = instance.service else { return };
    let alone = instance.tree.services().filter(|(_, s)| s.project == service.project && s.engine == Some("mimir"));
    if alone.count() != 1 || settings.get(&["target"], "target").or("all") != Some("all") {
        return;
    }
    // With Kafka in front nothing is replicated by rings.
    if settings.get(&["ingest_storage", "enabled"], "ingest-storage.enabled").truth(false) != Some(false) {
        return;
    }
    let copies = settings.get(&["ingester", "ring", "replication_factor"], "ingester.ring.replication-factor");
    if let Some(count) = copies.number(3).filter(|n| *n > 1) {
        let place = copies.span().or_else(|| settings.root.own_entries().next().map(|e| e.key.span()));
        let message = format!("this Mimir is alone, and `ingester.ring.replication_factor` is {count}");
        judge
            .fact(&rules::replication_single::RULE, place.unwrap_or(settings.root.span()), When::Always, message)
            .help("write `ingester: {ring: {replication_factor: 1}}`, and the same for `store_gateway.sharding_ring`")
            .note("every push fails: \"at least 2 live replicas required\"");
    }
}

fn mounted(service: &Service, path: &str) -> Option<Kind> {
    RELOADED.mounted(&SERVER, &CONFIG, service, path)
}

fn names(file: &Artifact, service: Option<&Service>) -> Vec<(String, Kind)> {
    if *file.kind == CONFIG { RELOADED.names_with(file, service, &RULES, rules_folder) } else { Vec::new() }
}

/// The folder with rules of tenants, where its ruler reads files and no bucket (grafana/mimir
/// pkg/ruler/storage.go@mimir-2.10.0, mimir-3.0.2).
fn rules_folder(config: &Artifact, service: &Service) -> Option<String> {
    let storage = config.data()?.root()?.get("ruler_storage")?;
    let flags = ["ruler-storage.backend", "ruler-storage.local.directory"];
    if flags.iter().any(|flag| service.flag(flag).is_some()) || storage.get("backend")?.scalar() != Some("local") {
        return None;
    }
    let text = SERVER.variables(service).replaced(storage.at(&["local", "directory"])?.text()?)?;
    (!text.value().is_empty()).then(|| path::join("/", text.value()))
}

fn symbols(instance: &Instance<'_>, say: &mut Say<'_>) {
    SERVER.symbols(instance, say);
    let Some((_, service)) = instance.service else { return };
    for (id, artifact) in instance.read(CONFIG.name, |at| SERVER.reads(service, at)) {
        let Some(root) = artifact.data().and_then(|d| d.root()) else { continue };
        // Many parts may read one config, of which one sends alerts.
        let flag = service.flag("target").map(|(_, value)| value);
        let target = flag.or_else(|| root.get("target")?.scalar().map(str::to_owned));
        if target.is_some_and(|t| !t.split(',').any(|part| matches!(part.trim(), "all" | "ruler"))) {
            continue;
        }
        let url = root.get("ruler").and_then(|ruler| dskit::alerts(ruler, "Mimir's ruler", SERVER.variables(service)));
        url.into_iter().for_each(|u| say.import(Some(id), Import::Url(u)));
    }
}

fn flows(instance: &Instance<'_>, say: &mut Say<'_>) {
    SERVER.flows(instance, Signal::Metrics, say);
}

/// `blocks_storage` is Mimir's and Cortex's; what only Cortex has, or charts, speaks against.
fn sniff(sniff: &Sniff<'_>) -> u8 {
    if !sniff.is_yaml() || !sniff.line_starts("blocks_storage") {
        return 0;
    }
    let Some(root) = sniff.root() else { return 10 };
    let foreign = ["apiVersion", "kind", "mimir", "image", "services", "schema_config", "auth_enabled", "chunk_store"];
    if foreign.iter().any(|k| root.get(k).is_some()) {
        return 0;
    }
    let named = sniff.name.to_ascii_lowercase().contains("mimir");
    let own = ["multitenancy_enabled", "no_auth_tenant", "common", "limits", "ingester", "store_gateway"];
    match (named, own.iter().any(|k| root.get(k).is_some())) {
        (true, _) => 85,
        (_, true) => 75,
        _ => 0,
    }
}
