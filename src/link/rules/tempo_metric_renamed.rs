//! A query of a metric of Tempo under a name that the running version has no more.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::{Linked, renamed};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "tempo-metric-renamed",
    aliases: &[],
    summary: "a query reads a metric of Tempo that the running version calls otherwise, or has no more",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::Unsafe,
    since: "0.1.0",
    page: include_str!("tempo_metric_renamed.md"),
};

/// Every such query.
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    renamed::tell(linked, "tempo", &RULE, findings);
}
