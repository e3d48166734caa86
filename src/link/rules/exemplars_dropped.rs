//! Exemplars that are sent to a store which keeps none.

use super::{engine, exemplar_dest, features, reached};
use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::Linked;
use crate::symbol::Extra;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "link-exemplars-dropped",
    aliases: &["alloy-exemplars-dropped"],
    summary: "exemplars are sent to a store that keeps none",
    tier: Tier::C,
    severity: Severity::Info,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("exemplars_dropped.md"),
};

/// Every store that drops what a config says it is sent, unless a data source that links them is told of it already.
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    let linked_to = exemplar_dest::lacking(linked);
    for (to, senders) in reached(linked, Extra::Exemplars, &["prometheus", "mimir"]) {
        let service = linked.tree.service(to);
        let Some(lack) = features::lacks_exemplars(linked.tree, to).filter(|_| !linked_to.contains(&to)) else {
            continue;
        };
        let Some((sender, place)) = senders.first().copied() else { continue };
        let message = format!("{sender} sends exemplars, and {} drops them: {}", engine(service), lack.why);
        let mut found = Diagnostic::new(&RULE, place, message);
        if let Some((at, text)) = lack.place {
            found = found.label(at, text);
        }
        for (sender, place) in senders.iter().skip(1).take(8) {
            found = found.label(*place, format!("so does {sender}"));
        }
        findings.push(found.help(lack.help));
    }
}
