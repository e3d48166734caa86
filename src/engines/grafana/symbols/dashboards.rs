//! Dashboards: the data sources they name and the metrics they ask for.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use crate::engine::Say;
use crate::engines::grafana::board::known::Known;
use crate::engines::grafana::board::{Board, MUTE};
use crate::lang::promql::{NodeId, NodeKind, Options, Outcome, Query, parse_template};
use crate::parse::{Node, Text};
use crate::symbol::{DatasourceRef, DatasourceUse, Import, MetricRef};
use crate::tree::{Artifact, ArtifactId};

/// Sources that Grafana brings itself (`grafana/grafana public/app/features/plugins/datasource_srv.ts`).
pub(in crate::engines::grafana) const BUILT_IN: [&str; 7] =
    ["grafana", "-- Grafana --", "-- Mixed --", "-- Dashboard --", "default", "__expr__", "-100"];

/// Names that no exporter makes (`prometheus/prometheus scrape/scrape.go`, `rules/alerting.go` @v3.14.0).
const SYNTHETIC: [&str; 3] = ["up", "ALERTS", "ALERTS_FOR_STATE"];

/// Reads one dashboard.
pub(super) fn read(id: ArtifactId, root: Node<'_>, known: &Known, say: &mut Say<'_>) {
    let mut reader = Reader { id, say, variables: variables(root), constants: constants(root), known };
    let mut waiting: Vec<Node<'_>> = root.get("panels").into_iter().flat_map(Node::items).rev().collect();
    for row in root.get("rows").into_iter().flat_map(Node::items) {
        waiting.extend(row.get("panels").into_iter().flat_map(Node::items));
    }
    while let Some(panel) = waiting.pop() {
        reader.panel(panel);
        waiting.extend(panel.get("panels").into_iter().flat_map(Node::items).rev());
    }
    for variable in root.at(&["templating", "list"]).into_iter().flat_map(Node::items) {
        if variable.get("type").and_then(Node::scalar) == Some("query") {
            let name = variable.get("name").and_then(Node::scalar).unwrap_or_default();
            reader.variable(variable, &format!("variable `{name}`"));
        }
        if matches!(variable.get("type").and_then(Node::scalar), Some("adhoc" | "groupby")) {
            let name = variable.get("name").and_then(Node::scalar).unwrap_or_default();
            reader.source(variable.get("datasource"), &format!("variable `{name}`"));
        }
    }
    for annotation in root.at(&["annotations", "list"]).into_iter().flat_map(Node::items) {
        let built_in = annotation.get("builtIn").is_some_and(|b| b.scalar() == Some("1"));
        let off = annotation.get("enable").and_then(Node::as_bool) == Some(false);
        if !built_in && !off {
            let name = annotation.get("name").and_then(Node::scalar).unwrap_or_default();
            reader.source(annotation.get("datasource"), &format!("annotation `{name}`"));
        }
    }
}

/// Reads one of the second schema, whose sources are named by uid: under `name`, before v2beta1 under `uid` (npm `@grafana/schema`
/// 13.2.3, `schema/dashboard/v2`).
pub(super) fn second(id: ArtifactId, artifact: &Artifact, known: &Known, say: &mut Say<'_>) {
    let Some(board) = Board::of(artifact).filter(|b| b.second) else { return };
    let mut reader = Reader { id, say, variables: HashMap::new(), constants: HashMap::new(), known };
    for ask in board.asks() {
        let uid = ask.source.and_then(|s| s.get("name").or_else(|| s.get("uid")));
        let source = uid.and_then(|u| Some(Named { uid: Some(u), text: u.scalar()?, kind: ask.kind.as_deref() }));
        let literal = source.as_ref().filter(|s| s.is_literal()).map(|s| s.text.to_owned());
        if let Some(source) = source {
            reader.refer(source, &ask.by);
        }
        if ask.kind.as_deref() == Some("prometheus")
            && let Some(text) = ask.text("expr")
        {
            reader.query(&text, 0..text.value().len(), literal, &ask.by);
        }
    }
}

/// Plugin ids of the variables that choose a data source.
fn variables(root: Node<'_>) -> HashMap<String, String> {
    let list = root.at(&["templating", "list"]).into_iter().flat_map(Node::items);
    let chosen = list.filter(|v| v.get("type").and_then(Node::scalar) == Some("datasource"));
    chosen.filter_map(|v| Some((v.get("name")?.scalar()?.to_owned(), v.get("query")?.scalar()?.to_owned()))).collect()
}

/// Variables that stand for one text.
fn constants(root: Node<'_>) -> HashMap<&str, Node<'_>> {
    let list = root.at(&["templating", "list"]).into_iter().flat_map(Node::items);
    let constant = list.filter(|v| v.get("type").and_then(Node::scalar) == Some("constant"));
    constant
        .filter_map(|v| Some((v.get("name")?.scalar()?, v.get("query").filter(|q| q.scalar().is_some())?)))
        .collect()
}

struct Reader<'s, 'a, 'd> {
    id: ArtifactId,
    say: &'s mut Say<'a>,
    variables: HashMap<String, String>,
    /// Each is taken out where it first names a data source.
    constants: HashMap<&'d str, Node<'d>>,
    known: &'s Known,
}

/// A data source as a panel names it.
struct Named<'d> {
    uid: Option<Node<'d>>,
    text: &'d str,
    kind: Option<&'d str>,
}

fn named(node: Node<'_>) -> Option<Named<'_>> {
    if node.is_map() {
        let uid = node.get("uid");
        let kind = node.get("type").and_then(Node::scalar);
        return Some(Named { uid, text: uid.and_then(Node::scalar).unwrap_or_default(), kind });
    }
    let text = node.scalar()?;
    Some(Named { uid: Some(node), text, kind: None })
}

impl Named<'_> {
    fn is_variable(&self) -> bool {
        self.text.contains('$') || self.text.contains("[[")
    }

    /// The variable that stands for it.
    fn variable(&self) -> &str {
        let name = self.text.trim_start_matches(['$', '{', '[']).trim_end_matches(['}', ']']);
        name.split(':').next().unwrap_or_default()
    }

    fn is_literal(&self) -> bool {
        let built_in = BUILT_IN.contains(&self.text) || matches!(self.kind, Some("datasource" | "__expr__"));
        !self.text.is_empty() && !built_in && !self.is_variable()
    }
}

impl Reader<'_, '_, '_> {
    fn panel(&mut self, panel: Node<'_>) {
        let kind = panel.get("type").and_then(Node::scalar).unwrap_or_default();
        if MUTE.contains(&kind) || panel.get("libraryPanel").is_some() {
            return;
        }
        let title = panel.get("title").and_then(Node::scalar).filter(|t| !t.is_empty());
        let by = title.map_or_else(|| "a panel without a title".to_owned(), |t| format!("panel `{t}`"));
        let targets: Vec<Node<'_>> = panel.get("targets").into_iter().flat_map(Node::items).collect();
        if targets.is_empty() {
            return;
        }
        let own = panel.get("datasource").and_then(named).filter(|n| !n.text.is_empty());
        let mixed = own.as_ref().is_some_and(|n| n.text == "-- Mixed --");
        if own.is_some() {
            self.source(panel.get("datasource"), &by);
        }
        for target in targets {
            // The panel's own source is asked for all targets, unless it is the mixed one.
            let chosen = if own.is_none() || mixed { target.get("datasource") } else { panel.get("datasource") };
            if own.is_none() || mixed {
                self.source(target.get("datasource"), &by);
            }
            let kind = self.kind_of(chosen, target);
            if kind.as_deref() == Some("prometheus")
                && let Some(text) = target.get("expr").and_then(Node::text)
            {
                let uid = chosen.and_then(named).filter(Named::is_literal).map(|n| n.text.to_owned());
                self.query(&text, 0..text.value().len(), uid, &by);
            }
        }
    }

    /// The plugin of a source, where the dashboard tells.
    fn kind(&self, source: &Named<'_>, target: Node<'_>) -> Option<String> {
        if source.is_variable()
            && let Some(kind) = self.variables.get(source.variable())
        {
            return Some(kind.clone());
        }
        let own = target.get("datasource").and_then(named).and_then(|n| n.kind);
        source.kind.or(own).or_else(|| self.known.kind(source.text)).map(str::to_owned)
    }

    /// The same, of the default one where none is named.
    fn kind_of(&self, source: Option<Node<'_>>, target: Node<'_>) -> Option<String> {
        match source.filter(|n| !n.is_null()) {
            Some(source) => named(source).and_then(|n| self.kind(&n, target)),
            None => self.known.default_kind().map(str::to_owned),
        }
    }

    fn source(&mut self, node: Option<Node<'_>>, by: &str) {
        if let Some(source) = node.and_then(named) {
            self.refer(source, by);
        }
    }

    fn refer(&mut self, source: Named<'_>, by: &str) {
        let constant = source.is_variable().then(|| self.constants.remove(source.variable())).flatten();
        match constant {
            Some(text) => {
                let uid = Some(text);
                self.say_source(&Named { uid, text: text.scalar().unwrap_or_default(), kind: source.kind }, by);
            }
            None => self.say_source(&source, by),
        }
    }

    fn say_source(&mut self, source: &Named<'_>, by: &str) {
        let Some(uid) = source.uid.filter(|_| source.is_literal()) else { return };
        let reference = DatasourceRef {
            uid: source.text.to_owned(),
            span: uid.inner(),
            by: DatasourceUse::Dashboard(by.to_owned()),
            kind: source.kind.map(str::to_owned),
        };
        self.say.import(Some(self.id), Import::Datasource(reference));
    }

    /// `label_values(metric, label)`, `query_result(expr)`.
    fn variable(&mut self, variable: Node<'_>, by: &str) {
        self.source(variable.get("datasource"), by);
        let source = variable.get("datasource").and_then(named);
        let kind = self.kind_of(variable.get("datasource"), variable);
        if kind.as_deref() != Some("prometheus") {
            return;
        }
        let query = variable.get("query");
        let Some(text) = query.and_then(|q| if q.is_map() { q.get("query") } else { Some(q) }).and_then(Node::text)
        else {
            return;
        };
        let uid = source.filter(Named::is_literal).map(|n| n.text.to_owned());
        let value = text.value().to_owned();
        let inner = |name: &str| {
            let start = value.find(name).filter(|at| value[..*at].trim().is_empty())? + name.len();
            let end = value.rfind(')').filter(|e| *e >= start)?;
            Some(start..end)
        };
        if let Some(range) = inner("query_result(") {
            self.query(&text, range, uid, by);
        } else if let Some(range) = inner("label_values(")
            && let Some(comma) = value[range.clone()].rfind(',')
        {
            self.query(&text, range.start..range.start + comma, uid, by);
        }
    }

    /// The metrics that a part of a text asks for.
    fn query(&mut self, text: &Text<'_>, part: Range<usize>, datasource: Option<String>, by: &str) {
        metrics_of(self.id, text, part, (datasource, by), self.say);
    }
}

/// Says which metrics a query asks for that stands in a part of a text.
pub(super) fn metrics_of(
    id: ArtifactId,
    text: &Text<'_>,
    part: Range<usize>,
    (datasource, by): (Option<String>, &str),
    say: &mut Say<'_>,
) {
    let Some(value) = text.value().get(part.clone()) else { return };
    let Outcome::Parsed(query) = parse_template(value, Options::EXPERIMENTAL) else { return };
    let Some(alternatives) = alternatives(&query) else { return };
    let mut found = Vec::new();
    query.selections(|selection| {
        let Some(metric) = selection.metric().filter(|m| !m.dynamic) else { return };
        let synthetic = SYNTHETIC.contains(&metric.value.as_str()) || metric.value.starts_with("scrape_");
        if !selection.asks_absence() && !synthetic && !metric.value.contains(':') {
            found.push((metric.value.clone(), part.start + metric.range.start..part.start + metric.range.end));
        }
    });
    for (name, range) in found {
        let others = alternatives.get(&name).map(|s| s.iter().cloned().collect()).unwrap_or_default();
        let reference = MetricRef {
            span: text.span(range),
            datasource: datasource.clone(),
            by: by.to_owned(),
            alternatives: others,
            name,
        };
        say.import(Some(id), Import::Metric(reference));
    }
}

/// Queries with more `or`s than this are not followed.
const MAX_OR: usize = 32;

/// Nor are those with an `or` and more metrics than this: each is an alternative of the others.
const MAX_ALTERNATIVES: usize = 64;

/// For each metric, those that stand on the other side of an `or`; `None` = too many to tell.
fn alternatives(query: &Query) -> Option<HashMap<String, BTreeSet<String>>> {
    let mut all: HashMap<String, BTreeSet<String>> = HashMap::new();
    let is_or = |k: &NodeKind| matches!(k, NodeKind::Binary { operator, .. } if operator.symbol == "or");
    let count = query.nodes().filter(|(_, n)| is_or(&n.kind)).count();
    if count == 0 {
        return Some(all);
    }
    if count > MAX_OR || metrics(query, query.root()).len() > MAX_ALTERNATIVES {
        return None;
    }
    for (_, node) in query.nodes() {
        let NodeKind::Binary { operator, left, right, .. } = &node.kind else { continue };
        if operator.symbol != "or" {
            continue;
        }
        // `… or 0 * x` fills gaps with zeros: that is no other name for the same.
        if is_zero(query, *left) || is_zero(query, *right) {
            continue;
        }
        let (left, right) = (metrics(query, *left), metrics(query, *right));
        for (names, others) in [(&left, &right), (&right, &left)] {
            for name in names {
                all.entry(name.clone()).or_default().extend(others.iter().cloned());
            }
        }
    }
    Some(all)
}

/// Whether an expression is a product with the number 0.
fn is_zero(query: &Query, id: NodeId) -> bool {
    let plain = |mut id: NodeId| {
        while let NodeKind::Paren(inner) = &query[id].kind {
            id = *inner;
        }
        id
    };
    let NodeKind::Binary { operator, left, right, .. } = &query[plain(id)].kind else { return false };
    let zero = |id: NodeId| matches!(&query[plain(id)].kind, NodeKind::Number(n) if *n == 0.0);
    operator.symbol == "*" && (zero(*left) || zero(*right))
}

/// The metrics below a node.
fn metrics(query: &Query, root: NodeId) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut waiting = vec![root];
    while let Some(id) = waiting.pop() {
        if let NodeKind::Selector(selector) = &query[id].kind {
            names.extend(selector.name.as_ref().filter(|n| !n.dynamic).map(|n| n.value.clone()));
        }
        waiting.extend(query[id].kind.children());
    }
    names
}
