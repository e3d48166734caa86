//! Provisioned alert rules, as rules look at them (`grafana/grafana pkg/services/provisioning/alerting/rules_types.go@0085cf867127`).

use crate::parse::{Node, Text};
use crate::tree::Artifact;

use super::board::known::Known;

/// The rules of a file, of all of its groups.
pub(super) fn rules(artifact: &Artifact) -> impl Iterator<Item = Node<'_>> {
    let root = artifact.data().and_then(|d| d.root());
    let groups = root.and_then(|r| r.get("groups")).into_iter().flat_map(Node::items);
    groups.filter_map(|g| g.get("rules")).flat_map(Node::items)
}

/// The text that a query of a rule asks in PromQL or LogQL.
pub(super) fn expression(query: Node<'_>) -> Option<Text<'_>> {
    let node = query.at(&["model", "expr"])?;
    node.as_str()?;
    node.text().filter(|t| !t.value().trim().is_empty())
}

/// The plugin that a query goes to: that of its data source, else the one that its model names. Where the two are at odds, none.
pub(super) fn kind<'k>(query: Node<'k>, known: &'k Known) -> Option<&'k str> {
    let written = query.at(&["model", "datasource", "type"]).and_then(Node::scalar);
    let known = known.uid(query.get("datasourceUid").and_then(Node::scalar)?);
    if written.is_some() && known.is_some() && written != known { None } else { known.or(written) }
}
