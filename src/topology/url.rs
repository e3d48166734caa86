//! One address: who answers there, and who dials it.

use super::{EdgeId, Topology, Way};
use crate::address::is_loopback;
use crate::source::Span;
use crate::symbol::Listener;
use crate::tree::ServiceId;

/// What listens at an address.
#[derive(Debug, Clone)]
pub struct Answer<'a> {
    /// Who runs it.
    pub service: ServiceId,
    /// What listens; `None` = the port is published and what is behind it is not known.
    pub listener: Option<&'a Listener>,
    /// Where the port is published, for an address of the host.
    pub published: Option<Span>,
}

/// All of it.
#[derive(Debug, Clone, Default)]
pub struct Address<'a> {
    /// Who answers.
    pub answers: Vec<Answer<'a>>,
    /// One edge of each URL that leads there.
    pub dialled: Vec<EdgeId>,
}

/// `http://tempo:3200/path`, `tempo:3200`, `:3200`: host and port. `None` = not that.
pub fn parts(text: &str) -> Option<(String, u16)> {
    let (scheme, rest) = text.split_once("://").map_or((None, text), |(s, r)| (Some(s), r));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.is_empty() && !port.ends_with(']') => (host, Some(port.parse().ok()?)),
        _ => (authority, None),
    };
    let default = match scheme {
        Some("http") => Some(80),
        Some("https") => Some(443),
        _ => None,
    };
    let host = host.trim_matches(['[', ']']).to_ascii_lowercase();
    Some((host, port.or(default)?))
}

/// Looks for an address.
pub fn address<'a>(topology: &Topology<'a>, host: &str, port: u16) -> Address<'a> {
    let linked = topology.linked;
    let local = is_loopback(host);
    let named = |id: ServiceId| {
        let service = linked.tree.service(id);
        service.name.eq_ignore_ascii_case(host) || service.names.iter().any(|n| n.eq_ignore_ascii_case(host))
    };
    let mut found = Address::default();
    for (id, service) in linked.tree.services() {
        let listeners = || linked.listeners.get(&id).into_iter().flatten().map(|(_, l)| *l);
        if host.is_empty() || named(id) {
            let here = listeners().filter(|l| l.port == Some(port));
            found.answers.extend(here.map(|l| Answer { service: id, listener: Some(l), published: None }));
        }
        if host.is_empty() || local {
            for out in service.ports.iter().filter(|p| !p.udp) {
                let (Some((first, last)), Some((target, _))) = (out.published, out.target) else { continue };
                if !(first..=last).contains(&port) {
                    continue;
                }
                let inside = target.saturating_add(port - first);
                let listener = listeners().find(|l| l.port == Some(inside));
                found.answers.push(Answer { service: id, listener, published: Some(out.span) });
            }
        }
    }
    let mut last = None;
    for (id, edge) in (0..).zip(&topology.edges) {
        let Way::Dialled { url, server, .. } = &edge.way else { continue };
        let there = host.is_empty() || url.host.eq_ignore_ascii_case(host) || server.is_some_and(named);
        if url.port == Some(port) && there && last != Some(std::ptr::from_ref(*url)) {
            last = Some(std::ptr::from_ref(*url));
            found.dialled.push(id);
        }
    }
    found
}
