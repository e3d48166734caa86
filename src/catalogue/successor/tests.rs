//! Every entry names something that the schema knows as gone, or as changed, at the release it says.

use super::*;
use crate::catalogue::schema::{At, Body, Field, FieldKind, Root, Schema, TypeKind};
use crate::catalogue::{schema, successor};

/// Few releases read: what came and went between two of them is not in the schema.
fn sparse(schema: Schema) -> bool {
    schema.versions().len() < 30
}

/// What is below a field: its block, or the maps that it is or holds.
fn below(field: Field) -> Option<Body> {
    let mut ty = field.ty();
    while let Some(inner) = ty.inner() {
        ty = inner;
    }
    match ty.kind() {
        TypeKind::Object(body) => Some(body),
        _ => field.body(),
    }
}

/// The bodies that a recorded path leads to, its last name left out: several where it starts with `**`.
fn parents(at: At, root: &str, path: &[&str]) -> Vec<Body> {
    let Some(body) = at.root(root).and_then(|r| r.body()) else { return Vec::new() };
    let (anywhere, blocks) = match path {
        ["**", blocks @ .., _] => (true, blocks),
        [blocks @ .., _] => (false, blocks),
        [] => return Vec::new(),
    };
    let mut starts = vec![body];
    if anywhere {
        let mut next = 0;
        while let Some(body) = starts.get(next).copied() {
            next += 1;
            let inner: Vec<Body> = body.fields().filter_map(below).collect();
            starts.extend(inner.into_iter().filter(|b| !starts.contains(b)).collect::<Vec<_>>());
        }
    }
    let into = |body: Body| blocks.iter().try_fold(body, |b, name| below(b.field(name)?));
    starts.into_iter().filter_map(into).collect()
}

/// How the last name of a path is written at a release: nothing, or its kinds.
fn kinds(at: At, root: &str, path: &[&str]) -> Vec<FieldKind> {
    let name = path.last().copied().unwrap_or_default();
    parents(at, root, path).into_iter().filter_map(|b| Some(b.field(name)?.kind())).collect()
}

/// Two neighbours: the last release before a version and the first that is not below it.
fn around(schema: Schema, version: Version) -> Option<(At, At)> {
    let before = schema.versions().take_while(|v| *v < version).last()?;
    let after = schema.versions().find(|v| *v >= version)?;
    Some((schema.at(before), schema.at(after)))
}

fn roots(schema: Schema, patterns: &[&str]) -> Vec<&'static str> {
    let mut all: Vec<_> = schema.roots_ever().filter(|r| patterns.iter().any(|p| names(p, r))).collect();
    all.dedup();
    all
}

#[test]
fn every_entry_names_something_that_went_or_changed_at_its_release() {
    for set in SUCCESSORS {
        let schema = schema(set.engine).unwrap();
        for entry in set.all {
            let what = format!("{}: {:?} {:?}", set.engine, entry.roots, entry.path);
            let Some((before, after)) = around(schema, entry.version()) else {
                assert!(sparse(schema), "{what}: no such release");
                continue;
            };
            let mut seen = false;
            for root in roots(schema, entry.roots) {
                let was = if entry.path.is_empty() {
                    before.root(root).is_some()
                } else {
                    !kinds(before, root, entry.path).is_empty()
                };
                if !was {
                    continue;
                }
                seen = true;
                let now = kinds(after, root, entry.path);
                match (entry.change, entry.mend) {
                    (Change::Gone(_), Mend::Block(_)) => {
                        assert!(now.iter().all(|k| *k == FieldKind::Block), "{what}: `{root}` has it as it was");
                    }
                    (Change::Gone(_), Mend::Items(_)) => assert!(!now.is_empty(), "{what}: `{root}` has it no more"),
                    (Change::Gone(_), _) if entry.path.is_empty() => {
                        assert!(after.root(root).is_none(), "{what}: `{root}` is still there");
                    }
                    (Change::Gone(version), _) => {
                        // It may have come back before the next release that was read.
                        let between = sparse(schema) && after.version() != version;
                        assert!(now.is_empty() || between, "{what}: `{root}` still has it");
                    }
                    (Change::Retyped(_), _) => assert!(!now.is_empty(), "{what}: `{root}` has it no more"),
                }
            }
            assert!(seen || sparse(schema), "{what}: no release before {} has it", entry.version());
        }
    }
}

#[test]
fn every_new_name_is_there_when_the_old_one_went() {
    for set in SUCCESSORS {
        let schema = schema(set.engine).unwrap();
        for entry in set.all {
            let Some((before, after)) = around(schema, entry.version()) else { continue };
            for root in roots(schema, entry.roots) {
                let had =
                    parents(before, root, entry.path).iter().any(|b| b.field(entry.path.last().unwrap()).is_some());
                if !had {
                    continue;
                }
                for body in parents(after, root, entry.path) {
                    let what = format!("{root} {:?}", entry.path);
                    match entry.mend {
                        Mend::Rename(to) | Mend::Wrap(to) | Mend::Words(to, _) => {
                            // The body may be one of several that `**` leads to.
                            let here = body.field(to).is_some() || entry.path[0] == "**";
                            assert!(here, "{what}: there is no `{to}`");
                        }
                        Mend::Spread(places) => {
                            for (block, name) in places {
                                let inner = body.field(block).and_then(|f| f.body());
                                assert!(inner.is_some_and(|b| b.field(name).is_some()), "{what}: no `{block}.{name}`");
                            }
                        }
                        _ => {}
                    }
                }
            }
        }
    }
}

#[test]
fn everything_that_went_from_a_language_has_an_entry() {
    for set in SUCCESSORS {
        let schema = schema(set.engine).unwrap();
        // What went from a file of keys without an entry is left to a person (`conform::upgrade`).
        if !schema.newest().roots().any(Root::is_component) {
            continue;
        }
        let versions: Vec<_> = schema.versions().collect();
        let mut missing = Vec::new();
        for pair in versions.windows(2) {
            for change in schema.changes(pair[0], pair[1]) {
                // What a later release has again is no loss to mend.
                let back = change.path.is_empty() && schema.newest().root(change.root).is_some();
                if change.went() && !back && successor(set.engine, change.root, &change.path, pair[1]).is_none() {
                    missing.push(format!("{} → {}: {change}", pair[0], pair[1]));
                }
            }
        }
        assert!(missing.is_empty(), "{}: nothing says what to do about\n{}", set.engine, missing.join("\n"));
    }
}

#[test]
fn every_short_function_is_deprecated_and_its_new_name_is_there() {
    for set in SUCCESSORS {
        let schema = schema(set.engine).unwrap();
        for function in set.functions {
            let at = schema.at(function.since);
            let (old, new) = (schema.newest().function(function.name), at.function(function.instead));
            assert!(old.is_none_or(|f| f.deprecated()), "`{}` is not deprecated", function.name);
            assert!(new.is_some() || at.version() < function.since, "there is no `{}`", function.instead);
            assert!(schema.newest().function(function.instead).is_some(), "there is no `{}`", function.instead);
        }
    }
}

#[test]
fn every_behaviour_is_one_of_something_known() {
    for set in SUCCESSORS {
        let schema = schema(set.engine).unwrap();
        for b in set.behaviours {
            assert!(!roots(schema, b.roots).is_empty(), "{:?} are no components", b.roots);
            assert!(b.value.is_none() || b.written, "{:?}: a value that is not written", b.path);
            let known = schema
                .versions()
                .any(|v| roots(schema, b.roots).iter().any(|r| !kinds(schema.at(v), r, b.path).is_empty()));
            assert!(b.path.is_empty() || known, "{:?} {:?} is no field", b.roots, b.path);
        }
    }
}

#[test]
fn an_entry_is_found_by_the_place_in_a_file() {
    let at = |minor| Version::new(1, minor, 0);
    let kafka = successor("alloy", "otelcol.receiver.kafka", &["metadata", "include_all_topics"], at(19)).unwrap();
    assert_eq!(kafka.mend, Mend::Rename("full"));
    assert_eq!(kafka.help(), "use `full`: it was renamed");
    assert!(successor("alloy", "otelcol.receiver.kafka", &["metadata", "include_all_topics"], at(8)).is_none());
    let queue = ["protocol", "otlp", "sending_queue", "blocking"];
    assert!(successor("alloy", "otelcol.exporter.loadbalancing", &queue, at(11)).is_some());
    assert!(successor("alloy", "loki.write", &queue, at(11)).is_none());
    assert!(
        successor("alloy", "prometheus.write.queue", &[], at(19))
            .is_some_and(|s| s.instead == "prometheus.remote_write")
    );
    assert!(function("alloy", "env", at(3)).is_none());
    assert_eq!(function("alloy", "env", at(4)).map(|f| f.instead), Some("sys.env"));
    assert!(behaviours("alloy", at(11), at(11)).next().is_none());
}
