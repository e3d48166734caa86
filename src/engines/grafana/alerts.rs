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

/// Uids of what is computed and asks no data source (`grafana/grafana pkg/expr/nodes.go@0015b06b9b0d` `NodeTypeFromDatasourceUID`).
const COMPUTED: [&str; 2] = ["__expr__", "-100"];

/// Whether a uid is none of a data source: what is computed, or forecast.
pub(super) fn is_computed(uid: &str) -> bool {
    COMPUTED.contains(&uid) || uid.starts_with("__")
}

/// Steps from a condition that are followed: one expression may name another many times over.
const STEPS: u32 = 256;

/// The queries of a rule, by their `refId`.
pub(super) struct Condition<'d>(Vec<(&'d str, Node<'d>)>);

/// What a query of a rule gives.
#[derive(Debug, Clone, Copy)]
pub(super) enum Value<'d> {
    /// One value for each set of labels, as the query of that name has it.
    Raw(Node<'d>),
    /// Series, because of the query of that name.
    Series(Node<'d>),
    /// Something else, or not known.
    Other,
}

impl<'d> Condition<'d> {
    /// The queries of a rule.
    pub(super) fn of(rule: Node<'d>) -> Self {
        let all = rule.get("data").into_iter().flat_map(Node::items);
        Self(all.filter_map(|query| Some((query.get("refId")?.scalar()?, query))).collect())
    }

    /// What a query gives: one of Prometheus is asked for a range unless its model says `instant`, one of Loki unless its `queryType` does
    /// (`grafana/grafana pkg/promlib/models/query.go` `Parse`, pkg/tsdb/loki/parse_query.go `parseQueryType`@0c9ce2c82b7c); `reduce` and
    /// `classic_conditions` make one value of series (pkg/expr/commands.go).
    pub(super) fn value(&self, name: &str, known: &Known) -> Value<'d> {
        let mut left = STEPS;
        self.follow(name, known, &mut left)
    }

    fn follow(&self, name: &str, known: &Known, left: &mut u32) -> Value<'d> {
        let Some(rest) = left.checked_sub(1) else { return Value::Other };
        *left = rest;
        let mut named = self.0.iter().filter(|(id, _)| *id == name);
        let (Some((_, query)), None) = (named.next(), named.next()) else { return Value::Other };
        let Some(model) = query.get("model").filter(|m| m.is_map()) else { return Value::Other };
        let text = |key: &str| model.get(key).and_then(Node::scalar).filter(|t| !t.contains("${"));
        let computed = query.get("datasourceUid").and_then(Node::scalar).is_some_and(|uid| COMPUTED.contains(&uid));
        if computed {
            let from = text("expression").unwrap_or_default();
            return match text("type") {
                Some("reduce") => match self.follow(from, known, left) {
                    Value::Series(query) | Value::Raw(query) => Value::Raw(query),
                    Value::Other => Value::Other,
                },
                Some("threshold" | "resample") => match self.follow(from, known, left) {
                    Value::Series(query) => Value::Series(query),
                    _ => Value::Other,
                },
                Some("math") => {
                    let mut all = variables(from).map(|name| self.follow(name, known, left));
                    all.find(|value| matches!(value, Value::Series(_))).unwrap_or(Value::Other)
                }
                _ => Value::Other,
            };
        }
        let ranged = match kind(*query, known) {
            Some("prometheus") => match (model.get("instant"), model.get("range")) {
                (None, _) => true,
                (Some(instant), range) => match (instant.as_bool(), range.and_then(Node::as_bool)) {
                    (Some(true), None | Some(false)) => return Value::Raw(*query),
                    (Some(false), _) => true,
                    _ => return Value::Other,
                },
            },
            Some("loki") => match model.get("queryType") {
                None => true,
                Some(kind) => match kind.scalar() {
                    Some("range") => true,
                    Some("instant") => return Value::Raw(*query),
                    _ => return Value::Other,
                },
            },
            _ => return Value::Other,
        };
        // The query beside the model may say so as well, in what newer releases write.
        let beside = query.get("queryType").and_then(Node::scalar).is_some_and(|kind| kind == "instant");
        if ranged && !beside && expression(*query).is_some() { Value::Series(*query) } else { Value::Other }
    }
}

/// The names of queries in an expression: `$A`, `${A}`.
fn variables(text: &str) -> impl Iterator<Item = &str> {
    text.split('$').skip(1).map(|rest| {
        let inner = rest.strip_prefix('{').and_then(|r| r.split_once('}')).map(|(name, _)| name);
        inner.unwrap_or_else(|| {
            rest.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).next().unwrap_or_default()
        })
    })
}
