//! The ports that a config opens.

use std::net::Ipv4Addr;

use vispyr_alloy::{Attribute, Block, Body};

use super::{Flow, Part, PartId};
use crate::address;
use crate::catalogue::{self, Listener};
use crate::engines::alloy::program::{NameId, ScopeId};
use crate::source::Span;
use crate::symbol::Bind;

/// Components that open their ports when they are built: what fails there fails the load. All others start later, and log
/// that they could not (grafana/alloy internal/component/{loki/source/{api,aws_firehose,gcplog,gelf,heroku},
/// {prometheus,pyroscope}/receive_http}@v1.0.0, @v1.5.1, @v1.11.3, @v1.19.0-rc.3).
const AT_ONCE: [&str; 7] = [
    "loki.source.api",
    "loki.source.awsfirehose",
    "loki.source.gcplog",
    "loki.source.gelf",
    "loki.source.heroku",
    "prometheus.receive_http",
    "pyroscope.receive_http",
];

/// A port that something opens.
pub(in crate::engines::alloy) struct Open {
    /// The process, as far as scopes tell.
    pub(in crate::engines::alloy) process: ScopeId,
    /// Whether it takes UDP, else TCP.
    pub(in crate::engines::alloy) udp: bool,
    /// The port.
    pub(in crate::engines::alloy) port: u16,
    /// Where it can be reached.
    pub(in crate::engines::alloy) bind: Bind,
    /// The process does not start without it; the IPv4 address that is asked for, all zeroes = every one.
    pub(in crate::engines::alloy) needs: Option<Ipv4Addr>,
    /// The component; Alloy's own server is none.
    pub(in crate::engines::alloy) part: Option<PartId>,
    /// What the catalogue says of it; `None` = it is no listener of the catalogue.
    pub(in crate::engines::alloy) fact: Option<&'static Listener>,
    /// Whose it is.
    pub(in crate::engines::alloy) who: String,
    /// Where that is written.
    pub(in crate::engines::alloy) span: Span,
}

/// All of them, as far as they are known.
pub(super) fn opened(flow: &Flow<'_, '_>) -> Vec<Open> {
    let mut all = Vec::new();
    server(flow, &mut all);
    let known = known(flow);
    for (id, part) in flow.components().filter(|(id, _)| flow.runs(*id)) {
        let facts = known.get(part.node.name as usize).map(Vec::as_slice).unwrap_or_default();
        component(flow, id, part, facts, &mut all);
    }
    all
}

/// The address of a host that is written as one. Names and IPv6 are the machine's affair.
fn ipv4(host: &str) -> Option<Ipv4Addr> {
    if host.is_empty() { Some(Ipv4Addr::UNSPECIFIED) } else { host.parse().ok() }
}

/// The scopes of one process: all that a service runs, else each its own.
pub(in crate::engines::alloy) fn process(flow: &Flow<'_, '_>, part: &Part<'_, '_>) -> ScopeId {
    // A file beside those that run is a config of its own.
    let alone = flow.program.file(part.node).is_alone();
    if flow.program.run && !alone { 0 } else { part.scope }
}

/// Alloy's own server.
fn server(flow: &Flow<'_, '_>, all: &mut Vec<Open>) {
    let Some(service) =
        flow.service().filter(|s| flow.program.run && s.args().is_some_and(|a| !a.iter().any(|a| a.open)))
    else {
        return;
    };
    let Some(fact) = catalogue::engine("alloy").and_then(|f| f.listener("http", flow.version)) else { return };
    let who = "Alloy's own server".to_owned();
    let (address, span) = match service.flag(fact.flag.trim_start_matches('-')) {
        Some((arg, value)) => (Address::of(Some(&value)), arg.span),
        None => (Address::default(fact), service.span),
    };
    let Address { bind: Some(bind), port: Some(port), host } = address else { return };
    if port > 0 {
        all.push(Open { process: 0, udp: false, port, bind, needs: host, part: None, fact: Some(fact), who, span });
    }
}

/// What a listener asks for, as far as it is known.
#[derive(Clone)]
struct Address {
    bind: Option<Bind>,
    port: Option<u16>,
    host: Option<Ipv4Addr>,
}

impl Address {
    /// `host:port`.
    fn of(text: Option<&str>) -> Self {
        let (bind, port) = text.map_or((None, None), address::listen);
        let host = text.and_then(|t| ipv4(t.trim().rsplit_once(':')?.0));
        Self { bind, port, host }
    }

    /// Where a listener is when nothing is written.
    fn default(fact: &Listener) -> Self {
        let (bind, host) = match fact.loopback {
            true => (Bind::Loopback, Ipv4Addr::LOCALHOST),
            false => (Bind::All, Ipv4Addr::UNSPECIFIED),
        };
        Self { bind: Some(bind), port: Some(fact.port), host: Some(host) }
    }

    /// `listen_address` and `listen_port` of a block; the port may be a string.
    fn parts(body: Body<'_>, default: Self) -> Self {
        let number = |a: Attribute<'_>| {
            let value = a.value();
            value.as_i64().or_else(|| value.as_str()?.parse().ok()).and_then(|n| u16::try_from(n).ok())
        };
        let port = body.attr("listen_port").map_or(default.port, number);
        match body.attr("listen_address").map(|a| a.value().as_str()) {
            None => Self { port, ..default },
            Some(host) => {
                let host = host.as_deref();
                Self { bind: host.and_then(address::bind), port, host: host.and_then(ipv4) }
            }
        }
    }
}

/// The listeners of this version by the name of their component, which is a number here.
fn known(flow: &Flow<'_, '_>) -> Vec<Vec<&'static Listener>> {
    let facts = catalogue::engine("alloy").map_or(&[][..], |f| f.listeners);
    let here: Vec<&Listener> = facts.iter().filter(|l| l.range.holds(flow.version)).collect();
    let names = (0..flow.program.names.len() as NameId).map(|id| flow.program.names.text(id));
    let of = |name: &str, key: &str| key.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'));
    names.map(|name| here.iter().copied().filter(|l| of(name, l.key)).collect()).collect()
}

fn component(flow: &Flow<'_, '_>, id: PartId, part: &Part<'_, '_>, facts: &[&'static Listener], all: &mut Vec<Open>) {
    let at_once = AT_ONCE.contains(&part.name);
    let mut add = |udp: bool, address: Address, at: std::ops::Range<u32>, fact: Option<&'static Listener>| {
        let (Some(bind), Some(port)) = (address.bind, address.port.filter(|p| *p > 0)) else { return };
        let needs = address.host.filter(|_| at_once);
        let (process, span, who) = (process(flow, part), flow.file(id).span(at), flow.title(id));
        all.push(Open { process, udp, port, bind, needs, part: Some(id), fact, who, span });
    };
    for fact in facts {
        let Some((address, at)) = written(part, fact) else { continue };
        add(false, address, at, Some(fact));
    }
    let header = part.node.block.header_range();
    let every = |port| Address { bind: Some(Bind::All), port, host: Some(Ipv4Addr::UNSPECIFIED) };
    let mut server = (at_once && part.name != "loki.source.gelf").then_some(part.body());
    match part.name {
        "loki.source.gelf" => match part.body().attr("listen_address") {
            Some(a) => add(true, Address::of(a.value().as_str().as_deref()), a.value().range(), None),
            None => add(true, every(Some(12201)), header, None),
        },
        // Without `push` it opens nothing; the servers of the others are always there.
        "loki.source.gcplog" => {
            server = part.body().block("push").map(|push| push.body());
            if let Some(body) = server {
                let (address, at) = http(body, every(Some(8080)), header);
                add(false, address, at, None);
            }
        }
        "loki.source.syslog" => {
            for block in part.body().blocks("listener") {
                let Some(address) = block.body().attr("address") else { continue };
                let udp = match block.body().attr("protocol").map(|a| a.value().as_str()) {
                    None => false,
                    Some(Some(protocol)) => protocol == "udp",
                    Some(None) => continue,
                };
                add(udp, Address::of(address.value().as_str().as_deref()), address.value().range(), None);
            }
        }
        _ => {}
    }
    // The gRPC server takes a random port unless told otherwise.
    if let Some(grpc) = server.and_then(|body| body.block("grpc")) {
        let at = grpc.body().attr("listen_port").map_or(grpc.header_range(), |a| a.value().range());
        add(false, Address::parts(grpc.body(), every(None)), at, None);
    }
}

/// The address that block `http` says, else the default.
fn http(body: Body<'_>, default: Address, header: std::ops::Range<u32>) -> (Address, std::ops::Range<u32>) {
    let Some(block) = body.block("http") else { return (default, header) };
    let at = block.body().attr("listen_port").map_or(block.header_range(), |a| a.value().range());
    (Address::parts(block.body(), default), at)
}

/// The address of a listener as its block says, or as it is by default; `None` when it opens none.
fn written(part: &Part<'_, '_>, fact: &Listener) -> Option<(Address, std::ops::Range<u32>)> {
    let path: Vec<&str> = fact.key[part.name.len() + 1..].split('.').collect();
    let (last, blocks) = path.split_last()?;
    let mut block: Option<Block<'_>> = None;
    for name in blocks {
        block = block.map_or(part.body(), |b| b.body()).block(name);
        // OTLP and Jaeger open a port for a block that is there; the common HTTP server is always there.
        if block.is_none() {
            let header = part.node.block.header_range();
            return (*last != "endpoint").then(|| (Address::default(fact), header));
        }
    }
    let body = block.map_or(part.body(), |b| b.body());
    let header = block.unwrap_or(part.node.block).header_range();
    if *last == "endpoint" {
        if body.attr("transport").is_some() {
            return None;
        }
        let Some(attribute) = body.attr("endpoint") else { return Some((Address::default(fact), header)) };
        return Some((Address::of(attribute.value().as_str().as_deref()), attribute.value().range()));
    }
    let at = body.attr("listen_port").map_or(header, |a| a.value().range());
    Some((Address::parts(body, Address::default(fact)), at))
}
