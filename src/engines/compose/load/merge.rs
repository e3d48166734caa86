//! How values of one file meet those of another (`override/merge.go`, `override/uncity.go@v2.13.0`, `@v2.16.2`).

use indexmap::IndexMap;

use super::cast::fits;
use super::model::{Entry, Item, Kind, Map};
use super::{Fault, Faults, scalar};
use crate::source::Span;

/// Collections are compared with each other only up to here: beyond, equal items are kept.
const COMPARED: usize = 1_000;

/// Places with rules of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    /// `KEY=VALUE` lists, by key.
    Pairs,
    /// A text counts as a list of one.
    Sequence,
    Build,
    /// The later one alone counts.
    Last,
    /// Lists of names count as mappings.
    Names,
    Logging,
    Ulimit,
    Pools,
}

const CONTAINER: [(&str, How); 26] = [
    ("annotations", How::Pairs),
    ("build", How::Build),
    ("build.args", How::Pairs),
    ("build.additional_contexts", How::Pairs),
    ("build.extra_hosts", How::Sequence),
    ("build.labels", How::Pairs),
    ("command", How::Last),
    ("depends_on", How::Names),
    ("dns", How::Sequence),
    ("dns_opt", How::Sequence),
    ("dns_search", How::Sequence),
    ("entrypoint", How::Last),
    ("env_file", How::Sequence),
    ("label_file", How::Sequence),
    ("environment", How::Pairs),
    ("extra_hosts", How::Sequence),
    ("healthcheck.test", How::Last),
    ("labels", How::Pairs),
    ("volumes.*.volume.labels", How::Pairs),
    ("logging", How::Logging),
    ("models", How::Names),
    ("networks", How::Names),
    ("sysctls", How::Pairs),
    ("tmpfs", How::Sequence),
    ("ulimits.*", How::Ulimit),
    ("deploy.labels", How::Pairs),
];

fn special(path: &[&str]) -> Option<How> {
    match path {
        ["networks", _, "ipam", "config"] => Some(How::Pools),
        ["networks" | "volumes" | "secrets" | "configs", _, "labels"] => Some(How::Pairs),
        ["services" | "jobs", _, rest @ ..] => CONTAINER.iter().find(|(p, _)| fits(p, rest)).map(|(_, how)| *how),
        _ => None,
    }
}

/// Lays a mapping over another.
pub(super) fn mappings(base: &mut Map, over: Map, path: &[&str], faults: &mut Faults) {
    for (key, entry) in over.entries {
        let Some(before) = base.entries.get_mut(&key) else {
            base.entries.insert(key, entry);
            continue;
        };
        let span = entry.item.span;
        let old = std::mem::replace(&mut before.item, Item { kind: Kind::Null, span });
        let mut next = path.to_vec();
        next.push(&key);
        before.item = items(old, entry.item, &next, faults);
        before.key = entry.key;
    }
}

/// Lays a value over another.
pub(super) fn one(base: Item, over: Item, path: &[&str], faults: &mut Faults) -> Item {
    items(base, over, path, faults)
}

fn items(base: Item, over: Item, path: &[&str], faults: &mut Faults) -> Item {
    if base.is_open() || over.is_open() {
        return Item { kind: Kind::Open, span: over.span };
    }
    if let Some(how) = special(path) {
        return by_rule(how, base, over, path, faults);
    }
    let span = over.span;
    let list = |faults: &mut Faults| {
        let message = format!("`{}` is a collection elsewhere, and this cannot lie over it", path.join("."));
        faults.push(Fault::new(span, message).label(base.span, "the other one"));
    };
    match (base.kind, over.kind) {
        (kind, Kind::Null) => Item { kind, span: base.span },
        (Kind::Map(mut map), Kind::Map(over)) => {
            mappings(&mut map, over, path, faults);
            Item { kind: Kind::Map(map), span }
        }
        (Kind::List(mut all), Kind::List(over)) => {
            append(&mut all, over);
            Item { kind: Kind::List(all), span }
        }
        (Kind::Map(_) | Kind::List(_), other) => {
            list(faults);
            Item { kind: other, span }
        }
        (_, other) => Item { kind: other, span },
    }
}

fn by_rule(how: How, base: Item, over: Item, path: &[&str], faults: &mut Faults) -> Item {
    let span = over.span;
    match how {
        How::Last => over,
        How::Pairs => {
            let mut all = sequence(base);
            all.extend(sequence(over));
            Item { kind: Kind::List(distinct(all, pair)), span }
        }
        How::Sequence | How::Pools => {
            let mut all = sequence(base);
            append(&mut all, sequence(over));
            Item { kind: Kind::List(all), span }
        }
        How::Build => match (context(base), context(over)) {
            (Some(mut map), Some(over)) => {
                mappings(&mut map, over, path, faults);
                Item { kind: Kind::Map(map), span }
            }
            (Some(map), None) | (None, Some(map)) => Item { kind: Kind::Map(map), span },
            (None, None) => Item { kind: Kind::Null, span },
        },
        How::Names => {
            let extra = path.last() == Some(&"depends_on");
            match (names(base, extra), names(over, extra)) {
                (Some(mut map), Some(over)) => {
                    mappings(&mut map, over, path, faults);
                    Item { kind: Kind::Map(map), span }
                }
                _ => {
                    faults.push(Fault::new(span, format!("`{}` cannot be merged", path.join("."))));
                    Item { kind: Kind::Open, span }
                }
            }
        }
        How::Logging => match (base.kind, over.kind) {
            (Kind::Map(mut map), Kind::Map(over)) => {
                let driver = |m: &Map| m.text("driver").map(str::to_owned);
                let (old, new) = (driver(&map), driver(&over));
                if old == new || old.is_none() || new.is_none() {
                    mappings(&mut map, over, path, faults);
                    Item { kind: Kind::Map(map), span }
                } else {
                    Item { kind: Kind::Map(over), span }
                }
            }
            _ => {
                faults.push(Fault::new(span, format!("`{}` must be a mapping", path.join("."))));
                Item { kind: Kind::Open, span }
            }
        },
        How::Ulimit => match (base.kind, over.kind) {
            (Kind::Map(mut map), Kind::Map(over)) => {
                mappings(&mut map, over, path, faults);
                Item { kind: Kind::Map(map), span }
            }
            (_, kind) => Item { kind, span },
        },
    }
}

/// Appends what is not there yet.
fn append(all: &mut Vec<Item>, more: Vec<Item>) {
    for item in more {
        let known = all.len() < COMPARED && !item.is_open() && all.iter().any(|i| i.same(&item));
        if !known {
            all.push(item);
        }
    }
}

/// A list of texts, from any of the forms that stand for one.
fn sequence(item: Item) -> Vec<Item> {
    let span = item.span;
    match item.kind {
        Kind::List(items) => items,
        Kind::Map(map) => map.entries.into_iter().flat_map(|(key, entry)| pairs(&key, entry)).collect(),
        kind @ (Kind::Text(_) | Kind::Open) => vec![Item { kind, span }],
        _ => Vec::new(),
    }
}

fn pairs(key: &str, entry: Entry) -> Vec<Item> {
    let span = entry.item.span;
    let text = |item: &Item| match item.printed() {
        Some(value) => Item { kind: Kind::Text(format!("{key}={value}")), span },
        None => Item { kind: Kind::Open, span },
    };
    match &entry.item.kind {
        Kind::Null => vec![Item { kind: Kind::Text(key.to_owned()), span: entry.key }],
        Kind::List(items) => items.iter().map(text).collect(),
        _ => vec![text(&entry.item)],
    }
}

fn context(item: Item) -> Option<Map> {
    match item.kind {
        Kind::Map(map) => Some(map),
        Kind::Text(_) => {
            let mut map = Map::default();
            map.entries.insert("context".to_owned(), Entry { key: item.span, item });
            Some(map)
        }
        _ => None,
    }
}

/// A list of names as a mapping; `None` where there is something else.
fn names(item: Item, depends: bool) -> Option<Map> {
    let of = |item: Item, map: &mut Map| {
        let span = item.span;
        let Kind::Text(name) = item.kind else { return item.is_open() };
        let kind = if depends { Kind::Map(started(span)) } else { Kind::Null };
        map.entries.insert(name, Entry { key: span, item: Item { kind, span } });
        true
    };
    let mut map = Map::default();
    match item.kind {
        Kind::Map(map) => return Some(map),
        Kind::Null => {}
        Kind::Text(_) => {
            of(item, &mut map);
        }
        Kind::List(items) => {
            for item in items {
                if !of(item, &mut map) {
                    return None;
                }
            }
        }
        _ => return None,
    }
    Some(map)
}

/// What a name alone says in `depends_on`.
fn started(span: Span) -> Map {
    let entry = |kind| Entry { key: span, item: Item { kind, span } };
    let mut entries = IndexMap::new();
    entries.insert("condition".to_owned(), entry(Kind::Text("service_started".to_owned())));
    entries.insert("required".to_owned(), entry(Kind::Bool(true)));
    Map { entries }
}

/// Removes what a later item of a list redefines.
pub(super) fn unicity(dict: &mut Map) {
    for (section, resources) in &mut dict.entries {
        let Kind::Map(resources) = &mut resources.item.kind else { continue };
        for entry in resources.entries.values_mut() {
            let Kind::Map(map) = &mut entry.item.kind else { continue };
            match section.as_str() {
                "services" => service(map),
                "networks" => {
                    lists(map, &["labels"], pair);
                    if let Some(ipam) = map.entries.get_mut("ipam") {
                        inner(&mut ipam.item, &["options"]);
                    }
                }
                _ => {}
            }
        }
    }
}

fn service(map: &mut Map) {
    const PAIRS: [&str; 14] = [
        "annotations",
        "cap_add",
        "cap_drop",
        "dns",
        "dns_opt",
        "dns_search",
        "environment",
        "labels",
        "links",
        "profiles",
        "sysctls",
        "tmpfs",
        "env_file",
        "expose",
    ];
    for (key, entry) in &mut map.entries {
        let item = &mut entry.item;
        match key.as_str() {
            key if PAIRS.contains(&key) => list(item, pair),
            "volumes" => list(item, volume),
            "devices" => list(item, device),
            "ports" => list(item, port),
            "configs" => list(item, |item| file(item, "")),
            "secrets" => list(item, |item| file(item, "/run/secrets")),
            "build" => inner(item, &["args", "additional_contexts", "platform", "tags", "labels"]),
            "deploy" => inner(item, &["labels"]),
            "networks" => {
                if let Kind::Map(networks) = &mut item.kind {
                    networks.entries.values_mut().for_each(|e| inner(&mut e.item, &["aliases", "link_local_ips"]));
                }
            }
            _ => {}
        }
    }
}

type Index = fn(&Item) -> Option<String>;

fn inner(item: &mut Item, keys: &[&str]) {
    if let Kind::Map(map) = &mut item.kind {
        lists(map, keys, pair);
    }
}

fn lists(map: &mut Map, keys: &[&str], index: Index) {
    for (_, entry) in map.entries.iter_mut().filter(|(key, _)| keys.contains(&key.as_str())) {
        list(&mut entry.item, index);
    }
}

fn list(item: &mut Item, index: Index) {
    if let Kind::List(items) = &mut item.kind {
        *items = distinct(std::mem::take(items), index);
    }
}

/// One item per key: the last one, at the place of the first. What has no key stays.
fn distinct(items: Vec<Item>, index: Index) -> Vec<Item> {
    let mut all: Vec<Item> = Vec::with_capacity(items.len());
    let mut seen: IndexMap<String, usize> = IndexMap::new();
    for item in items {
        match index(&item) {
            None => all.push(item),
            Some(key) => match seen.get(&key) {
                Some(at) => all[*at] = item,
                None => {
                    seen.insert(key, all.len());
                    all.push(item);
                }
            },
        }
    }
    all
}

fn pair(item: &Item) -> Option<String> {
    match &item.kind {
        Kind::Text(text) => Some(text.split('=').next().unwrap_or_default().to_owned()),
        Kind::Int(n) => Some(n.to_string()),
        Kind::Map(map) => map.text("path").map(str::to_owned),
        _ => None,
    }
}

fn volume(item: &Item) -> Option<String> {
    match &item.kind {
        Kind::Text(text) => scalar::volume(text).ok().map(|v| v.target),
        Kind::Map(map) => map.text("target").map(str::to_owned),
        _ => None,
    }
}

fn device(item: &Item) -> Option<String> {
    match &item.kind {
        Kind::Text(text) => {
            let mut parts = text.split(':');
            let first = parts.next().unwrap_or_default();
            Some(parts.next().unwrap_or(first).to_owned())
        }
        Kind::Map(map) => map.text("target").map(str::to_owned),
        _ => None,
    }
}

fn port(item: &Item) -> Option<String> {
    match &item.kind {
        Kind::Text(text) => Some(text.clone()),
        Kind::Int(n) => Some(n.to_string()),
        Kind::Map(map) => {
            let part = |key: &str, default: &str| match map.get(key) {
                Some(item) => item.printed(),
                None => Some(default.to_owned()),
            };
            let (host, published) = (part("host_ip", "0.0.0.0")?, part("published", "")?);
            Some(format!("{host}:{published}:{}/{}", part("target", "")?, part("protocol", "tcp")?))
        }
        _ => None,
    }
}

fn file(item: &Item, folder: &str) -> Option<String> {
    match &item.kind {
        Kind::Text(text) => Some(format!("{folder}/{text}")),
        Kind::Map(map) => match map.get("target") {
            Some(target) => target.text().map(str::to_owned),
            None => map.text("source").map(|s| format!("{folder}/{s}")),
        },
        _ => None,
    }
}
