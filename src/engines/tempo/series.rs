//! The series that the metrics generator makes of spans, with their labels (grafana/tempo
//! modules/generator/processor/spanmetrics/spanmetrics.go, processor/servicegraphs/servicegraphs.go,
//! registry/registry.go@v2.3.0, @v2.6.0, @v3.0.3).

use std::collections::BTreeSet;

use super::overrides::{self, Limits};
use super::symbols::writers;
use crate::catalogue::{self, Version};
use crate::engine::{Instance, Say};
use crate::parse::Node;
use crate::symbol::{Export, FamilyType, Import, MetricFamily, NameRef, Thing};
use crate::tree::{Artifact, ArtifactId};

/// Series of the generator start with these (`grafana/tempo modules/generator/processor/@v3.0.3`).
const NAMESPACES: [(&str, &str); 2] =
    [("span-metrics", "traces_spanmetrics_"), ("service-graphs", "traces_service_graph_")];

/// Labels of span metrics that can be turned off, and whether they are on by default.
const INTRINSIC: [(&str, bool); 5] =
    [("service", true), ("span_name", true), ("span_kind", true), ("status_code", true), ("status_message", false)];

/// Labels of service graphs.
const GRAPH: [&str; 3] = ["client", "server", "connection_type"];

/// What its processors make, and the attributes that they ask spans for.
pub(super) fn say(
    instance: &Instance<'_>,
    (id, config): (ArtifactId, &Artifact),
    root: Node<'_>,
    version: Option<Version>,
    say: &mut Say<'_>,
) {
    let limits = overrides::limits(instance.tree, config);
    if limits.is_none() {
        say.export(Some(id), Export::OpenMetrics { prefix: "traces_".into() });
    }
    // What is not known may come on top of what is.
    let limits = limits.unwrap_or_else(|| Limits::defaults(root).into_iter().collect());
    dimensions(id, root, &limits, say);
    if let (false, Some(version)) = (writers(root).is_empty(), version) {
        limits.iter().for_each(|limits| offer(id, root, limits, version, say));
    }
}

/// Offers what processors make that are on.
fn offer(id: ArtifactId, root: Node<'_>, limits: &Limits<'_>, version: Version, say: &mut Say<'_>) {
    let Some(processors) = limits.processors() else { return };
    let native = limits.node.at(&["metrics_generator", "generate_native_histograms"]);
    let native = native.and_then(Node::scalar) == Some("native");
    for processor in processors.items() {
        let Some(name) = processor.scalar() else { continue };
        let Some((_, namespace)) = NAMESPACES.iter().find(|(n, _)| *n == name) else { continue };
        let facts = catalogue::engine("tempo").map_or(&[][..], |f| f.metrics);
        let labels = labels(root, name);
        for metric in facts.iter().filter(|m| m.source == name && m.range.holds(version)) {
            let kind = match FamilyType::named(metric.kind) {
                FamilyType::Histogram if native => FamilyType::NativeHistogram,
                kind => kind,
            };
            let namespace = metric.name.starts_with(namespace).then(|| (*namespace).to_owned());
            let family = MetricFamily {
                name: metric.name.to_owned(),
                kind,
                // `traces_target_info` has the attributes of resources.
                labels: labels.clone().filter(|_| namespace.is_some()),
                namespace,
                producer: format!("Tempo's `{name}` processor"),
                span: processor.span(),
            };
            say.export(Some(id), Export::Metric(family));
        }
    }
}

/// The attributes of spans and resources that become labels.
fn dimensions(id: ArtifactId, root: Node<'_>, limits: &[Limits<'_>], say: &mut Say<'_>) {
    for (processor, _) in NAMESPACES {
        let key = processor.replace('-', "_");
        let places = std::iter::once(root).chain(limits.iter().map(|l| l.node));
        let settings = places.filter_map(|place| place.at(&["metrics_generator", "processor", &key, "dimensions"]));
        for node in settings.flat_map(Node::items) {
            if let Some(name) = node.scalar().and_then(plain) {
                let by = format!("Tempo's `{processor}` processor");
                let wanted = NameRef { thing: Thing::Attribute, name, span: node.inner(), by };
                say.import(Some(id), Import::Named(wanted));
            }
        }
    }
}

/// Where tenants have settings of their own.
const TENANTS: [&str; 2] = ["per_tenant_override_config", "user_configurable_overrides"];

/// Whether a tenant may have other labels.
fn by_tenants(root: Node<'_>) -> bool {
    TENANTS.iter().any(|k| root.at(&["overrides", k]).is_some())
}

/// The names of the labels that a processor gives; `None` = not all are known.
fn labels(root: Node<'_>, processor: &str) -> Option<BTreeSet<String>> {
    let overrides = root.get("overrides");
    // The flat form of overrides has settings of its own (modules/overrides/config_legacy.go@v3.0.3).
    let legacy =
        overrides.is_some_and(|o| o.entries().iter().any(|e| e.name().starts_with("metrics_generator_processor_")));
    let changed = writers(root).iter().any(|w| w.get("write_relabel_configs").is_some());
    if by_tenants(root) || legacy || changed {
        return None;
    }
    let registry = |key: &str| root.at(&["metrics_generator", "registry", key]);
    let mut found = BTreeSet::from(["__metrics_gen_instance".to_owned()]);
    for entry in registry("external_labels").map(Node::entries).unwrap_or_default() {
        found.insert(plain(entry.name())?);
    }
    if let Some(tenant) = registry("inject_tenant_id_as") {
        found.insert(plain(tenant.scalar()?)?);
    }
    let key = processor.replace('-', "_");
    let settings: Vec<Node<'_>> = [
        root.at(&["metrics_generator", "processor", &key]),
        root.at(&["overrides", "defaults", "metrics_generator", "processor", &key]),
    ]
    .into_iter()
    .flatten()
    .collect();
    let all = |key: &'static str| settings.iter().filter_map(move |s| s.get(key));
    let on = |key: &'static str| all(key).any(|n| n.as_bool() != Some(false));
    for dimension in all("dimensions").flat_map(Node::items) {
        let name = dimension.scalar()?;
        found.insert(sanitized(&plain(name)?));
        if on("enable_client_server_prefix") {
            found.extend(["client", "server"].map(|side| sanitized(&format!("{side}_{name}"))));
        }
    }
    if processor == "service-graphs" {
        found.extend(GRAPH.map(str::to_owned));
        found.extend(on("enable_virtual_node_label").then(|| "virtual_node".to_owned()));
        return Some(found);
    }
    for (name, fallback) in INTRINSIC {
        let said: Vec<Node<'_>> = all("intrinsic_dimensions").filter_map(|d| d.get(name)).collect();
        let off = if fallback { said.last().is_some_and(|n| n.as_bool() == Some(false)) } else { said.is_empty() };
        found.extend((!off).then(|| name.to_owned()));
    }
    for mapping in all("dimension_mappings").flat_map(Node::items) {
        let name = plain(mapping.get("name")?.scalar()?)?;
        // At 2.3 it is written as it is, at 2.6 as the others.
        found.extend([sanitized(&name), name]);
    }
    if on("enable_target_info") {
        found.extend(["job", "instance"].map(str::to_owned));
    }
    Some(found)
}

/// A name that nothing fills in.
fn plain(name: &str) -> Option<String> {
    (!name.contains(['$', '{'])).then(|| name.to_owned())
}

/// A name as labels may have it; one of the intrinsic ones is kept apart.
fn sanitized(name: &str) -> String {
    let legal = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' };
    let name: String = name.chars().map(legal).collect();
    if INTRINSIC.iter().any(|(n, _)| *n == name) { format!("__{name}") } else { name }
}
