//! Live debugging that anybody may watch.

use crate::address;
use crate::diagnostic::{FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::engines::alloy::flow::{Flow, has_own_network};
use crate::symbol::Bind;

/// The rule.
pub(in crate::engines::alloy) static RULE: Rule = Rule {
    id: "alloy-livedebugging-open",
    aliases: &[],
    summary: "live debugging on a server that is published without authentication",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("livedebugging_open.md"),
};

/// `livedebugging { enabled = true }` where the server is published to all and has no `http` block.
pub(in crate::engines::alloy) fn run(flow: &Flow<'_, '_>, findings: &mut Findings) {
    let Some(service) = flow.service().filter(|s| flow.program.run && has_own_network(s)) else { return };
    let Some((_, value)) = service.flag("server.http.listen-addr") else { return };
    let (Some(Bind::All), Some(port)) = address::listen(&value) else { return };
    let open = |p: &&crate::tree::Port| {
        let here = p.host_ip.as_deref().is_some_and(address::is_loopback);
        !p.udp && !here && p.target.is_some_and(|(a, b)| (a..=b).contains(&port))
    };
    let Some(published) = service.ports.iter().find(open) else { return };
    if flow.parts().any(|(_, p)| p.name == "http") {
        return;
    }
    for (id, part) in flow.parts().filter(|(_, p)| p.name == "livedebugging") {
        let Some(enabled) = part.body().attr("enabled").filter(|a| a.value().as_bool() == Some(true)) else { continue };
        let found = flow
            .found(&RULE, flow.file(id).span(enabled.range()), "anybody who reaches the published port sees what flows through")
            .label(published.span, "published without authentication")
            .help("turn it off, publish the port on `127.0.0.1` alone, or give the server an `http` block with authentication");
        findings.push(found);
    }
}
