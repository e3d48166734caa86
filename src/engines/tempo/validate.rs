//! What Tempo warns of when it looks at a whole config, and what `-config.verify` fails on
//! (grafana/tempo cmd/tempo/app/config.go `CheckConfig`@v2.3.1 to v3.0.3).

mod start;
mod storage;

use super::rules::{
    env_not_expanded, env_unset, histogram_buckets, invalid_value, legacy_overrides, local_not_single, removed_target,
    retention_vs_poll, verify_warning,
};
use crate::catalogue::Version;
use crate::conform::client::{self, Since};
use crate::conform::{Judge, Setting, Settings, When, variables};
use crate::dskit::EXPAND_FLAG;
use crate::engine::Instance;
use crate::lang::quantity;
use crate::parse::Node;
use crate::source::Span;
use crate::tree::Service;

/// Looks at the variables of one config.
pub(super) fn variables(judge: &mut Judge<'_>, settings: &Settings<'_>, instance: &Instance<'_>) {
    variables::unexpanded(judge, &env_not_expanded::RULE, settings, instance, EXPAND_FLAG);
    variables::unbraced(judge, &env_not_expanded::RULE, settings, instance, EXPAND_FLAG);
    variables::unset(judge, &env_unset::RULE, settings, instance, EXPAND_FLAG);
}

/// Looks at one config.
pub(super) fn config(judge: &mut Judge<'_>, settings: &Settings<'_>, instance: &Instance<'_>) {
    target(judge, settings);
    server(judge, settings);
    storage::open(judge, settings, instance);
    start::start(judge, settings);
    local(judge, settings);
    poll(judge, settings);
    switches(judge, settings);
    flat(judge, settings);
    buckets(judge, settings);
    senders(judge, settings);
}

/// What null does to a section: yaml.v2 takes all of it away, its defaults too (go-yaml/yaml decode.go `scalar`@v2.4.0), and a level
/// of logs that is none ends the process (grafana/tempo cmd/tempo/main.go@v2.3.1 to v3.0.3).
pub(super) fn server(judge: &mut Judge<'_>, settings: &Settings<'_>) {
    let section = Some(settings.root).filter(|r| r.is_null()).or_else(|| settings.root.get("server"));
    let level = section.filter(|s| s.is_null()).or_else(|| section?.get("log_level"));
    let Some(empty) = level.filter(|n| n.is_null() && !settings.is_open(*n) && !settings.has("log.level")) else {
        return;
    };
    let (what, help) = match (settings.root.get("server"), section == level) {
        (None, _) => ("the file", "write a config, or leave nothing in the file"),
        (_, true) => ("`server`", "write what it is to hold, or delete it"),
        _ => ("`server.log_level`", "write `info`, or delete it"),
    };
    judge
        .tell(
            &invalid_value::RULE,
            empty.span(),
            When::Always,
            format!("{what} holds nothing, and takes the default away"),
        )
        .help(help)
        .note("Tempo ends with \"invalid log level\"")
        .sure(settings.known());
}

/// Looks at one without a document.
pub(super) fn blank(judge: &mut Judge<'_>, service: &Service, _: &str, start: Span) {
    if service.flag("storage.trace.backend").is_none() && service.flag("target").is_none() {
        storage::lacking(judge, start);
    }
}

/// A target on the command line: the file's own is looked at with the file.
fn target(judge: &mut Judge<'_>, settings: &Settings<'_>) {
    let target = settings.get(&["target"], "target");
    let nothing = settings.root.get("target").filter(|_| settings.is_nothing(&["target"]) && !settings.has("target"));
    let named = target.text().zip(target.span()).or(nothing.map(|n| ("", n.span())));
    if let Some((text, span)) = named.filter(|(text, _)| !removed_target::is_known(text)) {
        removed_target::unknown(judge, text, span);
    }
    if let Setting::Flag(text, span) = settings.get(&[], "target") {
        for gone in removed_target::gone(text, judge.version) {
            let version = judge.version;
            let message =
                format!("Tempo {version} has no target `{}`: it is gone since {}.{}", gone.0, gone.1.0, gone.1.1);
            judge.tell(&removed_target::RULE, span, When::Sometimes, message).help(format!("use {}", gone.2));
        }
    }
}

/// Blocks in a folder are seen by one process.
fn local(judge: &mut Judge<'_>, settings: &Settings<'_>) {
    let backend = settings.get(&["storage", "trace", "backend"], "storage.trace.backend");
    let target = settings.get(&["target"], "target");
    let (Some("local"), Some(name), Some(span)) = (backend.text(), target.or("all"), backend.span()) else { return };
    let single = name == "all" || (name == "all-3.0" && judge.since(2, 10));
    if !single {
        judge
            .tell(
                &local_not_single::RULE,
                span,
                When::Sometimes,
                format!("`local` blocks are seen by one process, and this one is `{name}`"),
            )
            .help("use a bucket (`s3`, `gcs`, `azure`), or one process with `target: all`");
    }
}

/// A duration that a field has, by itself, by a flag of one of these names, or by default.
fn duration(judge: &Judge<'_>, settings: &Settings<'_>, path: &[&str], flags: &[&str]) -> Option<f64> {
    let nanoseconds = |text: &str| quantity::go_duration(text).ok().or_else(|| text.parse().ok());
    let flag = flags.iter().find(|f| settings.has(f)).copied().unwrap_or_default();
    match settings.get(path, flag) {
        Setting::Default => nanoseconds(judge.field(path)?.default()?.trim_matches('"')),
        setting => nanoseconds(setting.text()?),
    }
}

/// Blocks are polled more often than they are dropped.
fn poll(judge: &mut Judge<'_>, settings: &Settings<'_>) {
    const POLL: &[&str] = &["storage", "trace", "blocklist_poll"];
    let Some(every) = duration(judge, settings, POLL, &["storage.trace.blocklist_poll"]) else { return };
    let three = judge.since(3, 0);
    let (complete, retention): (&[&str], &[&str]) = if three {
        (&["live_store", "complete_block_timeout"], &["backend_worker", "compaction", "block_retention"])
    } else {
        (&["ingester", "complete_block_timeout"], &["compactor", "compaction", "block_retention"])
    };
    let cases: [(&[&str], &[&str], &str); 2] = [
        (
            complete,
            &["ingester.complete-block-timeout", "live-store.complete-block-timeout"],
            "what is flushed is not found until it is polled",
        ),
        (
            retention,
            &[
                "compactor.compaction.block-retention",
                "compactor.compaction.compaction.block-retention",
                "backend-worker.compaction.block-retention",
            ],
            "blocks are deleted that queries still look for",
        ),
    ];
    for (path, flags, what) in cases {
        let Some(length) = duration(judge, settings, path, flags).filter(|l| *l < every) else { continue };
        let written = [path, POLL].into_iter().find_map(|p| settings.written(p).span());
        let Some(span) = written else { continue };
        let name = path.last().copied().unwrap_or_default();
        let shown = |n: f64| n / 1e9;
        let message = format!("`{name}` of {}s is below `blocklist_poll` of {}s", shown(length), shown(every));
        judge
            .tell(&retention_vs_poll::RULE, span, When::Sometimes, message)
            .help("make it longer than `storage.trace.blocklist_poll`")
            .note(format!("{what}; `-config.verify` exits with 1"));
    }
}

/// A switch that Tempo warns of.
struct Switch {
    path: &'static [&'static str],
    flag: &'static str,
    since: Version,
    until: Option<Version>,
    what: &'static str,
    help: &'static str,
}

const FIRST: Version = Version::new(2, 3, 0);

const SWITCHES: &[Switch] = &[
    Switch {
        path: &["distributor", "log_received_spans", "enabled"],
        flag: "distributor.log-received-spans.enabled",
        since: FIRST,
        until: None,
        what: "every span that comes in is logged",
        help: "switch it off when the search for a fault is over",
    },
    Switch {
        path: &["distributor", "log_discarded_spans", "enabled"],
        flag: "distributor.log-discarded-spans.enabled",
        since: Version::new(2, 7, 0),
        until: None,
        what: "every span that is dropped is logged",
        help: "switch it off when the search for a fault is over",
    },
    Switch {
        path: &["query_frontend", "mcp_server", "enabled"],
        flag: "query-frontend.mcp-server.enabled",
        since: Version::new(2, 9, 0),
        until: None,
        what: "traces can be read by models over MCP, and may hold what is private",
        help: "leave it off unless that is wanted",
    },
    Switch {
        path: &["storage", "trace", "s3", "native_aws_auth_enabled"],
        flag: "",
        since: FIRST,
        until: None,
        what: "this way to log in is deprecated, and the default one is tried first",
        help: "delete it",
    },
];

/// Switches, counts and fields that Tempo only warns of.
fn switches(judge: &mut Judge<'_>, settings: &Settings<'_>) {
    for switch in SWITCHES {
        let version = judge.version;
        if version < switch.since || switch.until.is_some_and(|u| version >= u) {
            continue;
        }
        let setting = settings.get(switch.path, switch.flag);
        if let (Some(true), Some(span)) = (setting.truth(false), setting.span()) {
            let name = switch.path[switch.path.len().saturating_sub(2)..].join(".");
            warn(judge, span, &format!("`{name}`: {}", switch.what)).help(switch.help);
        }
    }
    let compaction = if judge.since(3, 0) { "backend_worker" } else { "compactor" };
    for path in
        [&[compaction, "compaction", "retention_concurrency"][..], &["storage", "trace", "blocklist_poll_concurrency"]]
    {
        let setting = settings.written(path);
        if let (Some("0"), Some(span)) = (setting.text(), setting.span()) {
            let name = path.last().copied().unwrap_or_default();
            warn(judge, span, &format!("`{name}` is 0, and Tempo takes its default")).help("delete it");
        }
    }
    let cache = settings.written(&["storage", "trace", "cache"]);
    if let (true, Some(span), true) = (judge.since(2, 4), cache.span(), cache.text().is_some_and(|t| !t.is_empty())) {
        warn(judge, span, "`storage.trace.cache` is deprecated").help("write `cache.caches` at the top level");
    }
    if let (true, Setting::Written(node)) = (judge.since(3, 0), settings.written(&["query_frontend", "rf1_after"])) {
        warn(judge, node.span(), "`rf1_after` is read and has no effect").help("delete it");
    }
    let shards = settings.written(&["query_frontend", "trace_by_id", "concurrent_shards"]);
    let all = settings.written(&["query_frontend", "trace_by_id", "query_shards"]);
    if let (Some(some), Some(all), Some(span)) = (shards.number(0), all.number(50), shards.span())
        && some > all
        && judge.since(2, 7)
    {
        warn(judge, span, "`concurrent_shards` is more than `query_shards`").help("make it at most as many");
    }
}

/// Flat overrides where they are taken: before 3.0, or because something asks for it.
fn flat(judge: &mut Judge<'_>, settings: &Settings<'_>) {
    let Setting::Written(overrides) = settings.written(&["overrides"]) else { return };
    let all = overrides.entries();
    let Some(flat) = all.iter().find(|e| !legacy_overrides::SCOPED.contains(&e.name())) else { return };
    let asked = settings.get(&["overrides", "enable_legacy_overrides"], "config.enable-legacy-overrides").truth(false);
    // Those that are refused are told of as such; before 2.3.0 there is no other format (cmd/tempo/app/config.go@v2.2.4, absent
    // there, @v2.3.1).
    if !judge.since(2, 3) || judge.since(3, 0) && asked != Some(true) {
        return;
    }
    // One format is tried, then the other (`Config.UnmarshalYAML`).
    for entry in all.iter().filter(|e| e.name() == "defaults") {
        let message = format!("`overrides` has `defaults` and `{}`, which is of the flat format", flat.name());
        judge
            .tell(&invalid_value::RULE, entry.key.span(), When::Always, message)
            .label(flat.key.span(), "flat")
            .help("nest all limits under `defaults`");
    }
    let message = format!("`overrides.{}` is of the flat format, which is deprecated", flat.name());
    warn(judge, flat.key.span(), &message).help("nest it under `overrides.defaults`, as Tempo 3.0 wants it");
}

fn warn<'j>(judge: &'j mut Judge<'_>, span: crate::source::Span, message: &str) -> crate::conform::Told<'j> {
    judge
        .tell(&verify_warning::RULE, span, When::Sometimes, message)
        .note("Tempo starts with a warning, and `-config.verify` exits with 1")
}

/// The library as go.mod names it (v2.3.1: v0.44.0).
const CLIENT: Since = Since { inline: true, ..Since::LEAST };

/// Where the generator writes to, which is read by Prometheus' own code.
fn senders(judge: &mut Judge<'_>, settings: &Settings<'_>) {
    let Some(list) = settings.root.at(&["metrics_generator", "storage", "remote_write"]) else { return };
    for writer in list.items() {
        let at = writer.entries().first().map_or(writer.span(), |e| e.key.span());
        client::sender(judge, &invalid_value::RULE, at, writer, CLIENT);
    }
}

/// Buckets of histograms go up.
fn buckets(judge: &mut Judge<'_>, settings: &Settings<'_>) {
    let processor = ["span_metrics", "service_graphs"];
    let places: [&[&str]; 2] =
        [&["metrics_generator", "processor"], &["overrides", "defaults", "metrics_generator", "processor"]];
    for place in places {
        for name in processor {
            let path: Vec<&str> = place.iter().copied().chain([name, "histogram_buckets"]).collect();
            if let Setting::Written(list) = settings.written(&path) {
                rising(judge, list);
            }
        }
    }
    let path = ["overrides", "defaults", "metrics_generator", "native_histogram_bucket_factor"];
    if let Setting::Written(node) = settings.written(&path) {
        factor(judge, node);
    }
}

/// Each bucket is above the one before it.
pub(super) fn rising(judge: &mut Judge<'_>, list: Node<'_>) {
    let all: Vec<(Node<'_>, f64)> = list.items().filter_map(|i| Some((i, i.as_f64()?))).collect();
    for pair in all.windows(2) {
        if let [(_, before), (node, after)] = pair
            && after <= before
        {
            judge
                .tell(
                    &histogram_buckets::RULE,
                    node.span(),
                    When::Always,
                    format!("the bucket {after} is not above {before}, which is before it"),
                )
                .help("sort them, each once");
        }
    }
}

/// The growth of native buckets.
pub(super) fn factor(judge: &mut Judge<'_>, node: Node<'_>) {
    if node.as_f64().is_some_and(|f| f <= 1.0 && f != 0.0) {
        judge
            .tell(
                &histogram_buckets::RULE,
                node.span(),
                When::Always,
                "`native_histogram_bucket_factor` must be above 1",
            )
            .help("write `1.1`");
    }
}
