//! A query or link that reads an attribute which no span has.

use std::collections::HashSet;

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
    let asked: Vec<_> = wanted(linked, &KINDS).collect();
    if asked.is_empty() {
        return;
    }
    let resource = Known::of(linked, &[Thing::ResourceAttribute, Thing::Attribute]);
    let span = Known::of(linked, &[Thing::SpanAttribute, Thing::Attribute]);
    // Instrumentations of language models set attributes of the resource on their spans (openlit/openlit
    // sdk/python/src/openlit/instrumentation/assemblyai/assemblyai.py@2f5de0a2).
    let llm: HashSet<_> =
        asked.iter().filter(|(_, w)| w.name.starts_with("gen_ai.")).map(|(owner, _)| owner.artifact).collect();
    let mut told = HashSet::new();
    let mut left = LOOKED;
    for (owner, wanted) in asked {
        let name = wanted.name.as_str();
        let kinds: &[&Known<'_>] = match wanted.thing {
            Thing::ResourceAttribute => &[&resource],
            Thing::SpanAttribute => &[&span],
            _ => &[&resource, &span],
        };
        if kinds.iter().any(|k| k.names.contains(name)) || !told.insert((owner.artifact, wanted.thing, name)) {
            continue;
        }
        // What is there under another scope, or by a convention, is no slip.
        let elsewhere = [&resource, &span].iter().any(|k| k.names.contains(name)) || is_conventional(name);
        let meant = (!elsewhere && left > 0).then(|| {
            left -= 1;
            slip(&linked.index.near, name, [&resource, &span])
        });
        let all = kinds.iter().map(|k| k.all).collect::<Option<Vec<_>>>().and_then(|all| all.first().copied());
        if let Some(meant) = meant.flatten() {
            let message = format!("{} reads `{name}`, and no convention and no file has such an attribute", wanted.by);
            findings.push(Diagnostic::new(&RULE, wanted.span, message).help(format!("did you mean `{meant}`?")));
        } else if let Some(place) = all {
            let message = format!("{} reads `{name}`, and {} has such an attribute", wanted.by, nobody(wanted));
            let diagnostic = Diagnostic::new(&RULE, wanted.span, message);
            findings.push(diagnostic.label(place, "these are said to be all that there are"));
        } else if wanted.thing == Thing::SpanAttribute && is_of_resource(name) && !llm.contains(&owner.artifact) {
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

/// Names for which another one is looked for: there are a thousand conventions.
const LOOKED: usize = 10_000;

fn is_of_resource(name: &str) -> bool {
    otel::resource_attributes().binary_search(&name).is_ok()
}

fn is_conventional(name: &str) -> bool {
    [otel::attributes(), otel::resource_attributes()].iter().any(|all| all.binary_search(&name).is_ok())
}

/// The name that was meant: the same but for one slip in one of its longer parts.
fn slip<'a>(near: &Near, name: &str, told: [&Known<'a>; 2]) -> Option<&'a str> {
    let told = told.into_iter().flat_map(|k| &k.names).copied();
    let conventions = otel::attributes().iter().chain(otel::resource_attributes()).copied();
    told.chain(conventions).find(|other| {
        let parts = |n: &str| n.split('.').count();
        let mut differ = name.split('.').zip(other.split('.')).filter(|(a, b)| a != b);
        let Some((a, b)) = differ.next() else { return false };
        differ.next().is_none() && a.len().min(b.len()) >= WORD && parts(name) == parts(other) && near.is_slip(a, b)
    })
}
