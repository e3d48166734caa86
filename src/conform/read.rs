//! Values of a map as Go's readers leave them: what is absent has its default, what is null is empty (go-yaml/yaml decode.go `scalar`@v2.4.0).

use crate::lang::quantity;
use crate::parse::Node;
use crate::source::Span;

/// The text of a field; `None` = something stands there that is no text, which is told elsewhere.
pub fn word<'d>(map: Node<'d>, key: &str, default: &'d str) -> Option<&'d str> {
    match map.get(key) {
        None => Some(default),
        Some(node) if node.is_null() => Some(""),
        Some(node) => node.scalar(),
    }
}

/// A field with a text that is not empty.
pub fn filled<'d>(map: Node<'d>, key: &str) -> Option<Node<'d>> {
    map.get(key).filter(|n| !n.is_null() && n.scalar().is_some_and(|t| !t.is_empty()))
}

/// A field that is there and not null.
pub fn there<'d>(map: Node<'d>, key: &str) -> Option<Node<'d>> {
    map.get(key).filter(|n| !n.is_null())
}

/// The items of a list.
pub fn items<'d>(map: Node<'d>, key: &str) -> impl Iterator<Item = Node<'d>> + use<'d> {
    map.get(key).into_iter().flat_map(Node::items)
}

/// Whether a field is true.
pub fn is_true(map: Node<'_>, key: &str) -> bool {
    map.get(key).and_then(Node::as_bool) == Some(true)
}

/// Milliseconds of a duration of Prometheus; `None` = there is none that can be read.
pub fn milliseconds(node: Node<'_>) -> Option<u64> {
    match node.scalar()? {
        "0" => Some(0),
        text => quantity::prometheus_duration(text).ok(),
    }
}

/// Milliseconds of a duration of Prometheus; zero where there is none. `None` = it cannot be read, which is told elsewhere.
pub fn duration(map: Node<'_>, key: &str) -> Option<u64> {
    match word(map, key, "")? {
        "" | "0" => Some(0),
        text => quantity::prometheus_duration(text).ok(),
    }
}

/// Where a key stands; the first key of the map where it does not.
pub fn key(map: Node<'_>, name: &str) -> Span {
    map.entry(name).map_or_else(|| first(map), |e| e.key.span())
}

/// The first key of a map, where something is missing.
pub fn first(map: Node<'_>) -> Span {
    map.entries().first().map_or(map.span(), |e| e.key.span())
}

/// Whether it is a name of the old kind: letters, digits and underscores (prometheus/common model/labels.go
/// `LabelName.IsValidLegacy`@v0.70.1).
pub fn legacy_label(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// A metric's name of the old kind, which may hold colons (prometheus/common model/metric.go
/// `IsValidLegacyMetricName`@v0.70.1).
pub fn legacy_metric(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == ':')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == ':')
}

/// Whether a label may have that name.
pub fn is_label(name: &str, utf8: bool) -> bool {
    if utf8 { !name.is_empty() } else { legacy_label(name) }
}
