//! A generator of metrics that is sent a sample of the spans.

use std::collections::HashSet;

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::engines::tempo::overrides::processors;
use crate::link::{Linked, spoken};
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
    let all = || linked.urls.iter().zip(&linked.reached).map(|((_, url, _), reached)| (*url, reached));
    let mut whole = HashSet::new();
    for (url, reached) in all().filter(|(url, _)| url.sampled.is_none()) {
        // Of whom it is not known what it sends it may be spans.
        let spans = url.signals.is_empty() || url.signals.contains(&Signal::Traces);
        let takes = |listener| {
            let spoken = spoken(url, listener);
            spoken.is_otlp() || spoken == Protocol::Http
        };
        whole.extend(reached.iter().filter(|(_, listener)| spans && takes(listener)).map(|(to, _)| *to));
    }
    let mut told = HashSet::new();
    for (url, reached) in all() {
        let Some(sampler) = url.sampled else { continue };
        for (to, _) in reached.iter().filter(|(to, _)| !whole.contains(to)) {
            let files = linked.index.files(*to).iter().map(|id| linked.tree.artifact(*id));
            let Some(config) = files.into_iter().find(|a| a.kind.name == "tempo-config") else { continue };
            let counts = |p: &Node<'_>| p.scalar().is_some_and(|name| COUNTERS.contains(&name));
            let on = processors(linked.tree, config).unwrap_or_default();
            let Some(counter) = on.into_iter().flat_map(Node::items).find(counts) else { continue };
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
