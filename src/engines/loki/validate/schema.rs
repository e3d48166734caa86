//! The periods of `schema_config`.

use super::super::rules::{invalid_value, schema_invalid, schema_structured_metadata};
use super::length;
use crate::conform::{Judge, Setting, Settings, When, put};
use crate::parse::Node;
use crate::source::Span;

/// A day that is past for whoever reads this: that of the newest release that was read (grafana/loki@v3.7.6). What is active
/// on a later day depends on the day, which is not asked for here.
const PAST: &str = "2026-08-05";

/// Milliseconds.
const DAY: u64 = 86_400_000;

/// Index stores (grafana/loki pkg/storage/types/types.go@v3.0.0, v3.7.6).
const STORES: [&str; 12] = [
    "tsdb",
    "boltdb-shipper",
    "aws",
    "aws-dynamo",
    "bigtable",
    "bigtable-hashed",
    "boltdb",
    "cassandra",
    "gcp",
    "gcp-columnkey",
    "grpc-store",
    "inmemory",
];

/// Object stores (the same).
const OBJECTS: [&str; 17] = [
    "filesystem",
    "aws",
    "alibabacloud",
    "azure",
    "bos",
    "cos",
    "gcs",
    "s3",
    "swift",
    "aws-dynamo",
    "bigtable",
    "bigtable-hashed",
    "cassandra",
    "gcp",
    "gcp-columnkey",
    "grpc-store",
    "inmemory",
];

/// Those of the newer clients (grafana/loki pkg/storage/bucket/client.go@v3.4.0, v3.7.6).
const THANOS: [&str; 7] = ["s3", "gcs", "azure", "swift", "filesystem", "alibabacloud", "bos"];

/// Stores that keep chunks in tables with a prefix (grafana/loki pkg/storage/config/schema_config.go `validateChunks`).
const TABLES: [&str; 7] =
    ["cassandra", "aws-dynamo", "bigtable-hashed", "gcp", "gcp-columnkey", "bigtable", "grpc-store"];

/// A period. `None` = a variable may stand there.
#[derive(Debug)]
pub(super) struct Period<'d> {
    node: Node<'d>,
    /// The day from which it holds.
    from: Option<&'d str>,
    /// Its index.
    pub(super) store: Option<&'d str>,
    /// The number of its schema.
    version: Option<i64>,
    /// Milliseconds of an index table.
    index: Option<u64>,
}

impl<'d> Period<'d> {
    fn new(settings: &Settings<'d>, node: Node<'d>) -> Self {
        let text = |key| settings.text_in(node, key, "");
        let index = match node.get("index") {
            None => Some(0),
            Some(index) => {
                settings.text_in(index, "period", "0").and_then(|t| if t.is_empty() { Some(0) } else { length(t) })
            }
        };
        Self {
            node,
            from: text("from"),
            store: text("store"),
            // Letters are trimmed from both ends.
            version: text("schema").and_then(|t| t.trim_matches('v').parse().ok()),
            index,
        }
    }

    /// The place of a field, or of the period where it lacks the field.
    pub(super) fn place(&self, key: &str) -> crate::source::Span {
        let first = || self.node.own_entries().next().map_or(self.node.span(), |e| e.key.span());
        self.node.get(key).map_or_else(first, Node::span)
    }

    /// Whether structured metadata fit into it.
    fn takes_metadata(&self) -> Option<bool> {
        Some(self.store? == "tsdb" && self.version? >= 13)
    }
}

/// Looks at all periods and gives them back; `None` = they are not known.
pub(super) fn periods<'d>(judge: &mut Judge<'_>, settings: &Settings<'d>) -> Option<Vec<Period<'d>>> {
    // A file of its own may hold them.
    if settings.has("schema-config-file") {
        return None;
    }
    // Null takes all of it away (go-yaml/yaml decode.go `scalar`@v2.4.0).
    let places: [&[&str]; 3] = [&[], &["schema_config"], &["schema_config", "configs"]];
    let nothing = || places.iter().any(|path| settings.is_nothing(path));
    let list = match settings.written(&["schema_config", "configs"]) {
        Setting::Written(list) if list.is_seq() => list,
        Setting::Default if settings.root.is_map() => {
            lacking(judge, settings);
            return None;
        }
        Setting::Unknown if nothing() => {
            lacking(judge, settings);
            return None;
        }
        _ => return None,
    };
    if let Some(empty) = list.items().find(|i| i.is_null() && !i.is_tagged()) {
        judge.tell(&schema_invalid::RULE, empty.span(), When::Always, "there is nothing in this period").help(PERIOD);
        return None;
    }
    if list.items().any(|i| !i.is_map()) {
        return None;
    }
    let all: Vec<_> = list.items().map(|node| Period::new(settings, node)).collect();
    if all.is_empty() {
        judge.tell(&schema_invalid::RULE, list.span(), When::Always, "`schema_config.configs` is empty");
        return None;
    }
    let begun = active(&all);
    for (at, period) in all.iter().enumerate() {
        dates(judge, period, at.checked_sub(1).and_then(|before| all.get(before)));
        versions(judge, settings, period);
        stores(judge, settings, period);
        tables(judge, settings, period, at + 1 == all.len() && at <= begun + 1);
    }
    Some(all)
}

const PERIOD: &str = "write one with `from`, `store: tsdb`, `object_store`, `schema: v13` and `index.period: 24h`";

/// Tells that there is no period.
fn lacking(judge: &mut Judge<'_>, settings: &Settings<'_>) {
    let section = settings.root.entry("schema_config").map(|e| e.key.span());
    let first = settings.root.own_entries().next().map(|e| e.key.span());
    let span = section.or(first).unwrap_or(settings.root.span());
    lacks(judge, span);
}

pub(super) fn lacks(judge: &mut Judge<'_>, span: Span) {
    judge.tell(&schema_invalid::RULE, span, When::Always, "there is no period in `schema_config.configs`").help(PERIOD);
}

/// The last period that has begun for certain.
fn active(all: &[Period<'_>]) -> usize {
    all.iter().rposition(|p| p.from.is_some_and(|f| f <= PAST)).unwrap_or(0)
}

/// `from` is a day, and later than that of the period before.
fn dates(judge: &mut Judge<'_>, period: &Period<'_>, before: Option<&Period<'_>>) {
    let Some(from) = period.from else { return };
    let absent = period.node.get("from").is_none_or(Node::is_null);
    if !absent && !is_day(from) {
        judge
            .tell(&schema_invalid::RULE, period.place("from"), When::Always, format!("`from` cannot be `{from}`"))
            .help("write a day of the calendar as `2024-01-31`");
        return;
    }
    let Some(earlier) = before.and_then(|b| b.from).filter(|b| is_day(b)) else { return };
    if absent || from <= earlier {
        let told = judge.tell(
            &schema_invalid::RULE,
            period.place("from"),
            When::Always,
            "this period does not begin after the one before it",
        );
        let told = told.help("put periods in the order of their days, each with another day");
        if let Some(before) = before {
            told.label(before.place("from"), "the one before");
        }
    }
}

/// As Go reads `2006-01-02`.
fn is_day(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digits = |range: std::ops::Range<usize>| text.get(range).filter(|t| t.bytes().all(|b| b.is_ascii_digit()));
    let (Some(year), Some(month), Some(day)) = (digits(0..4), digits(5..7), digits(8..10)) else { return false };
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return false;
    }
    let (Ok(year), Ok(month), Ok(day)) = (year.parse::<u32>(), month.parse::<u32>(), day.parse::<u32>()) else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 31,
    };
    (1..=12).contains(&month) && (1..=days).contains(&day)
}

/// `schema` is `v9` to `v13`.
fn versions(judge: &mut Judge<'_>, settings: &Settings<'_>, period: &Period<'_>) {
    let Some(text) = settings.text_in(period.node, "schema", "") else { return };
    if period.version.is_some_and(|v| (9..=13).contains(&v)) {
        return;
    }
    let message = match period.node.get("schema").filter(|n| !n.is_null()) {
        None => "this period lacks `schema`".to_owned(),
        Some(_) => format!("`schema` cannot be `{text}`"),
    };
    judge
        .tell(&schema_invalid::RULE, period.place("schema"), When::Always, message)
        .help("`v13` is the newest; those before go from `v9` to `v12`");
}

/// `store` and `object_store` are known (grafana/loki pkg/loki/validation.go `validateSchemaValues`@v3.0.0, v3.7.6).
fn stores(judge: &mut Judge<'_>, settings: &Settings<'_>, period: &Period<'_>) {
    if judge.since(3, 0) {
        if let Some(store) = period.store.filter(|s| !STORES.contains(s)) {
            unknown(judge, period, "store", store, "`tsdb`");
        }
        let thanos = settings.get(&["storage_config", "use_thanos_objstore"], "use-thanos-objstore").truth(false);
        let thanos = if judge.since(3, 4) { thanos } else { Some(false) };
        if let (Some(object), Some(thanos)) = (settings.text_in(period.node, "object_store", ""), thanos) {
            let noop = object == "noop" && judge.since(3, 6);
            let known = if thanos { THANOS.contains(&object) } else { OBJECTS.contains(&object) || noop };
            if !known && !named(settings, thanos, object) {
                unknown(judge, period, "object_store", object, "`filesystem`, `s3`, `gcs`, `azure`");
            }
        }
    }
    let object = settings.text_in(period.node, "object_store", "");
    let Some(keeps) = object.and_then(|o| if o.is_empty() { period.store } else { Some(o) }) else { return };
    let prefix = match period.node.get("chunks") {
        None => Some(""),
        Some(chunks) => settings.text_in(chunks, "prefix", ""),
    };
    if TABLES.contains(&keeps) && prefix == Some("") {
        judge
            .tell(
                &schema_invalid::RULE,
                period.place("chunks"),
                When::Always,
                format!("chunks in `{keeps}` need `chunks.prefix`"),
            )
            .help("write `chunks: {prefix: chunk_, period: 24h}`");
    }
}

fn unknown(judge: &mut Judge<'_>, period: &Period<'_>, key: &str, text: &str, known: &str) {
    let message = match period.node.get(key).filter(|n| !n.is_null()) {
        None => format!("this period lacks `{key}`"),
        Some(_) => format!("Loki knows no `{key}` `{text}`"),
    };
    judge
        .tell(&schema_invalid::RULE, period.place(key), When::Sometimes, message)
        .help(format!("write {known} or another that it has"));
}

/// Whether a store has that name in `named_stores`; one that is not known may have any.
fn named(settings: &Settings<'_>, thanos: bool, name: &str) -> bool {
    let path: &[&str] =
        if thanos { &["storage_config", "object_store", "named_stores"] } else { &["storage_config", "named_stores"] };
    match settings.written(path) {
        Setting::Written(stores) => stores.entries().iter().any(|kind| kind.value.get(name).is_some()),
        Setting::Unknown => true,
        _ => false,
    }
}

/// Tables of the index and of chunks are as long as the store wants them.
fn tables(judge: &mut Judge<'_>, settings: &Settings<'_>, period: &Period<'_>, last: bool) {
    let place = period.node.get("index").and_then(|i| i.get("period")).map(Node::span);
    let place = place.unwrap_or_else(|| period.place("index"));
    match (period.store, period.index) {
        (Some(store @ "tsdb"), Some(length)) | (Some(store @ "boltdb-shipper"), Some(length))
            if length != DAY && (store == "tsdb" || last) =>
        {
            judge
                .tell(&schema_invalid::RULE, place, When::Always, format!("`{store}` needs an `index.period` of 24h"))
                .help("write `index: {prefix: index_, period: 24h}`");
        }
        (_, Some(length)) if length % DAY != 0 => whole_days(judge, place),
        _ => {}
    }
    if let Some(chunks) = period.node.get("chunks")
        && let Some(text) = settings.text_in(chunks, "period", "0")
        && let Some(node) = chunks.get("period")
        && length(text).is_some_and(|length| length % DAY != 0)
    {
        whole_days(judge, node.span());
    }
    // With a path of its own since 3.0 (grafana/loki pkg/storage/config/schema_config.go `ValidatePathPrefix`@v3.0.0).
    if judge.since(3, 0)
        && let Some(index) = period.node.get("index")
        && let Some(node) = index.get("path_prefix")
        && let Some(text) = settings.text_in(index, "path_prefix", "").filter(|t| !t.is_empty())
        && (text.contains('\\') || text.starts_with('/') || !text.ends_with('/'))
    {
        judge
            .tell(&schema_invalid::RULE, node.span(), When::Sometimes, format!("`path_prefix` cannot be `{text}`"))
            .help("it ends in `/`, does not begin with it, and has no `\\`");
    }
}

fn whole_days(judge: &mut Judge<'_>, place: crate::source::Span) {
    judge
        .tell(&schema_invalid::RULE, place, When::Always, "a table's `period` is a multiple of 24h")
        .help("write `24h`");
}

/// Structured metadata need an index and a schema that take them, in the period that is active.
pub(super) fn structured_metadata(judge: &mut Judge<'_>, settings: &Settings<'_>, all: &[Period<'_>]) {
    let allowed = settings.get(&["limits_config", "allow_structured_metadata"], "validation.allow-structured-metadata");
    if !judge.since(3, 0) || allowed.truth(true) != Some(true) {
        return;
    }
    let first = active(all);
    let later = &all[first..];
    let Some(takes) = later.iter().map(Period::takes_metadata).collect::<Option<Vec<_>>>() else { return };
    // What other rules refuse is told there.
    if later.iter().any(|p| p.store.is_some_and(|s| !STORES.contains(&s)) || p.version.is_none_or(|v| v > 13)) {
        return;
    }
    let Some(at) = takes.iter().position(|t| !t) else { return };
    let period = &later[at];
    let store = period.store.unwrap_or_default();
    let (key, what) = match store {
        "tsdb" => ("schema", format!("`schema: v{}`", period.version.unwrap_or_default())),
        _ => ("store", format!("`store: {store}`")),
    };
    let message = format!("structured metadata need `tsdb` and `v13`, and this period has {what}");
    let mut told = judge
        .tell(&schema_structured_metadata::RULE, period.place(key), When::Sometimes, message)
        .help("write `limits_config.allow_structured_metadata: false`, or add a period with `store: tsdb` and `schema: v13` that begins tomorrow or later, and leave it off until then");
    told = match allowed.span() {
        Some(span) => told.label(span, "allowed here"),
        None if takes.iter().all(|t| !t) && settings.known() => told
            .mend(
                "write `allow_structured_metadata: false`",
                put(settings.root.document(), &["limits_config", "allow_structured_metadata"], ": false"),
            )
            .note("`allow_structured_metadata` is true since Loki 3.0 unless the config says otherwise"),
        None => told.note("`allow_structured_metadata` is true since Loki 3.0 unless the config says otherwise"),
    };
    // On which day the engine starts with it decides where only some of the periods take metadata.
    let from = period.from.unwrap_or_default();
    let end = takes[at..].iter().position(|t| *t).and_then(|n| later.get(at + n)).and_then(|p| p.from);
    let certain = takes.iter().all(|t| !t);
    match (at, end) {
        (0, Some(end)) => told = told.note(format!("Loki refuses to start until {end}")),
        (0, None) => {}
        _ => told = told.note(format!("Loki refuses to start from {from} on")),
    }
    told.sure(settings.known() && certain);
}

/// Shards of the ingester's index fit those of the periods (grafana/loki pkg/loki/config_compat.go@v2.9.0, v3.7.6).
pub(super) fn shards(judge: &mut Judge<'_>, settings: &Settings<'_>, all: &[Period<'_>]) {
    let shards = settings.get(&["ingester", "index_shards"], "ingester.index-shards");
    let Some(count) = shards.number(32).filter(|n| *n > 0) else { return };
    for period in all {
        let rows = match period.node.get("row_shards") {
            None => Some(0),
            Some(node) => node.as_i64(),
        };
        // Sixteen by default, none in the schema that has none.
        let rows = if rows == Some(0) { if period.version == Some(9) { 0 } else { 16 } } else { rows.unwrap_or(0) };
        let place = shards.span().unwrap_or_else(|| period.place("row_shards"));
        if period.store == Some("tsdb") {
            if count.count_ones() != 1 {
                let message = format!("`index_shards` must be a power of two for `tsdb`, and is {count}");
                judge.tell(&invalid_value::RULE, place, When::Always, message).sure(settings.known());
            }
        } else if period.store.is_some() && rows > 0 && count % rows != 0 {
            let message = format!("`index_shards` {count} cannot be divided by `row_shards` {rows}");
            judge
                .tell(&invalid_value::RULE, place, When::Always, message)
                .label(period.place("row_shards"), "of this period")
                .sure(settings.known());
        }
    }
}
