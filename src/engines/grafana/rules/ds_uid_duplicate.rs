//! One uid for two data sources of one Grafana.

use std::collections::HashMap;

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{Findings, Instance};
use crate::engines::grafana::provisioned::{Source, sources};
use crate::parse::Node;

/// The rule.
pub(in crate::engines::grafana) static RULE: Rule = Rule {
    id: "gf-ds-uid-duplicate",
    aliases: &[],
    summary: "two provisioned data sources have one uid, so Grafana refuses the second one",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("ds_uid_duplicate.md"),
};

/// Every uid that an earlier data source of another name has (`grafana/grafana pkg/services/datasources/service/store.go`
/// `AddDataSource`, main line: a uid is one of an organisation).
pub(in crate::engines::grafana) fn run(instance: &Instance<'_>, findings: &mut Findings) {
    let mut first = HashMap::new();
    for source in sources(instance) {
        let Some((node, uid)) = source.text("uid") else { continue };
        let name = |s: &Source<'_>| s.node.get("name").and_then(Node::scalar).unwrap_or_default().to_owned();
        let (before, at) = *first.entry((source.space(), uid)).or_insert((source, node));
        let (of, name) = (name(&before), name(&source));
        if of == name || name.contains('$') || of.contains('$') || !source.meets(&before, instance) {
            continue;
        }
        let message = format!("`{uid}` is the uid of the data source `{of}`, too");
        let diagnostic = Diagnostic::new(&RULE, node.inner(), message)
            .label(at.inner(), "the other one")
            .note("Grafana does not add a data source whose uid another one has, and stops provisioning there")
            .help(format!("give `{name}` another uid"));
        findings.push(diagnostic);
    }
}
