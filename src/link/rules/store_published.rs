//! Stores without a password on all interfaces of the host.

use super::exposed::{self, Told};
use crate::catalogue::{self, Transport};
use crate::diagnostic::{FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::Linked;
use crate::symbol::{Listener, Owner};
use crate::tree::Service;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "sec-store-published",
    aliases: &[],
    summary: "stores that ask nobody for a password are published on all interfaces",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("store_published.md"),
};

/// Engines whose own HTTP port answers queries and takes writes, deletions or silences from everybody: none of them knows
/// users of its own, except by the web config that a listener then shows.
const STORES: [&str; 6] = ["alertmanager", "loki", "mimir", "prometheus", "pyroscope", "tempo"];

const TOLD: Told = Told {
    rule: &RULE,
    does: [
        "answers everybody who reaches this host, without a password",
        "answer everybody who reaches this host, without a password",
    ],
    help: "write `127.0.0.1:` before the ports, or drop them: the other containers reach a service without its port being published",
};

/// Once per project: all of its stores.
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    let store = |service: &Service, _: Owner, listener: &Listener| {
        let title = service.engine.filter(|e| STORES.contains(e)).and_then(catalogue::engine)?.title;
        (listener.name == title && listener.transport != Transport::Grpc).then(|| title.to_owned().into())
    };
    exposed::all(linked, &TOLD, store).into_iter().for_each(|d| findings.push(d));
}
