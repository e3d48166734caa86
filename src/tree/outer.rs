//! The `vispyr.toml` above what is checked: found up to the root of the git work tree, and what it calls the files below.

use std::borrow::Cow;
use std::fs;
use std::path::{Path, PathBuf};

use super::path;

/// What our own file is called.
const CONFIG: &str = "vispyr.toml";

/// A folder, and the `vispyr.toml` outside of it that speaks of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outer {
    /// The file, as paths of the tree are written.
    pub config: String,
    /// The folder.
    pub root: String,
    /// The folder as it is seen from the folder of the file; empty where that is the same.
    pub seen: String,
}

impl Outer {
    /// A file of the tree as the folder of the config sees it.
    pub fn path<'a>(&self, file: &'a str) -> Option<Cow<'a, str>> {
        let rest = path::below(file, &self.root)?;
        Some(if self.seen.is_empty() { Cow::Borrowed(rest) } else { Cow::Owned(path::join(&self.seen, rest)) })
    }
}

/// The nearest `vispyr.toml` that speaks of a folder, and where it lies on the disk. Outside of a git work tree only the
/// folder itself is looked into: nobody says how far up its owner's files go.
pub(super) fn find(shown: &str, real: &Path) -> Option<(Outer, PathBuf)> {
    let is_root = |folder: &Path| folder.join(".git").exists();
    let levels = real.ancestors().position(is_root).unwrap_or(0);
    // Not through a link: it may lead out of the repository.
    let holds = |folder: &Path| fs::symlink_metadata(folder.join(CONFIG)).is_ok_and(|m| m.is_file());
    let up = real.ancestors().take(levels + 1).position(holds)?;
    let above = real.ancestors().nth(up)?;
    let seen = slashed(real.strip_prefix(above).ok()?);
    let folder = path::join(shown, &vec![".."; up].join("/"));
    // Where the folder was named through a link, what is above it is not what is above its name.
    let on_disk = if folder.is_empty() { Path::new(".") } else { Path::new(&folder) };
    let folder = match fs::canonicalize(on_disk) {
        Ok(there) if there == above => folder,
        _ => slashed(above),
    };
    let config = path::join(&folder, CONFIG);
    Some((Outer { config, root: shown.to_owned(), seen }, above.join(CONFIG)))
}

fn slashed(path: &Path) -> String {
    path.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/")
}

#[cfg(test)]
mod tests {
    use super::super::{WalkOptions, walk};
    use super::*;

    fn write(root: &Path, name: &str) {
        let file = root.join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, "[check]\n").unwrap();
    }

    /// The configs that were read.
    fn found(root: &Path, at: &str) -> Vec<String> {
        let raw = walk(&[root.join(at)], &WalkOptions::default()).unwrap();
        let base = slashed(root);
        let configs = raw.files.keys().filter(|f| path::name(f) == CONFIG);
        configs.map(|f| path::below(f, &base).unwrap().to_owned()).collect()
    }

    #[test]
    fn the_nearest_one_up_to_the_root_of_the_repository_counts() {
        let dir = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(dir.path()).unwrap();
        write(&root, "vispyr.toml");
        write(&root, "repo/sub/deep/a.yaml");
        let none: [&str; 0] = [];
        assert_eq!(found(&root, "repo/sub/deep"), none, "there is no repository");
        fs::create_dir(root.join("repo/.git")).unwrap();
        assert_eq!(found(&root, "repo/sub/deep"), none, "it lies outside of the repository");
        write(&root, "repo/vispyr.toml");
        assert_eq!(found(&root, "repo/sub/deep"), ["repo/vispyr.toml"]);
        assert_eq!(found(&root, "repo/sub/deep/a.yaml"), ["repo/vispyr.toml"]);
        let (outer, _) = find("", &root.join("repo/sub/deep")).unwrap();
        assert_eq!(outer.seen, "sub/deep");
        write(&root, "repo/sub/vispyr.toml");
        assert_eq!(found(&root, "repo/sub/deep"), ["repo/sub/vispyr.toml"]);
    }

    #[test]
    fn a_file_is_called_as_the_config_sees_it() {
        let outer = |root: &str, seen: &str| Outer { config: String::new(), root: root.into(), seen: seen.into() };
        assert_eq!(outer("", "sub").path("a/b").as_deref(), Some("sub/a/b"));
        assert_eq!(outer("x", "sub").path("x/b").as_deref(), Some("sub/b"));
        assert_eq!(outer("x", "sub").path("y/b"), None);
        assert_eq!(outer("x", "").path("x/b").as_deref(), Some("b"));
    }

    #[cfg(unix)]
    #[test]
    fn what_a_link_hides_is_not_read() {
        let dir = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(dir.path()).unwrap();
        write(&root, "elsewhere.toml");
        write(&root, "repo/sub/a.yaml");
        fs::create_dir(root.join("repo/.git")).unwrap();
        std::os::unix::fs::symlink(root.join("elsewhere.toml"), root.join("repo/vispyr.toml")).unwrap();
        assert!(found(&root, "repo/sub").is_empty());
    }
}
