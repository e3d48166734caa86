//! A server that listens on loopback alone, and is dialled from elsewhere.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::Linked;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "link-listener-loopback",
    aliases: &[],
    summary: "a server listens on loopback alone, and other containers dial it",
    tier: Tier::C,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("listener_loopback.md"),
};

/// The engines of which no other rule tells the same.
const ENGINES: [&str; 6] = ["alertmanager", "grafana", "loki", "mimir", "prometheus", "pyroscope"];

/// Every such server.
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    for engine in ENGINES {
        super::loopback(linked, &RULE, engine, findings);
    }
}
