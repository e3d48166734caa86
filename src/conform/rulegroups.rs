//! Groups of rules as rulers of Prometheus' descent read them: what they refuse whatever language the queries are in
//! (prometheus/prometheus model/rulefmt/rulefmt.go@v2.40.7 to v3.14.0; grafana/loki pkg/ruler/compat.go
//! `ValidateGroups`@v2.9.2, v3.7.6; grafana/mimir pkg/ruler/rulestore/local/local.go@mimir-2.10.0, mimir-3.0.2).

use std::collections::HashMap;

use super::judge::{Judge, When};
use super::read::{is_label, legacy_metric};
use crate::diagnostic;
use crate::lang::template::{self, Names};
use crate::parse::Node;
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

/// Who reads the groups.
#[derive(Debug)]
pub struct Ruler {
    /// The rule that tells of what it refuses.
    pub invalid: &'static diagnostic::Rule,
    /// Whether names of labels and metrics may hold anything.
    pub utf8: bool,
    /// Whether names of metrics may hold braces where they may hold anything.
    pub braced: bool,
    /// Whether it looks at the labels of groups.
    pub of_groups: bool,
    /// Keys of times that a rule which records cannot have.
    pub waits: &'static [&'static str],
    /// The minor version of Prometheus 3 whose functions its templates have.
    pub minor: u16,
}

/// A rule.
#[derive(Debug, Clone, Copy)]
pub struct Rule<'d> {
    /// Its group.
    pub group: Node<'d>,
    /// All of it.
    pub node: Node<'d>,
    /// The name of what it records, which is not empty.
    pub record: Option<Node<'d>>,
    /// The name of its alert, which is not empty.
    pub alert: Option<Node<'d>>,
    /// Its query, which is not empty.
    pub expr: Option<Node<'d>>,
}

/// Looks at a file of groups, and shows each rule with what it holds.
pub fn file<'d>(judge: &mut Judge<'_>, root: Node<'d>, ruler: &Ruler, mut each: impl FnMut(&mut Judge<'_>, Rule<'d>)) {
    let mut groups: HashMap<&str, Node<'_>> = HashMap::new();
    for group in root.get("groups").into_iter().flat_map(Node::items).filter(|g| g.is_map()) {
        let name = group.get("name").and_then(Node::scalar).unwrap_or_default();
        let at = group.get("name").filter(|n| !n.is_null()).map_or_else(|| first(group), Node::span);
        if name.is_empty() {
            judge.tell(ruler.invalid, first(group), When::Always, "this group has no `name`").help("write `name:`");
        } else if let Some(before) = groups.insert(name, group) {
            judge
                .tell(ruler.invalid, at, When::Always, format!("two groups of this file are named `{name}`"))
                .label(before.get("name").map_or(before.span(), Node::span), "the first one")
                .help("give each its own name, or put their rules into one group");
        }
        if ruler.of_groups {
            names(judge, ruler, group, "labels");
        }
        for node in group.get("rules").into_iter().flat_map(Node::items).filter(|r| r.is_map()) {
            let set = |key: &str| node.get(key).filter(|n| n.scalar().is_some_and(|t| !t.is_empty()));
            let rule = Rule { group, node, record: set("record"), alert: set("alert"), expr: set("expr") };
            one(judge, ruler, rule);
            each(judge, rule);
        }
    }
}

fn one(judge: &mut Judge<'_>, ruler: &Ruler, rule: Rule<'_>) {
    let node = rule.node;
    match (rule.record, rule.alert) {
        (Some(record), Some(alert)) => {
            judge
                .tell(ruler.invalid, record.span(), When::Always, "a rule is either a `record` or an `alert`")
                .label(alert.span(), "the other one")
                .help("make two rules of it");
        }
        (None, None) => {
            let empty = node.entry("record").or_else(|| node.entry("alert"));
            let at = empty.map_or_else(|| first(node), |e| e.key.span());
            judge
                .tell(ruler.invalid, at, When::Always, "this rule has neither `record` nor `alert`")
                .help("write `record:` and a name, or `alert:` and a name");
        }
        _ => {}
    }
    if let Some(record) = rule.record {
        recording(judge, ruler, node, record);
    }
    names(judge, ruler, node, "labels");
    names(judge, ruler, node, "annotations");
    if rule.alert.is_some() {
        templates(judge, ruler, node, "labels");
        templates(judge, ruler, node, "annotations");
    }
    match node.get("expr") {
        Some(_) if rule.expr.is_some() => {}
        Some(expr) if !expr.is_null() && expr.scalar().is_none() => {
            judge.tell(ruler.invalid, expr.span(), When::Always, "`expr` must be a query").help("write it as text");
        }
        expr => {
            let at = match expr {
                Some(expr) if !expr.is_null() => expr.span(),
                Some(_) => node.entry("expr").map_or_else(|| first(node), |e| e.key.span()),
                None => first(node),
            };
            judge.tell(ruler.invalid, at, When::Always, "this rule has no `expr`").help("write `expr:` and a query");
        }
    }
}

/// The names of labels or annotations.
fn names(judge: &mut Judge<'_>, ruler: &Ruler, map: Node<'_>, key: &str) {
    for entry in map.get(key).into_iter().flat_map(Node::entries) {
        let name = entry.name();
        if !is_label(name, ruler.utf8) || (key == "labels" && name == "__name__") {
            let when = if name.is_empty() || name == "__name__" { When::Always } else { When::Sometimes };
            judge
                .tell(ruler.invalid, entry.key.span(), when, format!("`{key}` cannot hold `{name}`"))
                .help("a name has letters, digits and `_`, and does not begin with a digit");
        }
    }
}

/// What a recording rule cannot have.
fn recording(judge: &mut Judge<'_>, ruler: &Ruler, rule: Node<'_>, record: Node<'_>) {
    let name = record.scalar().unwrap_or_default();
    if rule.get("annotations").is_some_and(|a| !a.entries().is_empty()) {
        let entry = rule.entry("annotations");
        judge
            .tell(ruler.invalid, record.span(), When::Always, "a recording rule has no `annotations`")
            .label(entry.map_or(record.span(), |e| e.key.span()), "these")
            .help("delete them");
    }
    for key in ruler.waits {
        let Some(entry) = rule.entry(key) else { continue };
        let zero =
            |text: &str| text.is_empty() || crate::lang::quantity::prometheus_duration(text) == Ok(0) || text == "0";
        if entry.value.scalar().is_some_and(|t| !zero(t)) {
            judge
                .tell(ruler.invalid, record.span(), When::Always, format!("a recording rule has no `{key}`"))
                .label(entry.key.span(), "this one")
                .help("delete it");
        }
    }
    let braces = name.contains(['{', '}']);
    if (!ruler.utf8 && !legacy_metric(name)) || (braces && !ruler.braced) {
        let told = judge.tell(
            ruler.invalid,
            record.span(),
            When::Sometimes,
            format!("`record` cannot be `{name}`: it is no name of a metric"),
        );
        told.help(if braces {
            "braces belong into `expr`, labels into `labels`"
        } else {
            "a name has letters, digits, `_` and `:`"
        });
    }
}

fn templates(judge: &mut Judge<'_>, ruler: &Ruler, rule: Node<'_>, key: &str) {
    let later = |name: &str| FUNCTIONS.iter().find(|(known, _)| *known == name).map(|f| f.1);
    let functions: Vec<&str> = FUNCTIONS.iter().filter(|(_, since)| *since <= ruler.minor).map(|f| f.0).collect();
    for entry in rule.get(key).into_iter().flat_map(Node::entries) {
        let Some(text) = entry.value.text().filter(|t| t.value().contains("{{")) else { continue };
        let names = Names { functions: &[&functions], variables: &VARIABLES };
        let Err(error) = template::check(text.value(), names) else { continue };
        let since = error.unknown.as_deref().and_then(later);
        let when = if since.is_some() { When::Sometimes } else { When::Always };
        let message = format!("the template of `{}` is broken: {}", entry.name(), error.message);
        let at = if error.range.is_empty() { entry.value.span() } else { text.span(error.range) };
        let told = judge.tell(ruler.invalid, at, when, message);
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

/// The first key of a map.
fn first(map: Node<'_>) -> Span {
    map.entries().first().map_or(map.span(), |e| e.key.span())
}
