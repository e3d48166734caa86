//! What fields of a config must mean together for Pyroscope to start with it
//! (grafana/pyroscope pkg/phlare/phlare.go@v1.7.0, v1.14.0, pkg/pyroscope/pyroscope.go `Config.Validate`@v1.15.0 to v2.2.1).

use super::rules::{env_not_expanded, env_unset, invalid_value, removed_arg, storage_required};
use crate::catalogue;
use crate::conform::{Judge, Setting, Settings, When, flags, variables};
use crate::dskit::{self, CONFIG_FLAG, EXPAND_FLAG};
use crate::engine::{Findings, Instance};
use crate::lang::quantity;

/// Words of fields that are plain texts to the decoder: keys, flag, first minor of 1.x that checks them
/// (pkg/compactor/compactor.go@v1.7.0, v2.2.1; pkg/objstore/client/config.go,
/// pkg/scheduler/schedulerdiscovery/config.go@v1.12.0, v2.2.1).
const WORDS: &[(&[&str], &str, u16, &[&str])] = &[
    (
        &["compactor", "compaction_jobs_order"],
        "compactor.compaction-jobs-order",
        7,
        &["smallest-range-oldest-blocks-first", "newest-blocks-first"],
    ),
    (
        &["compactor", "compaction_split_by"],
        "compactor.compaction-split-by",
        7,
        &["fingerprint", "stacktracePartition"],
    ),
    (&["storage", "backend"], "storage.backend", 12, &["", "s3", "gcs", "azure", "swift", "filesystem", "cos"]),
    (&["query_scheduler", "service_discovery_mode"], "query-scheduler.service-discovery-mode", 12, &["dns", "ring"]),
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
    for (path, flag, minor, words) in WORDS {
        let setting = settings.get(path, flag);
        let (Some(text), Some(span)) = (setting.text(), setting.span()) else { continue };
        if !judge.since(1, *minor) || words.contains(&text) || (path[0] == "compactor" && !compacts) {
            continue;
        }
        let all: Vec<_> = words.iter().filter(|w| !w.is_empty()).map(|w| format!("`{w}`")).collect();
        let message = format!("`{}` cannot be `{text}`", path.join("."));
        judge
            .tell(&invalid_value::RULE, span, When::Sometimes, message)
            .help(format!("one of {}", all.join(", ")))
            .sure(settings.known());
    }
    if compacts {
        blocks(judge, settings);
    }
    dskit::ports(judge, settings, &invalid_value::RULE);
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
