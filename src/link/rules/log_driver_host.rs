//! Docker's driver for Loki, which dials from the host.

use crate::address::{self, is_loopback};
use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::Linked;
use crate::tree::{Arg, Network, ProjectId, Service, ServiceId};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "compose-log-driver-host",
    aliases: &[],
    summary: "Docker's driver for Loki is given an address that leads nowhere from the host, where it runs",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("log_driver_host.md"),
};

/// Places that one finding shows.
const PLACES: usize = 8;

/// Where log lines go that cannot arrive.
enum Lost {
    /// To the name of a service, which only containers know.
    Name(ServiceId),
    /// To a port of the host that leads to no service.
    Port(ServiceId),
}

/// Once per project, service that is meant, and way to be lost. The driver is in the network of the host (grafana/loki
/// clients/cmd/docker-driver/config.json@1d397605766d).
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    let mut told: Vec<(ProjectId, ServiceId, Vec<&Arg>, bool)> = Vec::new();
    for (_, service) in linked.tree.services() {
        let Some(url) = service.log_url.as_ref().filter(|url| !url.open) else { continue };
        let (to, by_name) = match lost(linked, service, &url.text) {
            Some(Lost::Name(to)) => (to, true),
            Some(Lost::Port(to)) => (to, false),
            None => continue,
        };
        let known = told.iter_mut().find(|(p, t, _, n)| (*p, *t, *n) == (service.project, to, by_name));
        match known {
            Some((.., places, _)) if places.iter().all(|place| place.span != url.span) => places.push(url),
            Some(_) => {}
            None => told.push((service.project, to, vec![url], by_name)),
        }
    }
    for (_, to, places, by_name) in told {
        let Some((first, others)) = places.split_first() else { continue };
        let target = linked.tree.service(to);
        let published = linked.listeners.get(&to).into_iter().flatten();
        let published = published.filter_map(|(_, l)| linked.published(to, l.port?)).next();
        let message = if by_name {
            format!("the log driver runs on the host, where nobody is called `{}`: no log line arrives", target.name)
        } else {
            "the log driver dials a port of the host that no service publishes: no log line arrives".to_owned()
        };
        let help = match published {
            Some(port) => {
                format!("write `http://localhost:{port}/loki/api/v1/push`, the port that `{}` publishes", target.name)
            }
            None => format!("publish the port of `{}` on `127.0.0.1`, and dial it there", target.name),
        };
        let mut found =
            Diagnostic::new(&RULE, first.span, message).label(target.span, "meant, and known to containers").help(help);
        for place in others.iter().take(PLACES) {
            found = found.label(place.span, "the same here");
        }
        findings.push(found);
    }
}

/// Whether a URL that the host dials leads to no service of a project, though one is meant.
fn lost(linked: &Linked<'_>, service: &Service, url: &str) -> Option<Lost> {
    let parts = address::split(url)?;
    let (host, port) = (&url[parts.host], parts.port.map(|p| &url[p]).and_then(|p| p.parse::<u16>().ok())?);
    let here = || linked.tree.services().filter(|(_, s)| s.project == service.project);
    let on_host = |s: &Service| s.network == Network::Host;
    if !is_loopback(host) {
        let named = |s: &Service| s.name == host || s.names.iter().any(|name| name == host);
        return here().find(|(_, s)| named(s) && !on_host(s)).map(|(id, _)| Lost::Name(id));
    }
    let leads =
        |s: &Service| on_host(s) || s.ports.iter().any(|p| p.published.is_none_or(|(a, b)| (a..=b).contains(&port)));
    if linked.tree.services.iter().any(leads) {
        return None;
    }
    here().find(|(_, s)| s.engine == Some("loki") && !s.build).map(|(id, _)| Lost::Port(id))
}
