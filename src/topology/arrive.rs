//! What of each source arrives where.

use std::collections::BTreeSet;

use super::walk::live;
use super::{NodeId, NodeKind, State, Topology};
use crate::symbol::{Role, Signal};

/// A source of a signal, and an end of its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Arrival {
    /// What arrives.
    pub signal: Signal,
    /// What makes it or takes it from outside, or makes it of another that it gets.
    pub source: NodeId,
    /// What keeps it, or is all that is known of its way.
    pub end: NodeId,
}

/// All arrivals; `sure`: only those of which every step is known to work, else all that nothing is known to stop.
pub fn arrivals(topology: &Topology<'_>, sure: bool) -> BTreeSet<Arrival> {
    let passes = |state: &State| match state {
        State::Fine => true,
        State::Unknown(_) => !sure,
        State::Broken(..) => false,
    };
    let lives: Vec<Vec<bool>> = Signal::ALL.iter().map(|s| live(topology, *s)).collect();
    let next = |signal: usize, node: NodeId| {
        let live = &lives[signal];
        let out = topology.out(node).iter().filter(move |e| live[**e as usize]);
        out.map(|e| topology.edge(*e)).filter(|e| passes(&e.state)).map(|e| e.to)
    };
    let role = |node: NodeId| match topology.node(node).kind {
        NodeKind::Stage(role) => Some(role),
        _ => None,
    };
    let makes = |node: &NodeId| match role(*node) {
        Some(Role::Source) => true,
        Some(Role::Open) => !sure,
        _ => false,
    };
    let sources: Vec<NodeId> = (0..topology.nodes.len() as NodeId).filter(makes).collect();
    let mut waiting: Vec<(usize, NodeId)> =
        (0..Signal::ALL.len()).flat_map(|s| sources.iter().map(move |n| (s, *n))).collect();
    let mut started: BTreeSet<(usize, NodeId)> = waiting.iter().copied().collect();
    let mut found = BTreeSet::new();
    // The walk that came by last.
    let (mut seen, mut walk) = (vec![0usize; topology.nodes.len()], 0);
    while let Some((signal, source)) = waiting.pop() {
        walk += 1;
        let mut here = vec![source];
        while let Some(node) = here.pop() {
            if std::mem::replace(&mut seen[node as usize], walk) == walk {
                continue;
            }
            if node != source && role(node) == Some(Role::Convert) {
                let made = (0..Signal::ALL.len()).filter(|s| *s != signal && next(*s, node).next().is_some());
                waiting.extend(made.map(|s| (s, node)).filter(|start| started.insert(*start)));
            }
            let end = match topology.node(node).kind {
                NodeKind::Stage(role) => role == Role::Store,
                NodeKind::Outside => true,
                NodeKind::Service | NodeKind::Datasource | NodeKind::Reader => false,
            };
            if end && node != source {
                found.insert(Arrival { signal: Signal::ALL[signal], source, end: node });
                continue;
            }
            here.extend(next(signal, node));
        }
    }
    found
}
