//! Words and numbers that are checked when all is read, and fields that exclude or need each other.

use super::super::rules::{directory_missing, invalid_value};
use super::schema::Period;
use crate::catalogue::Version;
use crate::conform::{Judge, Setting, Settings, When};
use crate::lang::quantity;

/// Compressions of chunks (grafana/loki pkg/chunkenc/interface.go@v2.9.0, pkg/compression/codec.go@v3.7.6).
const CODECS: &[&str] = &["none", "gzip", "lz4-64k", "snappy", "lz4-256k", "lz4-1M", "lz4", "flate", "zstd"];

/// A text that takes few words.
struct Word {
    path: &'static [&'static str],
    flag: &'static str,
    since: Version,
    words: &'static [&'static str],
    fold: bool,
}

/// By where they are checked (grafana/loki pkg/validation/limits.go `Limits.Validate`, pkg/ingester/ingester.go
/// `Config.Validate`@v2.9.0 to v3.7.6; pkg/logql/shards.go@v3.0.0).
const WORDS: &[Word] = &[
    Word {
        path: &["limits_config", "deletion_mode"],
        flag: "compactor.deletion-mode",
        since: Version::new(2, 9, 0),
        words: &["disabled", "filter-only", "filter-and-delete"],
        fold: false,
    },
    Word {
        path: &["limits_config", "tsdb_sharding_strategy"],
        flag: "limits.tsdb-sharding-strategy",
        since: Version::new(3, 0, 0),
        words: &["power_of_two", "bounded"],
        fold: false,
    },
    Word {
        path: &["limits_config", "bloom_block_encoding"],
        flag: "bloom-build.block-encoding",
        since: Version::new(3, 2, 0),
        words: CODECS,
        fold: true,
    },
    Word {
        path: &["ingester", "chunk_encoding"],
        flag: "ingester.chunk-encoding",
        since: Version::new(2, 9, 0),
        words: CODECS,
        fold: true,
    },
];

/// Tells of words that are none.
pub(super) fn words(judge: &mut Judge<'_>, settings: &Settings<'_>) {
    for word in WORDS {
        word.check(judge, settings.get(word.path, word.flag), word.path, settings.known());
    }
}

/// Tells of those in the limits of one tenant, which no flag sets.
pub(super) fn limits(judge: &mut Judge<'_>, settings: &Settings<'_>, section: &[&str]) {
    for word in WORDS {
        if let Some(key) = word.path.strip_prefix(&["limits_config"]) {
            let path = [section, key].concat();
            word.check(judge, settings.written(&path), &path, true);
        }
    }
}

impl Word {
    fn check(&self, judge: &mut Judge<'_>, setting: Setting<'_>, path: &[&str], known: bool) {
        let (Some(text), Some(span)) = (setting.text(), setting.span()) else { return };
        let same = |w: &&str| if self.fold { w.eq_ignore_ascii_case(text) } else { *w == text };
        if judge.version < self.since || self.words.iter().any(same) {
            return;
        }
        let all: Vec<_> = self.words.iter().map(|w| format!("`{w}`")).collect();
        judge
            .tell(&invalid_value::RULE, span, When::Always, format!("`{}` cannot be `{text}`", path.join(".")))
            .help(format!("one of {}", all.join(", ")))
            .sure(known);
    }
}

/// What a number must be.
#[derive(Debug, Clone, Copy)]
enum Limit {
    /// At least one.
    Positive,
    /// This one, which no other has an effect on.
    Only(i64),
    /// From zero to one.
    Share,
    /// A time above zero.
    Time,
}

/// A number that is checked.
struct Number {
    path: &'static [&'static str],
    flag: &'static str,
    since: &'static [(Version, Option<Version>)],
    limit: Limit,
}

const ALWAYS: &[(Version, Option<Version>)] = &[(Version::new(2, 9, 0), None)];
const THREE: &[(Version, Option<Version>)] = &[(Version::new(3, 0, 0), None)];
/// Checked in 2.9 late, not in 3.0, and again since.
const FLUSH: &[(Version, Option<Version>)] =
    &[(Version::new(2, 9, 9), Some(Version::new(3, 0, 0))), (Version::new(3, 1, 0), None)];

/// By where they are checked (grafana/loki pkg/ingester/ingester.go, pkg/ingester/wal.go, pkg/compactor/config.go,
/// pkg/scheduler/scheduler.go, pkg/indexgateway/config.go, pkg/pattern/ingester.go@v2.9.0 to v3.7.6).
const NUMBERS: &[Number] = &[
    Number {
        path: &["ingester", "index_shards"],
        flag: "ingester.index-shards",
        since: ALWAYS,
        limit: Limit::Positive,
    },
    Number {
        path: &["ingester", "flush_op_backoff", "max_retries"],
        flag: "ingester.flush-op-backoff-retries",
        since: FLUSH,
        limit: Limit::Positive,
    },
    Number {
        path: &["ingester", "flush_op_timeout"],
        flag: "ingester.flush-op-timeout",
        since: FLUSH,
        limit: Limit::Time,
    },
    Number {
        path: &["ingester", "wal", "disk_full_threshold"],
        flag: "ingester.wal-disk-full-threshold",
        since: &[(Version::new(3, 7, 0), None)],
        limit: Limit::Share,
    },
    Number {
        path: &["compactor", "max_compaction_parallelism"],
        flag: "compactor.max-compaction-parallelism",
        since: ALWAYS,
        limit: Limit::Positive,
    },
    Number { path: &["compactor", "compactor_ring", "num_tokens"], flag: "", since: THREE, limit: Limit::Only(1) },
    Number {
        path: &["compactor", "compactor_ring", "replication_factor"],
        flag: "",
        since: THREE,
        limit: Limit::Only(1),
    },
    Number {
        path: &["query_scheduler", "scheduler_ring", "num_tokens"],
        flag: "",
        since: THREE,
        limit: Limit::Only(1),
    },
    Number {
        path: &["query_scheduler", "scheduler_ring", "replication_factor"],
        flag: "",
        since: THREE,
        limit: Limit::Only(2),
    },
    Number { path: &["index_gateway", "ring", "num_tokens"], flag: "", since: THREE, limit: Limit::Only(128) },
    Number {
        path: &["pattern_ingester", "lifecycler", "ring", "replication_factor"],
        flag: "",
        since: THREE,
        limit: Limit::Only(1),
    },
    Number {
        path: &["pattern_ingester", "volume_threshold"],
        flag: "pattern-ingester.volume-threshold",
        since: &[(Version::new(3, 6, 0), None)],
        limit: Limit::Share,
    },
];

/// Tells of numbers that are out of their limits.
pub(super) fn numbers(judge: &mut Judge<'_>, settings: &Settings<'_>) {
    for number in NUMBERS {
        let version = judge.version;
        if !number.since.iter().any(|(since, until)| version >= *since && until.is_none_or(|u| version < u)) {
            continue;
        }
        let setting = settings.get(number.path, number.flag);
        let (Some(text), Some(span)) = (setting.text(), setting.span()) else { continue };
        let why = match number.limit {
            Limit::Positive => setting.number(1).filter(|n| *n < 1).map(|_| "must be above zero".to_owned()),
            Limit::Only(one) => {
                setting.number(one).filter(|n| *n != one).map(|_| format!("cannot be changed from {one}"))
            }
            Limit::Share => {
                let value = text.parse::<f64>().ok();
                value.filter(|v| !(0.0..=1.0).contains(v)).map(|_| "goes from 0 to 1".to_owned())
            }
            Limit::Time => {
                let value = quantity::go_duration(text).ok().or_else(|| text.parse().ok());
                value.filter(|v| *v <= 0.0).map(|_| "must be above zero".to_owned())
            }
        };
        let Some(why) = why else { continue };
        let when = if number.since == ALWAYS { When::Always } else { When::Sometimes };
        let message = format!("`{}` {why}, and is {text}", number.path.join("."));
        judge.tell(&invalid_value::RULE, span, when, message).sure(settings.known());
    }
}

/// Fields that cannot both be set, or need another one.
pub(super) fn pairs(judge: &mut Judge<'_>, settings: &Settings<'_>) {
    let stored = settings.get(&["querier", "query_store_only"], "querier.query-store-only");
    let live = settings.get(&["querier", "query_ingester_only"], "querier.query-ingester-only");
    if let (Some(true), Some(true), Some(span)) = (stored.truth(false), live.truth(false), live.span()) {
        let told = judge.tell(
            &invalid_value::RULE,
            span,
            When::Always,
            "`query_ingester_only` and `query_store_only` exclude each other",
        );
        label(told, stored, "the other").sure(settings.known());
    }
    let frontend = settings.get(&["frontend_worker", "frontend_address"], "querier.frontend-address");
    let scheduler = settings.get(&["frontend_worker", "scheduler_address"], "querier.scheduler-address");
    let filled = |s: Setting<'_>| s.text().is_some_and(|t| !t.is_empty());
    if let (true, true, Some(span)) = (filled(frontend), filled(scheduler), frontend.span()) {
        let message = "`frontend_address` and `scheduler_address` exclude each other";
        let told = judge.tell(&invalid_value::RULE, span, When::Always, message);
        label(told, scheduler, "the other").sure(settings.known());
    }
    let sharded = settings.get(&["query_range", "shard_aggregations"], "querier.shard-aggregations");
    let encoding = settings.get(&["frontend", "encoding"], "frontend.encoding");
    if let (true, true, Some(span)) = (judge.since(3, 0), filled(sharded), sharded.span())
        && encoding.or("json").is_some_and(|e| e != "protobuf")
    {
        judge
            .tell(
                &invalid_value::RULE,
                span,
                When::Sometimes,
                "`shard_aggregations` needs `frontend.encoding: protobuf`",
            )
            .sure(settings.known());
    }
    let persist = settings.written(&["common", "persist_tokens"]);
    if let (Some(true), Some(span)) = (persist.truth(false), persist.span())
        && settings.get(&["common", "path_prefix"], "common.path-prefix").or("") == Some("")
    {
        judge
            .tell(&invalid_value::RULE, span, When::Always, "`persist_tokens` needs `common.path_prefix`")
            .help("write `path_prefix:` and a folder on a volume")
            .sure(settings.known());
    }
}

fn label<'f>(told: crate::conform::Told<'f>, setting: Setting<'_>, text: &str) -> crate::conform::Told<'f> {
    match setting.span() {
        Some(span) => told.label(span, text),
        None => told,
    }
}

/// Stores below `common.storage`, each with fields that are empty by default: one of them is enough to count.
const COMMON: [(&str, &[&str]); 8] = [
    ("azure", &["account_name", "account_key"]),
    ("filesystem", &["chunks_directory", "rules_directory"]),
    ("gcs", &["bucket_name"]),
    ("s3", &["s3", "bucketnames", "endpoint", "access_key_id"]),
    ("bos", &["bucket_name", "endpoint"]),
    ("swift", &["auth_url", "username", "container_name"]),
    ("alibabacloud", &["bucket", "endpoint"]),
    ("cos", &["bucketnames", "endpoint"]),
];

/// One store only is taken over from `common` (grafana/loki pkg/loki/config_wrapper.go `applyStorageConfig`@v2.9.0, v3.7.6).
pub(super) fn storage(judge: &mut Judge<'_>, settings: &Settings<'_>) {
    for path in [&["common"][..], &["common", "storage"]] {
        if let Some(empty) = settings.root.at(path).filter(|_| settings.is_nothing(path)) {
            let message = format!("`{}` holds nothing, and takes the defaults of all stores away", path.join("."));
            judge
                .tell(&invalid_value::RULE, empty.span(), When::Always, message)
                .help("write what it is to hold, or delete it")
                .note("Loki ends with \"too many storage configs provided in the common config\"");
            return;
        }
    }
    let Setting::Written(common) = settings.written(&["common", "storage"]) else { return };
    let set = COMMON.iter().filter_map(|(name, fields)| {
        let entry = common.entry(name)?;
        let filled = |f: &&&str| settings.text_in(entry.value, f, "").is_some_and(|t| !t.is_empty());
        fields.iter().find(|f| filled(f)).map(|_| entry.key.span())
    });
    let set: Vec<_> = set.collect();
    if let [first, .., last] = set[..] {
        judge
            .tell(&invalid_value::RULE, last.max(first), When::Always, "`common.storage` holds more than one store")
            .label(last.min(first), "another")
            .help("keep one, and write the other below `storage_config`");
    }
}

/// Folders without a default (grafana/loki pkg/loki/validation.go `validateDirectoriesExist`@v3.0.0, v3.7.6).
pub(super) fn directories(judge: &mut Judge<'_>, settings: &Settings<'_>, periods: &[Period<'_>]) {
    if !judge.since(3, 0) || settings.get(&["common", "path_prefix"], "common.path-prefix").or("") != Some("") {
        return;
    }
    for (store, section, flags) in
        [("tsdb", "tsdb_shipper", "tsdb.shipper"), ("boltdb-shipper", "boltdb_shipper", "boltdb.shipper")]
    {
        let Some(period) = periods.iter().find(|p| p.store == Some(store)) else { continue };
        let lacks = |key: &str, flag: &str| {
            settings.get(&["storage_config", section, key], &format!("{flags}.{flag}")).or("") == Some("")
        };
        let missing = [("active_index_directory", "active-index-directory"), ("cache_location", "cache-location")];
        if let Some((key, _)) = missing.into_iter().find(|(key, flag)| lacks(key, flag)) {
            let message = format!("`{store}` has no folder: `storage_config.{section}.{key}` is not set");
            judge
                .tell(&directory_missing::RULE, period.place("store"), When::Sometimes, message)
                .help("write `common.path_prefix: /loki`, which all folders follow")
                .sure(settings.known());
        }
        let preset = judge.default("compactor.working-directory").is_some_and(|d| d != "\"\"");
        let directory = settings.get(&["compactor", "working_directory"], "compactor.working-directory");
        if directory.or(if preset { "/" } else { "" }) == Some("") {
            let place = directory.span().unwrap_or_else(|| period.place("store"));
            judge
                .tell(&directory_missing::RULE, place, When::Sometimes, "`compactor.working_directory` is not set")
                .help("write `common.path_prefix: /loki`, which all folders follow")
                .sure(settings.known());
        }
    }
}
