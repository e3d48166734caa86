//! Dashboards and rules against series recorded from a real run: every metric they name was there, with the labels they use.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;
use vispyr::lang::promql::{Options, Outcome, parse_template};

use crate::adapter::generate;

#[derive(Deserialize)]
struct Recorded {
    labels: BTreeMap<String, BTreeSet<String>>,
    names: BTreeSet<String>,
}

/// What only applications in one language emit; the run that was recorded had none.
const RUNTIME: [&str; 4] =
    ["v8js_memory_heap_used_bytes", "process_memory_usage_bytes", "jvm_memory_used_bytes", "go_memory_used_bytes"];

/// Metric names and labels of a query, and whether it parsed.
fn reads(query: &str) -> Vec<(String, Vec<String>)> {
    let Outcome::Parsed(query) = parse_template(query, Options::default()) else { panic!("does not parse: {query}") };
    let mut out = Vec::new();
    query.selections(|s| {
        let Some(name) = s.metric().filter(|n| !n.dynamic) else { return };
        let mut labels: Vec<String> = s.selector.matchers.iter().map(|m| m.label.value.to_string()).collect();
        labels.extend(
            s.enclosing.iter().filter_map(|e| e.grouping).flat_map(|g| g.labels.iter().map(|l| l.value.to_string())),
        );
        out.push((name.value.to_string(), labels));
    });
    out
}

fn strings<'v>(value: &'v Value, key: &str, out: &mut Vec<&'v str>) {
    match value {
        Value::Object(map) => {
            out.extend(map.get(key).and_then(Value::as_str));
            map.values().for_each(|v| strings(v, key, out));
        }
        Value::Array(list) => list.iter().for_each(|v| strings(v, key, out)),
        _ => {}
    }
}

#[test]
fn every_query_of_a_dashboard_reads_recorded_series() {
    let recorded: Recorded = serde_json::from_str(include_str!("../recorded/single-host.json")).unwrap();
    let mut seen = 0;
    for (_, preset) in vispyr::spec::presets() {
        for file in generate(preset).1.iter().filter(|f| f.kind == "grafana-dashboard") {
            let json: Value = serde_json::from_str(&file.content).unwrap();
            let mut queries = Vec::new();
            strings(&json, "expr", &mut queries);
            for query in queries {
                for (name, labels) in reads(query) {
                    if RUNTIME.contains(&name.as_str()) {
                        continue;
                    }
                    assert!(recorded.names.contains(&name), "{}: `{name}` was not recorded", file.path);
                    // Labels were recorded of the series that spans make; of others the name is enough.
                    let known = recorded.labels.get(&name);
                    for label in labels {
                        assert!(
                            known.is_none_or(|k| k.contains(&label)),
                            "{}: `{name}` has no label `{label}`",
                            file.path
                        );
                    }
                    seen += 1;
                }
            }
        }
    }
    assert!(seen >= 16, "only {seen} selectors were looked at");
}

#[test]
fn every_symbol_of_the_single_host_was_recorded() {
    let recorded: Recorded = serde_json::from_str(include_str!("../recorded/single-host.json")).unwrap();
    let preset = vispyr::spec::presets().iter().find(|(n, _)| *n == "single-host").unwrap().1;
    let (stack, _) = generate(preset);
    for symbol in vispyr::stack::SYMBOLS {
        let vispyr::stack::Resolved::Family(family) = vispyr::stack::resolve(&stack, symbol.name) else { continue };
        let there = recorded.names.iter().any(|n| n == family || n.strip_suffix("_bucket") == Some(family));
        assert!(there || RUNTIME.contains(&family), "`{}` is `{family}`, which was not recorded", symbol.name);
    }
}
