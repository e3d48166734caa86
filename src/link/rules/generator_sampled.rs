//! A generator of metrics that is sent a sample of the spans.

use std::collections::HashSet;

use super::service_map_empty::processors;
use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::Linked;
use crate::parse::Node;
use crate::symbol::{Protocol, Signal};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "tempo-generator-sampled",
    aliases: &[],
    summary: "Tempo makes metrics of the spans that a sampler before it left",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("generator_sampled.md"),
};

/// Processors that count spans; what `local-blocks` keeps is asked for as it is.
const COUNTERS: [&str; 2] = ["span-metrics", "service-graphs"];

/// Every sampler that all spans pass on their way to such a generator.
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    // Whoever else sends it spans sends all of them.
    let traces = |n: &usize| {
        let url = linked.urls[*n].1;
        let any =
            url.signals.is_empty() && matches!(url.protocol, Protocol::OtlpGrpc | Protocol::OtlpHttp | Protocol::Http);
        url.signals.contains(&Signal::Traces) || any
    };
    let all: Vec<usize> = (0..linked.urls.len()).filter(traces).collect();
    let mut whole = HashSet::new();
    for n in all.iter().filter(|n| linked.urls[**n].1.sampled.is_none()) {
        whole.extend(linked.reached[*n].iter().map(|(to, _)| *to));
    }
    let mut told = HashSet::new();
    for n in all {
        let (_, url, _) = &linked.urls[n];
        let Some(sampler) = url.sampled else { continue };
        for (to, _) in linked.reached[n].iter().filter(|(to, _)| !whole.contains(to)) {
            let files = linked.index.files(*to).iter().map(|id| linked.tree.artifact(*id));
            let Some(config) = files.into_iter().find(|a| a.kind.name == "tempo-config") else { continue };
            let counts = |p: &Node<'_>| p.scalar().is_some_and(|name| COUNTERS.contains(&name));
            let Some(counter) = processors(config).and_then(|all| all.items().find(counts)) else { continue };
            if !told.insert((sampler, *to)) {
                continue;
            }
            let target = &linked.tree.service(*to).name;
            let message = format!("the generator of `{target}` makes metrics of a sample of the spans");
            findings.push(
                Diagnostic::new(&RULE, counter.span(), message)
                    .label(sampler, "drops spans before they are sent")
                    .label(url.span, format!("{} sends what is left", url.sender))
                    .note("rates, errors and durations are those of the sample, not of the traffic")
                    .help("make the metrics before the sampler, with `otelcol.connector.spanmetrics` and `otelcol.connector.servicegraph`"),
            );
        }
    }
}
