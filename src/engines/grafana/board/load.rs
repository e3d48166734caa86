//! Which Grafana loads a dashboard from a file, and by which provider.

use crate::parse::Node;
use crate::source::Span;
use crate::tree::{Artifact, ServiceId, Tree, path};

/// A provider whose folder holds a dashboard.
#[derive(Debug, Clone, Copy)]
pub(in crate::engines::grafana) struct Loader {
    /// The service.
    pub(in crate::engines::grafana) service: ServiceId,
    /// Where its path is written.
    pub(in crate::engines::grafana) path: Span,
    /// Whether each folder below its own becomes one of Grafana (file_reader.go `FoldersFromFilesStructure`).
    pub(in crate::engines::grafana) by_folder: bool,
}

/// The providers of a file: below `providers`, in the oldest form all that the file lists (`grafana/grafana
/// pkg/services/provisioning/dashboards/config_reader.go@0524cbafcfcf`).
pub(in crate::engines::grafana) fn providers(file: &Artifact) -> impl Iterator<Item = Node<'_>> {
    let root = file.data().and_then(|d| d.root());
    root.map(|r| r.get("providers").unwrap_or(r)).into_iter().flat_map(Node::items)
}

/// The folder of a provider: `options.path`, once `options.folder` (`grafana/grafana
/// pkg/services/provisioning/dashboards/file_reader.go`).
pub(in crate::engines::grafana) fn folder(provider: Node<'_>) -> Option<(Node<'_>, String)> {
    let options = provider.get("options")?;
    let node = options.get("path").or_else(|| options.get("folder"))?;
    let text = node.scalar().filter(|t| !t.contains('$') && t.starts_with('/'))?;
    Some((node, path::clean(text)))
}

/// The providers of Grafana services that mount the file, and whose folder it lies in.
pub(in crate::engines::grafana) fn loaders(tree: &Tree, artifact: &Artifact) -> Vec<Loader> {
    let mut found = Vec::new();
    for used in artifact.uses.iter().filter(|u| tree.service(u.service).engine == Some("grafana")) {
        let files = tree.of_kind("grafana-dashboard-provider").map(|(_, a)| a);
        for file in files.filter(|a| !a.used_by(used.service).is_empty()) {
            for provider in providers(file) {
                if let Some((node, folder)) = folder(provider)
                    && path::below(&used.path, &folder).is_some()
                {
                    let structure = provider.at(&["options", "foldersFromFilesStructure"]);
                    let by_folder = structure.is_some_and(|s| s.as_bool() != Some(false));
                    found.push(Loader { service: used.service, path: node.inner(), by_folder });
                }
            }
        }
    }
    found
}
