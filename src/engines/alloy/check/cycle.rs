//! Blocks that refer to each other in a ring: Tarjan's strongly connected components, without recursion.

use std::collections::HashMap;

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

/// The rings of a graph, each in the order of its members; a block that refers to itself is one.
fn rings(edges: &[(ScopeId, u32, u32)]) -> Vec<Vec<u32>> {
    let next = |node: u32| {
        let from = edges.partition_point(|e| e.1 < node);
        edges[from..].iter().take_while(move |e| e.1 == node).map(|e| e.2)
    };
    // Nodes without edges are in no ring.
    let mut order: HashMap<u32, (u32, u32, bool)> = HashMap::new();
    let mut stack: Vec<u32> = Vec::new();
    let mut found = Vec::new();
    let starts: Vec<u32> = edges.iter().map(|e| e.1).collect();
    for start in starts {
        if order.contains_key(&start) {
            continue;
        }
        // Each step: a node, and how many of its edges were followed.
        let mut path: Vec<(u32, usize)> = vec![(start, 0)];
        let number = order.len() as u32;
        order.insert(start, (number, number, true));
        stack.push(start);
        while let Some((node, followed)) = path.pop() {
            if let Some(to) = next(node).nth(followed) {
                path.push((node, followed + 1));
                match order.get(&to).copied() {
                    None => {
                        let number = order.len() as u32;
                        order.insert(to, (number, number, true));
                        stack.push(to);
                        path.push((to, 0));
                    }
                    Some((number, _, true)) => lower(&mut order, node, number),
                    Some(_) => {}
                }
                continue;
            }
            let (number, low, _) = order.get(&node).copied().unwrap_or_default();
            if let Some((up, _)) = path.last() {
                lower(&mut order, *up, low);
            }
            if number != low {
                continue;
            }
            let from = stack.iter().rposition(|n| *n == node).unwrap_or(stack.len());
            let mut ring = stack.split_off(from);
            for member in &ring {
                if let Some(entry) = order.get_mut(member) {
                    entry.2 = false;
                }
            }
            if ring.len() > 1 || next(node).any(|to| to == node) {
                ring.sort_unstable();
                found.push(ring);
            }
        }
    }
    found.sort();
    found
}

fn lower(order: &mut HashMap<u32, (u32, u32, bool)>, node: u32, to: u32) {
    if let Some(entry) = order.get_mut(&node) {
        entry.1 = entry.1.min(to);
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
