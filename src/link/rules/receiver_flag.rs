//! Something writes to Prometheus, and the flag that makes it take writes is missing.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::Linked;
use crate::symbol::Protocol;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "link-receiver-flag",
    aliases: &[],
    summary: "something writes to Prometheus, which was not told to take writes",
    tier: Tier::C,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("receiver_flag.md"),
};

/// Every service that lacks it, with all its writers.
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    super::missing_flag(
        linked,
        &RULE,
        Protocol::RemoteWrite,
        "every sample is answered with 404 and dropped",
        findings,
    );
}
