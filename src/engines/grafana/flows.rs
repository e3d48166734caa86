//! Who asks data sources: panels and annotations of the dashboards that are shown, and provisioned alert rules.

use std::collections::HashSet;

use super::board::{Board, Panel};
use super::symbols::{BUILT_IN, alerting, shown};
use crate::engine::{Instance, Say};
use crate::parse::Node;
use crate::symbol::{AskedSource, Reader};
use crate::tree::{Artifact, ArtifactId};

/// Says it for an instance.
pub(super) fn flows(instance: &Instance<'_>, say: &mut Say<'_>) {
    for (id, artifact) in shown(instance) {
        if let Some(board) = Board::of(artifact) {
            dashboard(id, artifact, &board, say);
        }
    }
    for (id, artifact) in alerting(instance) {
        rules(id, artifact, say);
    }
}

fn dashboard(id: ArtifactId, artifact: &Artifact, board: &Board<'_>, say: &mut Say<'_>) {
    let title = board.root.get("title").and_then(Node::scalar).unwrap_or(&artifact.path);
    let mut seen = HashSet::new();
    for panel in board.panels() {
        let name = panel.node.get("title").and_then(Node::scalar).filter(|t| !t.is_empty());
        let by = name.map_or_else(|| "a panel without a title".to_owned(), |t| format!("panel `{t}`"));
        for (node, asked) in asked(board, panel) {
            if seen.insert((by.clone(), format!("{asked:?}"))) {
                let span = node.inner();
                say.reader(id, Reader { group: format!("dashboard `{title}`"), by: by.clone(), asked, span });
            }
        }
    }
}

/// The data sources of a panel, each with the place that names it.
fn asked<'d>(board: &Board<'d>, panel: Panel<'d>) -> Vec<(Node<'d>, AskedSource)> {
    if board.second {
        let queries = panel.node.at(&["data", "spec", "queries"]).into_iter().flat_map(Node::items);
        let one = |query: Node<'d>| {
            let query = query.at(&["spec", "query"])?;
            if let Some(name) = query.at(&["datasource", "name"]).filter(|n| n.scalar().is_some_and(literal)) {
                return Some((name, AskedSource::Named(name.scalar()?.to_owned())));
            }
            let kind = query.get("group").or_else(|| query.get("kind"))?;
            Some((kind, AskedSource::Plugin(kind.scalar()?.to_owned())))
        };
        return queries.filter_map(one).collect();
    }
    let own = panel.node.get("datasource").filter(|n| !n.is_null());
    let mixed = own.and_then(uid).is_some_and(|n| n.scalar() == Some("-- Mixed --"));
    let targets: Vec<Node<'d>> = panel.node.get("targets").into_iter().flat_map(Node::items).collect();
    let one = |target: &Node<'d>| {
        let named = if mixed { None } else { own }.or_else(|| target.get("datasource").filter(|n| !n.is_null()));
        let Some(source) = named else {
            return Some((panel.node.get("title").unwrap_or(*target), AskedSource::Default));
        };
        let at = uid(source).unwrap_or(source);
        let text = at.scalar().unwrap_or_default();
        if text == "default" {
            return Some((at, AskedSource::Default));
        }
        if BUILT_IN.contains(&text) {
            return None;
        }
        let plugin = || board.kind(source).filter(|k| !matches!(*k, "datasource" | "__expr__"));
        if literal(text) {
            return Some((at, AskedSource::Named(text.to_owned())));
        }
        Some((at, AskedSource::Plugin(plugin()?.to_owned())))
    };
    targets.iter().filter_map(one).collect()
}

/// Whether a name is no variable.
fn literal(text: &str) -> bool {
    !text.is_empty() && !text.contains('$') && !text.contains("[[")
}

fn uid(source: Node<'_>) -> Option<Node<'_>> {
    if source.is_map() { source.get("uid") } else { Some(source) }
}

fn rules(id: ArtifactId, artifact: &Artifact, say: &mut Say<'_>) {
    let root = artifact.data().and_then(|d| d.root());
    for group in root.and_then(|r| r.get("groups")).into_iter().flat_map(Node::items) {
        let name = group.get("name").and_then(Node::scalar).unwrap_or_default();
        for rule in group.get("rules").into_iter().flat_map(Node::items) {
            let title = rule.get("title").and_then(Node::scalar).unwrap_or_default();
            let data = rule.get("data").into_iter().flat_map(Node::items);
            for node in data.filter_map(|q| q.get("datasourceUid")) {
                let Some(text) = node.scalar().filter(|t| literal(t) && !BUILT_IN.contains(t)) else { continue };
                let (group, by) = (format!("alert rules `{name}`"), format!("alert `{title}`"));
                say.reader(id, Reader { group, by, asked: AskedSource::Named(text.to_owned()), span: node.inner() });
            }
        }
    }
}
