//! What is deleted, and by whom.

use super::super::rules::{delete_request_store, invalid_value, retention_below_24h, retention_inert};
use super::super::{CONFIG, RELOADED};
use super::length;
use crate::conform::{Judge, Setting, Settings, When, put};
use crate::dskit::tenants;
use crate::engine::Instance;
use crate::lang::{logql, re2};
use crate::parse::Node;
use crate::source::{Edit, Span};
use crate::tree::Artifact;

/// Milliseconds.
const DAY: u64 = 86_400_000;

/// Streams that are kept for a time of their own (grafana/loki pkg/validation/limits.go `Limits.Validate`@v2.9.0, v3.7.6).
pub(super) fn streams(judge: &mut Judge<'_>, settings: &Settings<'_>, section: &[&str]) {
    let Setting::Written(list) = settings.written(&[section, &["retention_stream"]].concat()) else { return };
    for rule in list.items().filter(|r| r.is_map()) {
        let selector = settings.text_in(rule, "selector", "");
        if let Some(text) = selector
            && let Some(why) = refused(text)
        {
            let place = rule.get("selector").map_or(rule.span(), Node::span);
            judge
                .tell(&invalid_value::RULE, place, When::Always, format!("`selector` selects no streams: {why}"))
                .help("write matchers in braces: `{namespace=\"dev\"}`");
        }
        let Some(period) = settings.text_in(rule, "period", "0") else { continue };
        if length(period).is_some_and(|length| length < DAY) {
            let place = rule.get("period").map_or(rule.span(), Node::span);
            let message = match rule.get("period") {
                Some(_) => format!("`period` is at least 24h, and is {period}"),
                None => "`period` is at least 24h, and is missing".to_owned(),
            };
            judge
                .tell(&retention_below_24h::RULE, place, When::Always, message)
                .help("write `24h` or more: Loki deletes by the day");
        }
    }
}

/// Why a selector is refused.
fn refused(text: &str) -> Option<String> {
    match logql::parse(text, re2::Go::NEWEST) {
        Err(error) if error.kind == logql::Kind::Unread => None,
        Err(error) => Some(error.message),
        Ok(query) => {
            let bare = query.is_logs() && query.logs().all(|l| l.stages.is_empty());
            (!bare).then(|| "it is more than matchers".to_owned())
        }
    }
}

/// A compactor that deletes needs a store for what it was asked to delete
/// (grafana/loki pkg/compactor/compactor.go `Config.Validate`@v3.0.0, pkg/compactor/config.go@v3.7.6).
pub(super) fn delete_store(judge: &mut Judge<'_>, settings: &Settings<'_>) {
    let enabled = settings.get(&["compactor", "retention_enabled"], "compactor.retention-enabled");
    let (true, Some(true), Some(span)) = (judge.since(3, 0), enabled.truth(false), enabled.span()) else { return };
    let store = settings.get(&["compactor", "delete_request_store"], "compactor.delete-request-store");
    let nothing = settings.is_nothing(&["compactor", "delete_request_store"]);
    if nothing || store.or("") == Some("") {
        judge
            .tell(
                &delete_request_store::RULE,
                span,
                When::Sometimes,
                "retention is on, and `compactor.delete_request_store` is not set",
            )
            .help("name the object store of the periods: `delete_request_store: filesystem`, `s3` or another")
            .mend(
                "write `delete_request_store`, the object store of all periods",
                only_store(settings).filter(|_| !nothing),
            )
            .sure(settings.known());
    }
    let prefix = settings.written(&["compactor", "delete_request_store_key_prefix"]);
    if let (Some(text), Some(span)) = (prefix.text(), prefix.span())
        && (text.is_empty() || text.contains('\\') || text.starts_with('/') || !text.ends_with('/'))
    {
        judge
            .tell(
                &invalid_value::RULE,
                span,
                When::Sometimes,
                format!("`delete_request_store_key_prefix` cannot be `{text}`"),
            )
            .help("it ends in `/`, does not begin with it, and has no `\\`")
            .sure(settings.known());
    }
}

/// Names the store of the periods, where they have one.
fn only_store(settings: &Settings<'_>) -> Option<Vec<Edit>> {
    let list = settings.written(&["schema_config", "configs"]);
    let Setting::Written(list) = list else { return None };
    let mut stores = list.items().map(|period| settings.text_in(period, "object_store", ""));
    let store = stores.next()??;
    let plain = !store.is_empty() && store.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    if !plain || !settings.known() || !stores.all(|s| s == Some(store)) {
        return None;
    }
    put(settings.root.document(), &["compactor", "delete_request_store"], &format!(": {store}"))
}

/// A time after which nothing happens. The table manager is no part of the target `all` (grafana/loki
/// pkg/loki/loki.go@v2.9.2, v3.7.6).
pub(super) fn inert(judge: &mut Judge<'_>, settings: &Settings<'_>, instance: &Instance<'_>) {
    let enabled = settings.get(&["compactor", "retention_enabled"], "compactor.retention-enabled");
    let tables =
        settings.get(&["table_manager", "retention_deletes_enabled"], "table-manager.retention-deletes-enabled");
    // A process of one part only leaves the rest to others, with files of their own.
    if settings.get(&["target"], "target").or("all") != Some("all") {
        return;
    }
    let limit = settings.get(&["limits_config", "retention_period"], "store.retention");
    let streams = matches!(settings.written(&["limits_config", "retention_stream"]), Setting::Written(_));
    let of_tenant = by_tenant(settings, instance);
    let limited = streams
        || of_tenant.is_none_or(|told| told.is_some())
        || limit.or("0s").is_none_or(|t| length(t).is_none_or(|length| length > 0));
    if let (Some(true), Some(span)) = (tables.truth(false), tables.span()) {
        if enabled.truth(false) == Some(false) || !limited {
            judge
                .tell(
                    &retention_inert::RULE,
                    span,
                    When::Always,
                    "`table_manager` deletes nothing: it does not run in a Loki of `-target=all`",
                )
                .help("write `limits_config.retention_period`, and `compactor.retention_enabled: true` with `compactor.delete_request_store`")
                .sure(false);
        }
        return;
    }
    if enabled.truth(false) != Some(false) || tables.truth(false) != Some(false) {
        return;
    }
    let period = settings.get(&["limits_config", "retention_period"], "store.retention");
    let stream = settings.written(&["limits_config", "retention_stream"]);
    let set = period.text().is_some_and(|t| length(t).is_some_and(|length| length > 0));
    let (span, named) = match (set, period.span(), stream) {
        (true, Some(span), _) => (span, "`retention_period`"),
        (_, _, Setting::Written(list)) if list.items().len() > 0 => (list.span(), "`retention_stream`"),
        _ => match of_tenant.flatten() {
            Some(told) => told,
            None => return,
        },
    };
    // The flag had another name beside this one (grafana/loki pkg/storage/stores/indexshipper/compactor/compactor.go@v2.9.0).
    if settings.has("boltdb.shipper.compactor.retention-enabled") {
        return;
    }
    let off = enabled.span().map(|span| (span, "switched off here"));
    let compactor =
        settings.root.entry("compactor").map(|e| (e.key.span(), "this one deletes nothing unless it is told to"));
    let told = judge
        .tell(&retention_inert::RULE, span, When::Always, format!("{named} deletes nothing: no compactor applies it"))
        .help("write `compactor.retention_enabled: true`, and since Loki 3.0 `compactor.delete_request_store`")
        // Who switches it off in so many words may know.
        .sure(settings.known() && on_disk(settings) && enabled.span().is_none());
    if let Some((span, text)) = off.or(compactor) {
        told.label(span, text);
    }
}

/// What the first tenant with a time of its own calls it, and where; `None` = the limits of tenants are not known.
fn by_tenant(settings: &Settings<'_>, instance: &Instance<'_>) -> Option<Option<(Span, &'static str)>> {
    let read = |(_, file): &&(_, &Artifact)| file.source == settings.root.span().source && *file.kind == CONFIG;
    let (_, config) = instance.files.iter().find(read)?;
    let files = RELOADED.files(instance.tree, config)?;
    let limits = files.iter().filter_map(|file| file.data()?.root()).flat_map(tenants);
    let mut told = limits.filter_map(|tenant| {
        let period = tenant.value.get("retention_period");
        let set = |n: &Node<'_>| n.scalar().is_some_and(|t| length(t).is_some_and(|length| length > 0));
        let streams = tenant.value.get("retention_stream").filter(|list| list.items().len() > 0);
        let period = period.filter(set).map(|n| (n.span(), "`retention_period`"));
        period.or(streams.map(|n| (n.span(), "`retention_stream`")))
    });
    Some(told.next())
}

/// Whether all data lie in a folder: a bucket may have rules of its own that delete.
fn on_disk(settings: &Settings<'_>) -> bool {
    let Setting::Written(list) = settings.written(&["schema_config", "configs"]) else { return false };
    list.items().all(|p| settings.text_in(p, "object_store", "") == Some("filesystem"))
}
