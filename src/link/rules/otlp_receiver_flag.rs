//! OTLP goes to Prometheus, and the flag that makes it take OTLP is missing.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::Linked;
use crate::symbol::Protocol;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "link-otlp-receiver-flag",
    aliases: &[],
    summary: "OTLP goes to Prometheus, which was not told to take it",
    tier: Tier::C,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("otlp_receiver_flag.md"),
};

/// Every service that lacks it, with all its writers.
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    super::missing_flag(linked, &RULE, Protocol::OtlpHttp, "every batch is answered with 404 and dropped", findings);
}
