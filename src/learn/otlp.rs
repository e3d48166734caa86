//! Metrics in OTLP's JSON, one request after the other, under the names that Prometheus gives them, and the attributes of spans
//! (`open-telemetry/opentelemetry-proto opentelemetry/proto/metrics/v1/metrics.proto`, `trace/v1/trace.proto`,
//! `prometheus/prometheus storage/remote/otlptranslator/prometheusremotewrite` @v3.14.0).

use std::collections::BTreeSet;

use serde::Deserialize;

use super::families::Families;
use super::translate::{self, Kind};
use crate::symbol::Thing;
use crate::vsym::MetricType;

#[derive(Deserialize)]
struct Request {
    #[serde(rename = "resourceMetrics", default)]
    resources: Option<Vec<Resource>>,
    #[serde(rename = "resourceSpans", default)]
    traces: Option<Vec<Traces>>,
}

#[derive(Deserialize)]
struct Traces {
    #[serde(default)]
    resource: Option<Attributed>,
    #[serde(rename = "scopeSpans", default)]
    scopes: Vec<Spans>,
}

#[derive(Deserialize)]
struct Spans {
    #[serde(default)]
    spans: Vec<Attributed>,
}

#[derive(Deserialize)]
struct Resource {
    #[serde(default)]
    resource: Option<Attributed>,
    #[serde(rename = "scopeMetrics", default)]
    scopes: Vec<Scope>,
}

#[derive(Deserialize)]
struct Scope {
    #[serde(default)]
    metrics: Vec<Metric>,
}

#[derive(Deserialize)]
struct Metric {
    name: String,
    #[serde(default)]
    unit: String,
    gauge: Option<Points>,
    sum: Option<Points>,
    histogram: Option<Points>,
    #[serde(rename = "exponentialHistogram")]
    exponential: Option<Points>,
    summary: Option<Points>,
}

#[derive(Deserialize)]
struct Points {
    #[serde(rename = "isMonotonic", default)]
    monotonic: bool,
    #[serde(rename = "dataPoints", default)]
    points: Vec<Attributed>,
}

#[derive(Deserialize)]
struct Attributed {
    #[serde(default)]
    attributes: Vec<Attribute>,
}

#[derive(Deserialize)]
struct Attribute {
    key: String,
}

/// Attributes of a resource that become labels of every series.
const IDENTITY: [(&str, &str); 3] =
    [("service.name", "job"), ("service.namespace", "job"), ("service.instance.id", "instance")];

/// Attributes of resources and spans, once each.
pub(super) type Attributes = BTreeSet<(Thing, String)>;

pub(super) fn read(text: &str, families: &mut Families) -> Result<Attributes, String> {
    let (mut any, mut attributes) = (false, Attributes::new());
    for request in serde_json::Deserializer::from_str(text).into_iter::<Request>() {
        let request = request.map_err(|e| format!("it is no OTLP in JSON: {e}"))?;
        for resource in request.resources.into_iter().flatten() {
            any = true;
            one(&resource, families);
        }
        for traces in request.traces.into_iter().flatten() {
            any = true;
            let spans = traces.scopes.into_iter().flat_map(|s| s.spans);
            add(Thing::ResourceAttribute, traces.resource, &mut attributes);
            add(Thing::SpanAttribute, spans, &mut attributes);
        }
    }
    if any { Ok(attributes) } else { Err("it holds no metrics and no spans: of logs nothing is learnt".to_owned()) }
}

fn add(thing: Thing, from: impl IntoIterator<Item = Attributed>, attributes: &mut Attributes) {
    let keys = from.into_iter().flat_map(|a| a.attributes).map(|a| a.key);
    attributes.extend(keys.map(|key| (thing, key)));
}

fn one(resource: &Resource, families: &mut Families) {
    let keys: Vec<&str> = resource.resource.iter().flat_map(|r| &r.attributes).map(|a| a.key.as_str()).collect();
    let mut identity: Vec<&str> =
        IDENTITY.iter().filter(|(key, _)| *key != "service.namespace" && keys.contains(key)).map(|(_, l)| *l).collect();
    identity.dedup();
    for metric in resource.scopes.iter().flat_map(|s| &s.metrics) {
        let (points, kind, told) = match metric {
            Metric { gauge: Some(points), .. } => (points, Kind::Gauge, Some(MetricType::Gauge)),
            Metric { sum: Some(points), .. } if points.monotonic => (points, Kind::Counter, Some(MetricType::Counter)),
            Metric { sum: Some(points), .. } => (points, Kind::Other, Some(MetricType::Gauge)),
            Metric { histogram: Some(points), .. } | Metric { exponential: Some(points), .. } => {
                (points, Kind::Other, Some(MetricType::Histogram))
            }
            Metric { summary: Some(points), .. } => (points, Kind::Other, Some(MetricType::Summary)),
            _ => continue,
        };
        let Some(name) = translate::metric(&metric.name, &metric.unit, kind) else { continue };
        let mut labels: BTreeSet<String> = identity.iter().map(|l| (*l).to_owned()).collect();
        let mut seen = BTreeSet::new();
        for key in points.points.iter().flat_map(|p| &p.attributes).map(|a| a.key.as_str()) {
            if seen.insert(key) {
                labels.extend(translate::label(key));
            }
        }
        families.add(&name, told, &labels);
    }
    let rest = keys.iter().filter(|k| !IDENTITY.iter().any(|(key, _)| key == *k));
    let mut labels: BTreeSet<String> = rest.filter_map(|k| translate::label(k)).collect();
    if !labels.is_empty() && !identity.is_empty() {
        labels.extend(identity.iter().map(|l| (*l).to_owned()));
        families.add("target_info", Some(MetricType::Gauge), &labels);
    }
}
