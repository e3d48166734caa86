//! Receivers of OTLP without a password on all interfaces of the host.

use super::exposed::{self, Told};
use crate::diagnostic::{FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::Linked;
use crate::symbol::{Listener, Owner};
use crate::tree::Service;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "sec-otlp-public",
    aliases: &[],
    summary: "receivers of OTLP that ask nobody for a password are published on all interfaces",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("otlp_public.md"),
};

const TOLD: Told = Told {
    rule: &RULE,
    does: [
        "takes what everybody sends who reaches this host, without a password",
        "take what everybody sends who reaches this host, without a password",
    ],
    help: "write `127.0.0.1:` before the ports where only this host sends, drop them where only containers do, else let the receiver ask for a password",
};

/// Once per project: all receivers that do nothing else.
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    let receiver = |service: &Service, _: Owner, listener: &Listener| {
        let takes = listener.accepts.as_deref().unwrap_or_default();
        let plain = listener.tls == Some(false) && !takes.is_empty() && takes.iter().all(|a| a.protocol.is_otlp());
        let known = plain && service.engine.is_some();
        known.then(|| exposed::title(service, listener).into())
    };
    exposed::all(linked, &TOLD, receiver).into_iter().for_each(|d| findings.push(d));
}
