//! Whether all ways on which series may come are known, or at least all scrapes.

use std::collections::HashSet;

use crate::labels::{End, Series};
use crate::link::{Linked, Resolution};
use crate::source::Span;
use crate::symbol::{Owner, Protocol, Signal};
use crate::tree::{ServiceId, has_word};

/// How words begin in names of services and images that may store series, whose configs are not read: `prometheus`.
const STORES: [&str; 7] = ["prometheus", "victoriametrics", "thanos", "cortex", "lgtm", "signoz", "mimir"];

/// The same of those that may send some to a store which takes them: `fluentd`, not `confluentinc`.
const SENDERS: [&str; 9] = ["telegraf", "collector", "otel", "agent", "vector", "beyla", "alloy", "fluent", "vmagent"];

/// Images with such a word that only show series, and send none (an exporter is scraped).
const SHOWS: [&str; 3] = ["exporter", "promtail", "pushgateway"];

/// Images that run one command and send no series, whatever the service is called.
const TOOLS: [&str; 6] = ["alpine", "bitnami/kubectl", "busybox", "curlimages/curl", "minio/mc", "minio/minio"];

/// Components of Alloy after which metrics may have any attributes and names.
const CHANGES: [&str; 5] = [
    "otelcol.processor.transform",
    "otelcol.processor.attributes",
    "otelcol.processor.groupbyattrs",
    "otelcol.receiver.prometheus",
    "otelcol.connector.signaltometrics",
];

/// Whether others than those who are followed may send series to a store; `None` = it is not even known who scrapes.
pub(super) fn has_senders(linked: &Linked<'_>, all: &[(Owner, &Series)]) -> Option<bool> {
    let foreign = |words: &[&str], by_name: bool| {
        linked.tree.services.iter().filter(|s| s.engine.is_none()).any(|s| {
            let image = s.image.as_ref().map_or("", |i| i.repository.as_str());
            // An image says what it is, whatever the service is called.
            let named = by_name || s.image.as_ref().is_none_or(|i| i.open);
            let has = |beginnings| has_word(image, beginnings) || named && has_word(&s.name, beginnings);
            has(words) && !has(&SHOWS) && !TOOLS.contains(&image)
        })
    };
    if foreign(&STORES, false) {
        return None;
    }
    let strangers = (foreign(&SENDERS, true) || linked.has_foreign_collector()) && takes_any(linked);
    let ends: HashSet<Span> =
        all.iter().filter_map(|(_, s)| if let End::Url(span) = s.end { Some(span) } else { None }).collect();
    let stores: HashSet<ServiceId> = linked
        .symbols
        .listeners()
        .filter(|(_, l)| {
            let takes = |protocol| l.accepts.iter().flatten().any(|a| a.protocol == protocol);
            // One of logs answers questions of metrics about them, and holds no series.
            takes(Protocol::PrometheusQuery) && !takes(Protocol::LogPush)
        })
        .filter_map(|(o, _)| o.service)
        .collect();
    // Those of which it is known what they make of OTLP.
    let translating: HashSet<ServiceId> = all
        .iter()
        .filter(|(_, s)| s.translation.is_some() && s.end == End::Own)
        .filter_map(|(owner, _)| owner.service)
        .collect();
    let args = |id: &ServiceId| linked.tree.service(*id).args();
    if stores.is_empty() || stores.iter().any(|id| args(id).is_none_or(|a| a.iter().any(|a| a.open))) {
        return None;
    }
    // A store that takes OTLP on demand is sent some.
    let asked =
        |id: &ServiceId| !translating.contains(id) && args(id).iter().flatten().any(|a| a.text.contains("otlp"));
    let strangers = strangers || stores.iter().any(asked);
    // What gives samples of metrics more attributes, or other names, before they are sent.
    let changes = |owner: &Owner| {
        let text = owner.artifact.map(|id| linked.tree.sources.text(linked.tree.artifact(id).source));
        text.is_some_and(|text| CHANGES.iter().any(|name| text.contains(name)))
    };
    // What is asked elsewhere has series from elsewhere.
    let mut asked = linked.urls.iter().filter(|(_, url, _)| url.protocol == Protocol::PrometheusQuery);
    if asked.any(|(.., to)| reached(to).is_empty() || reached(to).iter().any(|id| !stores.contains(id))) {
        return None;
    }
    let sent = linked.urls.iter().any(|(owner, url, to)| match url.protocol {
        Protocol::RemoteWrite => !ends.contains(&url.span),
        otlp if otlp.is_otlp() => {
            let metrics = url.signals.is_empty() || url.signals.contains(&Signal::Metrics);
            metrics && reached(to).iter().any(|id| stores.contains(id) && (!translating.contains(id) || changes(owner)))
        }
        _ => false,
    });
    Some(strangers || sent)
}

pub(super) fn reached(to: &Resolution) -> &[ServiceId] {
    match to {
        Resolution::Services(to) | Resolution::Published(to) => to,
        _ => &[],
    }
}

/// Whether a server of metrics takes what is sent to it: a Prometheus does only when it is told to.
fn takes_any(linked: &Linked<'_>) -> bool {
    let pushed = |p: Protocol| p.is_otlp() || p == Protocol::RemoteWrite;
    let listeners = linked.symbols.listeners().map(|(_, listener)| listener);
    let mut servers = listeners.filter_map(|l| {
        let accepts = l.accepts.as_ref()?;
        accepts.iter().any(|a| a.protocol == Protocol::PrometheusQuery).then_some(accepts)
    });
    servers.any(|all| all.iter().any(|a| pushed(a.protocol) && a.missing_flag.is_none()))
}
