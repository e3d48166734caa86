//! Exemplars that are sent to a Prometheus which keeps none.

use super::{engine, exemplar_dest, features, reached};
use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::Linked;
use crate::symbol::Extra;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "link-exemplars-dropped",
    aliases: &["alloy-exemplars-dropped"],
    summary: "exemplars are sent to a Prometheus that keeps none",
    tier: Tier::C,
    severity: Severity::Info,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("exemplars_dropped.md"),
};

/// Every Prometheus that drops what a config says it is sent, unless a data source that links them is told of it already.
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    let linked_to = exemplar_dest::lacking(linked);
    for (to, senders) in reached(linked, Extra::Exemplars) {
        let service = linked.tree.service(to);
        if linked_to.contains(&to) || features::has(service, features::EXEMPLARS) != Some(false) {
            continue;
        }
        let Some((sender, place)) = senders.first().copied() else { continue };
        let message = format!(
            "{sender} sends exemplars, and {} drops them: it runs without the feature `{}`",
            engine(service),
            features::EXEMPLARS
        );
        let mut found = Diagnostic::new(&RULE, place, message).label(service.command_span(), "its command");
        for (sender, place) in senders.iter().skip(1).take(8) {
            found = found.label(*place, format!("so does {sender}"));
        }
        let flag = features::EXEMPLARS;
        findings.push(found.help(format!("add `--enable-feature={flag}` to the command of `{}`", service.name)));
    }
}
