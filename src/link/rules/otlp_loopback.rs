//! A receiver of Tempo that listens on loopback, where others send to it.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::Linked;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "tempo-otlp-loopback",
    aliases: &[],
    summary: "a receiver of Tempo listens on loopback alone, where no other container reaches it",
    tier: Tier::C,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("otlp_loopback.md"),
};

/// Every such receiver that somebody needs.
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    super::loopback(linked, &RULE, "tempo", findings);
}
