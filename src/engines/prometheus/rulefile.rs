//! Recording and alerting rules (prometheus/prometheus model/rulefmt/rulefmt.go@v2.40.7 to v3.14.0).

use std::collections::HashMap;
use std::ops::Range;

use super::config::is_utf8;
use super::rules::{comparison_missing, duplicate, function_removed, invalid, le_label_missing, recording_name};
use crate::catalogue::Version;
use crate::conform::rulegroups::{self, Rule, Ruler};
use crate::conform::{Judge, When};
use crate::lang::promql::{self, NodeKind, Options, Query, SyntaxError};
use crate::parse::{Node, Style};
use crate::source::Span;

/// What is known of the process that reads the rules.
#[derive(Debug, Clone)]
pub(super) struct Process {
    /// Its `--enable-feature`; `None` = not known.
    pub(super) features: Option<Vec<String>>,
}

impl Process {
    /// What its queries may hold at a version: what is accepted for certain, and what may be.
    fn options(&self, version: Version) -> (Options, Options) {
        let has = |name: &str| self.features.as_ref().map(|f| f.iter().any(|f| f == name));
        let always = version >= Version::new(3, 14, 0);
        let base = Options {
            minor: (version.major == 3).then_some(version.minor),
            // Nothing was read before 2.40: what that knows is taken for older still.
            two: (version.major < 3).then(|| if version.major == 2 { version.minor.max(40) } else { 40 }),
            ..Options::default()
        };
        let with = |unknown: bool| Options {
            functions: has("promql-experimental-functions").unwrap_or(unknown),
            durations: always || has("promql-duration-expr").unwrap_or(unknown),
            ranges: has("promql-extended-range-selectors").unwrap_or(unknown),
            fills: has("promql-binop-fill-modifiers").unwrap_or(unknown),
            ..base
        };
        (with(false), with(true))
    }
}

/// Looks at a file of rules.
pub(super) fn file(judge: &mut Judge<'_>, root: Node<'_>, process: &Process) {
    let utf8 = is_utf8(judge);
    let ruler = Ruler {
        invalid: &invalid::RULE,
        utf8,
        braced: !judge.since(3, 2),
        of_groups: true,
        waits: &["for", "keep_firing_for"],
        minor: if utf8 { judge.version.minor } else { 0 },
    };
    let mut seen: HashMap<Identity<'_>, Span> = HashMap::new();
    let mut unnamed: Vec<Node<'_>> = Vec::new();
    rulegroups::file(judge, root, &ruler, |judge, rule| {
        if let Some(record) = rule.record
            && !record.scalar().is_some_and(|name| name.contains(':'))
        {
            unnamed.push(record);
        }
        if let Some(query) = rule.expr.and_then(|expr| expression(judge, expr, process))
            && let Some(expr) = rule.expr
        {
            buckets(judge, &rule, expr, &query);
            if rule.alert.is_some() {
                comparison(judge, expr, &query);
            }
        }
        twice(judge, rule.group, rule.node, &mut seen);
    });
    tell_unnamed(judge, &unnamed);
}

/// Series whose names do not say that they are recorded, once per file: who has one calls all so.
fn tell_unnamed(judge: &mut Judge<'_>, records: &[Node<'_>]) {
    let Some((first, others)) = records.split_first() else { return };
    let message = format!("`{}` does not say that it is recorded", first.scalar().unwrap_or_default());
    let told = judge
        .tell(&recording_name::RULE, first.span(), When::Always, message)
        .help("name it `level:metric:operations`, as in `job:http_requests:rate5m`");
    if !others.is_empty() {
        let names = if others.len() == 1 { "name" } else { "names" };
        told.note(format!("nor do {} more {names} of this file", others.len()));
    }
}

/// Quantiles of buckets that are summed without their bounds.
fn buckets(judge: &mut Judge<'_>, rule: &Rule<'_>, expr: Node<'_>, query: &Query) {
    let Some(text) = expr.text() else { return };
    for at in promql::bounds::lost(query) {
        let name = rule.alert.or(rule.record).and_then(Node::scalar).unwrap_or_default();
        let what = if rule.alert.is_some() { "the alert never fires" } else { "nothing is recorded" };
        let message = format!("`{name}` takes a quantile of buckets that are summed without `le`");
        judge
            .fact(&le_label_missing::RULE, text.span(query[at].range.clone()), When::Always, message)
            .note(format!("without the bounds of the buckets the result is empty: {what}"))
            .help("add `le` to `by (…)`");
    }
}

/// What makes a rule the same as another one: its name, its labels and its query. Several queries may well record one metric,
/// each another part of it, or fire one alert, each of another cause.
type Identity<'d> = (&'d str, Vec<(&'d str, &'d str)>, &'d str);

fn twice<'d>(judge: &mut Judge<'_>, group: Node<'d>, rule: Node<'d>, seen: &mut HashMap<Identity<'d>, Span>) {
    let text = |key: &str| rule.get(key).filter(|n| n.scalar().is_some_and(|t| !t.is_empty()));
    let Some(node) = text("alert").or_else(|| text("record")) else { return };
    let of = |map: Node<'d>| {
        let entries = map.get("labels").into_iter().flat_map(Node::entries);
        entries.into_iter().map(|e| (e.name(), e.value.scalar().unwrap_or_default()))
    };
    let mut labels: Vec<_> = of(rule).collect();
    for (name, value) in of(group) {
        if !labels.iter().any(|(own, _)| *own == name) {
            labels.push((name, value));
        }
    }
    labels.sort_unstable();
    let name = node.scalar().unwrap_or_default();
    let expr = rule.get("expr").and_then(Node::scalar).unwrap_or_default().trim();
    if let Some(before) = seen.insert((name, labels, expr), node.span()) {
        judge
            .tell(&duplicate::RULE, node.span(), When::Always, format!("`{name}` stands twice with the same labels"))
            .label(before, "the first one")
            .help("remove one of the two");
    }
}

/// Reads a query; `None` = it is refused.
pub(super) fn expression(judge: &mut Judge<'_>, expr: Node<'_>, process: &Process) -> Option<Query> {
    let text = expr.text()?;
    let query = text.value();
    let (sure, perhaps) = process.options(judge.version);
    let (errors, certain) = match promql::parse(query, perhaps) {
        Ok(parsed) => match promql::parse(query, sure) {
            Ok(_) => return Some(parsed),
            Err(errors) => (errors, false),
        },
        Err(errors) => (errors, true),
    };
    for error in errors.iter().filter(|e| e.certain) {
        // Others read rules too, and have functions of their own.
        let foreign = process.features.is_none() && calls_unknown(query, &error.range);
        tell(judge, expr, query, error, certain && !foreign);
    }
    None
}

/// Whether a part of a query is the name of a function that no Prometheus knows.
fn calls_unknown(query: &str, range: &Range<usize>) -> bool {
    let name = query.get(range.clone()).unwrap_or_default();
    let word = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let called = query.get(range.end..).is_some_and(|rest| rest.trim_start().starts_with('('));
    word && called && !MOVED.contains(&name) && promql::function(name).is_none()
}

/// Functions and aggregations that came or went with a release (prometheus/prometheus promql/parser/functions.go, lex.go@v2.40.0,
/// @v3.14.0).
const MOVED: [&str; 3] = ["holt_winters", "limitk", "limit_ratio"];

/// Tells of a fault in a query: on the line of `expr`, where the engine sees it, with its own place beside.
fn tell(judge: &mut Judge<'_>, expr: Node<'_>, query: &str, error: &SyntaxError, certain: bool) {
    let Some(text) = expr.text() else { return };
    let mut end = error.range.end.min(query.len());
    let start = error.range.start.min(end);
    if start == end && end < query.len() {
        end += query[end..].chars().next().map_or(0, char::len_utf8);
    }
    let exact = if start == end { expr.span() } else { text.span(start..end) };
    let name = query.get(start..end).unwrap_or_default();
    let called = name.split('(').next().unwrap_or_default();
    let moved = MOVED.contains(&called) || promql::function(name).is_some();
    let rule = if moved { &function_removed::RULE } else { &invalid::RULE };
    let when = if moved || !certain { When::Sometimes } else { When::Always };
    let several = matches!(expr.style(), Style::Literal | Style::Folded) || query.contains('\n');
    let place = if several { expr.span() } else { exact };
    let mut told = judge.tell(rule, place, when, format!("`expr` is no query: {}", error.message));
    if several {
        told = told.label(exact, "here");
    }
    if let Some(help) = &error.help {
        told = told.help(help.clone());
    }
    if !certain {
        told.sure(false);
    }
}

/// An alert without a comparison fires whenever its series exist, whatever they say.
fn comparison(judge: &mut Judge<'_>, expr: Node<'_>, query: &Query) {
    let mut counts = false;
    for (_, node) in query.nodes() {
        match &node.kind {
            NodeKind::Binary { operator, .. } if operator.compares() || operator.is_set() => return,
            NodeKind::Binary { .. } | NodeKind::Aggregation { .. } => counts = true,
            NodeKind::Call { function, .. } if function.value.starts_with("absent") => return,
            NodeKind::Call { function, .. } => counts |= !matches!(function.value.as_str(), "vector" | "time"),
            _ => {}
        }
    }
    if counts {
        judge
            .tell(
                &comparison_missing::RULE,
                expr.span(),
                When::Always,
                "this alert compares nothing: it fires while there is data",
            )
            .help("compare the result with a threshold, as in `> 0`");
    }
}
