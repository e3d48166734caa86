//! One name for two data sources of one Grafana.

use std::collections::HashMap;

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{Findings, Instance};
use crate::parse::Node;
use crate::tree::path;

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

/// A data source whose name is not taken.
struct First<'d> {
    file: u32,
    name: Node<'d>,
    uid: Option<&'d str>,
}

/// Every name that an earlier data source of the same Grafana has: it is looked up by it, and changed (`grafana/grafana
/// pkg/services/provisioning/datasources/datasources.go` `provisionDataSources`, main line).
pub(in crate::engines::grafana) fn run(instance: &Instance<'_>, findings: &mut Findings) {
    let mut first: HashMap<(&str, &str, i64), First<'_>> = HashMap::new();
    for (id, artifact) in instance.files.iter().filter(|(_, a)| a.kind.name == "grafana-datasources") {
        let used = instance.service.and_then(|(service, _)| artifact.used_by(service).first());
        let folder = used.map_or("", |u| path::folder(&u.path));
        let Some(root) = artifact.data().and_then(|d| d.root()) else { continue };
        for source in root.get("datasources").into_iter().flat_map(Node::items) {
            let name = source.get("name").and_then(|n| Some((n, n.scalar()?)));
            let Some((node, name)) = name.filter(|(_, n)| !n.is_empty() && !n.contains('$')) else { continue };
            let org = source.get("orgId").and_then(Node::as_i64).unwrap_or(1).max(1);
            let uid = source.get("uid").and_then(Node::scalar);
            let Some(before) = first.get(&(folder, name, org)) else {
                first.insert((folder, name, org), First { file: id.0, name: node, uid });
                continue;
            };
            // What nothing mounts may be meant for one Grafana each; of two that are the same nothing is lost.
            if before.uid == uid || instance.service.is_none() && before.file != id.0 {
                continue;
            }
            let message = format!("`{name}` is the name of another data source, too, which this one replaces");
            let diagnostic = Diagnostic::new(&RULE, node.inner(), message)
                .label(before.name.inner(), "the one that is lost")
                .note("Grafana looks data sources up by their names, and changes the one that it finds")
                .help("give it another name");
            findings.push(diagnostic);
        }
    }
}
