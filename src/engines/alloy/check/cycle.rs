//! Blocks that refer to each other in a ring: Tarjan's strongly connected components, without recursion.

use super::Checker;
use super::report::Rests;
use crate::engines::alloy::program::{Kind, ScopeId};
use crate::engines::alloy::rules::reference_cycle;

/// Members of a ring that are shown.
const SHOWN: usize = 8;

impl Checker<'_, '_> {
    /// Custom components that hold themselves (grafana/alloy internal/runtime/internal/controller/loader.go
    /// `collectCustomComponentReferences`@v1.19.0-rc.3).
    pub(super) fn declare_edges(&mut self) {
        let program = self.program;
        for id in 0..program.scopes.len() as ScopeId {
            let scope = program.scope(id);
            for (at, node) in scope.nodes.iter().enumerate().filter(|(_, n)| n.kind == Kind::Declare) {
                let mut open: Vec<ScopeId> = node.inner.into_iter().collect();
                while let Some(inner) = open.pop() {
                    for node in &program.scope(inner).nodes {
                        match node.kind {
                            Kind::Declare => open.extend(node.inner),
                            Kind::Component => {
                                let name = program.names.text(node.name);
                                let first = name.split('.').next().unwrap_or(name);
                                if let Some(to) = scope.declares.get(first) {
                                    self.edges.push((id, at as u32, *to));
                                }
                            }
                            _ => {}
                        }
                    }
                }
            }
        }
    }

    /// Tells the rings of all scopes.
    pub(super) fn cycles(&mut self) {
        let mut edges = std::mem::take(&mut self.edges);
        edges.sort_unstable();
        edges.dedup();
        let mut rest = &edges[..];
        while let Some((scope, ..)) = rest.first().copied() {
            let end = rest.partition_point(|e| e.0 <= scope);
            let (here, others) = rest.split_at(end);
            rest = others;
            for ring in rings(here) {
                self.ring(scope, &ring);
            }
        }
    }

    fn ring(&mut self, scope: ScopeId, ring: &[u32]) {
        let program = self.program;
        let Some((first, others)) = ring.split_first() else { return };
        let first = program.node(scope, *first);
        self.here.scope = scope;
        self.here.live = program.scope(scope).live;
        self.here.file = first.file;
        let id = program.id(first);
        if others.is_empty() {
            let message = format!("`{id}` refers to itself");
            let found = self.fault(&reference_cycle::RULE, first.block.header_range(), Rests::Language, message);
            self.tell(found);
            return;
        }
        let message = match others {
            [other] => format!("`{id}` and `{}` refer to each other", program.id(program.node(scope, *other))),
            _ => format!("`{id}` refers to itself by way of {} others", others.len()),
        };
        let mut found = self.fault(&reference_cycle::RULE, first.block.header_range(), Rests::Language, message);
        for other in others.iter().take(SHOWN) {
            let node = program.node(scope, *other);
            found = found.label(program.file(node).span(node.block.header_range()), "in the same ring");
        }
        self.tell(found.help("let one of them go without the other"));
    }
}

/// Where a block stands in the order of the search.
#[derive(Clone, Copy)]
struct Place {
    /// Its number in that order.
    number: u32,
    /// The least number that it leads back to.
    low: u32,
    /// Whether its ring is still open.
    open: bool,
}

/// The rings of a graph, each in the order of its members; a block that refers to itself is one. The edges are sorted.
fn rings(edges: &[(ScopeId, u32, u32)]) -> Vec<Vec<u32>> {
    let begin = |node: u32| edges.partition_point(|e| e.1 < node);
    let count = edges.iter().map(|e| e.1.max(e.2) as usize + 1).max().unwrap_or(0);
    let mut places: Vec<Option<Place>> = vec![None; count];
    let mut next = 0;
    let mut enter = |places: &mut Vec<Option<Place>>, stack: &mut Vec<u32>, node: u32| {
        places[node as usize] = Some(Place { number: next, low: next, open: true });
        next += 1;
        stack.push(node);
        (node, begin(node))
    };
    let mut stack: Vec<u32> = Vec::new();
    let mut found = Vec::new();
    // Nodes without edges are in no ring.
    for (_, start, _) in edges {
        if places[*start as usize].is_some() {
            continue;
        }
        // Each step: a node, and the next of its edges to follow.
        let mut path: Vec<(u32, usize)> = vec![enter(&mut places, &mut stack, *start)];
        while let Some((node, at)) = path.pop() {
            if let Some((.., to)) = edges.get(at).filter(|e| e.1 == node) {
                path.push((node, at + 1));
                match places[*to as usize] {
                    None => path.push(enter(&mut places, &mut stack, *to)),
                    Some(place) if place.open => lower(&mut places, node, place.number),
                    Some(_) => {}
                }
                continue;
            }
            let Some(Place { number, low, .. }) = places[node as usize] else { continue };
            if let Some((up, _)) = path.last() {
                lower(&mut places, *up, low);
            }
            if number == low {
                found.extend(close(&mut places, &mut stack, node, edges));
            }
        }
    }
    found.sort();
    found
}

/// Takes what leads back to a node off the stack; that is a ring where it is more than the node, or the node names itself.
fn close(
    places: &mut [Option<Place>],
    stack: &mut Vec<u32>,
    node: u32,
    edges: &[(ScopeId, u32, u32)],
) -> Option<Vec<u32>> {
    let from = stack.iter().rposition(|n| *n == node).unwrap_or(stack.len());
    let mut ring = stack.split_off(from);
    for member in &ring {
        if let Some(place) = &mut places[*member as usize] {
            place.open = false;
        }
    }
    let itself = || edges.binary_search_by_key(&(node, node), |e| (e.1, e.2)).is_ok();
    if ring.len() < 2 && !itself() {
        return None;
    }
    ring.sort_unstable();
    Some(ring)
}

fn lower(places: &mut [Option<Place>], node: u32, to: u32) {
    if let Some(place) = &mut places[node as usize] {
        place.low = place.low.min(to);
    }
}

#[cfg(test)]
mod tests {
    use super::rings;

    #[test]
    fn rings_are_found_and_chains_are_none() {
        let edges = [(0, 0, 1), (0, 1, 2), (0, 2, 0), (0, 2, 3), (0, 3, 4), (0, 5, 5), (0, 6, 7), (0, 7, 6)];
        assert_eq!(rings(&edges), [vec![0, 1, 2], vec![5], vec![6, 7]]);
    }

    #[test]
    fn a_long_chain_costs_no_stack() {
        let mut edges: Vec<(u32, u32, u32)> = (0..100_000).map(|n| (0, n, n + 1)).collect();
        assert!(rings(&edges).is_empty());
        edges.push((0, 100_000, 0));
        assert_eq!(rings(&edges).len(), 1);
    }
}
