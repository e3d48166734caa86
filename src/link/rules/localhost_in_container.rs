//! A URL to loopback where what is meant runs in another container.

use std::collections::{HashMap, HashSet};

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::{Fault, Linked};
use crate::symbol::{Listener, Owner, Protocol, Url};
use crate::tree::{Network, ProjectId, Service, ServiceId};

use super::{engine, of_url, weighed};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "link-localhost-in-container",
    aliases: &[],
    summary: "a container dials `localhost`, where nothing of its own listens",
    tier: Tier::C,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("localhost_in_container.md"),
};

/// Longer ranges of ports say nothing about what runs there.
const RANGE: u16 = 16;

/// Ports at which nothing ever listens: who dials one of them means to reach nobody.
const NOBODY: [u16; 3] = [1, 9, 65_535];

/// Every such URL.
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    let (mut declared, mut tried) = (None, None);
    // A file that several services read is told once.
    let mut told = HashSet::new();
    for finding in &linked.faults {
        let Fault::Localhost { to, meant } = &finding.fault else { continue };
        if finding.url.protocol == Protocol::Http && finding.url.port.is_some_and(|p| NOBODY.contains(&p)) {
            continue;
        }
        // A target under several names, that of the host among them, is to be found wherever it runs.
        let own = finding.url.span;
        let beside = |u: &&Url| u.span.source == own.source && u.span.start.abs_diff(own.start) < NEAR;
        let tried = tried.get_or_insert_with(|| of_host(linked)).get(&(finding.owner, finding.url.port));
        if finding.url.protocol == Protocol::Scrape && tried.is_some_and(|all| all.iter().any(beside)) {
            continue;
        }
        let (url, sender) = (finding.url, linked.tree.service(*to));
        let port = url.port.unwrap_or_default();
        let verb = url.protocol.verb();
        let message = format!(
            "{} {verb} `{}:{port}`, which is the container of `{}` itself: nothing there listens on {port}",
            url.sender, url.host, sender.name
        );
        let span = url.host_span.to(url.port_span);
        if !told.insert(span) {
            continue;
        }
        let mut diagnostic = Diagnostic::new(&RULE, span, message).label(sender.span, "a container of its own");
        match meant {
            Some((other, listener)) => {
                let other = linked.tree.service(*other);
                diagnostic = diagnostic
                    .label(listener.origin.span(), format!("{} listens on {port} here", listener.name))
                    .help(format!("write `{}:{port}`, the service that runs {}", other.name, engine(other)));
            }
            None => {
                // What takes alerts is known by what it is, whoever has that port.
                if url.protocol == Protocol::Alerts {
                    let help = match taking(linked, sender.project, url.protocol) {
                        Some((other, port, below)) => {
                            format!("write `{}:{port}{below}`, the service that runs {}", other.name, engine(other))
                        }
                        None => "name the Alertmanager that is meant".to_owned(),
                    };
                    let (severity, note) = weighed(linked, *to, RULE.severity);
                    diagnostic.notes.extend(note);
                    findings.push(of_url(linked, finding, diagnostic.severity(severity).help(help)));
                    continue;
                }
                let declared = declared.get_or_insert_with(|| by_port(linked));
                let other =
                    declared.get(&(sender.project, port)).map(|(id, inside)| (linked.tree.service(*id), inside));
                if let Some((other, inside)) = other.filter(|(other, _)| other.name != sender.name) {
                    diagnostic = diagnostic
                        .label(other.span, format!("`{}` has port {port}", other.name))
                        .help(format!("write `{}:{inside}`", other.name));
                } else {
                    // Which ports it opens of its own may hang on its version.
                    let (severity, note) = weighed(linked, *to, RULE.severity);
                    diagnostic.notes.extend(note);
                    diagnostic = diagnostic.severity(severity).help(
                        "name the service that is meant, or `host.docker.internal` for a process of the host itself",
                    );
                }
            }
        }
        findings.push(of_url(linked, finding, diagnostic));
    }
}

/// The first service of a project that takes what is sent so, with its port, and the path below which it does.
fn taking<'a>(linked: &Linked<'a>, project: ProjectId, protocol: Protocol) -> Option<(&'a Service, u16, &'a str)> {
    let takes = |l: &Listener| l.accepts.iter().flatten().any(|a| protocol.is_served_by(a.protocol));
    linked.tree.services().filter(|(_, s)| s.project == project).find_map(|(id, service)| {
        let listener = linked.listeners.get(&id)?.iter().find(|(_, l)| takes(l) && l.port.is_some())?.1;
        let accepts = listener.accepts.iter().flatten().find(|a| protocol.is_served_by(a.protocol))?;
        let below = accepts
            .paths
            .iter()
            .find_map(|at| at.strip_suffix("/api/v2/alerts").or(at.strip_suffix('/')))
            .unwrap_or_default();
        Some((service, listener.port?, below))
    })
}

/// Bytes between targets that stand in one list.
const NEAR: u32 = 256;

/// Targets on the host by its own name (`host.docker.internal`), by sender and port.
fn of_host<'a>(linked: &Linked<'a>) -> HashMap<(Owner, Option<u16>), Vec<&'a Url>> {
    let mut found: HashMap<_, Vec<&Url>> = HashMap::new();
    let own = |url: &Url| url.protocol == Protocol::Scrape && url.host.ends_with(".docker.internal");
    for (owner, url, _) in linked.urls.iter().filter(|(_, url, _)| own(url)) {
        found.entry((*owner, url.port)).or_default().push(url);
    }
    found
}

/// The services that publish or map a port, by project: the first of each, with the port inside.
fn by_port(linked: &Linked<'_>) -> HashMap<(ProjectId, u16), (ServiceId, u16)> {
    let mut found = HashMap::new();
    let plain = |s: &Service| matches!(s.network, Network::Named(_));
    for (id, service) in linked.tree.services().filter(|(_, s)| plain(s)) {
        for port in service.ports.iter().filter(|p| !p.udp) {
            let Some((first, last)) = port.target.filter(|(a, b)| b.saturating_sub(*a) < RANGE) else { continue };
            for inside in first..=last {
                found.entry((service.project, inside)).or_insert((id, inside));
                if let Some((out, _)) = port.published {
                    found.entry((service.project, out.saturating_add(inside - first))).or_insert((id, inside));
                }
            }
        }
    }
    found
}
