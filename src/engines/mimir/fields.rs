//! What fields are held to before Mimir starts (grafana/mimir pkg/mimir/mimir.go `Config.Validate` and what it calls@mimir-2.10.0 to
//! mimir-3.0.2).

use super::rules::invalid_value::RULE;
use super::stores::Field;
use crate::catalogue::Version;
use crate::conform::bounds::{self, Bound, Limit, Releases, since};
use crate::conform::{Judge, Setting, Settings, When};
use crate::lang::quantity;
use crate::parse::Node;

const fn before(major: u16, minor: u16) -> Releases {
    (Version::new(2, 0, 0), Some(Version::new(major, minor, 0)))
}

const ALWAYS: &[Releases] = &[];

const fn bound(path: &'static [&'static str], flag: &'static str, held: &'static [Releases], limit: Limit) -> Bound {
    Bound { path, flag, held, limit }
}

const FORMATS: Limit = Limit::Words(&["json", "protobuf"]);
/// `s2` came after mimir-2.14.0; before it is taken for known.
const COMPRESSED: Limit = Limit::Words(&["", "gzip", "snappy", "s2"]);

/// By where they are checked: pkg/storage/tsdb/config.go, pkg/storage/tsdb/index_cache.go, pkg/compactor/compactor.go,
/// pkg/distributor/distributor.go, pkg/distributor/push.go, pkg/ruler/ruler.go, pkg/ruler/remotequerier.go,
/// pkg/frontend/querymiddleware/roundtrip.go, pkg/querier/querier.go, pkg/storegateway/gateway.go, pkg/ingester/ingester.go,
/// pkg/scheduler/schedulerdiscovery/config.go, pkg/usagestats/reporter.go, vendor/github.com/grafana/dskit/grpcclient/grpcclient.go,
/// vendor/github.com/grafana/dskit/cache/cache.go@mimir-2.10.0, mimir-2.11.0, mimir-2.14.0, mimir-2.17.0, mimir-3.0.0, mimir-3.0.2.
const BOUNDS: &[Bound] = &[
    bound(
        &["blocks_storage", "tsdb", "head_compaction_concurrency"],
        "blocks-storage.tsdb.head-compaction-concurrency",
        ALWAYS,
        Limit::Positive,
    ),
    bound(
        &["blocks_storage", "tsdb", "head_compaction_interval"],
        "blocks-storage.tsdb.head-compaction-interval",
        ALWAYS,
        Limit::Time,
    ),
    bound(
        &["blocks_storage", "tsdb", "wal_segment_size_bytes"],
        "blocks-storage.tsdb.wal-segment-size-bytes",
        ALWAYS,
        Limit::Positive,
    ),
    bound(
        &["blocks_storage", "tsdb", "wal_replay_concurrency"],
        "blocks-storage.tsdb.wal-replay-concurrency",
        ALWAYS,
        Limit::NotBelowZero,
    ),
    bound(
        &["blocks_storage", "bucket_store", "streaming_series_batch_size"],
        "blocks-storage.bucket-store.batch-series-size",
        ALWAYS,
        Limit::Positive,
    ),
    bound(
        &["blocks_storage", "bucket_store", "series_fetch_preference"],
        "blocks-storage.bucket-store.series-fetch-preference",
        &[since(2, 14)],
        Limit::Above,
    ),
    bound(
        &["blocks_storage", "bucket_store", "index_cache", "backend"],
        "blocks-storage.bucket-store.index-cache.backend",
        &[before(3, 0)],
        Limit::Words(&["inmemory", "memcached", "redis"]),
    ),
    bound(
        &["blocks_storage", "bucket_store", "index_cache", "backend"],
        "blocks-storage.bucket-store.index-cache.backend",
        &[since(3, 0)],
        Limit::Words(&["inmemory", "memcached"]),
    ),
    bound(
        &["blocks_storage", "bucket_store", "chunks_cache", "backend"],
        "blocks-storage.bucket-store.chunks-cache.backend",
        &[before(3, 0)],
        Limit::Words(&["", "memcached", "redis"]),
    ),
    bound(
        &["blocks_storage", "bucket_store", "chunks_cache", "backend"],
        "blocks-storage.bucket-store.chunks-cache.backend",
        &[since(3, 0)],
        Limit::Words(&["", "memcached"]),
    ),
    bound(
        &["blocks_storage", "bucket_store", "metadata_cache", "backend"],
        "blocks-storage.bucket-store.metadata-cache.backend",
        &[before(3, 0)],
        Limit::Words(&["", "memcached", "redis"]),
    ),
    bound(
        &["blocks_storage", "bucket_store", "metadata_cache", "backend"],
        "blocks-storage.bucket-store.metadata-cache.backend",
        &[since(3, 0)],
        Limit::Words(&["", "memcached"]),
    ),
    bound(
        &["compactor", "max_opening_blocks_concurrency"],
        "compactor.max-opening-blocks-concurrency",
        ALWAYS,
        Limit::Positive,
    ),
    bound(
        &["compactor", "max_closing_blocks_concurrency"],
        "compactor.max-closing-blocks-concurrency",
        ALWAYS,
        Limit::Positive,
    ),
    bound(
        &["compactor", "symbols_flushers_concurrency"],
        "compactor.symbols-flushers-concurrency",
        ALWAYS,
        Limit::Positive,
    ),
    bound(
        &["compactor", "max_block_upload_validation_concurrency"],
        "compactor.max-block-upload-validation-concurrency",
        ALWAYS,
        Limit::NotBelowZero,
    ),
    bound(
        &["compactor", "compaction_jobs_order"],
        "compactor.compaction-jobs-order",
        ALWAYS,
        Limit::Words(&["smallest-range-oldest-blocks-first", "newest-blocks-first"]),
    ),
    bound(
        &["limits", "ingestion_tenant_shard_size"],
        "distributor.ingestion-tenant-shard-size",
        ALWAYS,
        Limit::NotBelowZero,
    ),
    bound(&["limits", "ruler_tenant_shard_size"], "ruler.tenant-shard-size", ALWAYS, Limit::NotBelowZero),
    bound(
        &["limits", "store_gateway_tenant_shard_size"],
        "store-gateway.tenant-shard-size",
        ALWAYS,
        Limit::NotBelowZero,
    ),
    bound(
        &["querier", "query_engine"],
        "querier.query-engine",
        &[since(2, 17)],
        Limit::Words(&["prometheus", "mimir"]),
    ),
    bound(
        &["querier", "streaming_chunks_per_ingester_series_buffer_size"],
        "querier.streaming-chunks-per-ingester-buffer-size",
        &[since(3, 0)],
        Limit::Positive,
    ),
    bound(
        &["querier", "streaming_chunks_per_store_gateway_series_buffer_size"],
        "querier.streaming-chunks-per-store-gateway-buffer-size",
        &[since(3, 0)],
        Limit::Positive,
    ),
    bound(
        &["frontend", "query_result_response_format"],
        "query-frontend.query-result-response-format",
        ALWAYS,
        FORMATS,
    ),
    bound(
        &["ruler", "query_frontend", "query_result_response_format"],
        "ruler.query-frontend.query-result-response-format",
        ALWAYS,
        FORMATS,
    ),
    bound(&["ingester", "error_sample_rate"], "ingester.error-sample-rate", &[since(2, 11)], Limit::NotBelowZero),
    bound(
        &["query_scheduler", "service_discovery_mode"],
        "query-scheduler.service-discovery-mode",
        ALWAYS,
        Limit::Words(&["dns", "ring"]),
    ),
    bound(
        &["query_scheduler", "max_used_instances"],
        "query-scheduler.max-used-instances",
        ALWAYS,
        Limit::NotBelowZero,
    ),
    bound(
        &["usage_stats", "installation_mode"],
        "usage-stats.installation-mode",
        ALWAYS,
        Limit::Words(&["custom", "helm", "jsonnet"]),
    ),
    bound(
        &["ingester_client", "grpc_client_config", "grpc_compression"],
        "ingester.client.grpc-compression",
        ALWAYS,
        COMPRESSED,
    ),
    bound(
        &["frontend_worker", "grpc_client_config", "grpc_compression"],
        "querier.frontend-client.grpc-compression",
        ALWAYS,
        COMPRESSED,
    ),
    bound(
        &["frontend", "grpc_client_config", "grpc_compression"],
        "query-frontend.grpc-client-config.grpc-compression",
        ALWAYS,
        COMPRESSED,
    ),
    bound(&["ruler", "ruler_client", "grpc_compression"], "ruler.client.grpc-compression", ALWAYS, COMPRESSED),
];

/// Looks at one config.
pub(super) fn validate(judge: &mut Judge<'_>, settings: &Settings<'_>) {
    bounds::check(judge, settings, &RULE, BOUNDS);
    backoff(judge, settings);
    sizes(judge, settings);
    ranges(judge, settings);
    times(judge, settings);
    pairs(judge, settings);
    caches(judge, settings);
}

/// Caches outside need their addresses (vendor/github.com/grafana/dskit/cache/memcached_client.go `Validate`@mimir-2.10.0, mimir-3.0.2).
fn caches(judge: &mut Judge<'_>, settings: &Settings<'_>) {
    let cached = settings.get(&["frontend", "cache_results"], "query-frontend.cache-results").truth(false);
    let all: [(&[&str], &str, bool); 4] = [
        (&["blocks_storage", "bucket_store", "index_cache"], "blocks-storage.bucket-store.index-cache", true),
        (&["blocks_storage", "bucket_store", "chunks_cache"], "blocks-storage.bucket-store.chunks-cache", true),
        (&["blocks_storage", "bucket_store", "metadata_cache"], "blocks-storage.bucket-store.metadata-cache", true),
        (&["frontend", "results_cache"], "query-frontend.results-cache", cached == Some(true)),
    ];
    for (section, flags, looked) in all {
        let of = |path: &[&str], flag: &str| settings.get(&[section, path].concat(), &format!("{flags}.{flag}"));
        let (backend, addresses) =
            (of(&["backend"], "backend"), of(&["memcached", "addresses"], "memcached.addresses"));
        if let (true, Some("memcached"), Some("")) = (looked, backend.text(), addresses.or(""))
            && let Some(span) = addresses.span().or(backend.span())
        {
            let message = format!("`{}.memcached.addresses` is not set", section.join("."));
            let help = "write `dnssrvnoa+` and a name, or names with ports, as in `memcached:11211`";
            judge.tell(&RULE, span, When::Always, message).help(help).sure(settings.known());
        }
    }
}

/// What clients are told to wait (pkg/distributor/push.go `RetryConfig.Validate`@mimir-2.14.0).
fn backoff(judge: &mut Judge<'_>, settings: &Settings<'_>) {
    for key in ["min_backoff", "max_backoff"] {
        let flag = format!("distributor.retry-after-header.{}", key.replace('_', "-"));
        let setting = settings.get(&["distributor", "retry_after_header", key], &flag);
        if judge.since(2, 14)
            && let (Some(text), Some(span)) = (setting.text(), setting.span())
            && seconds(text).is_some_and(|s| s < 1.0)
        {
            let message = format!("`{key}` is at least a second, and is {text}");
            judge.tell(&RULE, span, When::Sometimes, message).sure(settings.known());
        }
    }
}

/// Sizes that fit a pattern (pkg/storage/tsdb/config.go `TSDBConfig.Validate`@mimir-2.10.0, mimir-3.0.2;
/// vendor/github.com/prometheus/prometheus/tsdb/chunks/head_chunks.go@mimir-3.0.2).
fn sizes(judge: &mut Judge<'_>, settings: &Settings<'_>) {
    let field = |key: &str| {
        let setting =
            settings.get(&["blocks_storage", "tsdb", key], &format!("blocks-storage.tsdb.{}", key.replace('_', "-")));
        Some((setting.number(0)?, setting.span()?))
    };
    let interval = settings
        .get(&["blocks_storage", "tsdb", "head_compaction_interval"], "blocks-storage.tsdb.head-compaction-interval");
    if let (Some(text), Some(span)) = (interval.text(), interval.span())
        && seconds(text).is_some_and(|s| s > 900.0)
    {
        let message = format!("`head_compaction_interval` is 15m at most, and is {text}");
        judge.tell(&RULE, span, When::Always, message).sure(settings.known());
    }
    if let Some((size, span)) = field("stripe_size")
        && (size <= 1 || size & (size - 1) != 0)
    {
        let message = format!("`stripe_size` is a power of two, and is {size}");
        judge.tell(&RULE, span, When::Always, message).sure(settings.known());
    }
    if let Some((size, span)) = field("head_chunks_write_buffer_size_bytes")
        && (!(65_536..=8_388_608).contains(&size) || size % 1024 != 0)
    {
        let message = format!("`head_chunks_write_buffer_size_bytes` is {size}");
        judge
            .tell(&RULE, span, When::Always, message)
            .help("write a multiple of 1024 between 65536 and 8388608")
            .sure(settings.known());
    }
}

/// Each range holds the one before it a whole number of times (pkg/compactor/compactor.go `Validate`@mimir-2.10.0, mimir-3.0.2).
fn ranges(judge: &mut Judge<'_>, settings: &Settings<'_>) {
    let Setting::Written(list) = settings.written(&["compactor", "block_ranges"]) else { return };
    let all: Vec<(Node<'_>, &str)> = list.items().filter_map(|i| Some((i, i.scalar()?))).collect();
    for pair in all.windows(2) {
        if let [(_, before), (node, after)] = pair
            && let (Some(one), Some(two)) = (seconds(before), seconds(after))
            && one > 0.0
            && two % one != 0.0
        {
            let message = format!("the range {after} is no multiple of {before}, which is before it");
            judge.tell(&RULE, node.span(), When::Always, message).help("write `2h0m0s, 12h0m0s, 24h0m0s`");
            return;
        }
    }
}

/// A duration in seconds.
fn seconds(text: &str) -> Option<f64> {
    if text == "0" {
        return Some(0.0);
    }
    let go = quantity::go_duration(text).ok().map(|nanoseconds| nanoseconds / 1e9);
    go.or_else(|| Some(quantity::prometheus_duration(text).ok()? as f64 / 1e3))
}

/// A duration that a field has, by itself or by default, and where.
fn time<'a>(judge: &Judge<'_>, settings: &Settings<'a>, path: &[&str], flag: &str) -> Option<(f64, Setting<'a>)> {
    let setting = settings.get(path, flag);
    let text = match setting {
        Setting::Default => judge.field(path)?.default()?.trim_matches('"'),
        setting => setting.text()?,
    };
    Some((seconds(text)?, setting))
}

/// Durations that go together, if at all.
fn times(judge: &mut Judge<'_>, settings: &Settings<'_>) {
    const TIMEOUT: Field = (&["querier", "timeout"], "querier.timeout");
    const WRITE: Field = (&["server", "http_server_write_timeout"], "server.http-write-timeout");
    const STORE: Field = (&["querier", "query_store_after"], "querier.query-store-after");
    const WITHIN: Field = (&["limits", "query_ingesters_within"], "querier.query-ingesters-within");
    const QUERYING: Field = (
        &["blocks_storage", "bucket_store", "ignore_deletion_mark_while_querying_delay"],
        "blocks-storage.bucket-store.ignore-deletion-marks-while-querying-delay",
    );
    const IGNORED: Field = (
        &["blocks_storage", "bucket_store", "ignore_deletion_mark_delay"],
        "blocks-storage.bucket-store.ignore-deletion-marks-delay",
    );
    const SYNC: Field =
        (&["blocks_storage", "bucket_store", "sync_interval"], "blocks-storage.bucket-store.sync-interval");
    type Broken = fn(f64, f64) -> bool;
    let cases: [(Field, Field, u16, Broken, &str); 4] = [
        (TIMEOUT, WRITE, 5, |one, two| one > two, "must not be longer than"),
        (STORE, WITHIN, 0, |one, two| one != 0.0 && two != 0.0 && one >= two, "must be shorter than"),
        (QUERYING, IGNORED, 14, |one, two| one >= two, "must be shorter than"),
        (QUERYING, SYNC, 14, |one, two| one <= 3.0 * two, "must be longer than three times"),
    ];
    for (one, two, minor, broken, must) in cases {
        if !judge.since(2, minor) {
            continue;
        }
        let first = time(judge, settings, one.0, one.1);
        let second = time(judge, settings, two.0, two.1);
        let (Some((first, here)), Some((second, there))) = (first, second) else { continue };
        let Some(span) = here.span().or(there.span()).filter(|_| broken(first, second)) else { continue };
        let message = format!("`{}` of {first}s {must} `{}` of {second}s", one.0.join("."), two.0.join("."));
        let told = judge.tell(&RULE, span, When::Sometimes, message).sure(settings.known());
        if let Some(other) = there.span().filter(|other| *other != span) {
            told.label(other, "the other one");
        }
    }
}

/// Fields that exclude or need others.
fn pairs(judge: &mut Judge<'_>, settings: &Settings<'_>) {
    let mode = settings.get(&["query_scheduler", "service_discovery_mode"], "query-scheduler.service-discovery-mode");
    let ring = mode.or("dns") == Some("ring");
    let addresses = [("frontend", "query-frontend", (2, 4)), ("frontend_worker", "querier", (3, 0))];
    for (section, flags, (major, minor)) in addresses {
        let address = settings.get(&[section, "scheduler_address"], &format!("{flags}.scheduler-address"));
        let held = judge.since(major, minor);
        if let (true, true, Some(span)) =
            (ring, held, address.span().filter(|_| address.text().is_some_and(|t| !t.is_empty())))
        {
            let message = format!("`{section}.scheduler_address` is set, and schedulers are found by their ring");
            let told = judge.tell(&RULE, span, When::Sometimes, message).sure(settings.known());
            if let Some(other) = mode.span() {
                told.label(other, "`ring`");
            }
        }
    }
    let most = settings.get(&["query_scheduler", "max_used_instances"], "query-scheduler.max-used-instances");
    if let (Some(1..), Some("dns"), Some(span)) = (most.number(0), mode.or("dns"), most.span()) {
        judge
            .tell(&RULE, span, When::Always, "`max_used_instances` needs `service_discovery_mode: ring`")
            .sure(settings.known());
    }
    let cached = settings.get(&["frontend", "cache_results"], "query-frontend.cache-results");
    let split = settings.get(&["frontend", "split_queries_by_interval"], "query-frontend.split-queries-by-interval");
    if let (Some(true), Some(text), Some(span)) = (cached.truth(false), split.text(), split.span())
        && seconds(text).is_some_and(|s| s <= 0.0)
    {
        let told = judge.tell(&RULE, span, When::Always, "`cache_results` needs `split_queries_by_interval`");
        let told = told.help("delete the line: its default is a day").sure(settings.known());
        if let Some(other) = cached.span() {
            told.label(other, "on");
        }
    }
}
