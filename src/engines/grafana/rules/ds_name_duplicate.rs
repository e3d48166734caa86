//! One name for two data sources of one Grafana.

use std::collections::HashMap;

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{Findings, Instance};
use crate::engines::grafana::provisioned::{Source, sources};
use crate::parse::Node;

/// The rule.
pub(in crate::engines::grafana) static RULE: Rule = Rule {
    id: "gf-ds-name-duplicate",
    aliases: &[],
    summary: "two provisioned data sources have one name, so the second one replaces the first",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("ds_name_duplicate.md"),
};

/// Every name that an earlier data source of the same Grafana has: it is looked up by it, and changed (`grafana/grafana
/// pkg/services/provisioning/datasources/datasources.go` `provisionDataSources`@032967e66899).
pub(in crate::engines::grafana) fn run(instance: &Instance<'_>, findings: &mut Findings) {
    let mut first = HashMap::new();
    for source in sources(instance) {
        let Some((node, name)) = source.text("name") else { continue };
        let (before, of) = *first.entry((source.space(), name)).or_insert((source, node));
        let uid = |s: &Source<'_>| s.node.get("uid").and_then(Node::scalar).map(str::to_owned);
        // Of two that are the same nothing is lost.
        if uid(&before) == uid(&source) || !source.meets(&before, instance) {
            continue;
        }
        let message = format!("`{name}` is the name of another data source, too, which this one replaces");
        let diagnostic = Diagnostic::new(&RULE, node.inner(), message)
            .label(of.inner(), "the one that is lost")
            .note("Grafana looks data sources up by their names, and changes the one that it finds")
            .help("give it another name");
        findings.push(diagnostic);
    }
}
