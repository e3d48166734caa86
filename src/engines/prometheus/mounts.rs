//! What a service has at a path of its container, as far as the tree can tell.

use crate::parse::Node;
use crate::tree::{Artifact, Mount, MountSource, Presence, Service, Tree, path};

/// What a pattern of paths leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found<'a> {
    /// At least one file.
    Files,
    /// A folder of the tree is mounted there, all its files are known, and none fits.
    Nothing(&'a Mount),
    /// A folder of the tree is mounted above, and has no such folder.
    Absent(&'a Mount),
    /// A folder, where a path was meant.
    Folder,
    /// Nothing is mounted there.
    Unmounted,
    /// It cannot be known.
    Unknown,
}

/// What a path or a pattern (`*` and `?` in its last part) leads to.
pub(super) fn find<'a>(tree: &Tree, service: &'a Service, pattern: &str) -> Found<'a> {
    if service.build || service.mounts_open || pattern.contains(['[', '\\', '$']) || pattern.contains("{{") {
        return Found::Unknown;
    }
    let (folder, name) = (path::folder(pattern), path::name(pattern));
    if folder.contains(['*', '?']) {
        return Found::Unknown;
    }
    // Files that are mounted by themselves.
    let alone = |m: &&Mount| path::folder(&m.target) == folder && fits(name, path::name(&m.target)) != Some(false);
    let plain = !name.contains(['*', '?']);
    let is_folder = |at: &str| plain && tree.presence(at) == Presence::Folder;
    if let Some(mount) = service.mounts.iter().find(alone) {
        let folder = matches!(&mount.source, MountSource::Bind(host) if is_folder(host));
        return if folder { Found::Folder } else { Found::Files };
    }
    let over = service.mounts.iter().filter(|m| path::below(folder, &m.target).is_some() || folder == m.target);
    let Some(mount) = over.max_by_key(|m| m.target.len()) else {
        // What the image itself has there.
        let shipped = folder == "/etc/prometheus" && fits(name, "prometheus.yml") != Some(false);
        return if shipped { Found::Unknown } else { Found::Unmounted };
    };
    let MountSource::Bind(host) = &mount.source else { return Found::Unknown };
    let rest = path::below(folder, &mount.target).unwrap_or_default();
    let host = if rest.is_empty() { host.clone() } else { path::join(host, rest) };
    if tree.is_ignored(&host) {
        return Found::Unknown;
    }
    match tree.presence(&host) {
        Presence::Absent => return Found::Absent(mount),
        Presence::Folder if tree.is_listed(&host) => {}
        _ => return Found::Unknown,
    }
    let prefix = if host.is_empty() { String::new() } else { format!("{host}/") };
    let inside = tree.paths.range(prefix.clone()..).take_while(|(p, _)| p.starts_with(&prefix));
    for (at, _) in inside.take(100_000) {
        let below = &at[prefix.len()..];
        if !below.is_empty() && !below.contains('/') && fits(name, below) != Some(false) {
            return if is_folder(at) { Found::Folder } else { Found::Files };
        }
    }
    let ignored = tree.ignored.iter().any(|i| path::below(i, &host).is_some());
    if ignored { Found::Unknown } else { Found::Nothing(mount) }
}

/// Whether a list of patterns of a config names a file, as far as names tell.
pub(super) fn names(root: Node<'_>, key: &str, file: &Artifact) -> bool {
    let patterns = root.get(key).into_iter().flat_map(Node::items).filter_map(Node::scalar);
    patterns.into_iter().any(|p| fits(path::name(p), path::name(&file.path)) == Some(true))
}

/// Whether a name fits a pattern of `*` and `?`, as Go's `filepath.Match` does; `None` = it is a pattern of another kind.
pub(super) fn fits(pattern: &str, name: &str) -> Option<bool> {
    if pattern.contains(['[', '\\']) {
        return None;
    }
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut p, mut n) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while n < name.len() {
        match pattern.get(p) {
            Some('*') => {
                back = Some((p, n));
                p += 1;
            }
            Some(c) if *c == '?' || *c == name[n] => {
                (p, n) = (p + 1, n + 1);
            }
            _ => {
                let Some((star, from)) = back else { return Some(false) };
                back = Some((star, from + 1));
                (p, n) = (star + 1, from + 1);
            }
        }
    }
    Some(pattern[p..].iter().all(|c| *c == '*'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_fits_names() {
        for (pattern, name, is) in [
            ("*.yml", "a.yml", true),
            ("*.yml", "a.yaml", false),
            ("a*b*c", "aXbYc", true),
            ("a*b*c", "aXbY", false),
            ("?.json", "a.json", true),
            ("?.json", "ab.json", false),
            ("**", "a", true),
            ("a", "a", true),
            ("", "a", false),
        ] {
            assert_eq!(fits(pattern, name), Some(is), "{pattern} {name}");
        }
        assert!(fits("[ab]", "a").is_none());
    }
}
