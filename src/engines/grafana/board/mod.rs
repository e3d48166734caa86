//! A dashboard in either schema, as rules look at it: panels, what they ask, variables.
//!
//! The classic form: `kinds/dashboard/dashboard_kind.cue`; the second one: npm `@grafana/schema` 13.2.3,
//! `schema/dashboard/v2`. A panel of a library is left alone: what it asks stands elsewhere.

pub(super) mod expr;
pub(super) mod known;
pub(super) mod load;

use std::collections::{HashMap, HashSet};

use crate::parse::{Node, Text};
use crate::tree::{Artifact, Tree};

use known::Known;

/// Kinds of files that hold a dashboard.
pub(super) const KINDS: &[&str] = &["grafana-dashboard", "grafana-dashboard-v2"];

/// A panel.
#[derive(Debug, Clone, Copy)]
pub(super) struct Panel<'d> {
    /// Its object; in the second schema the `spec` of the element.
    pub(super) node: Node<'d>,
    /// Plugin id.
    pub(super) kind: Option<Node<'d>>,
}

/// Panels that ask nothing, whatever source and queries they name (grafana/grafana public/app/plugins/panel/:
/// `skipDataQuery` in news/plugin.json@03d9862a11fa, annolist/plugin.json@0853a8771fd0, welcome/plugin.json@2d076eee7f65).
pub(super) const MUTE: [&str; 8] =
    ["row", "text", "dashlist", "alertlist", "news", "welcome", "gettingstarted", "annolist"];

/// A question to a data source.
#[derive(Debug, Clone)]
pub(super) struct Ask<'d> {
    /// Plugin id of the data source that gets it; `None` = unknown.
    pub(super) kind: Option<String>,
    /// The data source as it is named; `None` = the default one.
    pub(super) source: Option<Node<'d>>,
    /// The object with its fields.
    pub(super) fields: Node<'d>,
    /// Who asks, for messages: "panel `Requests`".
    pub(super) by: String,
}

impl<'d> Ask<'d> {
    /// A field that holds text, unless it is empty.
    pub(super) fn text(&self, key: &str) -> Option<Text<'d>> {
        let node = self.fields.get(key)?;
        node.as_str()?;
        node.text().filter(|t| !t.value().trim().is_empty())
    }
}

/// A dashboard.
#[derive(Debug)]
pub(super) struct Board<'d> {
    /// The object with `title`.
    pub(super) root: Node<'d>,
    /// Whether it is of the second schema.
    pub(super) second: bool,
    sources: HashMap<&'d str, &'d str>,
    known: Known,
}

impl<'d> Board<'d> {
    /// The dashboard of a file, with the data sources of those who load it.
    pub(super) fn loaded(tree: &Tree, artifact: &'d Artifact) -> Option<Self> {
        let board = Self::of(artifact)?;
        Some(Self { known: Known::of(tree, artifact), ..board })
    }

    /// The dashboard of a file.
    pub(super) fn of(artifact: &'d Artifact) -> Option<Self> {
        let root = artifact.data()?.root()?;
        let second = artifact.kind.name == "grafana-dashboard-v2";
        // A resource of the API holds the classic form as well.
        let root = if root.get("apiVersion").is_some() { root.get("spec").unwrap_or(root) } else { root };
        let second = second && root.get("elements").is_some();
        let mut board = Self { root, second, sources: HashMap::new(), known: Known::default() };
        let choosers = board.variables().into_iter().filter_map(|v| {
            let kind = v.get("type").and_then(Node::scalar);
            let plugin =
                if board.second { v.get("pluginId") } else { v.get("query").filter(|_| kind == Some("datasource")) };
            Some((v.get("name")?.scalar()?, plugin?.scalar()?))
        });
        board.sources = choosers.collect();
        Some(board)
    }

    /// Its variables: the objects with `name`.
    pub(super) fn variables(&self) -> Vec<Node<'d>> {
        if !self.second {
            return self.root.at(&["templating", "list"]).into_iter().flat_map(Node::items).collect();
        }
        // Rows and tabs have variables of their own, too.
        let doc = self.root.document();
        let named = |n: &Node<'d>| n.get("kind").and_then(Node::scalar).is_some_and(|k| k.ends_with("Variable"));
        doc.nodes().filter(|n| n.is_map() && !n.is_alias()).filter(named).filter_map(|n| n.get("spec")).collect()
    }

    /// Names of its variables.
    pub(super) fn names(&self) -> HashSet<&'d str> {
        self.variables().into_iter().filter_map(|v| v.get("name")?.scalar()).collect()
    }

    /// Its panels, in the order of the text.
    pub(super) fn panels(&self) -> Vec<Panel<'d>> {
        if self.second {
            let elements = self.root.get("elements").map(Node::entries).unwrap_or_default();
            let panels = elements.into_iter().filter(|e| e.value.get("kind").and_then(Node::scalar) == Some("Panel"));
            let panel = |node: Node<'d>| {
                let config = node.get("vizConfig");
                // Before v2beta1 the kind named the plugin.
                let kind = config.and_then(|c| c.get("group").or_else(|| c.get("kind")));
                Panel { node, kind }
            };
            return panels.filter_map(|e| e.value.get("spec")).map(panel).collect();
        }
        let mut waiting: Vec<Node<'d>> = Vec::new();
        for row in self.root.get("rows").into_iter().flat_map(Node::items).rev() {
            waiting.extend(row.get("panels").into_iter().flat_map(Node::items).rev());
        }
        waiting.extend(self.root.get("panels").into_iter().flat_map(Node::items).rev());
        let mut panels = Vec::new();
        while let Some(node) = waiting.pop() {
            waiting.extend(node.get("panels").into_iter().flat_map(Node::items).rev());
            if node.is_map() && node.get("libraryPanel").is_none_or(Node::is_null) {
                panels.push(Panel { node, kind: node.get("type") });
            }
        }
        panels
    }

    /// What its panels and annotations ask. Hidden queries are not asked.
    pub(super) fn asks(&self) -> Vec<Ask<'d>> {
        let mut asks = Vec::new();
        for panel in self.panels() {
            let title = panel.node.get("title").and_then(Node::scalar).filter(|t| !t.is_empty());
            let by = title.map_or_else(|| "a panel without a title".to_owned(), |t| format!("panel `{t}`"));
            if panel.kind.and_then(Node::scalar).is_some_and(|kind| MUTE.contains(&kind)) {
                continue;
            }
            if self.second {
                let queries = panel.node.at(&["data", "spec", "queries"]).into_iter().flat_map(Node::items);
                asks.extend(queries.filter_map(|q| self.second_ask(q.get("spec")?, &by)));
            } else {
                let targets = panel.node.get("targets").into_iter().flat_map(Node::items);
                asks.extend(targets.filter_map(|t| self.classic_ask(panel.node, t, &by)));
            }
        }
        asks.extend(self.annotations());
        asks
    }

    /// What its annotations ask, but for those that are off and the one that Grafana brings.
    fn annotations(&self) -> Vec<Ask<'d>> {
        let list = if self.second { self.root.get("annotations") } else { self.root.at(&["annotations", "list"]) };
        let asked = list.into_iter().flat_map(Node::items).filter_map(|node| {
            let node = if self.second { node.get("spec")? } else { node };
            let off = node.get("enable").and_then(Node::as_bool) == Some(false);
            let built_in = node.get("builtIn").is_some_and(|b| matches!(b.scalar(), Some("1" | "true")));
            if off || built_in {
                return None;
            }
            let by = format!("annotation `{}`", node.get("name").and_then(Node::scalar).unwrap_or_default());
            if self.second {
                return self.second_ask(node, &by);
            }
            // Newer ones carry a query as panels do, older ones its fields.
            let target = node.get("target").filter(|t| t.get("expr").is_some() || t.get("query").is_some());
            let kind = self.kind_of(node.get("datasource")).map(str::to_owned);
            Some(Ask { kind, source: node.get("datasource"), fields: target.unwrap_or(node), by })
        });
        asked.collect()
    }

    /// The queries of its variables: what asks, the plugin that is asked, and the text.
    pub(super) fn variable_queries(&self) -> Vec<(String, &str, Text<'d>)> {
        let asked = self.variables().into_iter().filter_map(|variable| {
            let name = variable.get("name").and_then(Node::scalar).unwrap_or_default();
            let query = variable.get("query")?;
            let (kind, text) = if self.second {
                let kind = query.get("group").or_else(|| query.get("kind"))?.scalar()?;
                let spec = query.get("spec")?;
                (kind, spec.get("query").or_else(|| spec.get("__legacyStringValue"))?)
            } else {
                if variable.get("type").and_then(Node::scalar) != Some("query") {
                    return None;
                }
                let kind = self.kind_of(variable.get("datasource"))?;
                (kind, if query.is_map() { query.get("query")? } else { query })
            };
            text.as_str()?;
            Some((format!("variable `{name}`"), kind, text.text()?))
        });
        asked.collect()
    }

    fn second_ask(&self, query: Node<'d>, by: &str) -> Option<Ask<'d>> {
        if query.get("hidden").and_then(Node::as_bool) == Some(true) {
            return None;
        }
        let outer = query;
        let query = query.get("query")?;
        let kind = query.get("group").or_else(|| query.get("kind"))?.scalar()?;
        // Before v2beta1 it stood beside the query.
        let source = query.get("datasource").or_else(|| outer.get("datasource"));
        Some(Ask { kind: Some(kind.to_owned()), source, fields: query.get("spec")?, by: by.to_owned() })
    }

    fn classic_ask(&self, panel: Node<'d>, target: Node<'d>, by: &str) -> Option<Ask<'d>> {
        if !target.is_map() || target.get("hide").and_then(Node::as_bool) == Some(true) {
            return None;
        }
        let (own, at_target) = (panel.get("datasource"), target.get("datasource"));
        let mixed = own.and_then(uid) == Some("-- Mixed --");
        let named = |n: &Node<'d>| !n.is_null();
        let by_default = own.filter(|_| !mixed).filter(named).or(at_target.filter(named)).is_none();
        let kind = match (own.filter(|_| !mixed).and_then(|n| self.kind(n)), at_target.and_then(|n| self.kind(n))) {
            // The panel's source is asked; a target that names another type tells that one of them is stale.
            (Some(own), Some(other)) => (own == other).then_some(own),
            (own, other) => own.or(other).or_else(|| self.known.default_kind().filter(|_| by_default)),
        };
        let source = own.filter(|_| !mixed && own.and_then(uid).is_some()).or(at_target);
        Some(Ask { kind: kind.map(str::to_owned), source, fields: target, by: by.to_owned() })
    }

    /// The plugin of a data source as the dashboard names it, else of the one that has that name where it is loaded. Where the two
    /// are at odds, none.
    pub(super) fn kind(&self, source: Node<'d>) -> Option<&str> {
        let text = uid(source).unwrap_or_default();
        if text.contains('$') || text.contains("[[") {
            let name = text.trim_start_matches(['$', '{', '[']).trim_end_matches(['}', ']']);
            let name = name.split(':').next().unwrap_or_default();
            if let Some(kind) = self.sources.get(name) {
                return Some(kind);
            }
        }
        let written = source.get("type").and_then(Node::scalar);
        let known = self.known.kind(text);
        if written.is_some() && known.is_some() && written != known { None } else { written.or(known) }
    }

    /// The same, of the default one where none is named.
    fn kind_of(&self, source: Option<Node<'d>>) -> Option<&str> {
        match source.filter(|n| !n.is_null()) {
            Some(source) => self.kind(source),
            None => self.known.default_kind(),
        }
    }
}

fn uid(source: Node<'_>) -> Option<&str> {
    if source.is_map() { source.get("uid")?.scalar() } else { source.scalar() }
}
