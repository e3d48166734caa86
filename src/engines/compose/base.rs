//! The project's folder, which relative paths start from. It is the compose file's own, unless somebody says otherwise
//! (`--project-directory`, or another file first: `-f a.yaml -f b/c.yaml`). Only what the paths lead to can tell.

use crate::parse::Node;
use crate::tree::{Artifact, Presence, Tree, path};

/// Paths that are tried, and folders above that they are tried from.
const TRIED: usize = 64;
const ABOVE: usize = 8;

/// The folder that the relative paths of a file start from: its own when one of them leads somewhere there, or the one that
/// a script runs it from, or links it to, when more do, else the nearest one above from which most do, or all where folders of one
/// name are among them.
pub(super) fn folder<'t>(tree: &'t Tree, artifact: &'t Artifact) -> &'t str {
    let own = path::folder(&artifact.path);
    let sources = artifact.data().and_then(|d| d.root()).map(relative).unwrap_or_default();
    let at = |folder: &str, source: &str| tree.presence(&path::join(folder, &path::slashed(source)));
    let led =
        |folder: &str| sources.iter().filter(|s| matches!(at(folder, s), Presence::File | Presence::Folder)).count();
    let home = tree.home(&artifact.path).filter(|home| tree.presence(home) == Presence::Folder);
    let beside = led(own);
    if beside > 0 && home.is_none_or(|home| led(home) <= beside) {
        return own;
    }
    if let Some(home) = home {
        return home;
    }
    if sources.is_empty() {
        return own;
    }
    let leads = |folder: &str, source: &str| match at(folder, source) {
        Presence::File => true,
        // A folder of one name is made where it is missing, and says nothing.
        Presence::Folder => path::clean(source).contains('/'),
        _ => false,
    };
    let above = std::iter::successors(path::parent(own), |f| path::parent(f)).take(ABOVE);
    let mut known = above.take_while(|f| tree.presence(f) == Presence::Folder);
    let fits = |folder: &&str| {
        let led = sources.iter().filter(|s| leads(folder, s)).count();
        let all = || sources.iter().all(|s| matches!(at(folder, s), Presence::File | Presence::Folder));
        // Half of them are enough where nothing at all lies beside the file.
        led > 1 && led * 2 >= sources.len() || led * 2 > sources.len() || led > 0 && all()
    };
    known.find(fits).unwrap_or(own)
}

/// The relative paths of a file that stand as they are.
fn relative(root: Node<'_>) -> Vec<&str> {
    let entries = |key: &str| root.get(key).map(Node::entries).unwrap_or_default();
    let mut found = Vec::new();
    for service in entries("services") {
        for volume in service.value.get("volumes").into_iter().flat_map(Node::items) {
            let source = volume.get("source").unwrap_or(volume).as_str();
            found.extend(source.map(|s| s.split(':').next().unwrap_or(s)).filter(|s| s.starts_with('.')));
        }
        let files = service.value.get("env_file");
        found.extend(files.and_then(Node::as_str));
        found.extend(files.into_iter().flat_map(Node::items).filter_map(Node::as_str));
        found.extend(service.value.at(&["extends", "file"]).and_then(Node::as_str));
    }
    for entry in entries("configs").into_iter().chain(entries("secrets")) {
        found.extend(entry.value.get("file").and_then(Node::as_str));
    }
    found.retain(|s| !s.starts_with('/') && !s.contains(['$', '~']) && !path::clean(s).trim_matches('.').is_empty());
    found.truncate(TRIED);
    found
}
