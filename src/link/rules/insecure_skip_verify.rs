//! TLS that takes whatever certificate a server on the internet shows.

use std::collections::HashSet;
use std::net::IpAddr;

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::{Linked, Resolution};
use crate::symbol::Url;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "sec-insecure-skip-verify",
    aliases: &[],
    summary: "TLS to a public host takes any certificate",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("insecure_skip_verify.md"),
};

/// Last parts of names that mean something within a network, where certificates are one's own (RFC 6762 appendix G, RFC 8375, and
/// by habit), and of names that stand for any (RFC 2606).
const INNER: [&str; 17] = [
    "arpa",
    "corp",
    "example",
    "home",
    "internal",
    "intranet",
    "invalid",
    "lab",
    "lan",
    "local",
    "localdomain",
    "localhost",
    "onion",
    "private",
    "svc",
    "test",
    "ts.net",
];

/// Every setting that a public host is asked without a proof.
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    let mut told = HashSet::new();
    for (_, url, resolution) in &linked.urls {
        let Some(place) = url.unverified.filter(|_| url.tls == Some(true) && is_public(&url.host)) else { continue };
        if *resolution != Resolution::External || !told.insert(place) {
            continue;
        }
        findings.push(finding(url, place));
    }
}

fn finding(url: &Url, place: crate::source::Span) -> Diagnostic {
    let shown = match &url.credentials {
        Some(crate::symbol::Credentials::None) | None => "what it sends and is answered",
        Some(_) => "its credentials",
    };
    let message = format!("{} takes any certificate for `{}`: who is on the way reads {shown}", url.sender, url.host);
    Diagnostic::new(&RULE, place, message)
        .label(url.host_span, "a public host")
        .help("remove the line: public authorities are known; else name your own with the key for the CA")
}

/// Whether a host is one of the internet, not of a network of one's own.
fn is_public(host: &str) -> bool {
    match host.parse() {
        Ok(IpAddr::V4(ip)) => {
            let shared = ip.octets()[0] == 100 && (64..128).contains(&ip.octets()[1]);
            let own = ip.is_private() || ip.is_loopback() || ip.is_link_local() || shared;
            !(own || ip.is_unspecified() || ip.is_documentation())
        }
        Ok(IpAddr::V6(ip)) => !(ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local()),
        Err(_) => {
            let inner = |part: &str| host.strip_suffix(part).is_some_and(|rest| rest.ends_with('.'));
            let sample = ["example.com", "example.net", "example.org"];
            host.contains('.') && !INNER.iter().any(|p| inner(p)) && !sample.iter().any(|p| host == *p || inner(p))
        }
    }
}
