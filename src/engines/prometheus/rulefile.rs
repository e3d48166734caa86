//! Recording and alerting rules (prometheus/prometheus model/rulefmt/rulefmt.go@v2.40.7 to v3.14.0).

use std::collections::HashMap;
use std::ops::Range;

use super::config::is_utf8;
use super::rules::{comparison_missing, duplicate, function_removed, invalid, recording_name};
use crate::catalogue::Version;
use crate::conform::read::{is_label, legacy_metric};
use crate::conform::{Judge, When};
use crate::lang::promql::{self, NodeKind, Options, Query, SyntaxError};
use crate::lang::template::{self, Names};
use crate::parse::{Node, Style};
use crate::source::Span;

/// Functions of templates (template/template.go@v3.14.0) and the minor version of Prometheus 3 that first has them.
const FUNCTIONS: [(&str, u16); 29] = [
    ("args", 0),
    ("externalURL", 0),
    ("first", 0),
    ("graphLink", 0),
    ("humanize", 0),
    ("humanize1024", 0),
    ("humanizeDuration", 0),
    ("humanizePercentage", 0),
    ("humanizeTimestamp", 0),
    ("label", 0),
    ("match", 0),
    ("now", 6),
    ("parseDuration", 0),
    ("pathPrefix", 0),
    ("query", 0),
    ("reReplaceAll", 0),
    ("safeHtml", 0),
    ("sortByLabel", 0),
    ("stripDomain", 0),
    ("stripPort", 0),
    ("strvalue", 0),
    ("tableLink", 0),
    ("title", 0),
    ("toDuration", 6),
    ("toLower", 0),
    ("toTime", 0),
    ("toUpper", 0),
    ("urlQueryEscape", 8),
    ("value", 0),
];

/// Variables of templates of alerts.
const VARIABLES: [&str; 4] = ["$labels", "$externalLabels", "$externalURL", "$value"];

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
    let mut groups: HashMap<&str, Node<'_>> = HashMap::new();
    let mut seen: HashMap<Identity<'_>, Span> = HashMap::new();
    for group in root.get("groups").into_iter().flat_map(Node::items) {
        if !group.is_map() {
            continue;
        }
        let name = group.get("name").and_then(Node::scalar).unwrap_or_default();
        let at = group.get("name").filter(|n| !n.is_null()).map_or_else(|| first(group), Node::span);
        if name.is_empty() {
            judge.tell(&invalid::RULE, first(group), When::Always, "this group has no `name`").help("write `name:`");
        } else if let Some(before) = groups.insert(name, group) {
            judge
                .tell(&invalid::RULE, at, When::Always, format!("two groups of this file are named `{name}`"))
                .label(before.get("name").map_or(before.span(), Node::span), "the first one")
                .help("give each its own name, or put their rules into one group");
        }
        names(judge, group, "labels");
        for rule in group.get("rules").into_iter().flat_map(Node::items) {
            if rule.is_map() {
                one(judge, rule, process);
                twice(judge, group, rule, &mut seen);
            }
        }
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

/// The names of labels or annotations.
fn names(judge: &mut Judge<'_>, map: Node<'_>, key: &str) {
    for entry in map.get(key).into_iter().flat_map(Node::entries) {
        let name = entry.name();
        if !is_label(name, is_utf8(judge)) || (key == "labels" && name == "__name__") {
            let when = if name.is_empty() || name == "__name__" { When::Always } else { When::Sometimes };
            judge
                .tell(&invalid::RULE, entry.key.span(), when, format!("`{key}` cannot hold `{name}`"))
                .help("a name has letters, digits and `_`, and does not begin with a digit");
        }
    }
}

fn one(judge: &mut Judge<'_>, rule: Node<'_>, process: &Process) {
    let set = |key: &str| rule.get(key).filter(|n| n.scalar().is_some_and(|t| !t.is_empty()));
    let (record, alert) = (set("record"), set("alert"));
    match (record, alert) {
        (Some(record), Some(alert)) => {
            judge
                .tell(&invalid::RULE, record.span(), When::Always, "a rule is either a `record` or an `alert`")
                .label(alert.span(), "the other one")
                .help("make two rules of it");
        }
        (None, None) => {
            let empty = rule.entry("record").or_else(|| rule.entry("alert"));
            let at = empty.map_or_else(|| first(rule), |e| e.key.span());
            judge
                .tell(&invalid::RULE, at, When::Always, "this rule has neither `record` nor `alert`")
                .help("write `record:` and a name, or `alert:` and a name");
        }
        _ => {}
    }
    if let Some(record) = record {
        recording(judge, rule, record);
    }
    names(judge, rule, "labels");
    names(judge, rule, "annotations");
    if alert.is_some() {
        templates(judge, rule, "labels");
        templates(judge, rule, "annotations");
    }
    match rule.get("expr") {
        Some(expr) if expr.scalar().is_some_and(|t| !t.is_empty()) => {
            let query = expression(judge, expr, process);
            if let (Some(query), true) = (query, alert.is_some()) {
                comparison(judge, expr, &query);
            }
        }
        Some(expr) if !expr.is_null() && expr.scalar().is_none() => {
            judge.tell(&invalid::RULE, expr.span(), When::Always, "`expr` must be a query").help("write it as text");
        }
        expr => {
            let at = match expr {
                Some(expr) if !expr.is_null() => expr.span(),
                Some(_) => rule.entry("expr").map_or_else(|| first(rule), |e| e.key.span()),
                None => first(rule),
            };
            judge.tell(&invalid::RULE, at, When::Always, "this rule has no `expr`").help("write `expr:` and a query");
        }
    }
}

/// What a recording rule cannot have.
fn recording(judge: &mut Judge<'_>, rule: Node<'_>, record: Node<'_>) {
    let name = record.scalar().unwrap_or_default();
    if rule.get("annotations").is_some_and(|a| !a.entries().is_empty()) {
        let entry = rule.entry("annotations");
        judge
            .tell(&invalid::RULE, record.span(), When::Always, "a recording rule has no `annotations`")
            .label(entry.map_or(record.span(), |e| e.key.span()), "these")
            .help("delete them");
    }
    for key in ["for", "keep_firing_for"] {
        let Some(entry) = rule.entry(key) else { continue };
        let zero =
            |text: &str| text.is_empty() || crate::lang::quantity::prometheus_duration(text) == Ok(0) || text == "0";
        if entry.value.scalar().is_some_and(|t| !zero(t)) {
            judge
                .tell(&invalid::RULE, record.span(), When::Always, format!("a recording rule has no `{key}`"))
                .label(entry.key.span(), "this one")
                .help("delete it");
        }
    }
    let braces = name.contains(['{', '}']);
    if (!is_utf8(judge) && !legacy_metric(name)) || (braces && judge.since(3, 2)) {
        let told = judge.tell(
            &invalid::RULE,
            record.span(),
            When::Sometimes,
            format!("`record` cannot be `{name}`: it is no name of a metric"),
        );
        told.help(if braces {
            "braces belong into `expr`, labels into `labels`"
        } else {
            "a name has letters, digits, `_` and `:`"
        });
    } else if !name.contains(':') {
        judge
            .tell(
                &recording_name::RULE,
                record.span(),
                When::Always,
                format!("`{name}` does not say that it is recorded"),
            )
            .help("name it `level:metric:operations`, as in `job:http_requests:rate5m`");
    }
}

fn templates(judge: &mut Judge<'_>, rule: Node<'_>, key: &str) {
    let minor = if is_utf8(judge) { judge.version.minor } else { 0 };
    let later = |name: &str| FUNCTIONS.iter().find(|(known, _)| *known == name).map(|f| f.1);
    let functions: Vec<&str> = FUNCTIONS.iter().filter(|(_, since)| *since <= minor).map(|f| f.0).collect();
    for entry in rule.get(key).into_iter().flat_map(Node::entries) {
        let Some(text) = entry.value.text().filter(|t| t.value().contains("{{")) else { continue };
        let names = Names { functions: &[&functions], variables: &VARIABLES };
        let Err(error) = template::check(text.value(), names) else { continue };
        let since = error.unknown.as_deref().and_then(later);
        let when = if since.is_some() { When::Sometimes } else { When::Always };
        let message = format!("the template of `{}` is broken: {}", entry.name(), error.message);
        let at = if error.range.is_empty() { entry.value.span() } else { text.span(error.range) };
        let told = judge.tell(&invalid::RULE, at, when, message);
        match (since, error.unknown.as_deref()) {
            (Some(since), _) => {
                told.help(format!("that function came with Prometheus 3.{since}"));
            }
            (None, Some("$label")) => {
                told.help("did you mean `$labels`?");
            }
            _ => {}
        }
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

/// The first key of a map.
fn first(map: Node<'_>) -> Span {
    map.entries().first().map_or(map.span(), |e| e.key.span())
}
