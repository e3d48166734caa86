//! The data sources of one Grafana, as its provisioning files list them.

use crate::engine::Instance;
use crate::parse::Node;
use crate::tree::path;

/// A data source of a file.
#[derive(Clone, Copy)]
pub(super) struct Source<'d> {
    /// The file, by its number.
    file: u32,
    /// The folder that Grafana reads it from, without those below (`grafana/grafana
    /// pkg/services/provisioning/datasources/config_reader.go`); empty where nothing mounts it.
    folder: &'d str,
    /// The organisation: 0 and none are the first.
    org: i64,
    /// Its entry.
    pub(super) node: Node<'d>,
}

impl<'d> Source<'d> {
    /// The place and text of a key, where it is written without a variable.
    pub(super) fn text(&self, key: &str) -> Option<(Node<'d>, &'d str)> {
        let node = self.node.get(key)?;
        Some((node, node.scalar().filter(|t| !t.is_empty() && !t.contains('$'))?))
    }

    /// Among whom a name or a uid is there once.
    pub(super) fn space(&self) -> (&'d str, i64) {
        (self.folder, self.org)
    }

    /// Whether one Grafana certainly reads both: what nothing mounts may be meant for one each.
    pub(super) fn meets(&self, other: &Self, instance: &Instance<'_>) -> bool {
        instance.service.is_some() || self.file == other.file
    }
}

/// All of an instance.
pub(super) fn sources<'d>(instance: &Instance<'d>) -> Vec<Source<'d>> {
    let mut found = Vec::new();
    for (id, artifact) in instance.files.iter().filter(|(_, a)| *a.kind == super::DATASOURCES) {
        let used = instance.service.and_then(|(service, _)| artifact.used_by(service).first());
        let folder = used.map_or("", |u| path::folder(&u.path));
        let root = artifact.data().and_then(|d| d.root());
        for node in root.and_then(|r| r.get("datasources")).into_iter().flat_map(Node::items) {
            let org = node.get("orgId").and_then(Node::as_i64).unwrap_or(1).max(1);
            found.push(Source { file: id.0, folder, org, node });
        }
    }
    found
}
