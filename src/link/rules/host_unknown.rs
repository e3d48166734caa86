//! A URL to a host that nobody is, or that no network leads to.

use indexmap::IndexSet;

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::{Fault, Linked};
use crate::symbol::Protocol;
use crate::tree::{Network, Service};

use super::of_url;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "link-host-unknown",
    aliases: &[],
    summary: "a URL names a host that no service answers to, or one that shares no network with the sender",
    tier: Tier::C,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("host_unknown.md"),
};

/// Names that a message lists.
const NAMES: usize = 12;

/// Every such URL.
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    for finding in &linked.faults {
        let url = finding.url;
        match &finding.fault {
            Fault::Host { sure } => {
                let verb = url.protocol.verb();
                let message = format!("{} {verb} `{}`, and no service answers to that name", url.sender, url.host);
                let mut diagnostic = Diagnostic::new(&RULE, url.host_span, message);
                let project = finding.owner.service.map(|s| linked.tree.service(s).project);
                let seen = project.and_then(|p| linked.index.projects.get(&p)).map(Vec::as_slice).unwrap_or_default();
                let seen = || seen.iter().map(|id| linked.tree.service(*id));
                let near = linked.index.near.nearest(&url.host, seen().map(|s| s.name.as_str()));
                if near.is_none() && url.listed {
                    continue;
                }
                if let Some(near) = near {
                    diagnostic.help = Some(format!("did you mean `{near}`?"));
                    if let Some(service) = seen().find(|s| s.name == near) {
                        diagnostic = diagnostic.label(service.span, "a service of nearly that name");
                    }
                } else {
                    // A service may stand in several files.
                    let names: IndexSet<String> = seen().take(4 * NAMES).map(|s| format!("`{}`", s.name)).collect();
                    let names: Vec<String> = names.into_iter().take(NAMES).collect();
                    diagnostic.help = Some(format!("name one of the services: {}", names.join(", ")));
                }
                // Without a name that was meant, a container from elsewhere may have joined the network.
                if !sure || near.is_none() || url.listed {
                    diagnostic = diagnostic
                        .severity(Severity::Warning)
                        .note("a service that these files do not show may have that name");
                } else if url.protocol == Protocol::Gossip {
                    diagnostic = diagnostic.severity(Severity::Warning).note("it starts without the others");
                }
                findings.push(of_url(linked, finding, diagnostic));
            }
            Fault::Unreachable { to } => {
                let target = linked.tree.service(*to);
                let sender = finding.owner.service.map(|s| linked.tree.service(s));
                let on_host = |s: &Service| s.network == Network::Host;
                let host = on_host(target) || sender.is_some_and(on_host);
                let why = if host {
                    "one of the two is in the host's network, which knows no names of services"
                } else {
                    "the two services share no network"
                };
                let message = format!("{} cannot reach `{}`: {why}", url.sender, url.host);
                let mut diagnostic = Diagnostic::new(&RULE, url.host_span, message)
                    .label(target.span, format!("in {}", networks(target)));
                if let Some(sender) = sender {
                    // Files that are run one at a time, or one over the other, may be meant; and a machine may know names
                    // of its own.
                    if sender.artifact != target.artifact || host {
                        diagnostic = diagnostic.severity(Severity::Warning);
                    }
                    diagnostic = diagnostic.label(sender.span, format!("in {}", networks(sender)));
                    diagnostic.help = Some(if host {
                        "dial `localhost` and a published port from the host's network, and `host.docker.internal` with `extra_hosts` to it; or take `network_mode: host` away".to_owned()
                    } else {
                        format!("put `{}` and `{}` into one network", sender.name, target.name)
                    });
                }
                findings.push(of_url(linked, finding, diagnostic));
            }
            _ => {}
        }
    }
}

fn networks(service: &Service) -> String {
    match &service.network {
        Network::Named(named) if !named.is_empty() => {
            let mut names: Vec<String> = named.iter().take(NAMES).map(|(n, _)| format!("`{n}`")).collect();
            if named.len() > NAMES {
                names.push(format!("{} more", named.len() - NAMES));
            }
            format!("{} only", names.join(", "))
        }
        Network::Host => "the host's own network".to_owned(),
        _ => "the default network only".to_owned(),
    }
}
