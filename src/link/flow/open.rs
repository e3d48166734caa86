//! Whether all ways on which series may come are known.

use std::collections::HashSet;

use crate::labels::{End, Series};
use crate::link::{Linked, Resolution};
use crate::source::Span;
use crate::symbol::{Owner, Protocol, Signal};
use crate::tree::{ServiceId, has_word};

/// How words begin in names of services and images that may make or store series, whose configs are not read:
/// `prometheus`, `fluentd`, not `confluentinc`.
const FOREIGN: [&str; 17] = [
    "prom",
    "victoria",
    "vmagent",
    "thanos",
    "cortex",
    "telegraf",
    "collector",
    "otel",
    "agent",
    "lgtm",
    "vector",
    "beyla",
    "netdata",
    "signoz",
    "mimir",
    "alloy",
    "fluent",
];

/// Images with such a word that only show series, and send none (an exporter is scraped).
const SHOWS: [&str; 3] = ["exporter", "promtail", "pushgateway"];

/// Images that run one command and send no series, whatever the service is called.
const TOOLS: [&str; 4] = ["bitnami/kubectl", "busybox", "curlimages/curl", "minio/mc"];

/// Components of Alloy after which metrics may have any attributes and names.
const CHANGES: [&str; 5] = [
    "otelcol.processor.transform",
    "otelcol.processor.attributes",
    "otelcol.processor.groupbyattrs",
    "otelcol.receiver.prometheus",
    "otelcol.connector.signaltometrics",
];

/// Whether series may come to a store on a way that is not known.
pub(super) fn is_open(linked: &Linked<'_>, all: &[(Owner, &Series)]) -> bool {
    let foreign = linked.tree.services.iter().filter(|s| s.engine.is_none()).any(|s| {
        let image = s.image.as_ref().map_or("", |i| i.repository.as_str());
        let has = |beginnings| has_word(image, beginnings) || has_word(&s.name, beginnings);
        has(&FOREIGN) && !has(&SHOWS) && !TOOLS.contains(&image)
    });
    if foreign || linked.has_foreign_collector() {
        return true;
    }
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
    // A store that takes OTLP on demand is sent some.
    let asked = |id: &ServiceId| {
        let otlp = |text: &str| text.contains("otlp") && !translating.contains(id);
        linked.tree.service(*id).args().is_none_or(|a| a.iter().any(|a| a.open || otlp(&a.text)))
    };
    if stores.is_empty() || stores.iter().any(asked) {
        return true;
    }
    // What gives samples of metrics more attributes, or other names, before they are sent.
    let changes = |owner: &Owner| {
        let text = owner.artifact.map(|id| linked.tree.sources.text(linked.tree.artifact(id).source));
        text.is_some_and(|text| CHANGES.iter().any(|name| text.contains(name)))
    };
    linked.urls.iter().any(|(owner, url, to)| match url.protocol {
        Protocol::RemoteWrite => !ends.contains(&url.span),
        otlp if otlp.is_otlp() => {
            let metrics = url.signals.is_empty() || url.signals.contains(&Signal::Metrics);
            metrics && reached(to).iter().any(|id| stores.contains(id) && (!translating.contains(id) || changes(owner)))
        }
        // What is asked elsewhere has series from elsewhere.
        Protocol::PrometheusQuery => {
            let to = reached(to);
            to.is_empty() || to.iter().any(|id| !stores.contains(id))
        }
        _ => false,
    })
}

fn reached(to: &Resolution) -> &[ServiceId] {
    match to {
        Resolution::Services(to) | Resolution::Published(to) => to,
        _ => &[],
    }
}
