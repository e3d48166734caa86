//! A server that is told to listen at a name which is not its own.

use std::net::IpAddr;

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::Linked;
use crate::symbol::{Bind, Origin};
use crate::tree::{Network, Service};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "link-bind-unknown",
    aliases: &[],
    summary: "a server is told to listen at a name that does not lead to its own container",
    tier: Tier::C,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("bind_unknown.md"),
};

/// Of which the names are those of the sites that it serves, not of addresses that it opens.
const SITES: &str = "caddy";

/// Every such listener.
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    for (id, service) in linked.tree.services() {
        let Network::Named(networks) = &service.network else { continue };
        if service.engine.is_none_or(|e| e == SITES) {
            continue;
        }
        for (_, listener) in linked.listeners.get(&id).into_iter().flatten() {
            let (Some(Bind::Host(host)), Origin::Written(place)) = (&listener.bind, listener.origin) else { continue };
            let aliases = networks.iter().flat_map(|(_, aliases)| aliases);
            let mut own = std::iter::once(&service.name).chain(&service.names).chain(aliases);
            let mapped = service.extra_hosts.iter().any(|h| h.eq_ignore_ascii_case(host));
            let plain = host.parse::<IpAddr>().is_err() && !host.contains('.');
            if !plain || mapped || own.any(|n| n.eq_ignore_ascii_case(host)) || is_generated(host, service) {
                continue;
            }
            let other = linked.tree.services().find(|(_, s)| s.project == service.project && s.name == *host);
            let message =
                format!("{} cannot listen at `{host}`: the name does not lead to its own container", listener.name);
            let mut diagnostic = Diagnostic::new(&RULE, place, message).note(match other {
                Some(_) => {
                    format!("`listen tcp: bind: cannot assign requested address`: `{host}` is another container")
                }
                None => format!("`listen tcp: lookup {host}: no such host`"),
            });
            if let Some((_, other)) = other {
                diagnostic = diagnostic.label(other.span, "the container that the name leads to");
            }
            diagnostic = diagnostic.label(service.span, format!("runs in `{}`", service.name));
            if linked.index.several {
                diagnostic = diagnostic.severity(Severity::Warning).note("another file may give it that name");
            }
            let help = format!("write `0.0.0.0` for every address, or `{}`, the name of its own service", service.name);
            findings.push(diagnostic.help(help));
        }
    }
}

/// Whether it is the name that compose makes for a container: `project-service-1`.
fn is_generated(host: &str, service: &Service) -> bool {
    let Some((rest, number)) = host.rsplit_once(['-', '_']) else { return false };
    let named = rest.strip_suffix(service.name.as_str()).is_some_and(|project| project.ends_with(['-', '_']));
    named && number.bytes().all(|b| b.is_ascii_digit())
}
