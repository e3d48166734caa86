//! The series that recording rules make (prometheus/prometheus rules/recording.go `Eval`, rules/manager.go
//! `LoadGroups`@v2.55.1, @v3.14.0).

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::RULES;
use crate::engine::{Asked, Instance, Say};
use crate::labels::{End, Names, Series, Set, Stage, Value, decided, result};
use crate::parse::Node;
use crate::source::Span;
use crate::symbol::{Export, FamilyType, MetricFamily};
use crate::tree::ArtifactId;

/// A recording rule.
#[derive(Debug)]
pub(super) struct Recorded {
    id: ArtifactId,
    name: String,
    span: Span,
    /// The labels of its series.
    labels: Set,
    /// Where its query decides on them.
    decided: Span,
}

/// All rules of an instance that record.
pub(super) fn all(instance: &Instance<'_>) -> Vec<Recorded> {
    let mut rules: Vec<(ArtifactId, Node<'_>, Node<'_>, Node<'_>)> = Vec::new();
    for (id, artifact) in instance.files.iter().filter(|(_, a)| a.kind.name == RULES.name) {
        let root = artifact.data().and_then(|d| d.root());
        for group in root.and_then(|r| r.get("groups")).into_iter().flat_map(Node::items) {
            for rule in group.get("rules").into_iter().flat_map(Node::items) {
                if let Some(record) = rule.get("record").filter(|r| r.scalar().is_some_and(|t| !t.is_empty())) {
                    rules.push((*id, group, rule, record));
                }
            }
        }
    }
    // What is recorded of recorded series is known once all rules of that name are.
    let mut left: HashMap<&str, usize> = HashMap::new();
    for (.., record) in &rules {
        *left.entry(record.scalar().unwrap_or_default()).or_default() += 1;
    }
    let mut known: HashMap<&str, Set> = HashMap::new();
    let mut found = Vec::new();
    for (id, group, rule, record) in &rules {
        let name = record.scalar().unwrap_or_default();
        let (labels, decided) =
            one(*group, *rule, |metric| known.get(metric).filter(|_| left.get(metric) == Some(&0)).cloned());
        let so_far = known.remove(name);
        known.insert(name, so_far.map_or_else(|| labels.clone(), |all| all.or(labels.clone())));
        left.entry(name).and_modify(|n| *n -= 1);
        let (name, span) = (name.to_owned(), record.span());
        found.push(Recorded { id: *id, name, span, labels, decided: decided.unwrap_or(record.span()) });
    }
    found
}

/// The labels that one makes, and where they are decided; `of` knows those of series that others record.
fn one(group: Node<'_>, rule: Node<'_>, of: impl Fn(&str) -> Option<Set>) -> (Set, Option<Span>) {
    let text = rule.get("expr").filter(|e| !e.is_alias()).and_then(Node::text);
    let asked = text.map(|t| Asked::whole(t, false));
    let query = asked.as_ref().and_then(|a| Some((a, a.parse()?)));
    let mut labels = query.as_ref().map_or_else(Set::open, |(_, query)| {
        result(query, |selector| of(&selector.name.as_ref().filter(|n| !n.dynamic)?.value))
    });
    // A rule's own label wins over that of its group, and the empty one takes a label away.
    for map in [group, rule] {
        for entry in map.get("labels").map(Node::entries).unwrap_or_default() {
            let value = entry.value.scalar().filter(|v| !v.contains("{{") && !v.contains('$'));
            labels.put(entry.name(), value.map_or(Value::Any, Value::is));
        }
    }
    let place = query.and_then(|(asked, query)| Some(asked.span(decided(&query)?)));
    (labels, place.or(rule.get("expr").map(Node::span)))
}

/// Offers what they make.
pub(super) fn offer(all: &[Recorded], say: &mut Say<'_>) {
    for rule in all {
        let names = rule.labels.listed().filter(|(_, v)| !v.is_absent()).map(|(name, _)| name.to_owned());
        let family = MetricFamily {
            name: rule.name.clone(),
            kind: FamilyType::Unknown,
            labels: (!rule.labels.is_open()).then(|| names.collect::<BTreeSet<_>>()),
            namespace: None,
            producer: "a recording rule".to_owned(),
            span: rule.span,
        };
        say.export(Some(rule.id), Export::Metric(family));
    }
}

/// Tells of their series on all ways out of the server.
pub(super) fn series(all: &[Recorded], ways: &[(Option<Arc<Stage>>, End)], say: &mut Say<'_>) {
    for rule in all {
        for (write, end) in ways {
            let maker = format!("the rule that records `{}`", rule.name);
            let open = Series::open(maker, rule.span, write.iter().cloned().collect(), *end);
            let names = Names::Only(rule.name.clone());
            let series = Series { names, labels: rule.labels.clone(), decided: Some(rule.decided), ..open };
            say.series(Some(rule.id), series);
        }
    }
}
