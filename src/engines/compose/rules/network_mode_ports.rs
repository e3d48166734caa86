//! Published ports of a service on the host's network, or on that of another service.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::parse::Document;
use crate::tree::Network;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "compose-network-mode-ports",
    aliases: &[],
    summary: "`ports` of a service on the host's network do nothing, and keep one in another service's from starting",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("network_mode_ports.md"),
};

/// Every service with both.
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let Some(services) = ctx.artifact.data().and_then(Document::root).and_then(|r| r.get("services")) else { return };
    for (_, service) in ctx.tree.declared_by(ctx.id) {
        let Some(entry) = services.get(&service.name).and_then(|s| s.entry("ports")) else { continue };
        if service.ports.is_empty() {
            continue;
        }
        let moves =
            service.ports.iter().any(|p| p.published.is_some() && p.target.is_some() && p.published != p.target);
        let name = &service.name;
        let told = match &service.network {
            Network::Host => {
                let message = format!("`{name}` is on the host's network, so its `ports` do nothing");
                let help = if moves {
                    "drop `ports`: it listens on the host at the container's port; or drop `network_mode`"
                } else {
                    "drop `ports`, or `network_mode`"
                };
                let told = Diagnostic::new(&RULE, entry.key.span(), message).help(help);
                told.note("Docker discards them with a warning")
            }
            Network::Service(other) => {
                let message =
                    format!("`{name}` is in the network of `{other}`, and Docker refuses a container with both");
                Diagnostic::new(&RULE, entry.key.span(), message)
                    .severity(Severity::Error)
                    .note("\"conflicting options: port publishing and the container type network mode\"")
                    .help(format!("move its `ports` to `{other}`, whose network it is"))
            }
            Network::Named(_) | Network::Other => continue,
        };
        findings.push(told);
    }
}
