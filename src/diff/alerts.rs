//! Alerts that can no longer fire.

use std::collections::{BTreeMap, HashSet};

use super::series::Series;
use super::{Change, Side, Weight, What};
use crate::engines;
use crate::parse::Node;
use crate::source::{SourceId, Span};
use crate::symbol::Import;
use crate::tree::{ArtifactId, Tree, Use, path};

/// An alert of a file of rules.
struct Alert {
    file: ArtifactId,
    /// Its name.
    span: Span,
    /// The whole rule.
    rule: Span,
    /// The expression, as it is written.
    expr: Option<String>,
}

/// Alerts by name; of several of one name, which is common, all.
fn alerts(tree: &Tree) -> BTreeMap<&str, Vec<Alert>> {
    let mut all: BTreeMap<&str, Vec<Alert>> = BTreeMap::new();
    for (file, artifact) in tree.artifacts() {
        let root = artifact.data().and_then(|d| d.root());
        let groups = root.and_then(|r| r.get("groups")).into_iter().flat_map(Node::items);
        for rule in groups.filter_map(|g| g.get("rules")).flat_map(Node::items) {
            // Prometheus and Loki name the alert, Grafana gives it a title.
            let named = rule.get("alert").or_else(|| rule.get("data").and(rule.get("title")));
            let Some(node) = named else { continue };
            let Some(name) = node.scalar() else { continue };
            let expr = rule.get("expr").and_then(Node::scalar).map(str::to_owned);
            all.entry(name).or_default().push(Alert { file, span: node.inner(), rule: rule.span(), expr });
        }
    }
    all
}

/// Files of rules that a config names, each with the file that does.
fn named<'a>(side: &Side<'a>) -> BTreeMap<ArtifactId, &'a str> {
    let mut all = BTreeMap::new();
    for (owner, import) in &side.symbols.imports {
        let (Import::Path(read), Some(service), Some(config)) = (import, owner.service, owner.artifact) else {
            continue;
        };
        let reads = |used: &Use| {
            let inside = read.folder && path::below(&used.path, &read.path).is_some();
            used.service == service && (used.path == read.path || inside)
        };
        for (id, artifact) in side.tree.artifacts().filter(|_| read.what == "rule files") {
            if artifact.uses.iter().any(reads) {
                all.insert(id, side.tree.artifact(config).path.as_str());
            }
        }
    }
    all
}

pub(super) fn compare(old: &mut Side<'_>, new: &mut Side<'_>, changes: &mut Vec<Change>) {
    let (named_before, named_after) = (named(old), named(new));
    // The config that named one of its files, where that is there still and names none.
    let unnamed = |tree: &Tree, was: &[Alert], now: &[Alert]| {
        let config = was.iter().find_map(|a| named_before.get(&a.file).copied())?;
        let (_, there) = tree.at(config)?;
        let read = there.syntax.is_empty() && !there.uses.is_empty();
        (read && !now.iter().any(|a| named_after.contains_key(&a.file))).then_some(config)
    };
    let (before, after) = (alerts(old.tree), alerts(new.tree));
    for (name, was) in &before {
        let lost = |text: String| Change::new(Weight::Lost, What::Alert, text);
        let Some(now) = after.get(name) else {
            let text = format!("`{name}` can no longer fire: it is gone");
            changes.push(lost(text).old(old.place(was[0].span)));
            continue;
        };
        if was.len() > now.len() {
            let text = format!("`{name}` has {} rules less", was.len() - now.len());
            changes.push(Change::new(Weight::Changed, What::Alert, text).old(old.place(was[0].span)));
        }
        let loaded = |tree: &Tree, all: &[Alert]| all.iter().any(|a| !tree.artifact(a.file).uses.is_empty());
        if loaded(old.tree, was) && !loaded(new.tree, now) {
            let text = format!("`{name}` can no longer fire: no service mounts its file any more");
            changes.push(lost(text).old(old.place(was[0].span)).new_at(new.place(now[0].span)));
        } else if let Some(config) = unnamed(new.tree, was, now) {
            let text = format!("`{name}` can no longer fire: `{config}` names its file no more");
            changes.push(lost(text).old(old.place(was[0].span)).new_at(new.place(now[0].span)));
        } else if was.len() == now.len() && was.iter().zip(now).any(|(a, b)| words(&a.expr) != words(&b.expr)) {
            let text = format!("`{name}` fires on another condition");
            let change = Change::new(Weight::Changed, What::Alert, text);
            changes.push(change.old(old.place(was[0].span)).new_at(new.place(now[0].span)));
        }
    }
    for (name, now) in after.iter().filter(|(name, _)| !before.contains_key(*name)) {
        let text = format!("`{name}` is new");
        changes.push(Change::new(Weight::Gained, What::Alert, text).new_at(new.place(now[0].span)));
    }
    reads(&after, old, new, changes);
}

/// Layout is no condition.
fn words(expr: &Option<String>) -> Option<String> {
    expr.as_ref().map(|e| e.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Alerts on series that nothing makes any more.
fn reads(after: &BTreeMap<&str, Vec<Alert>>, old: &mut Side<'_>, new: &mut Side<'_>, changes: &mut Vec<Change>) {
    let mut rules: Vec<(Span, &str)> =
        after.iter().flat_map(|(name, all)| all.iter().map(move |a| (a.rule, *name))).collect();
    rules.sort_unstable();
    let series = Series::of(old, new);
    let files: HashSet<SourceId> = rules.iter().map(|(span, _)| span.source).collect();
    for (id, asked) in engines::asked(new.tree) {
        if !files.contains(&new.tree.artifact(id).source) {
            continue;
        }
        let at = asked.span(0..asked.query().len());
        let before = rules.partition_point(|(span, _)| (span.source, span.start) <= (at.source, at.start));
        let Some((_, name)) = before.checked_sub(1).map(|n| rules[n]).filter(|(span, _)| span.contains(at)) else {
            continue;
        };
        let Some(query) = asked.parse() else { continue };
        let mut read = Vec::new();
        query.selections(|s| {
            // What is waited for to vanish fires all the more.
            read.extend(s.metric().filter(|m| !m.dynamic && !s.asks_absence()).map(|m| m.value.clone()));
        });
        for metric in read {
            let Some(family) = series.lost(&metric) else { continue };
            let text = format!(
                "`{name}` can no longer fire: it reads `{metric}`, which {} made and nothing here makes now",
                family.producer
            );
            let change = Change::new(Weight::Lost, What::Alert, text).old(old.place(family.span));
            changes.push(change.new_at(new.place(at)));
        }
    }
}
