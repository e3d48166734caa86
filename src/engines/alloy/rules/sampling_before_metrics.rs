//! Metrics made of what a sampler left.

use vispyr_alloy::Body;

use crate::diagnostic::{FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::engines::alloy::flow::{Flow, Part, PartId};
use crate::symbol::Signal;

/// The rule.
pub(in crate::engines::alloy) static RULE: Rule = Rule {
    id: "alloy-sampling-before-metrics",
    aliases: &[],
    summary: "metrics are made of the spans that a sampler left",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("sampling_before_metrics.md"),
};

/// Connectors that count spans.
const COUNTERS: [&str; 2] = ["otelcol.connector.servicegraph", "otelcol.connector.spanmetrics"];

/// Every connector that nothing but a sampler feeds.
pub(in crate::engines::alloy) fn run(flow: &Flow<'_, '_>, findings: &mut Findings) {
    for (id, _) in flow.components().filter(|(_, p)| COUNTERS.contains(&p.name)) {
        let Some(sampler) = flow.upstream(id, Signal::Traces, samples).and_then(|all| only_sampled(flow, id, &all))
        else {
            continue;
        };
        let message = format!("{} counts only the spans that {} leaves", flow.title(id), flow.title(sampler));
        let found = flow
            .found(&RULE, flow.header(id), message)
            .label(flow.header(sampler), "drops spans")
            .note("rates, errors and durations are those of the sample, not of the traffic")
            .help("send traces to it before they are sampled");
        findings.push(found);
    }
}

/// Whether a component certainly drops spans.
fn samples(part: &Part<'_, '_>) -> bool {
    drops_spans(part.name, part.body())
}

/// Whether a component of that name and body certainly drops spans.
pub(in crate::engines::alloy) fn drops_spans(name: &str, body: Body<'_>) -> bool {
    match name {
        "otelcol.processor.tail_sampling" => {
            let all = |b: vispyr_alloy::Block<'_>| {
                b.body().attr("type").is_some_and(|t| t.value().as_str().is_none_or(|t| t == "always_sample"))
            };
            body.block("policy").is_some() && !body.blocks("policy").any(all)
        }
        "otelcol.processor.probabilistic_sampler" => {
            body.attr("sampling_percentage").and_then(|a| a.value().as_f64()).is_some_and(|p| p < 100.0)
        }
        _ => false,
    }
}

/// The sampler that all ways to a part pass; `None` when one of them passes none.
fn only_sampled(flow: &Flow<'_, '_>, part: PartId, upstream: &[PartId]) -> Option<PartId> {
    let others = || upstream.iter().copied().filter(|p| *p != part);
    let fed = |p: PartId| flow.used_by(p).next().is_some();
    let begins = others().any(|p| !samples(flow.part(p)) && !fed(p));
    others().find(|p| samples(flow.part(*p))).filter(|_| !begins)
}
