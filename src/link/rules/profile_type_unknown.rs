//! A panel that asks for a type of profiles that nobody makes.

use super::named::{Known, wanted};
use crate::catalogue::otel;
use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::Linked;
use crate::symbol::Thing;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "dash-profile-type-unknown",
    aliases: &[],
    summary: "a panel asks for a type of profiles that nobody makes, so it stays empty",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("profile_type_unknown.md"),
};

/// A type that is one that Pyroscope or a symbol file knows but for a slip, and any that a symbol file with all of them lacks.
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    let mut asked = wanted(linked, &[Thing::ProfileType]).peekable();
    if asked.peek().is_none() {
        return;
    }
    let known = Known::of(linked, &[Thing::ProfileType]);
    for (_, wanted) in asked {
        // A sixth part says that the values are differences (grafana/pyroscope pkg/model/profile.go
        // `ParseProfileTypeSelector`@v1.13.0).
        let id = wanted.name.strip_suffix(":delta").unwrap_or(&wanted.name);
        let common = otel::profile_types();
        if known.names.contains(id) || known.all.is_none() && common.contains(&id) {
            continue;
        }
        let all = known.names.iter().copied().chain(common.iter().copied().filter(|_| known.all.is_none()));
        let meant = all.filter_map(|name| Some((linked.index.near.distance(id, name, SLIP)?, name))).min();
        let message = format!("{} asks for profiles of the type `{id}`, which nobody makes", wanted.by);
        let diagnostic = Diagnostic::new(&RULE, wanted.span, message);
        match (meant, known.all) {
            (Some((_, meant)), _) => findings.push(diagnostic.help(format!("did you mean `{meant}`?"))),
            (None, Some(all)) => findings.push(diagnostic.label(all, "these are said to be all that there are")),
            (None, None) => {}
        }
    }
}

/// Letters in which a slip may differ: the plural of a unit, a letter too many or too few.
const SLIP: usize = 2;
