//! Peers of a cluster that are named twice, or that cannot answer.

use crate::address;
use crate::diagnostic::{FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::engines::alloy::flow::{Flow, has_own_network};
use crate::symbol::Bind;
use crate::tree::{Arg, Service};

/// The rule.
pub(in crate::engines::alloy) static RULE: Rule = Rule {
    id: "alloy-clustering-join",
    aliases: &[],
    summary: "the peers of a cluster are named in two ways, or cannot reach the process",
    tier: Tier::C,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("clustering_join.md"),
};

/// Both ways end the process, whether it clusters or not (grafana/alloy internal/alloycli/cluster_builder.go@v1.0.0,
/// internal/service/cluster/discovery/peer_discovery.go@v1.5.0, @v1.19.0-rc.3).
const WAYS: [&str; 2] = ["cluster.join-addresses", "cluster.discover-peers"];

/// Looks at the command of the process.
pub(in crate::engines::alloy) fn run(flow: &Flow<'_, '_>, findings: &mut Findings) {
    let Some(service) = flow.service().filter(|s| !s.build && runs(s)) else { return };
    let named: Vec<_> = WAYS.iter().filter_map(|way| Some((*way, given(service, way)?))).collect();
    match named.as_slice() {
        [(_, (join, _)), (_, (discover, _))] => {
            let message =
                "Alloy does not start: `--cluster.join-addresses` and `--cluster.discover-peers` exclude each other";
            let found = flow.found(&RULE, discover.span, message).label(join.span, "the other one");
            findings.push(found.help("drop one of them"));
        }
        [(way, (arg, value))] => unreachable(flow, service, (way, arg, value), findings),
        _ => {}
    }
}

/// Whether a process runs a config: without a command that of the image.
fn runs(service: &Service) -> bool {
    let first = |args: Vec<&Arg>| args.iter().find(|a| !a.text.starts_with('-')).map(|a| a.text == "run");
    service.args().and_then(first).unwrap_or_default()
}

/// A flag with a value that is known not to be empty.
fn given<'s>(service: &'s Service, flag: &str) -> Option<(&'s Arg, String)> {
    let args = service.args()?;
    let (arg, value) = service.flag(flag)?;
    let at = args.iter().position(|a| std::ptr::eq(*a, arg))?;
    let open = arg.open || !arg.text.contains('=') && args.get(at + 1).is_some_and(|next| next.open);
    (!open && !value.is_empty()).then_some((arg, value))
}

/// A process advertises the address of its network interface, at the port of its server: that on loopback nobody reaches
/// (grafana/alloy internal/alloycli/cluster_builder.go@v1.0.0, @v1.19.0-rc.3).
fn unreachable(flow: &Flow<'_, '_>, service: &Service, named: (&str, &Arg, &str), findings: &mut Findings) {
    let (way, arg, value) = named;
    let on = service.flag("cluster.enabled").is_some_and(|(arg, v)| !arg.text.contains('=') || v == "true");
    let Some(args) = service.args().filter(|_| on && has_own_network(service)) else { return };
    // A process that joins itself alone needs nobody to reach it.
    let own = |peer: &str| address::split(peer).is_some_and(|p| address::is_loopback(&peer[p.host]));
    if args.iter().any(|a| a.open) || way == WAYS[0] && value.split(',').all(|peer| own(peer.trim())) {
        return;
    }
    let listens = service.flag("server.http.listen-addr");
    let bound = listens.as_ref().map_or(Some(Bind::Loopback), |(_, value)| address::listen(value).0);
    if bound != Some(Bind::Loopback) {
        return;
    }
    let message =
        format!("no peer reaches `{}`: the server that they gossip through listens on loopback alone", service.name);
    let mut found = flow.found(&RULE, arg.span, message).severity(Severity::Warning);
    found = match listens {
        Some((listens, _)) => found.label(listens.span, "listens here"),
        None => found.note("without `--server.http.listen-addr` it is 127.0.0.1:12345"),
    };
    findings.push(found.help("listen on all interfaces: `--server.http.listen-addr=0.0.0.0:12345`"));
}
