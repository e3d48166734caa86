//! A URL to a port that the service does not open, or where it takes something else.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::{Fault, Linked};

use super::{engine, of_url, sdk_endpoint, weighed};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "link-port-unserved",
    aliases: &[],
    summary: "a URL names a port that the service behind it does not open, or where it takes something else",
    tier: Tier::C,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("port_unserved.md"),
};

/// Ports that a message lists.
const PORTS: usize = 12;

/// Every such URL.
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    for finding in linked.faults.iter().filter(|f| !sdk_endpoint::tells(linked, f)) {
        let Fault::Port { to, instead, taken, sure } = &finding.fault else { continue };
        let (url, target) = (finding.url, linked.tree.service(*to));
        let port = url.port.unwrap_or_default();
        let title = engine(target);
        let message = match taken {
            Some(listener) => {
                format!(
                    "{} {} port {port} of `{}`, where {} takes no {}",
                    url.sender,
                    url.protocol.verb(),
                    target.name,
                    listener.name,
                    url.protocol.title()
                )
            }
            None => format!(
                "{} {} port {port} of `{}`, where {title} does not listen",
                url.sender,
                url.protocol.verb(),
                target.name
            ),
        };
        let (severity, note) = weighed(linked, *to, RULE.severity);
        let mut diagnostic = Diagnostic::new(&RULE, url.port_span, message).severity(severity);
        match instead.and_then(|l| Some((l, l.port?))) {
            Some((listener, right)) => {
                let published = linked.published(*to, right).filter(|_| finding.across);
                let right = published.unwrap_or(right);
                diagnostic = diagnostic
                    .label(listener.origin.span(), format!("{} listens here", listener.name))
                    .help(format!("{} takes {} at port {right}", listener.name, url.protocol.title()));
            }
            None => {
                let open = linked.open_ports(*to);
                let mut ports: Vec<String> = open.iter().take(PORTS).map(u16::to_string).collect();
                if open.len() > PORTS {
                    ports.push(format!("{} more", open.len() - PORTS));
                }
                let place =
                    linked.listeners.get(to).and_then(|l| l.first()).map_or(target.span, |(_, l)| l.origin.span());
                diagnostic = diagnostic.label(place, format!("{title} runs here"));
                diagnostic.help = Some(format!("{title} listens on {}", ports.join(", ")));
            }
        }
        if !sure {
            diagnostic =
                diagnostic.severity(Severity::Warning).note("something that is not here may listen on that host");
        }
        diagnostic.notes.extend(note);
        findings.push(of_url(linked, finding, diagnostic));
    }
}
