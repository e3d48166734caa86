//! One port of the host for two services.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::source::Span;
use crate::tree::{Network, Port, Service};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "compose-port-conflict",
    aliases: &[],
    summary: "two services publish the same port of the host",
    tier: Tier::C,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("port_conflict.md"),
};

/// Ports of one file beyond this are not compared with each other.
const LIMIT: usize = 2_000;

/// One published port, or a run of them.
struct Published<'a> {
    service: &'a Service,
    ip: Option<&'a str>,
    first: u16,
    last: u16,
    /// The first port in the container.
    target: u16,
    udp: bool,
    span: Span,
    on_node: bool,
    /// The variable that its address comes from.
    variable: Option<&'a str>,
}

/// All services of a file, which run together.
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let own = ctx.tree.declared_by(ctx.id).map(|(_, service)| service);
    let mut all: Vec<Published<'_>> = own
        // Ports of a service in another one's network are none: `compose-network-mode-ports`.
        .filter(|s| s.profiles.is_empty() && !matches!(s.network, Network::Host | Network::Service(_)))
        // What is scaled to nothing is not started (compose-spec/compose-go types/types.go `GetScale`@v2.16.2).
        .filter(|s| s.replicas.as_ref().is_none_or(|r| r.value != 0))
        .flat_map(|s| s.ports.iter().filter_map(|p| published(ctx, s, p)))
        .collect();
    all.truncate(LIMIT);
    all.sort_by_key(|p| (p.first, p.span.start));
    let mut told: Vec<Span> = Vec::new();
    for (at, port) in all.iter().enumerate() {
        for other in all[at + 1..].iter().take_while(|o| o.first <= port.last) {
            if !clash(port, other) || told.contains(&port.span.max(other.span)) {
                continue;
            }
            // The later one is told: in an override, else further down.
            let later = |p: &Published<'_>| (p.span.source != ctx.artifact.source, p.span.start);
            let (first, second) = if later(port) <= later(other) { (port, other) } else { (other, port) };
            told.push(second.span);
            let number = second.first.max(first.first);
            let message = if first.service.name == second.service.name {
                format!("`{}` publishes port {number} twice", second.service.name)
            } else {
                format!("`{}` and `{}` publish port {number} of the host", second.service.name, first.service.name)
            };
            // An address that a variable decides may be another one, unless the other end takes all of them.
            let open = [(first, second), (second, first)];
            let open = open.iter().find_map(|(a, b)| a.variable.filter(|_| b.ip.is_some() || b.variable.is_some()));
            let (severity, message) = match open {
                Some(name) => (Severity::Warning, format!("{message}, unless `{name}` is set to another address")),
                None => (Severity::Error, message),
            };
            findings.push(
                Diagnostic::new(&RULE, second.span, message)
                    .severity(severity)
                    .label(first.span, "the other one")
                    .help("publish one of them at another port")
                    .note("Docker starts the first and refuses the second: the port is already allocated"),
            );
        }
    }
}

/// A port that is certainly taken. Of a range for one port Docker takes what is free.
fn published<'a>(ctx: &FileCtx<'a>, service: &'a Service, port: &'a Port) -> Option<Published<'a>> {
    let (first, last) = port.published.filter(|(first, _)| *first != 0)?;
    let (from, to) = port.target?;
    if last < first || to < from || last - first != to - from {
        return None;
    }
    let ip = port.host_ip.as_deref();
    if ip.is_some_and(|ip| ip.contains('$')) {
        return None;
    }
    let ip = ip.filter(|ip| !["", "0.0.0.0", "::"].contains(ip));
    let variable = port.host_ip.as_ref().and_then(|_| variable(ctx.tree.sources.slice(port.span)));
    Some(Published {
        service,
        ip,
        first,
        last,
        target: from,
        udp: port.udp,
        span: port.span,
        on_node: port.on_node,
        variable,
    })
}

/// The variable that the address of a port as it is written begins with.
fn variable(written: &str) -> Option<&str> {
    let address =
        written.split_once("host_ip").map_or(written, |(_, rest)| rest.trim_start_matches(['"', '\'', ':', ' ']));
    let name = address.trim_start_matches(['"', '\'']).strip_prefix('$')?.trim_start_matches('{');
    let end = name.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(name.len());
    Some(&name[..end]).filter(|n| !n.is_empty())
}

fn clash(a: &Published<'_>, b: &Published<'_>) -> bool {
    let apart = matches!((a.ip, b.ip), (Some(a), Some(b)) if a != b);
    // What an override repeats is one port (compose-spec/compose-go override/uncity.go `portIndexer`@v2.13.0). The same line,
    // read by two services by way of an anchor, is a clash all the same.
    let port = |p: &Published<'_>| (p.first, p.last, p.target);
    // Swarm puts the second task on a node where the port is free (moby/swarmkit manager/scheduler/filter.go
    // `HostPortFilter`@v2.0.0).
    let elsewhere = a.on_node && b.on_node;
    let same = a.service.name == b.service.name && port(a) == port(b) && a.ip == b.ip;
    a.udp == b.udp && !apart && !same && !elsewhere && a.first <= b.last && b.first <= a.last
}
