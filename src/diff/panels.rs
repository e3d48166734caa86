//! Panels that go empty, and those that are gone.

use std::collections::{BTreeMap, BTreeSet};

use super::series::Series;
use super::{Change, Side, Weight, What};
use crate::source::Span;
use crate::symbol::{DatasourceUse, Export, Import, Owner};

/// Names that a message lists.
const NAMES: usize = 6;

pub(super) fn compare(old: &mut Side<'_>, new: &mut Side<'_>, changes: &mut Vec<Change>) {
    gone(old, new, changes);
    sources(old, new, changes);
    let series = Series::of(old, new);
    for (owner, import) in &new.symbols.imports {
        let Import::Metric(asked) = import else { continue };
        let Some(family) = series.lost(&asked.name) else { continue };
        if asked.alternatives.iter().any(|a| series.is_made(a)) {
            continue;
        }
        let text = format!(
            "{}{} goes empty: it reads `{}`, which {} made and nothing here makes now",
            asked.by,
            of(new, *owner),
            asked.name,
            family.producer
        );
        let change = Change::new(Weight::Lost, What::Panel, text).old(old.place(family.span));
        changes.push(change.new_at(new.place(asked.span)));
    }
}

/// `` of `d/shop.json` ``.
fn of(side: &Side<'_>, owner: Owner) -> String {
    owner.artifact.map_or(String::new(), |id| format!(" of `{}`", side.tree.artifact(id).path))
}

/// Panels that ask a data source which was there.
fn sources(old: &mut Side<'_>, new: &mut Side<'_>, changes: &mut Vec<Change>) {
    let open = |side: &Side<'_>| side.symbols.exports.iter().any(|(_, e)| matches!(e, Export::OpenDatasources));
    if open(new) {
        return;
    }
    let names = |side: &Side<'_>| -> BTreeMap<String, Span> {
        let named = side.symbols.datasources().map(|(_, d)| (d.name.clone(), d.span));
        named.chain(side.symbols.datasources().map(|(_, d)| (d.uid.clone(), d.span))).collect()
    };
    let (before, after) = (names(old), names(new));
    for (owner, import) in &new.symbols.imports {
        let Import::Datasource(reference) = import else { continue };
        let Some(was) = before.get(&reference.uid).filter(|_| !after.contains_key(&reference.uid)) else { continue };
        let text = match &reference.by {
            DatasourceUse::Dashboard(by) => {
                format!("{by}{} goes empty: data source `{}` is gone", of(new, *owner), reference.uid)
            }
            DatasourceUse::Link(key) => format!("`{key}` leads nowhere: data source `{}` is gone", reference.uid),
        };
        let change = Change::new(Weight::Lost, What::Panel, text).old(old.place(*was));
        changes.push(change.new_at(new.place(reference.span)));
    }
}

/// What asks on each side, by file.
fn askers<'a>(side: &Side<'a>) -> BTreeMap<&'a str, BTreeMap<&'a str, Span>> {
    let mut all: BTreeMap<&str, BTreeMap<&str, Span>> = BTreeMap::new();
    for (owner, import) in &side.symbols.imports {
        let (by, span) = match import {
            Import::Datasource(r) => match &r.by {
                DatasourceUse::Dashboard(by) => (by, r.span),
                DatasourceUse::Link(_) => continue,
            },
            Import::Metric(m) => (&m.by, m.span),
            Import::Url(_) | Import::Path(_) | Import::Named(_) => continue,
        };
        if let Some(id) = owner.artifact {
            all.entry(&side.tree.artifact(id).path).or_default().entry(by).or_insert(span);
        }
    }
    all
}

/// Dashboards and panels that are no more there. One that moved to another file is there.
fn gone(old: &mut Side<'_>, new: &mut Side<'_>, changes: &mut Vec<Change>) {
    let (before, after) = (askers(old), askers(new));
    let sets: BTreeSet<Vec<&str>> = after.values().map(|panels| panels.keys().copied().collect()).collect();
    for (path, panels) in &before {
        let Some(first) = panels.values().next() else { continue };
        let Some(now) = after.get(path) else {
            let moved = sets.contains(&panels.keys().copied().collect::<Vec<_>>());
            if !moved {
                let text = format!("`{path}` is gone: {}", listed(panels.keys().copied()));
                changes.push(Change::new(Weight::Changed, What::Panel, text).old(old.place(*first)));
            }
            continue;
        };
        let missing: Vec<&str> = panels.keys().copied().filter(|by| !now.contains_key(by)).collect();
        if let Some(span) = missing.first().and_then(|by| panels.get(by)) {
            let text = format!("`{path}` asks no longer: {}", listed(missing.iter().copied()));
            changes.push(Change::new(Weight::Changed, What::Panel, text).old(old.place(*span)));
        }
    }
}

fn listed<'n>(names: impl ExactSizeIterator<Item = &'n str>) -> String {
    let count = names.len();
    let mut all: Vec<String> = names.take(NAMES).map(str::to_owned).collect();
    if count > NAMES {
        all.push(format!("{} more", count - NAMES));
    }
    all.join(", ")
}
