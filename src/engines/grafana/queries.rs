//! What its files ask stores of metrics, hidden queries included: expressions read those.

use super::board::{Ask, Board, KINDS, expr};
use crate::engine::Asked;
use crate::lang::promql::template::mask;
use crate::lang::traceql;
use crate::parse::{Node, Text};
use crate::source::Span;
use crate::tree::Artifact;

/// The queries of a dashboard, or of provisioned alert rules.
pub fn asked(artifact: &Artifact) -> Vec<Asked<'_>> {
    let mut found = Vec::new();
    if KINDS.contains(&artifact.kind.name)
        && let Some(board) = Board::of(artifact)
    {
        dashboard(&board, &mut found);
    } else if artifact.kind.name == super::ALERTING.name
        && let Some(root) = artifact.data().and_then(|d| d.root())
    {
        let groups = root.get("groups").into_iter().flat_map(Node::items);
        let rules = groups.filter_map(|g| g.get("rules")).flat_map(Node::items);
        for model in rules.filter_map(|r| r.get("data")).flat_map(Node::items).filter_map(|d| d.get("model")) {
            // As in dashboards: a uid alone does not tell its type.
            let kind = model.at(&["datasource", "type"]).and_then(Node::scalar);
            let expr = text(model.get("expr")).filter(|_| kind.is_none_or(|k| k == "prometheus"));
            found.extend(expr.map(|t| Asked::whole(t, true)));
        }
    }
    found
}

fn text(node: Option<Node<'_>>) -> Option<Text<'_>> {
    let node = node?;
    node.as_str()?;
    node.text()
}

fn dashboard<'d>(board: &Board<'d>, found: &mut Vec<Asked<'d>>) {
    for panel in board.panels() {
        if board.second {
            let queries = panel.node.at(&["data", "spec", "queries"]).into_iter().flat_map(Node::items);
            for query in queries.filter_map(|q| q.at(&["spec", "query"])) {
                let kind = query.get("group").or_else(|| query.get("kind")).and_then(Node::scalar);
                let expr = text(query.at(&["spec", "expr"])).filter(|_| kind == Some("prometheus"));
                let shown = legend(query.at(&["spec", "legendFormat"]));
                found.extend(expr.map(|t| Asked { shown, ..Asked::whole(t, true) }));
            }
            continue;
        }
        for target in panel.node.get("targets").into_iter().flat_map(Node::items) {
            // The source of a target is its own, or that of its panel; a name alone does not tell its type.
            let named = [target.get("datasource"), panel.node.get("datasource")].into_iter().flatten();
            let kind = named.filter_map(|source| board.kind(source)).find(|kind| *kind != "datasource");
            let expr = text(target.get("expr")).filter(|_| kind.is_none_or(|k| k == "prometheus"));
            found.extend(expr.map(|t| Asked { shown: legend(target.get("legendFormat")), ..Asked::whole(t, true) }));
        }
    }
    for variable in board.variables() {
        let kind = variable.get("datasource").and_then(|source| board.kind(source));
        let query = variable.get("query").or_else(|| variable.get("definition"));
        let query = query.and_then(|q| if q.is_map() { q.get("query") } else { Some(q) });
        if let Some(text) = text(query).filter(|_| kind.is_none_or(|k| k == "prometheus")) {
            found.extend(call(text));
        }
    }
    for annotation in board.root.at(&["annotations", "list"]).into_iter().flat_map(Node::items) {
        let kind = annotation.get("datasource").and_then(|source| board.kind(source));
        let expr = text(annotation.get("expr")).filter(|_| kind.is_none_or(|k| k == "prometheus"));
        found.extend(expr.map(|t| Asked::whole(t, true)));
    }
}

/// A query of a dashboard, in a language that is known by its fields.
#[derive(Debug)]
pub struct Question<'d> {
    /// Who asks: "panel `Requests`".
    pub by: String,
    /// The data source that is asked, by uid or name; `None` = the default one.
    pub source: Option<&'d str>,
    /// Whether the query itself names another one.
    pub disputed: bool,
    /// Plugin id of that source as the dashboard has it; `None` = it does not say, or says two.
    pub kind: Option<String>,
    /// The text of the query.
    pub text: Text<'d>,
    /// In which field it stands.
    pub field: Field,
}

/// The field of a query, which tells whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// `expr`: PromQL or LogQL.
    Expr,
    /// `query` of a TraceQL search.
    Trace,
    /// `profileTypeId`.
    Profile,
}

/// The queries of a dashboard, without those that hold fields of several data sources: what was once asked stays beside.
pub fn questions(artifact: &Artifact) -> Vec<Question<'_>> {
    if !KINDS.contains(&artifact.kind.name) {
        return Vec::new();
    }
    let asks = Board::of(artifact).map(|b| b.asks()).unwrap_or_default();
    asks.into_iter().filter_map(question).collect()
}

fn question<'d>(ask: Ask<'d>) -> Option<Question<'d>> {
    let traces = ask.fields.get("queryType").and_then(Node::scalar).is_some_and(|t| t.starts_with("traceql"));
    let fields = [
        (Field::Expr, ask.text("expr")),
        (Field::Trace, ask.text("query").filter(|_| traces)),
        (Field::Profile, ask.text("profileTypeId")),
    ];
    let mut known = fields.into_iter().filter_map(|(field, text)| Some((field, text?)));
    let (field, text) = known.next().filter(|_| known.next().is_none())?;
    let other = field == Field::Expr && (traces || ask.text("query").is_some() || ask.text("rawSql").is_some());
    let named = |n: Node<'d>| if n.is_map() { n.get("uid").or_else(|| n.get("name")) } else { Some(n) };
    let written = |n: Option<Node<'d>>| n.and_then(named).and_then(Node::scalar).filter(|t| !t.is_empty());
    let source = written(ask.source);
    let disputed = written(ask.fields.get("datasource")).is_some_and(|own| Some(own) != source);
    (!other).then_some(Question { by: ask.by, source, disputed, kind: ask.kind, text, field })
}

/// Whether a query of TraceQL asks for metrics, whatever its variables hold: the function that makes it so.
pub fn metrics_of_traces(text: &str) -> Option<&'static str> {
    traceql::parse(&mask(text).text, traceql::Release::NEWEST).ok()?.metrics
}

/// Whether an expression is PromQL, and whether it is LogQL.
pub fn languages(text: &str) -> (bool, bool) {
    (expr::promql(text).is_none(), expr::logql(text).is_none())
}

/// The labels that a legend names (`grafana/grafana public/app/plugins/datasource/prometheus/legend.ts` at 2496b6af7f55).
fn legend(format: Option<Node<'_>>) -> Vec<(&str, Span)> {
    let Some(text) = text(format) else { return Vec::new() };
    let value = text.value();
    let opened = value.match_indices("{{").filter_map(|(at, _)| {
        let inner = &value[at + 2..];
        let inner = &inner[..inner.find("}}")?];
        let name = inner.trim();
        let start = at + 2 + (inner.len() - inner.trim_start().len());
        let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        plain.then(|| (name, text.span(start..start + name.len())))
    });
    opened.collect()
}

/// The query in `label_values(query, label)` and `query_result(query)` of a variable.
fn call(text: Text<'_>) -> Option<Asked<'_>> {
    let value = text.value();
    let inner = |name: &str| {
        let start = value.find(name).filter(|at| value[..*at].trim().is_empty())? + name.len();
        let end = value.rfind(')').filter(|e| *e >= start)?;
        Some(start..end)
    };
    if let Some(part) = inner("query_result(") {
        return Some(Asked { part, ..Asked::whole(text, true) });
    }
    let range = inner("label_values(")?;
    let comma = value[range.clone()].rfind(',')?;
    let rest = &value[range.start + comma + 1..range.end];
    let label = rest.trim();
    let start = range.start + comma + 1 + (rest.len() - rest.trim_start().len());
    let plain = !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let shown = plain.then(|| (label, text.span(start..start + label.len()))).into_iter().collect();
    Some(Asked { part: range.start..range.start + comma, shown, ..Asked::whole(text, true) })
}
