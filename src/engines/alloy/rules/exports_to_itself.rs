//! Exporters that send to a receiver of the same process, which passes the data on to them.

use std::collections::HashSet;

use vispyr_alloy::Expr;

use crate::address;
use crate::diagnostic::{FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::engines::alloy::flow::{Carries, Flow, Open, Part, PartId, has_own_network, process};
use crate::symbol::{Bind, Signal};

/// The rule.
pub(in crate::engines::alloy) static RULE: Rule = Rule {
    id: "alloy-exports-to-itself",
    aliases: &[],
    summary: "an exporter sends to a receiver of the same Alloy, which passes the data on to it",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("exports_to_itself.md"),
};

/// Parts behind a receiver that are looked at.
const REACH: usize = 1_000;

/// Who sends where.
struct Ring {
    /// The exporter.
    name: &'static str,
    /// Blocks and attribute that hold the address.
    at: (&'static str, &'static str),
    /// The listener that takes it, by its name in the catalogue.
    listener: &'static str,
    /// Paths that it takes; empty = all, or none are sent.
    paths: &'static [&'static str],
    /// The port where none is written.
    port: Option<u16>,
}

/// Paths of the receivers are those that their handlers are registered for (grafana/alloy
/// internal/component/loki/source/api/internal/lokipush/push_api_server.go, internal/component/prometheus/receive_http/receive_http.go@v1.0.0,
/// @v1.11.3).
const RINGS: [Ring; 5] = [
    Ring {
        name: "otelcol.exporter.otlp",
        at: ("client", "endpoint"),
        listener: "otelcol.receiver.otlp/grpc",
        paths: &[],
        port: None,
    },
    Ring {
        name: "otelcol.exporter.otlphttp",
        at: ("client", "endpoint"),
        listener: "otelcol.receiver.otlp/http",
        paths: &["", "/"],
        port: Some(80),
    },
    Ring {
        name: "loki.write",
        at: ("endpoint", "url"),
        listener: "loki.source.api/http",
        paths: &["/loki/api/v1/push", "/api/v1/push"],
        port: Some(80),
    },
    Ring {
        name: "prometheus.remote_write",
        at: ("endpoint", "url"),
        listener: "prometheus.receive_http/http",
        paths: &["/api/v1/metrics/write"],
        port: Some(80),
    },
    Ring {
        name: "pyroscope.write",
        at: ("endpoint", "url"),
        listener: "pyroscope.receive_http/http",
        paths: &["", "/"],
        port: Some(80),
    },
];

/// Looks at what every exporter dials.
pub(in crate::engines::alloy) fn run(flow: &Flow<'_, '_>, findings: &mut Findings) {
    let ring = |part: &Part<'_, '_>| RINGS.iter().find(|r| r.name == part.name);
    if !flow.components().any(|(_, part)| ring(part).is_some()) {
        return;
    }
    let all = flow.opened();
    for (id, part) in flow.components().filter(|(id, _)| flow.runs(*id)) {
        let Some(ring) = ring(part) else { continue };
        for block in part.body().blocks(ring.at.0) {
            let Some(address) = block.body().attr(ring.at.1).map(|a| a.value()) else { continue };
            let Some((open, receiver)) = dialled(flow, part, ring, address, all) else { continue };
            let Some(signal) = signals(part).into_iter().find(|s| passes(flow, receiver, id, *s)) else { continue };
            let name = signal.map_or("data", Signal::name);
            let message = format!(
                "{} sends to {} of the same Alloy, which passes {name} on to it: they go in a ring",
                flow.title(id),
                open.who
            );
            let found = flow
                .found(&RULE, flow.file(id).span(address.range()), message)
                .label(open.span, "listens here")
                .help("write the address of the store: to a container, `localhost` is itself");
            findings.push(found);
        }
    }
}

/// The listener of the same process that a text certainly leads to.
fn dialled<'o>(
    flow: &Flow<'_, '_>,
    part: &Part<'_, '_>,
    ring: &Ring,
    address: Expr<'_>,
    all: &'o [Open],
) -> Option<(&'o Open, PartId)> {
    let text = address.as_str()?;
    let parts = address::split(&text)?;
    let host = &text[parts.host.clone()];
    let port = match &parts.port {
        Some(port) => text[port.clone()].parse().ok()?,
        None => ring.port.filter(|_| parts.scheme.as_ref().is_some_and(|s| &text[s.clone()] == "http"))?,
    };
    if !ring.paths.is_empty() && !ring.paths.contains(&&text[parts.path]) {
        return None;
    }
    let own = flow.service().filter(|s| flow.program.run && has_own_network(s)).is_some_and(|s| s.name == host);
    let reaches = |bind: &Bind| match bind {
        Bind::All => own || address::is_loopback(host),
        Bind::Loopback => address::is_loopback(host),
        Bind::Host(_) => false,
    };
    let process = process(flow, part);
    let takes = |o: &&Open| !o.udp && o.port == port && o.process == process && reaches(&o.bind);
    // Of two on one port nobody knows who gets it.
    let mut here = all.iter().filter(takes);
    let (first, None) = (here.next()?, here.next()) else { return None };
    first.fact.filter(|f| f.name == ring.listener)?;
    Some((first, first.part?))
}

/// What an exporter may pass, signal by signal.
fn signals(part: &Part<'_, '_>) -> Vec<Option<Signal>> {
    match part.name.split('.').next() {
        Some("loki") => vec![Some(Signal::Logs)],
        Some("prometheus") => vec![Some(Signal::Metrics)],
        Some("pyroscope") => vec![Some(Signal::Profiles)],
        _ => vec![Some(Signal::Traces), Some(Signal::Metrics), Some(Signal::Logs)],
    }
}

/// Whether all that a part takes of a signal reaches another, through parts that drop none.
fn passes(flow: &Flow<'_, '_>, from: PartId, to: PartId, signal: Option<Signal>) -> bool {
    let mut seen = HashSet::from([from]);
    let mut open = vec![from];
    while let Some(here) = open.pop() {
        for edge in flow.uses(here).iter().filter(|e| e.carries == Carries::Data(signal)) {
            if edge.used == to {
                return true;
            }
            if seen.len() < REACH && keeps(flow.part(edge.used)) && seen.insert(edge.used) {
                open.push(edge.used);
            }
        }
    }
    false
}

/// Whether a part certainly passes on what it takes, as what it was.
fn keeps(part: &Part<'_, '_>) -> bool {
    match part.name {
        "loki.process" => part.body().descendant_blocks().iter().all(|b| {
            !matches!(&*b.name(), "stage.drop" | "stage.limit" | "stage.match" | "stage.sampling" | "stage.cri")
        }),
        "loki.relabel" | "prometheus.relabel" => part.body().blocks("rule").all(|rule| {
            let action = rule.body().attr("action").map(|a| a.value().as_str());
            action.is_none_or(|a| matches!(a.as_deref(), Some("replace" | "lowercase" | "uppercase" | "labelmap")))
        }),
        "otelcol.processor.batch"
        | "otelcol.processor.memory_limiter"
        | "otelcol.processor.attributes"
        | "otelcol.processor.k8sattributes"
        | "otelcol.processor.resourcedetection" => true,
        _ => false,
    }
}
