//! Spec → Stack: every decision of `gen` is taken here, and emitters only write down what the stack says. Writes no text.

pub mod containers;
mod edge;
mod metrics;
mod model;
mod nodes;
pub mod outage;
mod routes;
pub mod secrets;

pub use metrics::{CPU_PROFILE, Resolved, SYMBOLS, SymbolDef, resolve};
pub use model::*;
pub use routes::port;

use crate::spec::{Layout, Spec};

/// Plans the stack that a valid spec asks for.
pub fn plan(spec: &Spec) -> Stack {
    let single = spec.stack.layout.value == Layout::SingleHost;
    let name = spec.stack.name.value.clone();
    let edge = edge::plan(spec);
    let instance = |suffix: &str| match &spec.collector.instance {
        Some(given) => format!("{}{suffix}", given.value),
        None => format!("{name}{suffix}"),
    };
    let instances = if single {
        vec![("", instance(""))]
    } else {
        vec![("agent", instance("-agent")), ("gateway", instance("-gateway"))]
    };
    let mut stack = Stack {
        layout: spec.stack.layout.value,
        environment: spec.stack.environment.as_ref().map(|e| e.value.clone()),
        hosts: nodes::plan(spec),
        routes: Vec::new(),
        secrets: secrets::plan(spec),
        applications: spec.services.clone(),
        pipeline: Pipeline {
            host_metrics: spec.collector.host_metrics,
            span_metrics: spec.collector.span_metrics && spec.signals.traces,
            service_graph: spec.collector.service_graph && spec.signals.traces,
            scrape_interval: spec.collector.scrape_interval,
            instances,
            dimensions: spec.collector.dimensions.iter().map(|d| d.value.clone()).collect(),
            scrapes: spec.scrapes.clone(),
        },
        retention: Retention {
            metrics: spec.retention.metrics.value,
            metrics_size: spec.retention.metrics_size.value,
            traces: spec.retention.traces.value,
            profiles: spec.retention.profiles.value,
        },
        limits: spec.limits.clone(),
        secret_files: edge.as_ref().map(edge::secret_files).unwrap_or_default(),
        edge,
        name,
    };
    stack.routes = routes::plan(&stack);
    containers::plan(&mut stack, spec);
    stack
}
