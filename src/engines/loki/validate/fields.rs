//! Words and numbers that are checked when all is read, and fields that exclude or need each other.

use super::super::rules::{directory_missing, invalid_value};
use super::length;
use super::schema::Period;
use crate::catalogue::Version;
use crate::conform::bounds::{self, Bound, Limit, Releases, since};
use crate::conform::client::{self, Since};
use crate::conform::{Judge, Setting, Settings, When};
use crate::dskit;
use crate::parse::Node;

/// Compressions of chunks (grafana/loki pkg/chunkenc/interface.go@v2.9.0, pkg/compression/codec.go@v3.7.6).
const CODECS: &[&str] = &["none", "gzip", "lz4-64k", "snappy", "lz4-256k", "lz4-1M", "lz4", "flate", "zstd"];

/// Checked in 2.9 late, not in 3.0, and again since.
const FLUSH: &[Releases] = &[(Version::new(2, 9, 9), Some(Version::new(3, 0, 0))), (Version::new(3, 1, 0), None)];

const TWO: &[Releases] = &[(Version::new(2, 9, 0), Some(Version::new(3, 0, 0)))];
const THREE: &[Releases] = &[since(3, 0)];
const CLASSES: Limit = Limit::Words(&[
    "GLACIER",
    "DEEP_ARCHIVE",
    "GLACIER_IR",
    "INTELLIGENT_TIERING",
    "ONEZONE_IA",
    "OUTPOSTS",
    "REDUCED_REDUNDANCY",
    "STANDARD",
    "STANDARD_IA",
]);
const CLOUDS: Limit = Limit::Words(&["AzureGlobal", "AzureChinaCloud", "AzureGermanCloud", "AzureUSGovernment"]);

/// By where they are checked (grafana/loki pkg/validation/limits.go `Limits.Validate`, pkg/ingester/ingester.go, pkg/ingester/wal.go,
/// pkg/compactor/config.go, pkg/scheduler/scheduler.go, pkg/indexgateway/config.go, pkg/pattern/ingester.go, cmd/loki/main.go,
/// pkg/storage/chunk/client/aws/s3_storage_client.go, pkg/storage/common/aws/storage_class.go,
/// pkg/storage/chunk/client/azure/blob_storage_client.go@v2.9.0 to v3.7.6; pkg/logql/shards.go@v3.0.0;
/// pkg/storage/stores/shipper/bloomshipper/config/config.go@v3.1.2, v3.2.0, v3.7.6; pkg/compactor/config.go@v3.6.5, v3.7.0).
const BOUNDS: &[Bound] = &[
    Bound { path: &["server", "log_level"], flag: "log.level", held: &[], limit: Limit::Filled },
    Bound {
        path: &["limits_config", "deletion_mode"],
        flag: "compactor.deletion-mode",
        held: &[],
        limit: Limit::Words(&["disabled", "filter-only", "filter-and-delete"]),
    },
    Bound {
        path: &["limits_config", "tsdb_sharding_strategy"],
        flag: "limits.tsdb-sharding-strategy",
        held: THREE,
        limit: Limit::Words(&["power_of_two", "bounded"]),
    },
    // All rings have it from here, and the pattern ingester looks at its own
    // (vendor/github.com/grafana/dskit/ring/lifecycler.go `LifecyclerConfig.Validate`@v3.7.0, v3.7.6).
    Bound {
        path: &["common", "ring", "heartbeat_period"],
        flag: "common.storage.ring.heartbeat-period",
        held: &[since(3, 7)],
        limit: Limit::Time,
    },
    Bound {
        path: &["limits_config", "bloom_block_encoding"],
        flag: "bloom-build.block-encoding",
        held: &[since(3, 2)],
        limit: Limit::Folded(CODECS),
    },
    Bound {
        path: &["ingester", "chunk_encoding"],
        flag: "ingester.chunk-encoding",
        held: &[],
        limit: Limit::Folded(CODECS),
    },
    Bound { path: &["ingester", "index_shards"], flag: "ingester.index-shards", held: &[], limit: Limit::Positive },
    Bound {
        path: &["ingester", "flush_op_backoff", "max_retries"],
        flag: "ingester.flush-op-backoff-retries",
        held: FLUSH,
        limit: Limit::Positive,
    },
    Bound {
        path: &["ingester", "flush_op_timeout"],
        flag: "ingester.flush-op-timeout",
        held: FLUSH,
        limit: Limit::Time,
    },
    Bound {
        path: &["ingester", "wal", "disk_full_threshold"],
        flag: "ingester.wal-disk-full-threshold",
        held: &[since(3, 7)],
        limit: Limit::Share,
    },
    Bound {
        path: &["compactor", "max_compaction_parallelism"],
        flag: "compactor.max-compaction-parallelism",
        held: &[],
        limit: Limit::Positive,
    },
    Bound { path: &["compactor", "compactor_ring", "num_tokens"], flag: "", held: THREE, limit: Limit::Only(1) },
    Bound {
        path: &["compactor", "compactor_ring", "replication_factor"],
        flag: "",
        held: THREE,
        limit: Limit::Only(1),
    },
    Bound {
        path: &["compactor", "jobs_config", "deletion", "deletion_manifest_store_prefix"],
        flag: "compactor.jobs.deletion.deletion-manifest-store-prefix",
        held: &[since(3, 7)],
        limit: Limit::Ending("/"),
    },
    Bound { path: &["query_scheduler", "scheduler_ring", "num_tokens"], flag: "", held: THREE, limit: Limit::Only(1) },
    Bound {
        path: &["query_scheduler", "scheduler_ring", "replication_factor"],
        flag: "",
        held: THREE,
        limit: Limit::Only(2),
    },
    Bound { path: &["index_gateway", "ring", "num_tokens"], flag: "", held: THREE, limit: Limit::Only(128) },
    Bound {
        path: &["pattern_ingester", "lifecycler", "ring", "replication_factor"],
        flag: "",
        held: THREE,
        limit: Limit::Only(1),
    },
    Bound {
        path: &["pattern_ingester", "volume_threshold"],
        flag: "pattern-ingester.volume-threshold",
        held: &[since(3, 6)],
        limit: Limit::Share,
    },
    Bound { path: &["storage_config", "aws", "storage_class"], flag: "s3.storage-class", held: &[], limit: CLASSES },
    Bound {
        path: &["ruler", "storage", "s3", "storage_class"],
        flag: "ruler.storage.s3.storage-class",
        held: &[],
        limit: CLASSES,
    },
    Bound {
        path: &["storage_config", "aws", "signature_version"],
        flag: "s3.signature-version",
        held: TWO,
        limit: Limit::Words(&["v4", "v2"]),
    },
    Bound {
        path: &["storage_config", "aws", "signature_version"],
        flag: "s3.signature-version",
        held: THREE,
        limit: Limit::Words(&["v4"]),
    },
    Bound {
        path: &["ruler", "storage", "s3", "signature_version"],
        flag: "ruler.storage.s3.signature-version",
        held: TWO,
        limit: Limit::Words(&["v4", "v2"]),
    },
    Bound {
        path: &["ruler", "storage", "s3", "signature_version"],
        flag: "ruler.storage.s3.signature-version",
        held: THREE,
        limit: Limit::Words(&["v4"]),
    },
    Bound { path: &["storage_config", "azure", "environment"], flag: "azure.environment", held: &[], limit: CLOUDS },
    Bound {
        path: &["ruler", "storage", "azure", "environment"],
        flag: "ruler.storage.azure.environment",
        held: &[],
        limit: CLOUDS,
    },
    Bound {
        path: &["storage_config", "bloom_shipper", "memory_management", "bloom_page_alloc_type"],
        flag: "bloom.memory-management.alloc-type",
        held: &[since(3, 2)],
        limit: Limit::Words(&["simple", "dynamic", "fixed"]),
    },
];

/// What the flush loop of ingesters waits (pkg/ingester/ingester.go, pkg/ingester/wal.go `Validate`@v2.9.0, v2.9.9, v3.1.0, v3.7.6), and
/// names of stores that others have (pkg/storage/factory.go, pkg/storage/bucket/named_stores.go `populateStoreType`@v2.9.0, v3.7.6).
pub(super) fn others(judge: &mut Judge<'_>, settings: &Settings<'_>) {
    let wal = settings.get(&["ingester", "wal", "enabled"], "ingester.wal-enabled").truth(true);
    let every = settings.get(&["ingester", "wal", "checkpoint_duration"], "ingester.checkpoint-duration");
    if let (Some(true), Some(text), Some(span)) = (wal, every.text(), every.span())
        && length(text).is_some_and(|l| l == 0)
    {
        judge
            .tell(&invalid_value::RULE, span, When::Always, "`checkpoint_duration` must be above zero")
            .sure(settings.known());
    }
    let backoff = |key: &str| {
        let flag = format!("ingester.flush-op-backoff-{}", key.replace('_', "-"));
        let setting = settings.get(&["ingester", "flush_op_backoff", key], &flag);
        let text = setting.or(judge.default(&flag)?.trim_matches('"'))?;
        Some((length(text)?, setting.span()))
    };
    if let (Some((least, here)), Some((most, there))) = (backoff("min_period"), backoff("max_period"))
        && least > most
        && let Some(span) = here.or(there)
    {
        let message = "`flush_op_backoff` waits longer at the least than at the most";
        let told = judge.tell(&invalid_value::RULE, span, When::Sometimes, message).sure(settings.known());
        if let Some(other) = there.filter(|other| *other != span) {
            told.label(other, "at the most");
        }
    }
    for place in [&["storage_config", "named_stores"][..], &["storage_config", "object_store", "named_stores"]] {
        let taken: &[&str] = if place.len() == 2 {
            STORES
        } else {
            &["s3", "gcs", "azure", "swift", "filesystem", "alibabacloud", "bos"]
        };
        let kinds = settings.root.at(place).map(Node::entries).unwrap_or_default();
        for store in kinds.iter().flat_map(|kind| kind.value.entries()).filter(|s| taken.contains(&s.name())) {
            let message = format!("`{}` is the name of a kind of store, and cannot be that of one", store.name());
            judge.tell(&invalid_value::RULE, store.key.span(), When::Always, message).help("give it another name");
        }
    }
}

/// Kinds of stores (pkg/storage/types/types.go@v2.9.0, v3.7.6).
const STORES: &[&str] = &[
    "aws",
    "aws-dynamo",
    "s3",
    "gcp",
    "gcp-columnkey",
    "bigtable",
    "bigtable-hashed",
    "gcs",
    "azure",
    "swift",
    "cassandra",
    "filesystem",
    "inmemory",
    "grpc-store",
];

/// Tells of words that are none, and of numbers that are out of their limits.
pub(super) fn bounds(judge: &mut Judge<'_>, settings: &Settings<'_>) {
    dskit::ports(judge, settings, &invalid_value::RULE);
    bounds::check(judge, settings, &invalid_value::RULE, BOUNDS);
}

/// Tells of those in the limits of one tenant, which no flag sets.
pub(super) fn limits(judge: &mut Judge<'_>, settings: &Settings<'_>, section: &[&str]) {
    for bound in BOUNDS {
        if let Some(key) = bound.path.strip_prefix(&["limits_config"]) {
            let path = [section, key].concat();
            bound.check(judge, &invalid_value::RULE, settings.written(&path), &path, true);
        }
    }
}

/// Where the ruler writes to, which is read by Prometheus' own code (pkg/ruler/config.go `RemoteWriteConfig.Validate`, go.mod@v2.9.0,
/// v3.7.6).
pub(super) fn senders(judge: &mut Judge<'_>, settings: &Settings<'_>) {
    let path = ["ruler", "remote_write"];
    let Some(remote) = settings.root.at(&path).filter(|r| r.is_map()) else { return };
    let (one, several) = (remote.entry("client"), remote.get("clients"));
    let each = several.map(Node::entries).unwrap_or_default();
    for entry in one.into_iter().chain(each.iter().copied()) {
        client::sender(judge, &invalid_value::RULE, entry.key.span(), entry.value, Since::LEAST);
    }
    let enabled = settings.get(&["ruler", "remote_write", "enabled"], "ruler.remote-write.enabled");
    let none =
        one.is_none_or(|e| e.value.is_null()) && several.is_none_or(|s| s.is_null() || s.is_map() && each.is_empty());
    if let (true, Some(true), Some(span)) = (none, enabled.truth(false), enabled.span()) {
        judge
            .tell(&invalid_value::RULE, span, When::Always, "`ruler.remote_write` is on, and has nowhere to write to")
            .help("write `clients`, each with a name and its `url`")
            .sure(settings.known());
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
    let kafka = settings.get(&["distributor", "kafka_writes_enabled"], "distributor.kafka-writes-enabled");
    let ingesters = settings.get(&["distributor", "ingester_writes_enabled"], "distributor.ingester-writes-enabled");
    let zeroed = settings.zeroed(&["distributor", "ingester_writes_enabled"]);
    let null = zeroed.map(|(n, _)| n.span()).filter(|_| !settings.has("distributor.ingester-writes-enabled"));
    let off = null.is_some() || ingesters.truth(true) == Some(false);
    if let (true, true, Some(false) | None, Some(span)) =
        (judge.since(3, 3), off, kafka.truth(false), ingesters.span().or(null))
        && (kafka.truth(false).is_some() || null.is_some())
    {
        judge
            .tell(&invalid_value::RULE, span, When::Sometimes, "nothing that is pushed is written anywhere")
            .help("write `ingester_writes_enabled: true`, or `kafka_writes_enabled: true`")
            .note("Loki ends with \"at least one of kafka and ingestor writes must be enabled\"")
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

/// A store below `common.storage`.
struct Store {
    key: &'static str,
    /// Fields that are empty by default: one of them is enough to count.
    fields: &'static [&'static str],
    /// What its flags begin with.
    flags: &'static str,
    /// The first line that counts it.
    since: (u16, u16),
}

const COMMON: [Store; 8] = [
    Store { key: "azure", fields: &["account_name", "account_key"], flags: "common.storage.azure.", since: (2, 9) },
    Store {
        key: "filesystem",
        fields: &["chunks_directory", "rules_directory"],
        flags: "common.storage.filesystem.",
        since: (2, 9),
    },
    Store { key: "gcs", fields: &["bucket_name"], flags: "common.storage.gcs.", since: (2, 9) },
    Store {
        key: "s3",
        fields: &["s3", "bucketnames", "endpoint", "access_key_id"],
        flags: "common.storage.s3.",
        since: (2, 9),
    },
    Store { key: "bos", fields: &["bucket_name", "endpoint"], flags: "common.storage.bos.", since: (2, 9) },
    Store {
        key: "swift",
        fields: &["auth_url", "username", "container_name"],
        flags: "common.storage.swift.",
        since: (2, 9),
    },
    Store { key: "alibabacloud", fields: &["bucket", "endpoint"], flags: "common.storage.oss.", since: (3, 3) },
    Store { key: "cos", fields: &["bucketnames", "endpoint"], flags: "common.storage.cos.", since: (3, 3) },
];

/// Whether a flag is given another value than it has by itself; what the catalogue has no default of is empty, or zero.
fn differs(default: Option<&str>, value: &str) -> bool {
    match default {
        Some(default) => default.trim_matches('"') != value,
        None => !["", "0", "0s", "false"].contains(&value),
    }
}

/// One store only is taken over from `common` (grafana/loki pkg/loki/config_wrapper.go `applyStorageConfig`@v2.9.0, v3.2.0, v3.3.0, v3.7.6).
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
    let common = match settings.written(&["common", "storage"]) {
        Setting::Written(node) => Some(node),
        Setting::Default => None,
        _ => return,
    };
    let set = COMMON.iter().filter(|store| judge.since(store.since.0, store.since.1)).filter_map(|store| {
        let flag = settings.below(store.flags).find(|(name, value)| differs(judge.default(name), value));
        let entry = common.and_then(|c| c.entry(store.key));
        let filled = |f: &&&str| entry.is_some_and(|e| settings.text_in(e.value, f, "").is_some_and(|t| !t.is_empty()));
        let counts = entry.filter(|e| e.value.is_null() && store.key != "filesystem" && !settings.is_open(e.value));
        let written = entry.filter(|_| counts.is_some() || store.fields.iter().any(|f| filled(&f)));
        written.map(|e| e.key.span()).or(flag.and_then(|(name, _)| settings.place(name)))
    });
    let set: Vec<_> = set.collect();
    if let [first, .., last] = set[..] {
        let (one, other) = if last.source == first.source { (last.max(first), last.min(first)) } else { (last, first) };
        judge
            .tell(&invalid_value::RULE, one, When::Always, "`common.storage` holds more than one store")
            .label(other, "another")
            .help("keep one, and write the other below `storage_config`")
            .sure(settings.known());
    }
}

/// Folders without a default (grafana/loki pkg/loki/validation.go `validateDirectoriesExist`@v3.0.0, v3.7.6).
pub(super) fn directories(judge: &mut Judge<'_>, settings: &Settings<'_>, periods: &[Period<'_>]) {
    if !judge.since(3, 0) {
        return;
    }
    // Null, and text that holds nothing.
    let emptied = |path: &[&str], flag: &str| {
        let setting = settings.get(path, flag);
        setting.text() == Some("") || settings.is_nothing(path) && !settings.has(flag)
    };
    let prefix = ["common", "path_prefix"];
    let unprefixed =
        settings.get(&prefix, "common.path-prefix").or("") == Some("") || emptied(&prefix, "common.path-prefix");
    // What the file says is read again when all defaults are set, and wins (pkg/util/cfg/dynamic.go `DynamicUnmarshal`@v3.7.6).
    let lacks = |path: &[&str], flag: &str, preset: bool| {
        emptied(path, flag) || unprefixed && !preset && matches!(settings.get(path, flag), Setting::Default)
    };
    for (store, section, flags) in
        [("tsdb", "tsdb_shipper", "tsdb.shipper"), ("boltdb-shipper", "boltdb_shipper", "boltdb.shipper")]
    {
        let Some(period) = periods.iter().find(|p| p.store == Some(store)) else { continue };
        let missing = [("active_index_directory", "active-index-directory"), ("cache_location", "cache-location")];
        let path = |key| ["storage_config", section, key];
        let found = missing.into_iter().find(|(key, flag)| lacks(&path(key), &format!("{flags}.{flag}"), false));
        if let Some((key, _)) = found {
            let place = settings.root.at(&path(key)).map_or(period.place("store"), Node::span);
            let message = format!("`{store}` has no folder: `storage_config.{section}.{key}` is not set");
            judge
                .tell(&directory_missing::RULE, place, When::Sometimes, message)
                .help("write `common.path_prefix: /loki`, which all folders follow")
                .sure(settings.known());
        }
        let preset = judge.default("compactor.working-directory").is_some_and(|d| d != "\"\"");
        let path = ["compactor", "working_directory"];
        if lacks(&path, "compactor.working-directory", preset) {
            let own = settings.get(&path, "compactor.working-directory").span();
            let own = own.or(settings.root.at(&path).map(Node::span));
            let place = own.unwrap_or_else(|| period.place("store"));
            judge
                .tell(&directory_missing::RULE, place, When::Sometimes, "`compactor.working_directory` is not set")
                .help("write `common.path_prefix: /loki`, which all folders follow")
                .sure(settings.known());
        }
    }
}
