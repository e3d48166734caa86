//! Data sources with the services that they ask.

use std::collections::HashMap;

use crate::link::index::Grafanas;
use crate::link::{Linked, Resolution};
use crate::parse::Node;
use crate::symbol::{Owner, Url};
use crate::tree::{Artifact, ArtifactId, ServiceId, Use};

/// The kind of the files that provision them.
const KIND: &str = "grafana-datasources";

/// A data source whose URL leads to one service of the tree.
pub(super) struct Sourced<'a> {
    /// Who asks.
    pub(super) owner: Owner,
    /// What it dials.
    pub(super) url: &'a Url,
    /// Who answers.
    pub(super) to: ServiceId,
    /// Its entry in the file.
    pub(super) node: Node<'a>,
}

impl Sourced<'_> {
    /// Its name, for messages.
    pub(super) fn name(&self) -> &str {
        self.node.get("name").and_then(Node::scalar).unwrap_or_default()
    }
}

/// All of them, in order.
pub(super) fn asked<'a>(linked: &Linked<'a>) -> Vec<Sourced<'a>> {
    let tree = linked.tree;
    let mut entries: HashMap<ArtifactId, Vec<Node<'a>>> = HashMap::new();
    let mut found = Vec::new();
    for (owner, url, resolution) in &linked.urls {
        let (Some(id), Resolution::Services(services)) = (owner.artifact, resolution) else { continue };
        let artifact = tree.artifact(id);
        // Of the variants of one service, that of the sender's own file.
        let file = |s: ServiceId| tree.service(s).artifact;
        let own = services.iter().find(|s| owner.service.map(file) == Some(file(**s)));
        let to = own.or(if services.len() == 1 { services.first() } else { None });
        let Some(to) = to.filter(|_| artifact.kind.name == KIND) else { continue };
        let entries = entries.entry(id).or_insert_with(|| {
            let root = artifact.data().and_then(|d| d.root());
            let mut all: Vec<Node<'a>> =
                root.and_then(|r| r.get("datasources")).into_iter().flat_map(Node::items).collect();
            all.sort_by_key(|n| n.span().start);
            all
        });
        let after = entries.partition_point(|n| n.span().start <= url.span.start);
        let Some(node) = after.checked_sub(1).map(|at| entries[at]) else { continue };
        if node.span().end >= url.span.end {
            found.push(Sourced { owner: *owner, url, to: *to, node });
        }
    }
    found
}

/// The data sources of the Grafana that loads a dashboard; `None` where none is known to, or not all of them are known. A
/// panel's own source gets all of its queries (`grafana/grafana
/// public/app/features/query/state/PanelQueryRunner.ts@011e90db83ec`).
pub(super) fn shown_with<'i, 'a>(
    linked: &'i Linked<'a>,
    id: ArtifactId,
    artifact: &Artifact,
) -> Option<Grafanas<'i, 'a>> {
    let loads = |u: &&Use| linked.tree.service(u.service).engine == Some("grafana");
    let service = artifact.uses.iter().find(loads)?.service;
    let owner = Owner { artifact: Some(id), service: Some(service) };
    Some(linked.index.grafana(linked.tree, owner)).filter(|g| g.is_known())
}
