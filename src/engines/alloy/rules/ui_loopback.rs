//! Alloy's own server, published and yet out of reach.

use crate::address;
use crate::catalogue;
use crate::diagnostic::{FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::engines::alloy::flow::{Flow, has_own_network};
use crate::symbol::Bind;

/// The rule.
pub(in crate::engines::alloy) static RULE: Rule = Rule {
    id: "alloy-ui-loopback",
    aliases: &[],
    summary: "Alloy's own server is published, but listens on loopback",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("ui_loopback.md"),
};

/// Flag that moves the server.
const FLAG: &str = "server.http.listen-addr";

/// A published port of a server that listens on loopback alone.
pub(in crate::engines::alloy) fn run(flow: &Flow<'_, '_>, findings: &mut Findings) {
    let Some(service) = flow.service().filter(|s| has_own_network(s) && !s.build) else { return };
    let Some(args) = service.args() else { return };
    // A file of options or an unknown word may hold the flag.
    if args.iter().any(|a| a.open) || args.iter().find(|a| !a.text.starts_with('-')).is_some_and(|a| a.text != "run") {
        return;
    }
    let Some(fact) = catalogue::engine("alloy").and_then(|f| f.listener("http", flow.version)) else { return };
    let (port, written) = match service.flag(FLAG) {
        None if fact.loopback => (fact.port, None),
        None => return,
        Some((arg, value)) => match address::listen(&value) {
            (Some(Bind::Loopback), Some(port)) => (port, Some(arg.span)),
            _ => return,
        },
    };
    let covers = |p: &&crate::tree::Port| !p.udp && p.target.is_some_and(|(a, b)| (a..=b).contains(&port));
    let Some(published) = service.ports.iter().find(covers) else { return };
    let message =
        format!("port {port} is published, and Alloy's own server listens on loopback alone: it answers nobody");
    let mut found =
        flow.found(&RULE, published.span, message).help(format!("add `--{FLAG}=0.0.0.0:{port}` to the command"));
    if let Some(span) = written {
        found = found.label(span, "listens here");
    }
    findings.push(found);
}
