//! Docker's driver for Loki, which dials from the host.

use std::collections::HashMap;

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

/// Where Loki takes log lines (grafana/loki pkg/loki/modules.go@v2.9.2, v3.7.6; the first is the oldest way in).
const PUSH: [&str; 2] = ["/api/prom/push", "/loki/api/v1/push"];

/// Why log lines for a service do not arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lost {
    /// They go to its name, which only containers know.
    Name,
    /// They go to a port of the host that leads to no service.
    Port,
    /// They go to a path at which it takes nothing.
    Path,
}

/// Once per project, service that is meant, and way to be lost. The driver is in the network of the host (grafana/loki
/// clients/cmd/docker-driver/config.json@1d397605766d).
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    let mut judged = HashMap::new();
    let mut told: Vec<(ServiceId, Lost, Vec<&Arg>)> = Vec::new();
    for (_, service) in linked.tree.services() {
        let Some(url) = service.log_url.as_ref().filter(|url| !url.open) else { continue };
        // Most services of a project share one.
        let known = judged.entry((service.project, url.text.as_str()));
        let Some((to, why)) = *known.or_insert_with(|| lost(linked, service.project, &url.text)) else { continue };
        match told.iter_mut().find(|(t, w, _)| (*t, *w) == (to, why)) {
            Some((.., places)) if places.iter().all(|place| place.span != url.span) => places.push(url),
            Some(_) => {}
            None => told.push((to, why, vec![url])),
        }
    }
    for (to, why, places) in told {
        let Some((first, others)) = places.split_first() else { continue };
        let target = linked.tree.service(to);
        let message = match why {
            Lost::Name => {
                format!(
                    "the log driver runs on the host, where nobody is called `{}`: no log line arrives",
                    target.name
                )
            }
            Lost::Port => {
                "the log driver dials a port of the host that no service publishes: no log line arrives".into()
            }
            Lost::Path => format!("the log driver sends to a path at which `{}` takes no log lines", target.name),
        };
        let published = linked.listeners.get(&to).into_iter().flatten();
        let published = published.filter_map(|(_, l)| linked.published(to, l.port?)).next();
        let help = match published {
            Some(port) => {
                format!("write `http://localhost:{port}{}`, the port that `{}` publishes", PUSH[1], target.name)
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

/// The service of a project that a URL which the host dials does not lead to, though it is meant.
fn lost(linked: &Linked<'_>, project: ProjectId, url: &str) -> Option<(ServiceId, Lost)> {
    let parts = address::split(url)?;
    let (host, path) = (&url[parts.host], &url[parts.path]);
    let port: u16 = url[parts.port?].parse().ok()?;
    let here = || linked.tree.services().filter(|(_, s)| s.project == project);
    let on_host = |s: &Service| s.network == Network::Host;
    if !is_loopback(host) {
        let named = |s: &Service| s.name == host || s.names.iter().any(|name| name == host);
        return here().find(|(_, s)| named(s) && !on_host(s)).map(|(id, _)| (id, Lost::Name));
    }
    let loki = |s: &Service| s.engine == Some("loki") && !s.build;
    let leads = |s: &Service| {
        on_host(s) || s.ports.iter().any(|p| p.published.is_none_or(|(first, last)| (first..=last).contains(&port)))
    };
    if linked.tree.services.iter().any(leads) {
        // Behind a prefix it takes them elsewhere; then what it takes is not known.
        let takes = |id: ServiceId| {
            linked.listeners.get(&id).into_iter().flatten().any(|(_, l)| {
                l.port.and_then(|inside| linked.published(id, inside)) == Some(port) && l.accepts.is_some()
            })
        };
        let meant = here().find(|(id, s)| loki(s) && takes(*id));
        return meant.filter(|_| !PUSH.contains(&path)).map(|(id, _)| (id, Lost::Path));
    }
    here().find(|(_, s)| loki(s)).map(|(id, _)| (id, Lost::Port))
}
