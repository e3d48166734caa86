//! Services, ports and data sources that come and go.

use std::collections::{BTreeMap, BTreeSet};

use super::{Change, Side, Weight, What};
use crate::source::Span;
use crate::symbol::Export;

pub(super) fn compare(old: &mut Side<'_>, new: &mut Side<'_>, changes: &mut Vec<Change>) {
    let (before, after) = (services(old), services(new));
    told(What::Service, old, new, (before.clone(), after.clone()), changes, |name| format!("service `{name}`"));
    let kept = |(service, _): &(String, u16)| before.contains_key(service) && after.contains_key(service);
    let (mut lost, mut won) = (ports(old), ports(new));
    // What comes and goes with its service is told by that; a port that is not known may be any.
    let open: BTreeSet<&str> = new
        .symbols
        .listeners()
        .filter(|(_, l)| l.port.is_none())
        .filter_map(|(owner, _)| owner.service.map(|id| new.tree.service(id).name.as_str()))
        .collect();
    lost.retain(|key, _| kept(key) && !open.contains(key.0.as_str()));
    won.retain(|key, _| kept(key));
    told(What::Port, old, new, (lost, won), changes, |(service, port)| format!("port {port} of `{service}`"));
    let (mut lost, won) = (datasources(old), datasources(new));
    if new.symbols.exports.iter().any(|(_, e)| matches!(e, Export::OpenDatasources)) {
        lost.clear();
    }
    told(What::Datasource, old, new, (lost, won), changes, |uid| format!("data source `{uid}`"));
}

/// What stands on one side alone.
fn told<K: Ord>(
    what: What,
    old: &mut Side<'_>,
    new: &mut Side<'_>,
    (before, after): (BTreeMap<K, Span>, BTreeMap<K, Span>),
    changes: &mut Vec<Change>,
    name: impl Fn(&K) -> String,
) {
    for (key, span) in before.iter().filter(|(k, _)| !after.contains_key(*k)) {
        changes.push(Change::new(Weight::Lost, what, format!("{} is gone", name(key))).old(old.place(*span)));
    }
    for (key, span) in after.iter().filter(|(k, _)| !before.contains_key(*k)) {
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
