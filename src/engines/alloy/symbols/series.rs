//! Components that make series of their own.

use std::collections::BTreeSet;

use vispyr_alloy::ExprKind;

use super::{Component, Config};
use crate::catalogue::{self, Version};
use crate::engine::Say;
use crate::symbol::{Export, FamilyType, Import, MetricFamily, NameRef, Thing};

/// From this version on span metrics have a namespace by default
/// (`grafana/alloy internal/component/otelcol/connector/spanmetrics/spanmetrics.go@v1.5.0`, absent at v1.4.3).
const NAMESPACE_SINCE: Version = Version::new(1, 5, 0);

/// The labels that span metrics may have without being told to: those of the spans (open-telemetry/opentelemetry-collector-contrib
/// connector/spanmetricsconnector/connector.go@v0.112.0, @v0.134.0, @v0.158.0), of the resource and of the scope (grafana/alloy
/// internal/component/otelcol/exporter/prometheus/internal/convert/convert.go@v1.11.3).
const SPAN_LABELS: [&str; 14] = [
    "collector_instance_id",
    "instance",
    "job",
    "otel_metric_overflow",
    "otel_scope_name",
    "otel_scope_version",
    "otel_status_code",
    "sampling_method",
    "service_name",
    "span_instrumentation_scope_name",
    "span_instrumentation_scope_version",
    "span_kind",
    "span_name",
    "status_code",
];

/// The blocks with attributes that become labels.
const DIMENSIONS: [&str; 2] = ["dimension", "calls_dimension"];

/// What samples pass through unchanged.
const STRAIGHT: [&str; 2] = ["otelcol.processor.batch", "otelcol.processor.memory_limiter"];

/// The series of one component.
pub(super) fn component(component: &Component<'_>, whole: &Config<'_>, say: &mut Say<'_>) {
    dimensions(component, say);
    let Some(version) = whole.version else { return };
    let open = |prefix: &str| Export::OpenMetrics { prefix: prefix.to_owned() };
    match &*component.name {
        "otelcol.connector.spanmetrics" if whole.is_suffixed() => match names(component, whole, version) {
            Some(families) => families.into_iter().for_each(|f| say.export(Some(component.id), Export::Metric(f))),
            None => say.export(Some(component.id), open("traces_")),
        },
        "otelcol.connector.servicegraph" if whole.is_suffixed() => {
            let facts = catalogue::engine("alloy").map_or(&[][..], |f| f.metrics);
            let made = facts.iter().filter(|m| m.source == component.name && m.range.holds(version));
            for metric in made {
                say.export(
                    Some(component.id),
                    Export::Metric(MetricFamily {
                        name: metric.name.to_owned(),
                        kind: FamilyType::named(metric.kind),
                        labels: None,
                        namespace: Some("traces_service_graph_".into()),
                        producer: component.title(),
                        span: component.span(component.block.header_range()),
                    }),
                );
            }
        }
        "otelcol.connector.spanmetrics" | "otelcol.connector.servicegraph" => {
            say.export(Some(component.id), open("traces_"));
        }
        // What applications send or show has names of their own choosing.
        "prometheus.receive_http" | "prometheus.scrape" => say.export(Some(component.id), open("")),
        name if name.starts_with("otelcol.receiver.") => say.export(Some(component.id), open("")),
        _ => {}
    }
}

/// Whether units and types are appended to names, as every writer to Prometheus does unless told otherwise. Processors
/// that may rename are not followed: with one, nothing is known.
pub(super) fn suffixed(components: &[Component<'_>]) -> bool {
    let plain = |c: &Component<'_>| {
        let attr = c.body().attr("add_metric_suffixes");
        c.name == "otelcol.exporter.prometheus" && attr.is_some_and(|a| a.value().as_bool() != Some(true))
    };
    let renames = |c: &Component<'_>| {
        let text = c.block.range();
        let relabels = c.name == "prometheus.relabel" || c.name == "prometheus.remote_write";
        // `__name__` as a target, or a statement that sets the name of a metric.
        let literals = c.body().descendant_blocks().into_iter().flat_map(|b| b.body().attrs());
        let mut named = c.body().attrs().chain(literals).filter(|a| a.range().end <= text.end);
        let is = |a: vispyr_alloy::Attribute<'_>, want: &str| a.value().text().contains(want);
        if relabels {
            return named.any(|a| a.name().name() == "target_label" && is(a, "__name__"));
        }
        c.name == "otelcol.processor.transform" && named.any(|a| a.name().name() == "statements" && is(a, "set(name"))
    };
    !components.iter().any(|c| plain(c) || renames(c))
}

/// The families of span metrics; `None` when they depend on something that is not literal.
fn names(component: &Component<'_>, whole: &Config<'_>, version: Version) -> Option<Vec<MetricFamily>> {
    let body = component.body();
    let namespace = match body.attr("namespace") {
        Some(attr) => attr.value().as_str()?.into_owned(),
        None if version >= NAMESPACE_SINCE => "traces.span.metrics".to_owned(),
        None => String::new(),
    };
    let legal = |c: char| if c.is_ascii_alphanumeric() || c == '_' || c == ':' { c } else { '_' };
    let namespace: String = namespace.chars().map(legal).collect();
    let prefix = if namespace.is_empty() { String::new() } else { format!("{namespace}_") };
    // A namespace of one word may be anybody's.
    let own = (prefix.matches('_').count() > 1).then(|| prefix.clone());
    let histogram = body.block("histogram");
    let unit = match histogram.and_then(|h| h.body().attr("unit")) {
        Some(attr) => attr.value().as_str()?.into_owned(),
        None => "ms".to_owned(),
    };
    let unit = match unit.as_str() {
        "ms" => "milliseconds",
        "s" => "seconds",
        _ => return None,
    };
    let off = match histogram.and_then(|h| h.body().attr("disable")) {
        Some(attr) => attr.value().as_bool()?,
        None => false,
    };
    let events = match body.block("events").map(|e| e.body().attr("enabled")) {
        Some(Some(attr)) => attr.value().as_bool()?,
        _ => false,
    };
    // An exponential histogram becomes a native one.
    let exponential = histogram.is_some_and(|h| h.body().block("exponential").is_some());
    let duration = if exponential { FamilyType::NativeHistogram } else { FamilyType::Histogram };
    let labels = labels(component, whole);
    let family = |name: String, kind| MetricFamily {
        name: format!("{prefix}{name}"),
        kind,
        // Those of events have dimensions of their own.
        labels: labels.clone().filter(|_| name != "events_total"),
        namespace: own.clone(),
        producer: component.title(),
        span: component.span(component.block.header_range()),
    };
    let mut families = vec![family("calls_total".into(), FamilyType::Counter)];
    if !off {
        families.push(family(format!("duration_{unit}"), duration));
    }
    if events {
        families.push(family("events_total".into(), FamilyType::Counter));
    }
    Some(families)
}

/// The names of the labels of span metrics; `None` = not all are known.
fn labels(component: &Component<'_>, whole: &Config<'_>) -> Option<BTreeSet<String>> {
    let changes = |c: &Component<'_>| {
        let converts = c.body().attr("resource_to_telemetry_conversion");
        c.name.starts_with("otelcol.processor.") && !STRAIGHT.contains(&&*c.name)
            || converts.is_some_and(|a| a.value().as_bool() != Some(false))
    };
    if whole.is_open() || whole.components.iter().any(changes) {
        return None;
    }
    let mut found: BTreeSet<String> = SPAN_LABELS.iter().map(|l| (*l).to_owned()).collect();
    for block in DIMENSIONS.iter().flat_map(|name| component.body().blocks(name)) {
        let name = block.body().attr("name")?.value().as_str()?.into_owned();
        // What starts otherwise gets a letter before it, by the version.
        if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return None;
        }
        found.insert(name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect());
    }
    Some(found)
}

/// The attributes of spans and resources that become labels.
fn dimensions(component: &Component<'_>, say: &mut Say<'_>) {
    let body = component.body();
    let written = match &*component.name {
        "otelcol.connector.spanmetrics" => {
            let blocks = DIMENSIONS.iter().flat_map(|name| body.blocks(name));
            blocks.filter_map(|b| Some(b.body().attr("name")?.value())).collect()
        }
        "otelcol.connector.servicegraph" => match body.attr("dimensions").map(|a| a.value().unparen().kind()) {
            Some(ExprKind::Array(items)) => items.iter().collect(),
            _ => Vec::new(),
        },
        _ => return,
    };
    for value in written {
        let Some(name) = value.as_str() else { continue };
        let (name, span) = (name.into_owned(), component.value_span(value));
        let wanted = NameRef { thing: Thing::Attribute, name, span, by: component.title() };
        say.import(Some(component.id), Import::Named(wanted));
    }
}
