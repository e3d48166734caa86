//! Names in provisioned alerting that lead nowhere.

use std::collections::BTreeSet;

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{Findings, Instance};
use crate::near::Near;
use crate::parse::Node;

/// The rule.
pub(in crate::engines::grafana) static RULE: Rule = Rule {
    id: "gf-alerting-ref",
    aliases: &[],
    summary: "provisioned alerting names a query or contact point that is not there",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("alerting_ref.md"),
};

/// The contact point that every Grafana has (`grafana/grafana pkg/setting/setting_unified_alerting.go`,
/// `alertmanagerDefaultConfiguration`): its name since 9.1, and the one before.
const DEFAULT: [&str; 3] = ["grafana-default-email", "email receiver", "empty"];

/// Policies of a tree that are looked at.
const POLICIES: usize = 10_000;

/// Every such name, over the files of one Grafana.
pub(in crate::engines::grafana) fn run(instance: &Instance<'_>, findings: &mut Findings) {
    let files = instance.files.iter().filter(|(_, a)| a.kind.name == "grafana-alerting");
    let roots: Vec<Node<'_>> = files.filter_map(|(_, a)| a.data()?.root()).collect();
    let list = |key: &str| roots.iter().filter_map(|r| r.get(key)).flat_map(Node::items).collect::<Vec<_>>();
    let points: BTreeSet<&str> = list("contactPoints").iter().filter_map(|p| p.get("name")?.scalar()).collect();
    // Contact points that somebody made by hand are not known; with some in files the others are meant to be there, too.
    let closed = !points.is_empty() && points.iter().all(|p| !p.contains('$'));
    let mut receivers = Vec::new();
    for rule in list("groups").iter().filter_map(|g| g.get("rules")).flat_map(Node::items) {
        condition(rule, findings);
        receivers.extend(rule.at(&["notification_settings", "receiver"]));
    }
    let mut waiting = list("policies");
    let mut left = POLICIES;
    while let Some(policy) = waiting.pop().filter(|_| left > 0) {
        left -= 1;
        receivers.extend(policy.get("receiver"));
        waiting.extend(policy.get("routes").into_iter().flat_map(Node::items));
    }
    let near = Near::default();
    for node in receivers.into_iter().filter(|_| closed) {
        let Some(name) = node.scalar().filter(|n| !n.is_empty() && !n.contains('$')) else { continue };
        if points.contains(name) || DEFAULT.contains(&name) {
            continue;
        }
        let known = points.iter().next().copied().unwrap_or_default();
        let help = match near.nearest(name, points.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("add it to `contactPoints`, or write one that is there, such as `{known}`"),
        };
        let message = format!("no contact point of these files is called `{name}`");
        let diagnostic = Diagnostic::new(&RULE, node.inner(), message)
            .note("unless somebody made it by hand, Grafana refuses the file and does not start");
        findings.push(diagnostic.help(help));
    }
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
