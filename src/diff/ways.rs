//! Signals that get lost inside of a process: what a component took or made arrived somewhere, and does so no more.

use std::collections::{BTreeMap, BTreeSet};

use super::{Change, Side, Weight, What};
use crate::source::Span;
use crate::symbol::Signal;
use crate::topology::{Node, NodeKind, Topology, arrivals};

/// Sources that a message names.
const NAMES: usize = 6;

/// What arrives, and what there is to send it.
struct Arrived {
    /// Sources by what arrives where.
    all: BTreeMap<(Signal, String), BTreeMap<String, Source>>,
    /// Processes of which it is known what they do inside.
    known: BTreeSet<Option<String>>,
}

struct Source {
    service: Option<String>,
    span: Option<Span>,
}

impl Arrived {
    fn of(side: &Side<'_>, sure: bool) -> Self {
        let topology = Topology::new(&side.linked, &side.report.diagnostics);
        let service = |node: &Node| node.service.map(|s| side.tree.service(s).name.clone());
        let stages = topology.nodes.iter().filter(|n| matches!(n.kind, NodeKind::Stage(_)));
        let mut arrived = Self { all: BTreeMap::new(), known: stages.map(service).collect() };
        for arrival in arrivals(&topology, sure) {
            let (source, end) = (topology.node(arrival.source), topology.node(arrival.end));
            // What a process fetches for itself is told with whom it dials.
            if source.service.is_some() && source.service == end.service {
                continue;
            }
            let end = service(end).map_or_else(|| end.name.clone(), |name| format!("`{name}`"));
            let service = service(source);
            let by = match &service {
                Some(name) => format!("{} of `{name}`", source.name),
                None => source.name.clone(),
            };
            let source = Source { service, span: source.span };
            arrived.all.entry((arrival.signal, end)).or_default().insert(by, source);
        }
        arrived
    }

    /// The ends that a signal of a source arrives at.
    fn ends<'s>(&'s self, signal: Signal, source: &'s str) -> impl Iterator<Item = &'s str> {
        let its = self.all.iter().filter(move |((s, _), sources)| *s == signal && sources.contains_key(source));
        its.map(|((_, end), _)| end.as_str())
    }
}

pub(super) fn compare(old: &mut Side<'_>, new: &mut Side<'_>, changes: &mut Vec<Change>) {
    let (before, after) = (Arrived::of(old, true), Arrived::of(new, false));
    for ((signal, end), sources) in &before.all {
        let now = after.all.get(&(*signal, end.clone()));
        // What is called otherwise now has taken the place of what is missing.
        if now.is_some_and(|n| n.keys().any(|s| !sources.contains_key(s))) {
            continue;
        }
        let missing = |(name, source): &(&String, &Source)| {
            let gone = now.is_none_or(|n| !n.contains_key(*name)) && after.known.contains(&source.service);
            gone && after.ends(*signal, name).all(|e| before.ends(*signal, name).any(|b| b == e))
        };
        let gone: Vec<(&String, &Source)> = sources.iter().filter(missing).collect();
        let mut names: Vec<&str> = gone.iter().take(NAMES).map(|(name, _)| name.as_str()).collect();
        let more = format!("{} more", gone.len().saturating_sub(NAMES));
        names.extend((gone.len() > NAMES).then_some(more.as_str()));
        let Some((_, first)) = gone.first() else { continue };
        let text = format!("no {} of {} arrive at {end} any more", signal.name(), names.join(", "));
        let change = Change::new(Weight::Lost, What::Signal, text);
        changes.push(match first.span {
            Some(span) => change.old(old.place(span)),
            None => change,
        });
    }
}
