//! Two providers of one Grafana with one name.

use super::providers_overlap::{Provider, are_of_one, boards, each, meet};
use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::parse::Node;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "gf-providers-same-name",
    aliases: &[],
    summary: "two providers of dashboards have one name: each takes away what the other has loaded",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("providers_same_name.md"),
};

/// Every provider whose name an earlier one of the same service has, where both have dashboards (grafana/grafana
/// pkg/services/provisioning/dashboards/file_reader.go `handleMissingDashboardFiles`@005556632f32, 669d0865b2ad).
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let found = each(ctx, are_namesakes, |service, first, provider| {
        let (name, other) = (name(provider)?, name(first)?);
        if boards(ctx, service, first).next().is_none() || boards(ctx, service, provider).next().is_none() {
            return None;
        }
        let text = name.scalar().unwrap_or_default();
        let message = format!("another provider is named `{text}`, too: each takes away the dashboards of the other");
        let found = Diagnostic::new(&RULE, name.inner(), message)
            .label(other.inner(), "the other one")
            .note("Grafana remembers by the name of the provider what it loaded: whatever does not lie in the folder of one is gone from its disk")
            .help("give each a name of its own");
        Some(found)
    });
    findings.all.extend(found);
}

fn name<'a>(provider: &Provider<'a>) -> Option<Node<'a>> {
    provider.node.get("name").filter(|n| n.scalar().is_some_and(|t| !t.is_empty() && !t.contains('$')))
}

/// Whether two have one name, and folders that do not meet: those that do are told of as such.
fn are_namesakes(one: &Provider<'_>, two: &Provider<'_>) -> bool {
    let name = |p| name(p).and_then(Node::scalar);
    name(one).is_some() && name(one) == name(two) && are_of_one(one, two) && !meet(one, two)
}
