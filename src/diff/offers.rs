//! Services, ports and data sources that come and go.

use std::collections::{BTreeMap, BTreeSet};

use super::{Change, Side, Weight, What};
use crate::source::Span;
use crate::symbol::Export;

pub(super) fn compare(old: &mut Side<'_>, new: &mut Side<'_>, changes: &mut Vec<Change>) {
    let (before, after) = (services(old), services(new));
    let name = |name: &String| format!("service `{name}`");
    told(What::Service, old, new, (&before, &after), changes, |_, _| true, name);
    // What comes and goes with its service is told by that; a port that is not known on the other side may be any.
    let (open_before, open_after) = (open(old), open(new));
    let counts = |(service, _): &(String, u16), weight: Weight| {
        let open = if weight == Weight::Lost { &open_after } else { &open_before };
        before.contains_key(service) && after.contains_key(service) && !open.contains(service)
    };
    let name = |(service, port): &(String, u16)| format!("port {port} of `{service}`");
    told(What::Port, old, new, (&ports(old), &ports(new)), changes, counts, name);
    let some = |side: &Side<'_>| side.symbols.exports.iter().any(|(_, e)| matches!(e, Export::OpenDatasources));
    let (open_before, open_after) = (some(old), some(new));
    let counts = |_: &String, weight: Weight| if weight == Weight::Lost { !open_after } else { !open_before };
    let name = |uid: &String| format!("data source `{uid}`");
    told(What::Datasource, old, new, (&datasources(old), &datasources(new)), changes, counts, name);
}

/// Services of which one port is not known.
fn open(side: &Side<'_>) -> BTreeSet<String> {
    let unknown = side.symbols.listeners().filter(|(_, l)| l.port.is_none());
    unknown.filter_map(|(owner, _)| owner.service.map(|id| side.tree.service(id).name.clone())).collect()
}

/// What stands on one side alone.
fn told<K: Ord>(
    what: What,
    old: &mut Side<'_>,
    new: &mut Side<'_>,
    (before, after): (&BTreeMap<K, Span>, &BTreeMap<K, Span>),
    changes: &mut Vec<Change>,
    counts: impl Fn(&K, Weight) -> bool,
    name: impl Fn(&K) -> String,
) {
    for (key, span) in before.iter().filter(|(k, _)| !after.contains_key(*k) && counts(k, Weight::Lost)) {
        changes.push(Change::new(Weight::Lost, what, format!("{} is gone", name(key))).old(old.place(*span)));
    }
    for (key, span) in after.iter().filter(|(k, _)| !before.contains_key(*k) && counts(k, Weight::Gained)) {
        changes.push(Change::new(Weight::Gained, what, format!("{} is new", name(key))).new_at(new.place(*span)));
    }
}

fn services(side: &Side<'_>) -> BTreeMap<String, Span> {
    side.tree.services.iter().map(|s| (s.name.clone(), s.span)).collect()
}

fn ports(side: &Side<'_>) -> BTreeMap<(String, u16), Span> {
    let listeners = side.symbols.listeners();
    let known = listeners.filter_map(|(owner, l)| {
        let service = side.tree.service(owner.service?);
        Some(((service.name.clone(), l.port?), l.origin.span()))
    });
    known.collect()
}

fn datasources(side: &Side<'_>) -> BTreeMap<String, Span> {
    side.symbols.datasources().map(|(_, d)| (d.uid.clone(), d.span)).collect()
}
