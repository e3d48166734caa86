//! A query or link that reads an attribute which no span has.

use std::cell::LazyCell;
use std::collections::{BTreeSet, HashSet};

use super::named::{Known, wanted};
use crate::catalogue::otel;
use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::Linked;
use crate::near::Near;
use crate::symbol::{NameRef, Thing};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "link-attribute-unknown",
    aliases: &[],
    summary: "a query, link or dimension reads an attribute that no span and no resource has",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("attribute_unknown.md"),
};

const KINDS: [Thing; 3] = [Thing::ResourceAttribute, Thing::SpanAttribute, Thing::Attribute];

/// Applications name attributes as they like. What is told: one that a convention has but for a slip; one of a resource that is
/// asked of spans; and any that a symbol file with all of them lacks.
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    let mut asked = wanted(linked, &KINDS).peekable();
    if asked.peek().is_none() {
        return;
    }
    let resource = Known::of(linked, &[Thing::ResourceAttribute, Thing::Attribute]);
    let span = Known::of(linked, &[Thing::SpanAttribute, Thing::Attribute]);
    let conventional =
        LazyCell::new(|| otel::attributes().iter().chain(otel::resource_attributes()).copied().collect());
    let mut told = HashSet::new();
    for (owner, wanted) in asked {
        let name = wanted.name.as_str();
        let (here, there) = match wanted.thing {
            Thing::ResourceAttribute => (&resource, None),
            Thing::SpanAttribute => (&span, Some(&resource)),
            _ => (&resource, Some(&span)),
        };
        let both = wanted.thing == Thing::Attribute;
        let known = here.names.contains(name) || both && span.names.contains(name);
        if known || !told.insert((owner.artifact, wanted.thing, name)) {
            continue;
        }
        let all = if both { resource.all.and(span.all) } else { here.all };
        if let Some(meant) = slip(&linked.index.near, name, here, there, &conventional) {
            let message = format!("{} reads `{name}`, and no convention and no file has such an attribute", wanted.by);
            findings.push(Diagnostic::new(&RULE, wanted.span, message).help(format!("did you mean `{meant}`?")));
        } else if let Some(place) = all {
            let message = format!("{} reads `{name}`, and {} has such an attribute", wanted.by, nobody(wanted));
            let diagnostic = Diagnostic::new(&RULE, wanted.span, message);
            findings.push(diagnostic.label(place, "these are said to be all that there are"));
        } else if wanted.thing == Thing::SpanAttribute && otel::resource_attributes().binary_search(&name).is_ok() {
            let message = format!("{} asks spans for `{name}`, which is an attribute of their resource", wanted.by);
            let diagnostic = Diagnostic::new(&RULE, wanted.span, message)
                .note("by OpenTelemetry's conventions it is told once for all spans of a process, and Tempo keeps the two apart");
            findings.push(diagnostic.help(format!("write `resource.{name}`, or `.{name}` for either")));
        }
    }
}

fn nobody(wanted: &NameRef) -> &'static str {
    match wanted.thing {
        Thing::ResourceAttribute => "no resource",
        Thing::SpanAttribute => "no span",
        _ => "no span and no resource",
    }
}

/// A part of a name that is shorter may be another word.
const WORD: usize = 6;

/// The name that was meant: the same but for one slip in one of its longer parts.
fn slip<'a>(
    near: &Near,
    name: &str,
    here: &Known<'a>,
    there: Option<&Known<'a>>,
    conventional: &BTreeSet<&'a str>,
) -> Option<&'a str> {
    if conventional.contains(name) || there.is_some_and(|t| t.names.contains(name)) {
        return None;
    }
    let told = here.names.iter().chain(there.into_iter().flat_map(|t| &t.names)).copied();
    told.chain(conventional.iter().copied()).find(|other| {
        let parts = |n: &str| n.split('.').count();
        let mut differ = name.split('.').zip(other.split('.')).filter(|(a, b)| a != b);
        let Some((a, b)) = differ.next().filter(|_| parts(name) == parts(other)) else { return false };
        differ.next().is_none() && a.len().min(b.len()) >= WORD && near.is_slip(a, b)
    })
}
