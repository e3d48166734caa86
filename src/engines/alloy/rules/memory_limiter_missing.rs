//! Gateways that take whatever comes until the host has no memory left.

use crate::address;
use crate::diagnostic::{FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::engines::alloy::flow::{Flow, Part, Position, has_own_network};
use crate::engines::alloy::program::Kind;
use crate::source::Span;
use crate::symbol::Bind;
use crate::tree::{Port, Service};

/// The rule.
pub(in crate::engines::alloy) static RULE: Rule = Rule {
    id: "alloy-memory-limiter-missing",
    aliases: &[],
    summary: "a gateway has no bound on its memory",
    tier: Tier::C,
    severity: Severity::Info,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("memory_limiter_missing.md"),
};

/// The processor that refuses data before memory runs out.
const LIMITER: &str = "otelcol.processor.memory_limiter";

/// Once per config: a receiver that other hosts reach, and nothing that bounds what it takes.
pub(in crate::engines::alloy) fn run(flow: &Flow<'_, '_>, findings: &mut Findings) {
    let Some(service) = flow.service().filter(|s| flow.program.run && has_own_network(s)) else { return };
    if service.build || service.memory_bound || service.environment_open || service.env("GOMEMLIMIT").is_some() {
        return;
    }
    // What is imported may bound it.
    let unknown = |p: &Part<'_, '_>| p.name == LIMITER || p.name == "remotecfg" || p.node.kind == Kind::Import;
    if flow.parts().any(|(_, p)| unknown(p) || p.root.is_none() && p.node.kind == Kind::Component) {
        return;
    }
    let gateway = flow.components().filter(|(id, p)| p.name == "otelcol.receiver.otlp" && flow.runs(*id));
    let Some((id, published)) = gateway.into_iter().find_map(|(id, p)| Some((id, published(service, p)?))) else {
        return;
    };
    let exports = |p: &Part<'_, '_>| p.facts.is_some_and(|f| f.part == Position::Exporter);
    if flow.is_broken(id) || !flow.components().any(|(_, p)| exports(p)) {
        return;
    }
    let message = format!("nothing bounds the memory of `{}`, which takes what other hosts send", service.name);
    let found = flow
        .found(&RULE, flow.header(id), message)
        .label(published, "other hosts are let in here")
        .label(service.span, "runs without a limit")
        .note(
            "when what it exports to is slow or away, queues grow until the host kills a process, this one or another",
        )
        .help(format!(
            "send through an `{LIMITER}` first, or give the container a limit: `deploy.resources.limits.memory`"
        ));
    findings.push(found);
}

/// Where other hosts are let in to one of its ports (grafana/alloy
/// internal/component/otelcol/receiver/otlp/otlp.go@v1.0.0, @v1.19.0-rc.3 for the ports).
fn published(service: &Service, part: &Part<'_, '_>) -> Option<Span> {
    let ports = [("grpc", 4317), ("http", 4318)].into_iter().filter_map(|(block, port)| {
        let endpoint = part.body().block(block)?.body().attr("endpoint").map(|a| a.value().as_str());
        match endpoint {
            None => Some(port),
            Some(text) => match address::listen(&text?) {
                (Some(Bind::Loopback), _) => None,
                (_, port) => port,
            },
        }
    });
    let ports: Vec<u16> = ports.collect();
    let outside = |p: &&Port| !p.udp && !p.host_ip.as_deref().is_some_and(address::is_loopback);
    let leads = |p: &&Port| p.target.is_some_and(|(a, b)| ports.iter().any(|port| (a..=b).contains(port)));
    service.ports.iter().find(|p| outside(p) && leads(p)).map(|p| p.span)
}
