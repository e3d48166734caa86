//! Conditions of provisioned alert rules that name no query of the rule.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{Findings, Instance};
use crate::parse::Node;

/// The rule.
pub(in crate::engines::grafana) static RULE: Rule = Rule {
    id: "gf-alerting-ref",
    aliases: &[],
    summary: "the condition of a provisioned alert rule names a query that it does not have",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("alerting_ref.md"),
};

/// Every such name, over the files of one Grafana.
pub(in crate::engines::grafana) fn run(instance: &Instance<'_>, findings: &mut Findings) {
    let files = instance.files.iter().filter(|(_, a)| a.kind.name == "grafana-alerting");
    let groups = files.filter_map(|(_, a)| a.data()?.root()?.get("groups")).flat_map(Node::items);
    groups.filter_map(|g| g.get("rules")).flat_map(Node::items).for_each(|rule| condition(rule, findings));
}

/// A condition names one of the rule's queries (`grafana/grafana pkg/services/ngalert/eval/eval.go`, main line).
fn condition(rule: Node<'_>, findings: &mut Findings) {
    let Some(node) = rule.get("condition") else { return };
    let Some(name) = node.scalar().filter(|n| !n.is_empty() && !n.contains('$')) else { return };
    let Some(data) = rule.get("data").filter(|d| d.is_seq()) else { return };
    let ids: Vec<&str> = data.items().filter_map(|q| q.get("refId")?.scalar()).collect();
    if ids.is_empty() || ids.iter().any(|i| *i == name || i.contains('$')) {
        return;
    }
    let listed: Vec<String> = ids.iter().take(8).map(|i| format!("`{i}`")).collect();
    let message = format!("no query of this rule has the `refId` `{name}`");
    let diagnostic = Diagnostic::new(&RULE, node.inner(), message)
        .note("every evaluation of the rule fails, and its state becomes that of `execErrState`");
    findings.push(diagnostic.help(format!("write one of {}", listed.join(", "))));
}
