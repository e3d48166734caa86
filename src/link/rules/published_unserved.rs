//! A published port behind which nothing listens.

use std::collections::HashSet;

use crate::catalogue;
use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::{Linked, judge};
use crate::symbol::Origin;
use crate::tree::{Port, Service, ServiceId};

use super::{engine, weighed};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "compose-published-unserved",
    aliases: &[],
    summary: "a published port leads to one of the container that nothing there opens",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("published_unserved.md"),
};

/// Listeners that a finding names.
const NAMED: usize = 4;

/// Open ports that it lists.
const PORTS: usize = 12;

/// Servers that talk to each other over memberlist, at this port unless they are told another one, which then stands in their
/// config (grafana/dskit kv/memberlist/tcp_transport.go@06829887f955). Whether they do is not read here.
const GOSSIPING: [&str; 4] = ["loki", "mimir", "pyroscope", "tempo"];
const GOSSIP: u16 = 7946;

/// HTTP and HTTPS.
const WEB: [u16; 2] = [80, 443];

/// Once for every service whose listeners are all known.
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    for (id, service) in linked.tree.services().filter(|(_, s)| s.engine.is_some() && !s.build) {
        let namespace = linked.index.namespace(id);
        if service.ports.is_empty() || !namespace.is_complete() || judge::shared(linked, id) || is_older(service) {
            continue;
        }
        let one = |p: &Port| p.target.filter(|(first, last)| first == last && !p.udp).map(|(port, _)| port);
        // A proxy has both ports of the web for sites to come.
        let prepared = |port: &u16| service.engine == Some("caddy") && WEB.contains(port);
        let closed = |port: &u16| namespace.at(id, *port, "").is_none() && !prepared(port);
        let mut ports: Vec<(u16, &Port)> = service.ports.iter().filter_map(|p| Some((one(p)?, p))).collect();
        ports.retain(|(port, _)| closed(port));
        if !ports.is_empty() && service.engine.is_some_and(|e| GOSSIPING.contains(&e)) {
            let named = numbers(linked, id, service);
            ports.retain(|(port, _)| *port != GOSSIP && !named.contains(port));
        }
        let Some((first, place)) = ports.first() else { continue };
        let message = match &ports[1..] {
            [] => format!("port {first} is published, and {} does not listen there", engine(service)),
            [(second, _)] => {
                format!("ports {first} and {second} are published, and {} does not listen there", engine(service))
            }
            more => format!(
                "port {first} and {} more are published, and {} does not listen there",
                more.len(),
                engine(service)
            ),
        };
        let (severity, note) = weighed(linked, id, RULE.severity);
        let mut found = Diagnostic::new(&RULE, place.span, message).severity(severity);
        for (port, place) in ports.iter().skip(1).take(NAMED) {
            found = found.label(place.span, format!("nor on {port}"));
        }
        let listeners = linked.listeners.get(&id).map(Vec::as_slice).unwrap_or_default();
        // Those that nobody publishes are meant, if any is.
        let mut open: Vec<_> = listeners.iter().filter_map(|(_, l)| Some((l, l.port?))).collect();
        open.sort_by_key(|(_, port)| linked.published(id, *port).is_some());
        for (listener, port) in open.into_iter().take(NAMED) {
            if let Origin::Written(span) = listener.origin {
                found = found.label(span, format!("{} listens on {port}", listener.name));
            }
        }
        let open: Vec<String> = linked.open_ports(id).iter().take(PORTS).map(u16::to_string).collect();
        let what = if ports.len() == 1 { "drop it" } else { "drop them" };
        found.help = Some(format!("{what}, or publish ports that are open: {}", open.join(", ")));
        found.notes.extend(note);
        findings.push(found);
    }
}

/// Whether a release is of an older line than all that are known: it may open other ports.
fn is_older(service: &Service) -> bool {
    let known = service.engine.and_then(catalogue::engine).zip(service.version);
    known.is_some_and(|(facts, version)| version.major < facts.oldest().major)
}

/// Numbers in the config and the command of a service.
fn numbers(linked: &Linked<'_>, id: ServiceId, service: &Service) -> HashSet<u16> {
    let files = linked.index.files(id).iter().map(|file| linked.tree.artifact(*file));
    let own = files.filter(|a| Some(a.kind.engine) == service.engine);
    let texts = own.map(|a| linked.tree.sources.get(a.source).text.as_ref());
    let words = service.args().unwrap_or_default().into_iter().map(|a| a.text.as_str());
    let digits = |text: &'_ str| -> Vec<u16> {
        text.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse().ok()).collect()
    };
    texts.chain(words).flat_map(digits).collect()
}
