//! What git keeps out of a tree: paths that `.gitignore` names, and submodules that are not checked out.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::path;
use super::walk::SIZE_LIMIT;

/// What one `.gitignore` says: compiled once for all folders below it.
pub(super) type Rules = Arc<Gitignore>;

/// The patterns that one `.gitignore` has for a folder of the tree.
#[derive(Debug, Clone)]
pub struct Patterns {
    /// The folder, as paths of the tree are written.
    pub(super) folder: String,
    /// The same on the disk, links resolved.
    pub(super) real: PathBuf,
    pub(super) rules: Rules,
}

/// The `.gitignore` of a folder. Patterns that git would not take are left out, as git does.
pub(super) fn gitignore(disk: &Path, real: &Path) -> Option<Rules> {
    patterns(&small(&disk.join(".gitignore"))?, real)
}

/// The patterns of a text for a folder.
pub(super) fn patterns(text: &str, real: &Path) -> Option<Rules> {
    let mut builder = GitignoreBuilder::new(real);
    for line in text.lines() {
        let _ = builder.add_line(None, line);
    }
    builder.build().ok().map(Arc::new)
}

/// The `.gitignore` files above a folder, up to the root of its repository; none when it lies in no repository.
pub(super) fn above(real: &Path) -> Vec<Rules> {
    if real.join(".git").exists() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for folder in real.ancestors().skip(1) {
        found.extend(gitignore(folder, folder));
        if folder.join(".git").exists() {
            found.reverse();
            return found;
        }
    }
    Vec::new()
}

/// The innermost `.gitignore` that has an opinion decides.
pub(super) fn is_ignored<'a>(
    ignores: impl DoubleEndedIterator<Item = &'a Rules>,
    real: &Path,
    is_folder: bool,
) -> bool {
    ignores.rev().map(|i| i.matched(real, is_folder)).find(|m| !m.is_none()).is_some_and(|m| m.is_ignore())
}

/// Whether git would ignore a path that is not there, by its own name or by the one behind a link: whether it is to be a file or a
/// folder nobody knows.
pub(super) fn would_ignore(patterns: &[Patterns], links: &BTreeMap<PathBuf, PathBuf>, at: &str) -> bool {
    // Outermost first, as they were met on the way down.
    let over: Vec<&Patterns> = patterns.iter().filter(|p| path::below(at, &p.folder).is_some()).collect();
    let Some(last) = over.last() else { return false };
    let Some(rest) = path::below(at, &last.folder) else { return false };
    let written = last.real.join(rest);
    let mut real = Vec::from([written.clone()]);
    real.extend(written.ancestors().find_map(|up| Some(links.get(up)?.join(written.strip_prefix(up).ok()?))));
    let ignores = |at: &Path, is_folder: bool| {
        let rules = over.iter().filter(|p| at != p.real && at.starts_with(&p.real)).map(|p| &p.rules);
        is_ignored(rules, at, is_folder)
    };
    let within = |at: &Path| at.ancestors().take_while(|a| a.starts_with(&over[0].real)).any(|a| ignores(a, true));
    real.iter().any(|at| within(at) || ignores(at, false))
}

/// The folders of a repository's submodules, relative to its root, as `.gitmodules` has them.
pub(super) fn submodules(disk: &Path) -> Vec<String> {
    let text = small(&disk.join(".gitmodules")).unwrap_or_default();
    let value = |line: &str| Some(line.trim().strip_prefix("path")?.trim_start().strip_prefix('=')?.trim().to_owned());
    text.lines().filter_map(value).map(|p| path::clean(p.trim_matches('"'))).filter(|p| !p.is_empty()).collect()
}

/// The text of one of git's own files.
fn small(file: &Path) -> Option<String> {
    let meta = fs::symlink_metadata(file).ok()?;
    if !meta.is_file() || meta.len() > SIZE_LIMIT {
        return None;
    }
    Some(String::from_utf8_lossy(&fs::read(file).ok()?).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_behind_a_link_is_ignored_by_its_own_name() {
        let root = PathBuf::from("/r");
        let rules = patterns("conf/**/*.yml", &root).unwrap();
        let all = [Patterns { folder: String::new(), real: root, rules }];
        let links = BTreeMap::from([(PathBuf::from("/r/compose/conf"), PathBuf::from("/r/conf"))]);
        let ignored = |links: &_, at: &str| would_ignore(&all, links, at);
        assert!(ignored(&links, "compose/conf/a/b.yml") && ignored(&links, "conf/a/b.yml"));
        assert!(!ignored(&links, "compose/conf/a/b.json") && !ignored(&links, "compose/other/b.yml"));
        assert!(!ignored(&BTreeMap::new(), "compose/conf/a/b.yml"));
    }
}
