//! Names of metrics, resolved for the collector and versions of a stack: the same metric has other names elsewhere.

use crate::catalogue::Version;
use crate::spec::Language;

use super::{Role, Stack};

/// Profile type of CPU time, as every SDK with a CPU profile names it: what dashboards show and traces link to.
pub const CPU_PROFILE: &str = "process_cpu:cpu:nanoseconds:cpu:nanoseconds";

/// A metric that dashboards and rules name by symbol.
#[derive(Debug)]
pub struct SymbolDef {
    /// Name in `dashboards/`: `span.calls`.
    pub name: &'static str,
    /// Family name (histograms without `_bucket`) for that stack; `None` = nothing in it emits the metric.
    resolve: fn(&Stack) -> Option<&'static str>,
}

/// What a symbol stands for in a stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolved {
    /// That family.
    Family(&'static str),
    /// Nothing emits it: a panel that needs it is left out.
    Absent,
    /// No such symbol.
    Unknown,
}

/// All symbols.
pub static SYMBOLS: &[SymbolDef] = &[
    SymbolDef { name: "span.calls", resolve: |s| spans(s, "traces_span_metrics_calls_total") },
    SymbolDef { name: "span.duration", resolve: |s| spans(s, "traces_span_metrics_duration_seconds") },
    SymbolDef { name: "graph.requests", resolve: |s| graph(s, "traces_service_graph_request_total") },
    SymbolDef { name: "graph.failed", resolve: |s| graph(s, "traces_service_graph_request_failed_total") },
    SymbolDef { name: "graph.seconds", resolve: |s| graph(s, "traces_service_graph_request_server_seconds") },
    SymbolDef { name: "host.cpu", resolve: |s| host(s, "node_cpu_seconds_total") },
    SymbolDef { name: "host.memory.available", resolve: |s| host(s, "node_memory_MemAvailable_bytes") },
    SymbolDef { name: "host.memory.total", resolve: |s| host(s, "node_memory_MemTotal_bytes") },
    SymbolDef { name: "memory.node", resolve: |s| spoken(s, Language::Node, "v8js_memory_heap_used_bytes") },
    SymbolDef { name: "memory.python", resolve: |s| spoken(s, Language::Python, "process_memory_usage_bytes") },
    SymbolDef { name: "memory.java", resolve: |s| spoken(s, Language::Java, "jvm_memory_used_bytes") },
    SymbolDef { name: "memory.go", resolve: |s| spoken(s, Language::Go, "go_memory_used_bytes") },
];

/// What the symbol of that name stands for.
pub fn resolve(stack: &Stack, name: &str) -> Resolved {
    match SYMBOLS.iter().find(|s| s.name == name) {
        None => Resolved::Unknown,
        Some(symbol) => (symbol.resolve)(stack).map_or(Resolved::Absent, Resolved::Family),
    }
}

/// Families of Alloy's span metrics connector, from 1.5 on, with `unit = "s"`: the namespace `traces.span.metrics` is its
/// default there (`grafana/alloy internal/component/otelcol/connector/spanmetrics/spanmetrics.go@v1.18.1`).
fn spans(stack: &Stack, name: &'static str) -> Option<&'static str> {
    let collector = stack.node(Role::Gateway).or_else(|| stack.node(Role::Collector))?;
    (stack.pipeline.span_metrics && collector.version >= Version::new(1, 5, 0)).then_some(name)
}

fn graph(stack: &Stack, name: &'static str) -> Option<&'static str> {
    stack.pipeline.service_graph.then_some(name)
}

/// Families of the embedded node exporter.
fn host(stack: &Stack, name: &'static str) -> Option<&'static str> {
    stack.pipeline.host_metrics.then_some(name)
}

/// Emitted by the runtime instrumentation that the snippets of `language` switch on, when an application speaks it.
fn spoken(stack: &Stack, language: Language, name: &'static str) -> Option<&'static str> {
    let spoken = |a: &crate::spec::Application| a.language.as_ref().is_some_and(|l| l.value == language);
    stack.applications.iter().any(spoken).then_some(name)
}
