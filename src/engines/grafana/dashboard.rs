//! Dashboards: one readable description each in `dashboards/`, made into the JSON of the Grafana at hand.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::catalogue::Version;
use crate::stack::{CPU_PROFILE, Resolved, Role, Stack, resolve};

/// A description as it stands in `dashboards/`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// Stem of its file.
    #[serde(skip)]
    pub name: String,
    title: String,
    uid: String,
    tags: Vec<String>,
    from: String,
    refresh: String,
    #[serde(default)]
    variables: Vec<Variable>,
    rows: Vec<Row>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Variable {
    name: String,
    label: String,
    source: Option<String>,
    query: Option<String>,
    regex: Option<String>,
    text: Option<String>,
    needs: Option<String>,
    unless: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    title: String,
    panels: Vec<Panel>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Panel {
    title: String,
    kind: String,
    width: u32,
    #[serde(default = "usual_height")]
    height: u32,
    unit: Option<String>,
    source: String,
    help: Option<String>,
    needs: Option<String>,
    queries: Vec<Query>,
}

fn usual_height() -> u32 {
    8
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    /// PromQL.
    expr: Option<String>,
    legend: Option<String>,
    #[serde(default)]
    exemplars: bool,
    /// `metrics` for a series, `profile` for a flame graph.
    profile: Option<String>,
    /// TraceQL.
    traceql: Option<String>,
    /// A trace id.
    trace: Option<String>,
    #[serde(default)]
    service_map: bool,
}

include!(concat!(env!("OUT_DIR"), "/dashboards.rs"));

/// Names and texts of all descriptions.
pub fn texts() -> &'static [(&'static str, &'static str)] {
    DASHBOARDS
}

/// All descriptions. Each parses: a test reads them one by one.
pub fn all() -> Vec<Description> {
    let read = |(name, text): &(&str, &str)| {
        toml::from_str::<Description>(text).ok().map(|d| Description { name: (*name).to_owned(), ..d })
    };
    DASHBOARDS.iter().filter_map(read).collect()
}

/// The dashboard as classic JSON: the one form that file provisioning takes at every version.
pub fn json(description: &Description, stack: &Stack, version: Version) -> String {
    let mut panels = Vec::new();
    let mut y = 0;
    for row in &description.rows {
        let kept: Vec<(&Panel, Vec<Value>)> = row.panels.iter().filter_map(|p| Some((p, targets(p, stack)?))).collect();
        if kept.is_empty() {
            continue;
        }
        panels.push(json!({
            "id": panels.len() + 1, "type": "row", "title": row.title, "collapsed": false, "panels": [],
            "gridPos": { "h": 1, "w": 24, "x": 0, "y": y },
        }));
        y += 1;
        let (mut x, mut tallest) = (0, 0);
        for (panel, targets) in kept {
            if x + panel.width > 24 {
                (x, y, tallest) = (0, y + tallest, 0);
            }
            let place = json!({ "h": panel.height, "w": panel.width, "x": x, "y": y });
            panels.push(panel_json(panel, panels.len() + 1, targets, place));
            x += panel.width;
            tallest = tallest.max(panel.height);
        }
        y += tallest;
    }
    let variables: Vec<Value> = description.variables.iter().filter_map(|v| variable_json(v, stack)).collect();
    let dashboard = json!({
        "uid": description.uid,
        "title": description.title,
        "tags": description.tags,
        "schemaVersion": schema_version(version),
        "editable": false,
        "graphTooltip": 1,
        "refresh": description.refresh,
        "time": { "from": description.from, "to": "now" },
        "templating": { "list": variables },
        "panels": panels,
    });
    // A tree of plain values always serialises.
    serde_json::to_string_pretty(&dashboard).map(|t| t + "\n").unwrap_or_default()
}

/// The version of the dashboard model that this Grafana writes itself (npm `@grafana/schema`, `schemaVersion`).
fn schema_version(version: Version) -> u32 {
    match (version.major, version.minor) {
        (..=10, _) | (11, ..=5) => 39,
        (11, _) | (12, ..=1) => 41,
        _ => 42,
    }
}

/// Whether the stack has what `needs` names.
fn has(stack: &Stack, need: &str) -> bool {
    match need {
        "traces" => stack.node(Role::Traces).is_some(),
        "profiles" => stack.node(Role::Profiles).is_some(),
        "service-graph" => stack.pipeline.service_graph,
        "span-metrics" => stack.pipeline.span_metrics,
        "metrics" => true,
        _ => false,
    }
}

/// The signal a data source stands for.
fn signal(source: &str) -> &'static str {
    match source {
        "tempo" => "traces",
        "pyroscope" => "profiles",
        _ => "metrics",
    }
}

fn plugin(source: &str) -> &str {
    if source == "pyroscope" { "grafana-pyroscope-datasource" } else { source }
}

/// Replaces every `<symbol>`; `None` where nothing emits one of them.
fn metrics(text: &str, stack: &Stack) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        let name = rest[start + 1..].split('>').next().unwrap_or_default();
        let is_symbol = name.contains('.') && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'.');
        if is_symbol {
            let Resolved::Family(family) = resolve(stack, name) else { return None };
            out.push_str(&rest[..start]);
            out.push_str(family);
            rest = &rest[start + name.len() + 2..];
        } else {
            out.push_str(&rest[..=start]);
            rest = &rest[start + 1..];
        }
    }
    out.push_str(rest);
    Some(out.trim().to_owned())
}

/// Symbols that a description names, for the test that holds them against the table.
pub fn symbols(text: &str) -> Vec<&str> {
    let parts = text.split('<').skip(1).filter_map(|p| p.split_once('>').map(|(name, _)| name));
    parts.filter(|n| n.contains('.') && n.bytes().all(|b| b.is_ascii_lowercase() || b == b'.')).collect()
}

/// The queries of a panel; `None` where the stack cannot fill it.
fn targets(panel: &Panel, stack: &Stack) -> Option<Vec<Value>> {
    let needed = panel.needs.as_deref().is_none_or(|n| has(stack, n));
    if !needed || !has(stack, signal(&panel.source)) {
        return None;
    }
    let mut targets = Vec::new();
    for query in &panel.queries {
        let Some(mut target) = target(query, stack) else { continue };
        let reference = char::from(b'A' + u8::try_from(targets.len()).unwrap_or(25).min(25));
        target.insert("refId".into(), json!(reference.to_string()));
        target.insert("datasource".into(), json!({ "type": plugin(&panel.source), "uid": panel.source }));
        targets.push(Value::Object(target));
    }
    (!targets.is_empty()).then_some(targets)
}

fn target(query: &Query, stack: &Stack) -> Option<Map<String, Value>> {
    let value = if let Some(expr) = &query.expr {
        let legend = query.legend.as_deref().unwrap_or("__auto");
        json!({
            "expr": metrics(expr, stack)?, "legendFormat": legend, "range": true, "editorMode": "code",
            "exemplar": query.exemplars && stack.node(Role::Traces).is_some(),
        })
    } else if let Some(kind) = &query.profile {
        json!({
            "queryType": kind, "profileTypeId": CPU_PROFILE, "labelSelector": "{service_name=\"$service\"}",
            "groupBy": [], "spanSelector": [],
        })
    } else if let Some(traceql) = &query.traceql {
        json!({ "queryType": "traceql", "query": traceql, "limit": 50, "tableType": "traces", "filters": [] })
    } else if let Some(trace) = &query.trace {
        json!({ "queryType": "traceql", "query": trace, "limit": 20, "tableType": "traces", "filters": [] })
    } else if query.service_map {
        json!({ "queryType": "serviceMap", "serviceMapQuery": "", "filters": [] })
    } else {
        return None;
    };
    if let Value::Object(map) = value { Some(map) } else { None }
}

fn panel_json(panel: &Panel, id: usize, targets: Vec<Value>, place: Value) -> Value {
    let mut defaults = Map::new();
    if let Some(unit) = &panel.unit {
        defaults.insert("unit".into(), json!(unit));
    }
    let mut overrides = Vec::new();
    if panel.kind == "table" {
        // A click keeps the reader on the page: the id becomes the value of the variable that the waterfall reads.
        overrides.push(json!({
            "matcher": { "id": "byName", "options": "traceID" },
            "properties": [{ "id": "links", "value": [{
                "title": "Show here",
                "url": "/d/service?${service:queryparam}&var-trace=${__value.raw}&${__url_time_range}",
            }] }],
        }));
    }
    json!({
        "id": id,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.help.as_deref().unwrap_or_default(),
        "datasource": { "type": plugin(&panel.source), "uid": panel.source },
        "gridPos": place,
        "targets": targets,
        "fieldConfig": { "defaults": defaults, "overrides": overrides },
        "options": {},
    })
}

fn variable_json(variable: &Variable, stack: &Stack) -> Option<Value> {
    let wanted = variable.needs.as_deref().is_none_or(|n| has(stack, n));
    let unwanted = variable.unless.as_deref().is_some_and(|n| has(stack, n));
    if !wanted || unwanted {
        return None;
    }
    if let (Some(query), Some(source)) = (&variable.query, &variable.source) {
        let query = metrics(query, stack)?;
        return Some(json!({
            "name": variable.name, "label": variable.label, "type": "query",
            "datasource": { "type": plugin(source), "uid": source },
            "definition": query, "query": { "query": query, "refId": "variable", "qryType": 1 },
            "regex": variable.regex.as_deref().unwrap_or_default(), "refresh": 2, "sort": 1,
            "multi": false, "includeAll": false,
        }));
    }
    let text = variable.text.as_deref().unwrap_or_default();
    Some(json!({
        "name": variable.name, "label": variable.label, "type": "textbox", "query": text,
        "current": { "text": text, "value": text },
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::SYMBOLS;

    #[test]
    fn every_description_parses_and_names_known_symbols() {
        for (name, text) in texts() {
            let parsed = toml::from_str::<Description>(text);
            assert!(parsed.is_ok(), "{name}: {parsed:?}");
            for symbol in symbols(text) {
                assert!(SYMBOLS.iter().any(|s| s.name == symbol), "{name} names `{symbol}`, which is no symbol");
            }
        }
        assert_eq!(all().len(), texts().len());
    }
}
