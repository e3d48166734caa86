//! Tails that are sampled by several processes, each of which sees a part of a trace.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::engines::alloy::flow::{Flow, has_own_network};
use crate::source::Span;
use crate::symbol::Signal;
use crate::tree::{Service, Tree};

/// The rule.
pub(in crate::engines::alloy) static RULE: Rule = Rule {
    id: "alloy-tail-sampling-split",
    aliases: &[],
    summary: "several containers sample tails, and nothing brings the spans of a trace to one of them",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("tail_sampling_split.md"),
};

/// Services that run one file and are looked at: a twin stands beside.
const USES: usize = 100;

/// Every sampler of tails that runs several times (grafana/alloy
/// docs/sources/reference/components/otelcol.processor.tail_sampling.md@v1.0.0,
/// docs/sources/reference/components/otelcol/otelcol.processor.tail_sampling.md@v1.19.0-rc.3: one process must get all spans of
/// a trace).
pub(in crate::engines::alloy) fn run(flow: &Flow<'_, '_>, findings: &mut Findings) {
    let Some(service) = flow.service().filter(|_| flow.program.run) else { return };
    let samplers = || flow.components().filter(|(_, p)| p.name == "otelcol.processor.tail_sampling");
    let Some((span, label, what)) = samplers().next().and_then(|(id, _)| several(flow, service, flow.file(id).path))
    else {
        return;
    };
    if flow.instance.tree.balances() {
        return;
    }
    for (id, _) in samplers().filter(|(id, _)| flow.runs(*id)) {
        let upstream = flow.upstream(id, Signal::Traces, |_| false).unwrap_or_default();
        if !upstream.iter().any(|p| flow.part(*p).name.starts_with("otelcol.receiver.")) {
            continue;
        }
        let message = format!("{} decides on whole traces, and {what}, each with a part of them", flow.title(id));
        let found = flow
            .found(&RULE, flow.header(id), message)
            .label(span, label)
            .note("traces are kept in part: a container drops the spans of a trace whose error or delay another one saw")
            .help("put an Alloy in front whose `otelcol.exporter.loadbalancing` sends to them by trace id, or sample in one");
        findings.push(found);
    }
}

/// How many containers run the config, where they are several, and where that is said.
fn several(flow: &Flow<'_, '_>, service: &Service, file: &str) -> Option<(Span, &'static str, String)> {
    if let Some(count) = service.replicas.as_ref().filter(|r| r.value > 1) {
        let what = format!("{} containers of `{}` run it", count.value, service.name);
        return Some((count.span, "as many are wanted", what));
    }
    let twin = twin(flow.instance.tree, service, file)?;
    // Told once, of the first.
    (twin.span.start > service.span.start)
        .then(|| (twin.span, "runs the same file", format!("both `{}` and `{}` run it", service.name, twin.name)))
}

/// Another service beside it that runs the same file, for the same senders.
fn twin<'t>(tree: &'t Tree, service: &Service, file: &str) -> Option<&'t Service> {
    let (_, artifact) = tree.at(file)?;
    let others = artifact.uses.iter().take(USES).map(|u| tree.service(u.service));
    others.into_iter().find(|other| {
        let beside = other.artifact == service.artifact && other.span != service.span;
        let same = other.network == service.network && other.profiles == service.profiles;
        beside && same && other.engine == service.engine && has_own_network(other)
    })
}
