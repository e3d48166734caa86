//! Alerts that are sent to a contact point that is not there.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::named::wanted;
use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::Linked;
use crate::link::index::home;
use crate::source::Span;
use crate::symbol::{Export, Thing};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "gf-contact-point-unknown",
    aliases: &[],
    summary: "provisioned alerting names a contact point that is not there",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("contact_point_unknown.md"),
};

/// The contact point that every Grafana has (`grafana/grafana pkg/setting/setting_unified_alerting.go`,
/// `alertmanagerDefaultConfiguration`): its name since 9.1, and the one before.
const DEFAULT: [&str; 3] = ["grafana-default-email", "email receiver", "empty"];

/// Every such name. Contact points that somebody made by hand are not known; with some in files the others are meant to be
/// there, too.
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    let (mut here, mut abroad) = (HashMap::<_, BTreeMap<&str, Span>>::new(), BTreeSet::new());
    for (owner, export) in &linked.symbols.exports {
        match export {
            Export::Named(n) if n.thing == Thing::ContactPoint => {
                if owner.artifact.is_some_and(|id| linked.tree.is_symbols(id)) {
                    abroad.insert(n.name.as_str());
                } else {
                    here.entry(home(linked.tree, *owner)).or_default().entry(&n.name).or_insert(n.span);
                }
            }
            _ => {}
        }
    }
    for (owner, receiver) in wanted(linked, &[Thing::ContactPoint]) {
        let Some(points) = here.get(&home(linked.tree, owner)) else { continue };
        let name = receiver.name.as_str();
        let known = points.contains_key(name) || abroad.contains(name) || DEFAULT.contains(&name);
        // A name with a variable may be any.
        if known || points.keys().any(|p| p.contains('$')) {
            continue;
        }
        let meant = linked.index.near.nearest(name, points.keys().copied());
        let Some((shown, span)) = meant.and_then(|m| points.get_key_value(m)).or_else(|| points.iter().next()) else {
            continue;
        };
        let help = match meant {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("add it to `contactPoints`, or write one that is there, such as `{shown}`"),
        };
        let message = format!("{} goes to `{name}`, and no contact point of these files is called so", receiver.by);
        let diagnostic = Diagnostic::new(&RULE, receiver.span, message)
            .label(*span, "a contact point that is there")
            .note("unless somebody made it by hand, Grafana refuses the file and does not start");
        findings.push(diagnostic.help(help));
    }
}
