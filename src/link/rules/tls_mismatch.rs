//! TLS at one end only.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::{Fault, Linked};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "link-tls-mismatch",
    aliases: &[],
    summary: "one end speaks TLS and the other does not",
    tier: Tier::C,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("tls_mismatch.md"),
};

/// Every such URL.
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    for finding in &linked.faults {
        let Fault::Tls { to, listener } = &finding.fault else { continue };
        let (url, target) = (finding.url, linked.tree.service(*to));
        let client = url.tls == Some(true);
        let message = if client {
            format!("{} speaks TLS to `{}`, and {} does not", url.sender, target.name, listener.name)
        } else {
            format!("{} speaks plainly to `{}`, and {} speaks TLS", url.sender, target.name, listener.name)
        };
        let help = match (client, url.protocol.is_grpc()) {
            (true, true) => "set `tls { insecure = true }` at the sender, or give the receiver a certificate",
            (true, false) => "write `http`, or give the receiver a certificate",
            (false, true) => "let the sender speak TLS: without `insecure = true`",
            (false, false) => "write `https`",
        };
        let place = format!("{} listens here {}", listener.name, if client { "without TLS" } else { "with TLS" });
        let diagnostic = Diagnostic::new(&RULE, url.tls_span, message).label(listener.origin.span(), place).help(help);
        findings.push(super::of_url(linked, finding, diagnostic));
    }
}
