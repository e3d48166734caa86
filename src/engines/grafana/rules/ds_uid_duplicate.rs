//! One uid for two data sources of one Grafana.

use std::collections::HashMap;

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{Findings, Instance};
use crate::parse::Node;
use crate::tree::path;

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
    let mut first: HashMap<(&str, &str, i64), (u32, Node<'_>, &str)> = HashMap::new();
    for (id, artifact) in instance.files.iter().filter(|(_, a)| a.kind.name == "grafana-datasources") {
        // Grafana reads one folder, without those below it (`…/provisioning/datasources/config_reader.go`).
        let used = instance.service.and_then(|(service, _)| artifact.used_by(service).first());
        let folder = used.map_or("", |u| path::folder(&u.path));
        let Some(root) = artifact.data().and_then(|d| d.root()) else { continue };
        for source in root.get("datasources").into_iter().flat_map(Node::items) {
            let uid = source.get("uid").and_then(|n| Some((n, n.scalar()?)));
            let Some((node, uid)) = uid.filter(|(_, u)| !u.is_empty() && !u.contains('$')) else { continue };
            let name = source.get("name").and_then(Node::scalar).unwrap_or_default();
            let org = source.get("orgId").and_then(Node::as_i64).unwrap_or(1).max(1);
            let Some((other, before, of)) = first.get(&(folder, uid, org)) else {
                first.insert((folder, uid, org), (id.0, node, name));
                continue;
            };
            // What nothing mounts may be meant for one Grafana each.
            if *of == name || name.contains('$') || of.contains('$') || instance.service.is_none() && *other != id.0 {
                continue;
            }
            let message = format!("`{uid}` is the uid of the data source `{of}`, too");
            let diagnostic = Diagnostic::new(&RULE, node.inner(), message)
                .label(before.inner(), "the other one")
                .note("Grafana does not add a data source whose uid another one has, and stops provisioning there")
                .help(format!("give `{name}` another uid"));
            findings.push(diagnostic);
        }
    }
}
