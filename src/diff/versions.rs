//! Engines that run another version, with what that changes for these files.

use std::collections::BTreeMap;

use super::{Change, Side, Weight, What};
use crate::catalogue::{self, Version};
use crate::engine::StepKind;
use crate::engines;
use crate::source::Span;
use crate::upgrade;

/// What a version changes is told up to so many lines: more is what `vispyr upgrade` is for.
const STEPS: usize = 20;

/// An engine, on the way from one version to another.
type Step = (&'static str, Version, Version);

/// Versions by service.
fn versions<'a>(side: &Side<'a>) -> BTreeMap<&'a str, (&'static str, Version, Span)> {
    let services = side.tree.services.iter();
    let known = services.filter_map(|s| Some((s.name.as_str(), (s.engine?, s.version?, s.image.as_ref()?.span))));
    known.collect()
}

pub(super) fn compare(old: &Side<'_>, new: &mut Side<'_>, changes: &mut Vec<Change>) {
    let (before, after) = (versions(old), versions(new));
    let mut told: BTreeMap<Step, (Vec<&str>, Span)> = BTreeMap::new();
    for (name, (engine, to, at)) in &after {
        if let Some((same, from, _)) = before.get(name)
            && (same, from != to) == (engine, true)
        {
            told.entry((*engine, *from, *to)).or_insert((Vec::new(), *at)).0.push(name);
        }
    }
    for ((engine, from, to), (services, at)) in told {
        let title = catalogue::engine(engine).map_or(engine, |f| f.title);
        let services: Vec<String> = services.iter().map(|s| format!("`{s}`")).collect();
        let text = format!("{title} {from} → {to} ({})", services.join(", "));
        let mut change = Change::new(Weight::Changed, What::Version, text).new_at(new.place(at));
        if let Some(plug) = engines::named(engine).filter(|_| from < to) {
            let steps = upgrade::passage(new.tree, plug, from, to);
            for step in steps.iter().take(STEPS) {
                let place = new.place(step.span);
                let left = if step.kind == StepKind::Note { "" } else { "still to do: " };
                change.notes.push(format!("{left}{}: {} ({}:{})", step.subject, step.text, place.path, place.line));
            }
            if steps.len() > STEPS {
                change
                    .notes
                    .push(format!("{} more: `vispyr upgrade --to {engine}={to}` shows them", steps.len() - STEPS));
            }
        }
        changes.push(change);
    }
}
