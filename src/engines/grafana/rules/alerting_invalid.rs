//! Provisioned alerting that Grafana refuses at its start.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::engines::grafana::alerts;
use crate::lang::quantity::prometheus_duration;
use crate::parse::Node;
use crate::source::Span;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "gf-alerting-invalid",
    aliases: &[],
    summary: "a provisioned alert rule lacks what Grafana demands, so it does not start",
    tier: Tier::B,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("alerting_invalid.md"),
};

const ERROR_STATES: [&str; 4] = ["Alerting", "Error", "OK", "KeepLast"];

const NO_DATA_STATES: [&str; 4] = ["Alerting", "NoData", "OK", "KeepLast"];

/// Every such group and rule (`grafana/grafana pkg/services/provisioning/alerting/rules_types.go`).
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let Some(root) = ctx.artifact.data().and_then(|d| d.root()) else { return };
    for group in root.get("groups").into_iter().flat_map(Node::items).filter(|g| g.is_map()) {
        let at = start(group);
        for key in ["name", "folder"] {
            if lacks(group, key) {
                tell(at, group.get(key), format!("a group of alert rules has no `{key}`"), findings);
            }
        }
        if lacks(group, "interval") {
            tell(at, group.get("interval"), "a group of alert rules has no `interval`".to_owned(), findings);
        } else {
            duration(group, "interval", findings);
        }
        for rule in group.get("rules").into_iter().flat_map(Node::items).filter(|r| r.is_map()) {
            check(rule, findings);
        }
    }
}

fn check(rule: Node<'_>, findings: &mut Findings) {
    let at = start(rule);
    let recorded = rule.get("record").is_some_and(Node::is_map);
    for key in ["title", "uid", "condition"] {
        if lacks(rule, key) && !(key == "condition" && recorded) {
            tell(at, rule.get(key), format!("an alert rule has no `{key}`"), findings);
        }
    }
    if rule.get("data").is_none_or(|d| d.is_null() || d.is_seq() && d.items().len() == 0) {
        tell(at, rule.get("data"), "an alert rule has no `data`".to_owned(), findings);
    }
    rule.get("data").into_iter().flat_map(Node::items).filter(|q| q.is_map()).for_each(|query| range(query, findings));
    for key in ["for", "keepFiringFor"] {
        duration(rule, key, findings);
    }
    for (key, states) in [("execErrState", ERROR_STATES), ("noDataState", NO_DATA_STATES)] {
        let Some(node) = rule.get(key) else { continue };
        let Some(text) = node.scalar().map(str::trim).filter(|t| !t.is_empty() && !t.contains('$')) else { continue };
        if !states.contains(&text) {
            let known: Vec<String> = states.iter().map(|s| format!("`{s}`")).collect();
            let message = format!("`{text}` is no state that `{key}` takes");
            findings
                .push(Diagnostic::new(&RULE, node.span(), message).help(format!("write one of {}", known.join(", "))));
        }
    }
}

/// What asks a data source says from when to when (`grafana/grafana pkg/services/ngalert/models/alert_query.go@0425369c5942`
/// `PreSave`).
fn range(query: Node<'_>, findings: &mut Findings) {
    let name = |key: &str| query.get(key).and_then(Node::scalar);
    let Some(uid) = name("datasourceUid").filter(|uid| !uid.contains('$')) else { return };
    if uid.is_empty() || alerts::is_computed(uid) {
        return;
    }
    let id = name("refId").unwrap_or_default();
    let seconds = |key: &str| query.at(&["relativeTimeRange", key]).map_or(Some(0), Node::as_i64);
    let (Some(from), Some(to)) = (seconds("from"), seconds("to")) else { return };
    if from <= to {
        let given = query.entry("relativeTimeRange").map(|e| e.key.span());
        let message = match given {
            Some(_) => format!("the `relativeTimeRange` of query `{id}` ends before it begins"),
            None => format!("query `{id}` of an alert rule has no `relativeTimeRange`"),
        };
        findings.push(
            Diagnostic::new(&RULE, given.unwrap_or_else(|| start(query)), message)
                .help("write `relativeTimeRange: {from: 600, to: 0}`, in seconds before now")
                .note("Grafana refuses the file and does not start"),
        );
    }
}

/// The first key of a map, or the map.
fn start(node: Node<'_>) -> Span {
    node.own_entries().next().map_or(node.span(), |e| e.key.span())
}

fn lacks(node: Node<'_>, key: &str) -> bool {
    node.get(key).is_none_or(|n| n.is_null() || n.scalar().is_some_and(|t| t.trim().is_empty()))
}

fn tell(at: Span, node: Option<Node<'_>>, message: String, findings: &mut Findings) {
    let span = node.filter(|n| !n.span().range().is_empty()).map_or(at, Node::span);
    findings.push(Diagnostic::new(&RULE, span, message).note("Grafana refuses the file and does not start"));
}

fn duration(node: Node<'_>, key: &str, findings: &mut Findings) {
    let Some(value) = node.get(key) else { return };
    let Some(text) = value.scalar().filter(|t| !t.is_empty() && !t.contains('$')) else { return };
    if prometheus_duration(text).is_err() {
        let message = format!("`{text}` is no duration that `{key}` takes");
        let help = "write a number with its unit, such as `5m`";
        findings.push(
            Diagnostic::new(&RULE, value.span(), message)
                .help(help)
                .note("Grafana refuses the file and does not start"),
        );
    }
}
