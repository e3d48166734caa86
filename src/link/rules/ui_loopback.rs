//! Alloy's own server, published or dialled, on loopback.

use std::collections::HashMap;

use crate::catalogue;
use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::{Fault, Finding, Linked};
use crate::symbol::{Bind, Listener, Origin, Protocol};
use crate::tree::{Network, Service};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "alloy-ui-loopback",
    aliases: &[],
    summary: "Alloy's own server is published or dialled, but listens on loopback",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("ui_loopback.md"),
};

/// Every such server.
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    let dialled = dialled(linked);
    for (id, service) in linked.tree.services().filter(|(_, s)| s.engine == Some("alloy")) {
        if !matches!(service.network, Network::Named(_)) || service.build || !is_known(service) {
            continue;
        }
        for (_, listener) in linked.listeners.get(&id).into_iter().flatten() {
            let own = listener.accepts.iter().flatten().any(|a| a.protocol == Protocol::Scrape)
                && !listener.name.starts_with('`');
            let (true, Some(port), Some(Bind::Loopback)) = (own, listener.port, &listener.bind) else { continue };
            let covers = |p: &&crate::tree::Port| !p.udp && p.target.is_some_and(|(a, b)| (a..=b).contains(&port));
            let published = service.ports.iter().find(covers);
            let senders = dialled.get(&std::ptr::from_ref(*listener)).map(Vec::as_slice).unwrap_or_default();
            let (span, message) = match (published, senders.first()) {
                (Some(published), _) => (
                    published.span,
                    format!(
                        "port {port} is published, and {} listens on loopback alone: it answers nobody",
                        listener.name
                    ),
                ),
                (None, Some(first)) => (
                    first.url.span,
                    format!(
                        "{} {} `{}`, where {} listens on loopback alone: it answers nobody",
                        first.url.sender,
                        first.url.protocol.verb(),
                        service.name,
                        listener.name
                    ),
                ),
                (None, None) => continue,
            };
            let mut found = Diagnostic::new(&RULE, span, message);
            for sender in senders.iter().filter(|s| s.url.span != span).take(8) {
                found = found.label(sender.url.span, "dialled from here");
            }
            match listener.origin {
                Origin::Written(span) => found = found.label(span, "listens here"),
                Origin::Default(_) if published.is_none() => {
                    found = found.label(service.command_span(), "its command, without an address");
                }
                Origin::Default(_) => {}
            }
            let flag = format!("--server.http.listen-addr=0.0.0.0:{port}");
            findings.push(found.help(match (&service.command, of_image(service)) {
                // A command of one's own replaces that of the image, flags and all.
                (None, Some(command)) => format!("write the command `{command} {flag}`"),
                _ => format!("add `{flag}` to the command"),
            }));
        }
    }
}

/// The command of a service's image.
fn of_image(service: &Service) -> Option<String> {
    let facts = catalogue::engine(service.engine?)?;
    let image = facts.image(service.version.unwrap_or_else(|| facts.newest()), "")?;
    (!image.command.is_empty()).then(|| image.command.join(" "))
}

/// Who dials a listener that only its own container reaches.
fn dialled<'f>(linked: &'f Linked<'_>) -> HashMap<*const Listener, Vec<&'f Finding<'f>>> {
    let mut dialled: HashMap<*const Listener, Vec<&Finding<'_>>> = HashMap::new();
    for finding in &linked.faults {
        if let Fault::Loopback { listener, .. } = &finding.fault {
            dialled.entry(std::ptr::from_ref(*listener)).or_default().push(finding);
        }
    }
    dialled
}

/// Whether no file of options and no unknown word may hold the flag.
fn is_known(service: &Service) -> bool {
    let Some(args) = service.args() else { return false };
    let first = args.iter().find(|a| !a.text.starts_with('-'));
    args.iter().all(|a| !a.open) && first.is_none_or(|a| a.text == "run")
}
