//! A data source that one file provisions and a later one deletes.

use std::collections::{HashMap, HashSet};

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{Findings, Instance};
use crate::parse::Node;
use crate::tree::{Artifact, path};

/// The rule.
pub(in crate::engines::grafana) static RULE: Rule = Rule {
    id: "gf-delete-datasource-orphan",
    aliases: &[],
    summary: "a provisioning file deletes a data source that an earlier one adds",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("delete_datasource_orphan.md"),
};

/// Every such name. Files are read in the order of their names; each first deletes, then adds (`grafana/grafana
/// pkg/services/provisioning/datasources/datasources.go` `applyChanges`, `provisionDataSources` at 12.3.3).
pub(in crate::engines::grafana) fn run(instance: &Instance<'_>, findings: &mut Findings) {
    let Some((service, _)) = instance.service else { return };
    let at = |a: &Artifact| a.used_by(service).first().map(|u| u.path.clone());
    let sources = instance.files.iter().filter(|(_, a)| a.kind.name == "grafana-datasources");
    let mut files: Vec<(String, &Artifact)> = sources.filter_map(|(_, a)| Some((at(a)?, *a))).collect();
    files.sort_by(|a, b| a.0.cmp(&b.0));
    let mut added: HashMap<(String, String, i64), Node<'_>> = HashMap::new();
    for (file, artifact) in files {
        let Some(root) = artifact.data().and_then(|d| d.root()) else { continue };
        let folder = path::folder(&file).to_owned();
        let list = |key: &str| root.get(key).into_iter().flat_map(Node::items).collect::<Vec<_>>();
        let named = |node: Node<'_>| {
            let org = node.get("orgId").and_then(Node::as_i64).unwrap_or(1).max(1);
            Some((node.get("name")?.scalar().map(str::to_owned)?, org))
        };
        let again: HashSet<(String, i64)> = list("datasources").into_iter().filter_map(named).collect();
        for gone in list("deleteDatasources") {
            // Deleted to be made anew.
            let Some((name, org)) = named(gone).filter(|n| !again.contains(n)) else { continue };
            let Some(before) = added.get(&(folder.clone(), name.clone(), org)) else { continue };
            let span = gone.get("name").map_or(gone.span(), Node::inner);
            let message = format!("this deletes the data source `{name}`, which a file before this one adds");
            let diagnostic = Diagnostic::new(&RULE, span, message)
                .label(before.inner(), "added here")
                .note("Grafana reads the files in the order of their names, and each one first deletes and then adds")
                .help("remove it from one of the two");
            findings.push(diagnostic);
        }
        for source in list("datasources") {
            let Some((name, org)) = named(source).filter(|(n, _)| !n.contains('$')) else { continue };
            if let Some(node) = source.get("name") {
                added.insert((folder.clone(), name, org), node);
            }
        }
    }
}
