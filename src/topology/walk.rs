//! One signal, hop by hop.

use super::{EdgeId, NodeId, NodeKind, State, Topology};
use crate::symbol::{Role, Signal};

/// A line of a trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    /// How many branches lie behind it.
    pub depth: usize,
    /// How it was reached; `None` = the way starts here.
    pub via: Option<EdgeId>,
    /// Where it leads.
    pub node: NodeId,
    /// Whether what follows was shown before.
    pub again: bool,
    /// What is to be said of the signal here: why it goes no further, what it looks like.
    pub notes: Vec<String>,
}

/// The ways of one signal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trace {
    /// Depth first.
    pub hops: Vec<Hop>,
    /// Where ways start.
    pub starts: usize,
    /// Stores that it reaches.
    pub stores: usize,
    /// Dashboards and groups of rules that can see it.
    pub readers: usize,
    /// Edges that it does not pass.
    pub broken: Vec<EdgeId>,
    /// Edges of which that is not known.
    pub unknown: Vec<EdgeId>,
}

/// Follows a signal from where it starts, or from `starts`.
pub fn trace(topology: &Topology<'_>, signal: Signal, starts: Option<&[NodeId]>) -> Trace {
    let live = live(topology, signal);
    let mut walker =
        Walker { topology, signal, live, seen: vec![false; topology.nodes.len()], trace: Trace::default() };
    match starts {
        Some(starts) => starts.iter().for_each(|s| walker.start(*s)),
        None => walker.all(),
    }
    walker.trace
}

/// The edges that a signal travels: those that name it, and of those that take whatever comes the ones before or behind.
pub(super) fn live(topology: &Topology<'_>, signal: Signal) -> Vec<bool> {
    let named = |id: usize| topology.edges[id].signals.contains(&signal);
    let mut live: Vec<bool> = (0..topology.edges.len()).map(named).collect();
    let starts: Vec<usize> = (0..live.len()).filter(|e| live[*e]).collect();
    for forward in [true, false] {
        let end = |e: usize| if forward { topology.edges[e].to } else { topology.edges[e].from };
        let mut waiting: Vec<NodeId> = starts.iter().map(|e| end(*e)).collect();
        let mut seen = vec![false; topology.nodes.len()];
        while let Some(node) = waiting.pop() {
            if std::mem::replace(&mut seen[node as usize], true) {
                continue;
            }
            let next = if forward { topology.out(node) } else { topology.into(node) };
            for edge in next.iter().map(|e| *e as usize).filter(|e| topology.edges[*e].signals.is_empty()) {
                live[edge] = true;
                waiting.push(end(edge));
            }
        }
    }
    live
}

struct Walker<'t, 'a> {
    topology: &'t Topology<'a>,
    signal: Signal,
    live: Vec<bool>,
    seen: Vec<bool>,
    trace: Trace,
}

impl Walker<'_, '_> {
    fn all(&mut self) {
        let leaves = |w: &Self, n: NodeId| w.next(n).next().is_some();
        let fed = |w: &Self, n: NodeId| w.topology.into(n).iter().any(|e| w.live[*e as usize]);
        let nodes = 0..self.topology.nodes.len() as NodeId;
        let mut roots: Vec<NodeId> = nodes.clone().filter(|n| leaves(self, *n) && !fed(self, *n)).collect();
        // Applications come first.
        roots.sort_by_key(|n| self.topology.node(*n).kind != NodeKind::Service);
        for root in roots {
            self.start(root);
        }
        // What is left lies behind something broken, or goes round in a circle: of that, one node is as good as another.
        let mut behind = vec![false; self.topology.nodes.len()];
        let broken = |w: &Self, e: &EdgeId| matches!(w.topology.edge(*e).state, State::Broken(..));
        let mut waiting: Vec<NodeId> = nodes
            .clone()
            .filter(|n| self.topology.into(*n).iter().any(|e| self.live[*e as usize] && broken(self, e)))
            .collect();
        while let Some(node) = waiting.pop() {
            if !std::mem::replace(&mut behind[node as usize], true) {
                waiting.extend(self.next(node).map(|e| self.topology.edge(e).to));
            }
        }
        for node in nodes {
            if !self.seen[node as usize] && !behind[node as usize] && leaves(self, node) {
                self.start(node);
            }
        }
    }

    fn next(&self, node: NodeId) -> impl Iterator<Item = EdgeId> + '_ {
        self.topology.out(node).iter().copied().filter(|e| self.live[*e as usize])
    }

    fn start(&mut self, node: NodeId) {
        self.trace.starts += 1;
        let mut waiting = vec![(0, None, node)];
        while let Some((depth, via, node)) = waiting.pop() {
            let state = via.map(|e| &self.topology.edge(e).state);
            let blocked = matches!(state, Some(State::Broken(..)));
            match (state, via) {
                (Some(State::Broken(..)), Some(edge)) => self.trace.broken.push(edge),
                (Some(State::Unknown(_)), Some(edge)) => self.trace.unknown.push(edge),
                _ => {}
            }
            let next: Vec<EdgeId> = if blocked { Vec::new() } else { self.next(node).collect() };
            let seen = !blocked && std::mem::replace(&mut self.seen[node as usize], true);
            let again = seen && !next.is_empty();
            let mut notes = Vec::new();
            if !blocked && !seen {
                match self.topology.node(node).kind {
                    NodeKind::Stage(Role::Store) => self.trace.stores += 1,
                    NodeKind::Reader => self.trace.readers += 1,
                    _ => {}
                }
                notes.extend(self.end(node, next.len(), via.is_some()));
            }
            self.trace.hops.push(Hop { depth, via, node, again, notes });
            if again || seen {
                continue;
            }
            let below = depth + usize::from(next.len() > 1);
            waiting.extend(next.into_iter().rev().map(|e| (below, Some(e), self.topology.edge(e).to)));
        }
    }

    /// Why a way goes no further.
    fn end(&self, node: NodeId, next: usize, reached: bool) -> Option<String> {
        let what = self.signal.name();
        let topology = self.topology;
        let made = topology.out(node).iter().flat_map(|e| &topology.edge(*e).signals).find(|s| **s != self.signal);
        Some(match topology.node(node).kind {
            NodeKind::Stage(Role::Convert) if reached => match made {
                Some(made) => format!("makes {} of {what}", made.name()),
                None if next == 0 => format!("takes {what} and passes nothing on"),
                None => return None,
            },
            _ if next > 0 => return None,
            NodeKind::Stage(Role::Store) => "no data source that is known asks it".to_owned(),
            NodeKind::Stage(Role::Send) => "goes no further in these files".to_owned(),
            NodeKind::Stage(_) => "passes them on to nobody that is known".to_owned(),
            NodeKind::Service => "what it does with them is not known".to_owned(),
            NodeKind::Datasource => "no panel or rule that is known asks it".to_owned(),
            NodeKind::Reader | NodeKind::Outside => return None,
        })
    }
}
