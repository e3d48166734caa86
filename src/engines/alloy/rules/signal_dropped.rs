//! Signals that are sent to a component which refuses them, or that a receiver takes and passes to nobody.

use std::collections::{BTreeMap, HashSet, VecDeque};

use vispyr_alloy::Block;

use super::component_unused::names_nobody;
use crate::diagnostic::{FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::engines::alloy::flow::{Carries, Edge, Flow, Part, PartId, Position, lists_nobody, signal_of};
use crate::source::Span;
use crate::symbol::Signal;

/// The rule.
pub(in crate::engines::alloy) static RULE: Rule = Rule {
    id: "alloy-signal-dropped",
    aliases: &[],
    summary: "a signal is sent to a component that refuses it, or taken and passed to nobody",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("signal_dropped.md"),
};

/// Receivers that clients of any kind send every signal to.
const OPEN: [&str; 2] = ["faro.receiver", "otelcol.receiver.otlp"];

/// Parts behind a receiver that are looked at.
const REACH: usize = 200;

/// Senders that are shown for one place.
const SHOWN: usize = 8;

/// Looks at every component with facts.
pub(in crate::engines::alloy) fn run(flow: &Flow<'_, '_>, findings: &mut Findings) {
    for (id, part) in flow.components() {
        if part.facts.is_none() || flow.is_broken(id) {
            continue;
        }
        refused(flow, id, part, findings);
        not_passed_on(flow, id, part, findings);
        not_given(flow, id, part, findings);
    }
}

/// What others list for it, by signal.
fn sent<'f>(flow: &'f Flow<'_, '_>, id: PartId) -> BTreeMap<Signal, Vec<&'f Edge>> {
    let mut sent: BTreeMap<Signal, Vec<&Edge>> = BTreeMap::new();
    for edge in flow.used_by(id) {
        if let Carries::Data(Some(signal)) = edge.carries {
            sent.entry(signal).or_default().push(edge);
        }
    }
    sent
}

/// Signals that its `input` refuses by nature, or because it has nobody to pass them to.
fn refused(flow: &Flow<'_, '_>, id: PartId, part: &Part<'_, '_>, findings: &mut Findings) {
    let Some(facts) = part.facts else { return };
    let Some(takes) = facts.takes else { return };
    let output = part.body().block("output");
    for (signal, edges) in sent(flow, id) {
        let name = signal.name();
        if !takes.contains(&signal) {
            for edge in edges {
                let only = takes.iter().map(|s| s.name()).collect::<Vec<_>>().join(" and ");
                let message = format!("{} takes {only} only: {name} sent to it are refused", flow.title(id));
                let found = flow.found(&RULE, edge.span, message).label(flow.header(id), format!("takes {only}"));
                findings.push(found.help(format!("list something that takes {name}")));
            }
            continue;
        }
        let Some(output) = output.filter(|_| facts.part == Position::Processor) else { continue };
        // One that passes on nothing at all is told by another rule.
        if !lists_nobody(output.body().attr(name)) || names_nobody(&output) {
            continue;
        }
        let message = format!("{} passes on no {name}: those sent to it are refused", flow.title(id));
        let mut found = flow.found(&RULE, flow.block(id, &output), message);
        for edge in edges.iter().take(SHOWN) {
            found = found.label(edge.span, format!("{name} are sent from here"));
        }
        findings.push(found.help(format!("add `{name}` to its `output`, or send {name} elsewhere")));
    }
}

/// A receiver that takes every signal over the network and leaves out one that a processor behind it would pass on. One
/// that leaves out a signal which nothing behind it is prepared for is most often meant so.
fn not_passed_on(flow: &Flow<'_, '_>, id: PartId, part: &Part<'_, '_>, findings: &mut Findings) {
    let Some(gives) = part.facts.and_then(|f| f.gives).filter(|_| OPEN.contains(&part.name)) else { return };
    let Some(output) = part.body().block("output").filter(|o| !names_nobody(o)) else { return };
    let missing = |s: &&Signal| lists_nobody(output.body().attr(s.name()));
    for signal in gives.iter().filter(missing) {
        let Some((idle, line)) = prepared(flow, id, *signal) else { continue };
        let name = signal.name();
        let message = format!("{} passes on no {name}: those sent to it are refused", flow.title(id));
        let found = flow
            .found(&RULE, flow.block(id, &output), message)
            .label(line, format!("{} would pass them on", flow.title(idle)))
            .help(format!("add `{name}` to the `output`, or remove it from that of {}", flow.title(idle)));
        findings.push(found);
    }
}

/// The first processor behind a part that passes on a signal which nobody sends to it, and where it says so.
fn prepared(flow: &Flow<'_, '_>, part: PartId, signal: Signal) -> Option<(PartId, Span)> {
    let mut seen = HashSet::from([part]);
    let mut open = VecDeque::from([part]);
    while let Some(here) = open.pop_front().filter(|_| seen.len() < REACH) {
        let next = flow.uses(here).iter().filter(|e| matches!(e.carries, Carries::Data(Some(_))));
        for next in next.map(|e| e.used).filter(|n| seen.insert(*n)) {
            let at = flow.part(next);
            let processor =
                at.facts.is_some_and(|f| f.part == Position::Processor && f.gives.is_some_and(|g| g.contains(&signal)));
            let line = at.body().block("output").and_then(|o| o.body().attr(signal.name()));
            let fed = || flow.used_by(next).any(|e| !matches!(e.carries, Carries::Data(Some(s)) if s != signal));
            match line.filter(|l| processor && !lists_nobody(Some(*l)) && !flow.is_broken(next)) {
                Some(line) if !fed() => return Some((next, flow.file(next).span(line.range()))),
                _ => open.push_back(next),
            }
        }
    }
    None
}

/// Lines of an `output` that nothing ever comes out of.
fn not_given(flow: &Flow<'_, '_>, id: PartId, part: &Part<'_, '_>, findings: &mut Findings) {
    let Some(facts) = part.facts.filter(|f| f.part != Position::Connector) else { return };
    let Some((gives, output)) = facts.gives.zip(part.body().block("output")) else { return };
    for attribute in listed(&output) {
        let Some(signal) = signal_of(attribute.name().name()).filter(|s| !gives.contains(s)) else { continue };
        let only = gives.iter().map(|s| s.name()).collect::<Vec<_>>().join(" and ");
        let message = format!("{} gives {only} only: this line is idle", flow.title(id));
        let found = flow.found(&RULE, flow.file(id).span(attribute.range()), message);
        findings.push(found.severity(Severity::Info).help(format!("remove `{}`", signal.name())));
    }
}

fn listed<'a>(output: &Block<'a>) -> impl Iterator<Item = vispyr_alloy::Attribute<'a>> {
    output.body().attrs().filter(|a| !lists_nobody(Some(*a)))
}
