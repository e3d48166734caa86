//! Findings that are new, and those that are gone.

use std::collections::HashMap;

use super::{Change, Side, Weight, What};
use crate::check::fingerprint;
use crate::diagnostic::Diagnostic;

pub(super) fn compare(old: &mut Side<'_>, new: &mut Side<'_>, changes: &mut Vec<Change>) {
    let counted = |side: &Side<'_>| {
        let mut all: HashMap<String, usize> = HashMap::new();
        for diagnostic in &side.report.diagnostics {
            *all.entry(fingerprint(&side.tree.sources, diagnostic)).or_default() += 1;
        }
        all
    };
    let (mut before, mut after) = (counted(old), counted(new));
    for diagnostic in alone(new, &mut before) {
        let place = new.place(diagnostic.primary.span);
        changes.push(told(Weight::Lost, &diagnostic).new_at(place));
    }
    for diagnostic in alone(old, &mut after) {
        let place = old.place(diagnostic.primary.span);
        changes.push(told(Weight::Gained, &diagnostic).old(place));
    }
}

/// The findings of one side that the other has not.
fn alone(side: &Side<'_>, others: &mut HashMap<String, usize>) -> Vec<Diagnostic> {
    let all = side.report.diagnostics.iter().filter(|diagnostic| {
        match others.get_mut(&fingerprint(&side.tree.sources, diagnostic)) {
            Some(left) if *left > 0 => {
                *left -= 1;
                false
            }
            _ => true,
        }
    });
    all.cloned().collect()
}

fn told(weight: Weight, diagnostic: &Diagnostic) -> Change {
    let rule = Some((diagnostic.rule.id, diagnostic.severity));
    Change { rule, ..Change::new(weight, What::Finding, diagnostic.message.clone()) }
}
