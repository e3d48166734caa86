//! Links between dashboards to one that is not there.

use std::collections::HashSet;

use super::named::{Known, wanted};
use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::Linked;
use crate::symbol::Thing;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "dash-link-dangling",
    aliases: &[],
    summary: "a link of a provisioned dashboard or alert leads to a uid that no dashboard of the tree has",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("link_dangling.md"),
};

/// Each such uid once per file. One that is another but for a slip is a warning; one that may have been made by hand is worth
/// a note.
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    let mut links = wanted(linked, &[Thing::Dashboard]).peekable();
    if links.peek().is_none() {
        return;
    }
    let known = Known::of(linked, &[Thing::Dashboard]);
    let mut told = HashSet::new();
    for (owner, link) in links {
        let uid = link.name.as_str();
        if known.names.contains(uid) || !told.insert((owner.artifact, uid)) {
            continue;
        }
        let message = format!("{} leads to `{uid}`, and no dashboard of these files has that uid", link.by);
        let mut diagnostic = Diagnostic::new(&RULE, link.span, message);
        match (linked.index.near.nearest(uid, known.names.iter().copied()), known.all) {
            (Some(meant), _) => diagnostic = diagnostic.help(format!("did you mean `{meant}`?")),
            (None, Some(all)) => diagnostic = diagnostic.label(all, "these are said to be all that there are"),
            (None, None) => diagnostic = diagnostic.severity(Severity::Info).note("it may have been made by hand"),
        }
        findings.push(diagnostic);
    }
}
