//! What its files ask: expressions of rules and of their tests, and the series that tests make up.

use super::{RULE_TESTS, RULES};
use crate::engine::Asked;
use crate::parse::{Node, Text};
use crate::tree::Artifact;

/// The queries of a file of rules, or of their tests.
pub fn asked(artifact: &Artifact) -> Vec<Asked<'_>> {
    let mut found = Vec::new();
    let Some(root) = artifact.data().and_then(|d| d.root()) else { return found };
    if artifact.kind.name == RULES.name {
        let groups = root.get("groups").into_iter().flat_map(Node::items);
        let rules = groups.filter_map(|g| g.get("rules")).flat_map(Node::items);
        found.extend(rules.filter_map(|r| text(r.get("expr"))).map(|t| Asked::whole(t, false)));
    } else if artifact.kind.name == RULE_TESTS.name {
        for test in root.get("tests").into_iter().flat_map(Node::items) {
            for (list, key) in [("promql_expr_test", "expr"), ("input_series", "series")] {
                let items = test.get(list).into_iter().flat_map(Node::items);
                found.extend(items.filter_map(|i| text(i.get(key))).map(|t| Asked::whole(t, false)));
            }
        }
    }
    found
}

fn text(node: Option<Node<'_>>) -> Option<Text<'_>> {
    let node = node.filter(|n| !n.is_alias())?;
    node.scalar()?;
    node.text()
}
