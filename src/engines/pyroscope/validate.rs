//! What fields of a config must mean together for Pyroscope to start with it
//! (grafana/pyroscope pkg/phlare/phlare.go@v1.7.0, v1.14.0, pkg/pyroscope/pyroscope.go `Config.Validate`@v1.15.0 to v2.2.1).

use super::rules::{env_not_expanded, env_unset, invalid_value, removed_arg, storage_required};
use crate::catalogue;
use crate::conform::bounds::{self, Bound, Limit, since};
use crate::conform::{Judge, Setting, Settings, When, flags, variables};
use crate::dskit::{self, CONFIG_FLAG, EXPAND_FLAG};
use crate::engine::{Findings, Instance};
use crate::lang::quantity;
use crate::source::Span;
use crate::tree::Service;

/// Of the compactor of v1 storage (pkg/compactor/compactor.go@v1.7.0, v2.2.1).
const COMPACTOR: &[Bound] = &[
    Bound {
        path: &["compactor", "compaction_jobs_order"],
        flag: "compactor.compaction-jobs-order",
        held: &[],
        limit: Limit::Words(&["smallest-range-oldest-blocks-first", "newest-blocks-first"]),
    },
    Bound {
        path: &["compactor", "compaction_split_by"],
        flag: "compactor.compaction-split-by",
        held: &[],
        limit: Limit::Words(&["fingerprint", "stacktracePartition"]),
    },
];

const COMPRESSED: Limit = Limit::Words(&["", "gzip", "snappy"]);

/// Of all (pkg/objstore/client/config.go, pkg/scheduler/schedulerdiscovery/config.go@v1.12.0, v2.2.1; pkg/validation/limits.go@v1.7.0,
/// pkg/validation/relabeling.go@v1.21.0; github.com/grafana/dskit grpcclient/grpcclient.go@v0.0.0-20231221015914-de83901bf4d6,
/// v0.0.0-20260616135346-e96eda8260cd).
const BOUNDS: &[Bound] = &[
    Bound {
        path: &["storage", "backend"],
        flag: "storage.backend",
        held: &[since(1, 12)],
        limit: Limit::Words(&["", "s3", "gcs", "azure", "swift", "filesystem", "cos"]),
    },
    Bound {
        path: &["query_scheduler", "service_discovery_mode"],
        flag: "query-scheduler.service-discovery-mode",
        held: &[since(1, 12)],
        limit: Limit::Words(&["dns", "ring"]),
    },
    Bound {
        path: &["query_scheduler", "max_used_instances"],
        flag: "query-scheduler.max-used-instances",
        held: &[since(1, 12)],
        limit: Limit::NotBelowZero,
    },
    Bound {
        path: &["frontend", "grpc_client_config", "grpc_compression"],
        flag: "query-frontend.grpc-client-config.grpc-compression",
        held: &[since(1, 15)],
        limit: COMPRESSED,
    },
    Bound {
        path: &["frontend_worker", "grpc_client_config", "grpc_compression"],
        flag: "querier.frontend-client.grpc-compression",
        held: &[since(1, 15)],
        limit: COMPRESSED,
    },
    Bound {
        path: &["limits", "ingestion_relabeling_default_rules_position"],
        flag: "distributor.ingestion-relabeling-default-rules-position",
        held: &[since(1, 15)],
        limit: Limit::Words(&["", "first", "last", "disabled"]),
    },
];

/// Looks at the variables of one config.
pub(super) fn variables(judge: &mut Judge<'_>, settings: &Settings<'_>, instance: &Instance<'_>) {
    variables::unexpanded(judge, &env_not_expanded::RULE, settings, instance, EXPAND_FLAG);
    variables::unset(judge, &env_unset::RULE, settings, instance, EXPAND_FLAG);
}

/// Looks at one config.
pub(super) fn config(judge: &mut Judge<'_>, settings: &Settings<'_>, _: &Instance<'_>) {
    let layer = settings.get(&["architecture_storage"], "architecture.storage").or("v1-v2-dual");
    // Since 2.2 what no v1 storage reads is not checked.
    let compacts = !judge.since(2, 2) || layer.is_some_and(|l| l != "v2");
    bounds::check(judge, settings, &invalid_value::RULE, BOUNDS);
    if compacts {
        bounds::check(judge, settings, &invalid_value::RULE, COMPACTOR);
        blocks(judge, settings);
    }
    dskit::ports(judge, settings, &invalid_value::RULE);
    prefix(judge, settings);
    prefixes(judge, settings);
    storage(judge, settings, layer);
}

/// Ranges of blocks are multiples of what stands before them.
fn blocks(judge: &mut Judge<'_>, settings: &Settings<'_>) {
    let opening =
        settings.get(&["compactor", "max_opening_blocks_concurrency"], "compactor.max-opening-blocks-concurrency");
    if let (Some(count), Some(span)) = (opening.number(16), opening.span())
        && count < 1
    {
        let message = format!("`max_opening_blocks_concurrency` must be above zero, and is {count}");
        judge.tell(&invalid_value::RULE, span, When::Always, message).sure(settings.known());
    }
    if settings.has("compactor.block-ranges") {
        return;
    }
    let longest = settings.get(&["pyroscopedb", "max_block_duration"], "pyroscopedb.max-block-duration");
    let hour = judge.default("pyroscopedb.max-block-duration").map(|d| d.trim_matches('"')).unwrap_or("1h");
    let nanoseconds = |text: &str| quantity::go_duration(text).ok().filter(|n| *n > 0.0);
    let Some(mut before) = longest.or(hour).and_then(nanoseconds) else { return };
    let Setting::Written(list) = settings.written(&["compactor", "block_ranges"]) else { return };
    for item in list.items() {
        let Some(length) = item.scalar().filter(|_| !settings.is_open(item)).and_then(nanoseconds) else { return };
        if length % before != 0.0 {
            judge
                .tell(
                    &invalid_value::RULE,
                    item.span(),
                    When::Always,
                    "a block range is a multiple of the one before it, and the first of `pyroscopedb.max_block_duration`",
                )
                .sure(settings.known());
            return;
        }
        before = length;
    }
}

/// Looks at one without a document, which is the end of a text that was to hold one; of a file of no bytes nothing is read
/// (pkg/cfg/files.go `dYAML`@v1.7.0, v2.2.1).
pub(super) fn blank(judge: &mut Judge<'_>, _: &Service, text: &str, start: Span) {
    if text.is_empty() {
        return;
    }
    judge
        .tell(&invalid_value::RULE, start, When::Always, "there is nothing in this config")
        .help("write `{}` where all is to have its default, or leave the flag away")
        .note("Pyroscope does not start: \"EOF\"");
}

/// What a prefix is made of (pkg/objstore/client/config.go `validStoragePrefix`@v1.14.0, v2.2.1).
fn prefix(judge: &mut Judge<'_>, settings: &Settings<'_>) {
    let prefix = settings.get(&["storage", "prefix"], "storage.prefix");
    let (Some(text), Some(span), true) = (prefix.text(), prefix.span(), judge.since(1, 14)) else { return };
    let inner = text.strip_suffix('/').unwrap_or(text);
    let part = |part: &str| {
        let fits =
            |(at, b): (usize, u8)| b.is_ascii_alphabetic() || b"_-.".contains(&b) || b.is_ascii_digit() && at > 0;
        part != "." && part != ".." && part.bytes().enumerate().all(fits)
    };
    let why = if text.is_empty() {
        return;
    } else if text.starts_with('/') {
        "begins with a slash"
    } else if inner.split('/').any(str::is_empty) {
        "has an empty part"
    } else if !inner.split('/').all(part) {
        "has a part that is none: of letters, `_`, `-`, `.` and, behind the first, digits"
    } else {
        return;
    };
    let message = format!("`storage.prefix` {why}");
    judge.tell(&invalid_value::RULE, span, When::Sometimes, message).sure(settings.known());
}

/// The older name of the prefix.
fn prefixes(judge: &mut Judge<'_>, settings: &Settings<'_>) {
    let old = settings.get(&["storage", "storage_prefix"], "storage.storage-prefix");
    let new = settings.get(&["storage", "prefix"], "storage.prefix");
    let filled = |s: Setting<'_>| s.text().is_some_and(|t| !t.is_empty());
    if let (true, true, true, Some(span)) = (judge.since(1, 14), filled(old), filled(new), old.span()) {
        judge
            .tell(
                &invalid_value::RULE,
                span,
                When::Sometimes,
                "`storage_prefix` and `prefix` are two names of one field",
            )
            .help("delete `storage_prefix`, which is deprecated")
            .sure(settings.known());
    }
}

/// Storage of the second kind needs a bucket, and each kind has its own way of writing.
fn storage(judge: &mut Judge<'_>, settings: &Settings<'_>, layer: Option<&str>) {
    let (true, Some(layer)) = (judge.since(2, 0), layer) else { return };
    let backend = settings.get(&["storage", "backend"], "storage.backend");
    if let (Some(""), Some(span), true) = (backend.or("filesystem"), backend.span(), layer != "v1") {
        judge
            .tell(
                &storage_required::RULE,
                span,
                When::Sometimes,
                format!("`{layer}` storage needs a bucket, and `storage.backend` is empty"),
            )
            .help("write `backend: filesystem` or another, or `architecture_storage: v1`")
            .sure(settings.known());
    }
    let path = settings.get(&["limits", "write_path"], "write-path");
    let wanted = match layer {
        "v1" => "ingester",
        "v2" => "segment-writer",
        _ => return,
    };
    if path.or("segment-writer").is_some_and(|p| p != wanted) {
        let asked = settings.get(&["architecture_storage"], "architecture.storage");
        let Some(span) = path.span().or(asked.span()) else { return };
        let told = judge.tell(
            &storage_required::RULE,
            span,
            When::Sometimes,
            format!("`{layer}` storage is written by `{wanted}`, and `limits.write_path` is another"),
        );
        told.help(format!("write `limits.write_path: {wanted}`")).sure(settings.known());
    }
}

/// Words and variables of the process that no release reads any more.
pub(super) fn process(instance: &Instance<'_>, findings: &mut Findings) {
    let (Some((_, service)), Some(version)) = (instance.service, &instance.version) else { return };
    let Some(mut judge) = Judge::new("pyroscope", version, findings, usize::MAX) else { return };
    if service.build {
        return;
    }
    let modern = judge.since(2, 0);
    if modern {
        for name in ["PYROSCOPE_V2", "PYROSCOPE_V2_EXPERIMENT"] {
            if let Some(variable) = service.env(name) {
                let message = format!("`{name}` has had no effect since Pyroscope 2.0");
                judge
                    .tell(&removed_arg::RULE, variable.span, When::Sometimes, message)
                    .help("delete it; `architecture_storage` in the config says what it said")
                    .sure(false);
            }
        }
    }
    if !modern {
        let line = catalogue::engine("pyroscope").and_then(|f| flags::read(service, f, version.0, flags::Dialect::Go));
        let mode = line.and_then(|l| l.rest).filter(|word| word.text != "server");
        if let Some(word) = mode {
            let message = format!("`{}` is no mode of Pyroscope", word.text);
            judge.tell(&removed_arg::RULE, word.span, When::Sometimes, message).help("delete it");
            return;
        }
    }
    let Some((args, at)) = service.args().zip(service.first_word()) else { return };
    let word = args[at];
    let Some(flag) = args[at + 1..].iter().find(|a| a.text.starts_with('-')) else { return };
    let name = flag.text.split('=').next().unwrap_or_default();
    let lost = if name.trim_start_matches('-') == CONFIG_FLAG { ", so that no config is read" } else { "" };
    judge
        .tell(
            &removed_arg::RULE,
            word.span,
            When::Sometimes,
            format!("flags end at `{}`: `{name}` behind it is not read{lost}", word.text),
        )
        .label(flag.span, "not read")
        .help(format!("delete `{}`: Pyroscope has one mode", word.text))
        .sure(false);
}
