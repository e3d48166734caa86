//! Files of one folder that nothing is known to run: where one refers to the other they are one config, and what both
//! define is there twice.

use super::report::Rests;
use super::{Checker, Here};
use crate::engines::alloy::rules::duplicate_component;

/// Pairs of files that are compared.
pub(super) const LINKS: usize = 1_000;

impl Checker<'_, '_> {
    pub(super) fn siblings(&mut self) {
        let program = self.program;
        let mut links: Vec<_> = self.links.iter().map(|(a, b)| (*a.min(b), *a.max(b))).collect();
        links.sort_unstable();
        links.dedup();
        for (first, second) in links {
            let (one, two) = (program.scope(first), program.scope(second));
            let mut twice: Vec<(u32, u32)> =
                two.ids.iter().filter_map(|(id, node)| Some((*node, *one.ids.get(id)?))).collect();
            twice.sort_unstable();
            // Of two that have much in common one is a copy of the other, which names what it had itself.
            if twice.len() > 1 {
                continue;
            }
            for (again, before) in twice {
                let (again, before) = (program.node(second, again), program.node(first, before));
                self.here = Here { scope: second, node: 0, file: again.file, live: true };
                let message = format!("`{}` is there twice", program.id(again));
                let found = self
                    .fault(&duplicate_component::RULE, again.block.header_range(), Rests::Language, message)
                    .label(program.file(before).span(before.block.header_range()), "first here")
                    .note("these files refer to each other, so that Alloy has to read both")
                    .help("give one of them another label, or remove it");
                let found = found.warning();
                self.tell(found);
            }
        }
    }
}
