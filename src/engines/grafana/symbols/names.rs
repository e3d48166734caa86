//! What is known by its name: dashboards and contact points, and who names them, types of profiles or attributes of spans.

use std::collections::HashSet;

use crate::engine::Say;
use crate::engines::grafana::board::Board;
use crate::engines::grafana::queries::{Field, questions};
use crate::lang::promql::template::mask;
use crate::lang::traceql;
use crate::parse::{Node, Text};
use crate::source::Span;
use crate::symbol::{Export, Import, NameRef, Named, Thing};
use crate::tree::{Artifact, ArtifactId};

/// The plugin that is asked for profiles; under its name before 10.0, which is an alias (`grafana/grafana`
/// …/grafana-pyroscope-datasource/plugin.json, `aliasIDs`), no dashboard has types of profiles of today.
const PROFILES: &str = "grafana-pyroscope-datasource";

/// Where data sources name attributes of spans (npm `@grafana/o11y-ds-frontend` 13).
const TAGGED: [&str; 4] = ["tracesToLogs", "tracesToLogsV2", "tracesToMetrics", "tracesToProfiles"];

/// Longer texts are no links.
const LINK: usize = 4_096;

/// Longer uids are refused (`grafana/grafana pkg/util/shortid_generator.go` `MaxUIDLength`).
const UID: usize = 40;

/// Policies of a file that are looked at.
const POLICIES: usize = 10_000;

/// Offers a dashboard under its uid.
pub(super) fn dashboard(id: ArtifactId, artifact: &Artifact, say: &mut Say<'_>) {
    let root = artifact.data().and_then(|d| d.root());
    let uid =
        root.and_then(|r| r.get("uid").or_else(|| r.at(&["metadata", "name"])).or_else(|| r.at(&["spec", "uid"])));
    if let Some((node, name)) = uid.and_then(|n| Some((n, literal(n)?))) {
        offer(id, Thing::Dashboard, name, node.inner(), say);
    }
}

/// What a dashboard that is shown names.
pub(super) fn asked(id: ArtifactId, artifact: &Artifact, say: &mut Say<'_>) {
    let Some(board) = Board::of(artifact) else { return };
    let mut told = HashSet::new();
    for (node, uid) in board.root.document().nodes().filter_map(|n| Some((n, target(n.as_str()?)?))) {
        if told.insert(uid) {
            want(id, Thing::Dashboard, uid, node.inner(), "this link", say);
        }
    }
    for question in questions(artifact) {
        match question.field {
            Field::Trace => attributes(id, &question.text, &question.by, say),
            Field::Profile if question.kind.as_deref().is_none_or(|k| k == PROFILES) => {
                let value = question.text.value();
                if !value.contains('$') && !value.contains("[[") {
                    want(id, Thing::ProfileType, value, question.text.whole(), &question.by, say);
                }
            }
            Field::Profile | Field::Expr => {}
        }
    }
}

/// The uid that a link within the same Grafana names: `/d/UID`, `/d/UID/title?…`.
fn target(text: &str) -> Option<&str> {
    if text.len() > LINK || text.contains(char::is_whitespace) {
        return None;
    }
    let rest = text.strip_prefix("/d/").or_else(|| text.strip_prefix("d/"))?;
    let uid = rest.split(['/', '?', '#', '&']).next()?;
    let sign = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    (!uid.is_empty() && uid.len() <= UID && uid.chars().all(sign)).then_some(uid)
}

/// The attributes that a query of TraceQL reads, but those of which a variable is a part.
fn attributes(id: ArtifactId, text: &Text<'_>, by: &str, say: &mut Say<'_>) {
    let masked = mask(text.value());
    let Ok(query) = traceql::parse(&masked.text, traceql::Release::NEWEST) else { return };
    for attribute in query.attributes {
        let range = attribute.span.clone();
        if masked.holes.iter().any(|h| h.range.start < range.end && range.start < h.range.end) {
            continue;
        }
        let scopes =
            [("resource.", Thing::ResourceAttribute), ("span.", Thing::SpanAttribute), (".", Thing::Attribute)];
        let scoped = scopes.iter().find_map(|(scope, thing)| Some((attribute.text.strip_prefix(scope)?, *thing)));
        if let Some((name, thing)) = scoped.filter(|(name, _)| !name.contains('"')) {
            want(id, thing, name, text.span(range), by, say);
        }
    }
}

/// The attributes of spans that a data source's links take labels from.
pub(super) fn tags(id: ArtifactId, data: Node<'_>, say: &mut Say<'_>) {
    for link in TAGGED {
        for tag in data.at(&[link, "tags"]).into_iter().flat_map(Node::items) {
            let node = if tag.is_map() { tag.get("key") } else { Some(tag) };
            if let Some((node, name)) = node.and_then(|n| Some((n, literal(n)?))) {
                want(id, Thing::Attribute, name, node.inner(), &format!("`{link}.tags`"), say);
            }
        }
    }
}

/// Contact points, who sends to them, and the dashboards that alert rules lead to.
pub(super) fn alerting(files: &[(ArtifactId, &Artifact)], say: &mut Say<'_>) {
    for (id, artifact) in files {
        let Some(root) = artifact.data().and_then(|d| d.root()) else { continue };
        let list = |key: &str| root.get(key).into_iter().flat_map(Node::items);
        for point in list("contactPoints") {
            if let Some(node) = point.get("name").filter(|n| n.scalar().is_some()) {
                // A name with a variable may be any.
                let name = node.scalar().unwrap_or_default();
                offer(*id, Thing::ContactPoint, name, node.inner(), say);
            }
        }
        for rule in list("groups").filter_map(|g| g.get("rules")).flat_map(Node::items) {
            receiver(*id, rule.at(&["notification_settings", "receiver"]), "this rule", say);
            let uid = rule.get("dashboardUid").or_else(|| rule.at(&["annotations", "__dashboardUid__"]));
            if let Some((node, name)) = uid.and_then(|n| Some((n, literal(n)?))) {
                want(*id, Thing::Dashboard, name, node.inner(), "this alert rule", say);
            }
        }
        let mut waiting: Vec<Node<'_>> = list("policies").collect();
        // Aliases make more of a few lines than anybody can walk.
        let mut left = POLICIES;
        while let Some(policy) = waiting.pop().filter(|_| left > 0) {
            left -= 1;
            receiver(*id, policy.get("receiver"), "this policy", say);
            waiting.extend(policy.get("routes").into_iter().flat_map(Node::items));
        }
    }
}

fn receiver(id: ArtifactId, node: Option<Node<'_>>, by: &str, say: &mut Say<'_>) {
    if let Some((node, name)) = node.and_then(|n| Some((n, literal(n)?))) {
        want(id, Thing::ContactPoint, name, node.inner(), by, say);
    }
}

/// A text without variables.
fn literal<'a>(node: Node<'a>) -> Option<&'a str> {
    node.scalar().filter(|t| !t.is_empty() && !t.contains('$'))
}

fn offer(id: ArtifactId, thing: Thing, name: &str, span: Span, say: &mut Say<'_>) {
    say.export(Some(id), Export::Named(Named { thing, name: name.to_owned(), span }));
}

fn want(id: ArtifactId, thing: Thing, name: &str, span: Span, by: &str, say: &mut Say<'_>) {
    let (name, by) = (name.to_owned(), by.to_owned());
    say.import(Some(id), Import::Named(NameRef { thing, name, span, by }));
}
