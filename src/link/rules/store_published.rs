//! Stores without a password on all interfaces of the host.

use indexmap::IndexMap;

use crate::catalogue::{self, Transport};
use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::Linked;
use crate::source::Span;
use crate::symbol::{Bind, Credentials};
use crate::tree::{Network, Port, ProjectId};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "sec-store-published",
    aliases: &[],
    summary: "stores that ask nobody for a password are published on all interfaces",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("store_published.md"),
};

/// Engines whose own HTTP port answers queries and takes writes, deletions or silences from everybody: none of them knows
/// users of its own, except by the web config that a listener then shows.
const STORES: [&str; 6] = ["alertmanager", "loki", "mimir", "prometheus", "pyroscope", "tempo"];

/// Places that one finding shows.
const PLACES: usize = 8;

/// Once per project: all of its stores.
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    let mut found: IndexMap<ProjectId, Vec<(String, Span)>> = IndexMap::new();
    for (id, service) in linked.tree.services() {
        let Some(engine) = service.engine.filter(|e| STORES.contains(e)) else { continue };
        let Some(title) = catalogue::engine(engine).map(|f| f.title) else { continue };
        if !matches!(service.network, Network::Named(_)) {
            continue;
        }
        for (_, listener) in linked.listeners.get(&id).into_iter().flatten() {
            let own = listener.name == title && listener.transport == Transport::Http;
            let open = listener.auth == Some(Credentials::None) && listener.bind != Some(Bind::Loopback);
            let Some(port) = listener.port.filter(|_| own && open) else { continue };
            let Some(published) = service.ports.iter().find(|p| is_open(p, port)) else { continue };
            let places = found.entry(service.project).or_default();
            let name = match published.host(port) {
                Some(host) => format!("{title} on {host}"),
                None => title.to_owned(),
            };
            // Variants of a file repeat its services.
            if places.iter().all(|(known, span)| *span != published.span && *known != name) {
                places.push((name, published.span));
            }
        }
    }
    for places in found.into_values() {
        let Some(((first, span), rest)) = places.split_first() else { continue };
        let mut names: Vec<&str> = rest.iter().take(PLACES).map(|(name, _)| name.as_str()).collect();
        let more = rest.len() - names.len();
        let more = if more > 0 { format!("{more} more") } else { String::new() };
        names.insert(0, first);
        if !more.is_empty() {
            names.push(&more);
        }
        let message = match names.split_last() {
            Some((last, before)) if !before.is_empty() => {
                format!("{} and {last} answer everybody who reaches this host, without a password", before.join(", "))
            }
            _ => format!("{first} answers everybody who reaches this host, without a password"),
        };
        let mut diagnostic = Diagnostic::new(&RULE, *span, message).here("published on all interfaces");
        for (name, span) in rest.iter().take(PLACES) {
            diagnostic = diagnostic.label(*span, format!("so is {name}"));
        }
        findings.push(diagnostic.help(
            "write `127.0.0.1:` before the ports, or drop them: the other containers reach a service without its port being published",
        ));
    }
}

/// Whether a published port leads to that one from everywhere.
fn is_open(port: &Port, target: u16) -> bool {
    let everywhere = port.host_ip.as_deref().is_none_or(|ip| matches!(ip, "" | "0.0.0.0" | "::" | "[::]"));
    everywhere && !port.udp && port.target.is_some_and(|(a, b)| (a..=b).contains(&target))
}
