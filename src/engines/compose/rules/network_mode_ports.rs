//! Published ports of a service on the host's network.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::parse::Document;
use crate::tree::Network;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "compose-network-mode-ports",
    aliases: &[],
    summary: "`ports` of a service on the host's network do nothing",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("network_mode_ports.md"),
};

/// Every service with both.
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let Some(services) = ctx.artifact.data().and_then(Document::root).and_then(|r| r.get("services")) else { return };
    for (_, service) in ctx.tree.declared_by(ctx.id).filter(|(_, s)| s.network == Network::Host) {
        let Some(entry) = services.get(&service.name).and_then(|s| s.entry("ports")) else { continue };
        let moves =
            service.ports.iter().any(|p| p.published.is_some() && p.target.is_some() && p.published != p.target);
        if service.ports.is_empty() {
            continue;
        }
        let message = format!("`{}` is on the host's network, so its `ports` do nothing", service.name);
        let help = if moves {
            "drop `ports`: it listens on the host at the container's port; or drop `network_mode`"
        } else {
            "drop `ports`, or `network_mode`"
        };
        findings.push(
            Diagnostic::new(&RULE, entry.key.span(), message).help(help).note("Docker discards them with a warning"),
        );
    }
}
