//! Disk → raw files. The only place of `check` that reads, and it reads everything that later steps may ask for.
//!
//! It never leaves the folders it was given (a link that points out of them is only noted), never opens anything but
//! regular files, and never follows a cycle.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::git::{self, Patterns, Rules};
use super::outer::{self, Outer};
use super::{Presence, Skipped, dockerfile, path, scripts};

/// Files above this size are not read: a config file of a person is far smaller, and spans are 32 bits wide.
pub const SIZE_LIMIT: u64 = 16 << 20;

/// Folders that are never entered: they hold other people's files or a tool's own.
pub(super) const CLOSED: [&str; 16] = [
    ".git",
    ".hg",
    ".svn",
    "node_modules",
    "bower_components",
    "target",
    ".terraform",
    "vendor",
    ".venv",
    "venv",
    "__pycache__",
    ".tox",
    ".cache",
    ".gradle",
    ".next",
    ".direnv",
];

/// How deep folders are followed; deeper ones are noted as closed.
const DEPTH_LIMIT: usize = 64;

/// How many entries of one git-ignored folder are looked at. Such folders hold generated config at times and a
/// database's files more often.
const IGNORED_LIMIT: usize = 2_000;

/// Why the walk could not even start.
#[derive(Debug)]
pub enum WalkError {
    /// An argument names nothing.
    Missing(PathBuf),
    /// An argument is a pipe, a socket or a device.
    Special(PathBuf),
    /// An argument cannot be read.
    Unreadable(PathBuf, io::Error),
}

impl fmt::Display for WalkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(p) => write!(f, "`{}` does not exist", p.display()),
            Self::Special(p) => write!(f, "`{}` is neither a file nor a folder", p.display()),
            Self::Unreadable(p, e) => write!(f, "`{}` cannot be read: {e}", p.display()),
        }
    }
}

impl std::error::Error for WalkError {}

/// How to walk.
#[derive(Debug, Clone)]
pub struct WalkOptions {
    /// Whether `.gitignore` counts.
    pub gitignore: bool,
    /// Files above this size are left alone.
    pub size_limit: u64,
    /// Whether a `vispyr.toml` above the folders counts, up to the root of their repository.
    pub outer: bool,
}

impl Default for WalkOptions {
    fn default() -> Self {
        Self { gitignore: true, size_limit: SIZE_LIMIT, outer: true }
    }
}

/// What was found: the input of [`super::Tree::build`].
#[derive(Debug, Clone, Default)]
pub struct RawTree {
    /// Files that may be of a known kind, with their bytes.
    pub files: BTreeMap<String, Vec<u8>>,
    /// All paths seen.
    pub paths: BTreeMap<String, Presence>,
    /// Paths that git ignores; what lies below an ignored folder is ignored too.
    pub ignored: BTreeSet<String>,
    /// What says so, outermost first.
    pub patterns: Vec<Patterns>,
    /// Folders that are links, as they lie on the disk, and where they lead.
    pub links: BTreeMap<PathBuf, PathBuf>,
    /// Files named on the command line, not found below a folder.
    pub named: BTreeSet<String>,
    /// Files left alone.
    pub skipped: Vec<Skipped>,
    /// Folders that a `vispyr.toml` outside of them speaks of.
    pub outer: Vec<Outer>,
}

impl RawTree {
    /// A tree of texts, as tests and `gen` make it: every folder named by a path is known completely.
    pub fn from_texts<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut tree = Self::default();
        tree.paths.insert(String::new(), Presence::Folder);
        for (name, text) in files {
            tree.add(path::clean(name), text.as_bytes().to_vec());
        }
        tree
    }

    /// The same with paths as seen from a folder that was walked.
    pub fn seen_from(mut self, folder: &Path) -> Self {
        let root = path::clean(&slashes(folder));
        let seen = |at: &str| path::below(at, &root).map_or_else(|| at.to_owned(), str::to_owned);
        self.files = self.files.into_iter().map(|(at, bytes)| (seen(&at), bytes)).collect();
        self.paths = self.paths.into_iter().map(|(at, presence)| (seen(&at), presence)).collect();
        self.ignored = self.ignored.iter().map(|at| seen(at)).collect();
        self.named = self.named.iter().map(|at| seen(at)).collect();
        self.patterns.iter_mut().for_each(|p| p.folder = seen(&p.folder));
        self.skipped.iter_mut().for_each(|s| s.path = seen(&s.path));
        self
    }

    /// Adds a file and the folders above it.
    pub fn add(&mut self, name: String, bytes: Vec<u8>) {
        let mut up = path::parent(&name);
        while let Some(folder) = up {
            self.paths.entry(folder.to_owned()).or_insert(Presence::Folder);
            up = path::parent(folder);
        }
        self.paths.insert(name.clone(), Presence::File);
        self.files.insert(name, bytes);
    }
}

/// Whether a file of that name may be of a known kind.
pub fn is_candidate(name: &str) -> bool {
    const EXTENSIONS: [&str; 10] = ["yaml", "yml", "json", "alloy", "river", "toml", "ini", "env", "conf", "config"];
    EXTENSIONS.contains(&path::extension(name).to_ascii_lowercase().as_str())
        || name == ".env"
        || name.starts_with(".env.")
        || name == "Caddyfile"
        || name.starts_with("Caddyfile.")
        || dockerfile::is_one(name)
        || scripts::is_one(name)
}

/// Reads the files and folders of a command line.
pub fn walk(roots: &[PathBuf], options: &WalkOptions) -> Result<RawTree, WalkError> {
    let mut walker = Walker {
        options,
        out: RawTree::default(),
        bounds: Vec::new(),
        entered: HashSet::new(),
        submodules: Vec::new(),
    };
    let mut starts = Vec::new();
    for root in roots {
        let meta = fs::metadata(root).map_err(|e| match e.kind() {
            io::ErrorKind::NotFound => WalkError::Missing(root.clone()),
            _ => WalkError::Unreadable(root.clone(), e),
        })?;
        if !meta.is_file() && !meta.is_dir() {
            return Err(WalkError::Special(root.clone()));
        }
        let real = fs::canonicalize(root).map_err(|e| WalkError::Unreadable(root.clone(), e))?;
        if meta.is_dir() {
            fs::read_dir(root).map_err(|e| WalkError::Unreadable(root.clone(), e))?;
            walker.bounds.push(real.clone());
        }
        starts.push((root, real, meta.is_dir()));
    }
    let mut folders: BTreeMap<String, PathBuf> = BTreeMap::new();
    for (root, real, is_folder) in starts {
        let shown = path::clean(&slashes(root));
        let above = path::parent(&shown).zip(real.parent());
        let folder = if is_folder { Some((shown.as_str(), real.as_path())) } else { above };
        folders.extend(folder.map(|(shown, real)| (shown.to_owned(), real.to_owned())));
        if is_folder {
            let ignores = if options.gitignore { git::above(&real) } else { Vec::new() };
            walker.keep(&ignores, &shown, &real);
            walker.folder(root, &shown, real, ignores);
        } else if !walker.out.files.contains_key(&shown) {
            walker.out.named.insert(shown.clone());
            walker.out.paths.insert(shown.clone(), Presence::File);
            match read(root, options.size_limit).map_err(|e| WalkError::Unreadable(root.clone(), e))? {
                Some(bytes) => {
                    walker.out.files.insert(shown, bytes);
                }
                None => walker.skip(&shown, "too large"),
            }
        }
    }
    walker.close_submodules();
    if options.outer {
        walker.configs(&folders);
    }
    walker.out.skipped.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(walker.out)
}

/// A folder that waits to be read.
struct Pending {
    disk: PathBuf,
    shown: String,
    real: PathBuf,
    depth: usize,
    ignored: bool,
    /// `.gitignore` files that count here, outermost first.
    ignores: Vec<Rules>,
}

struct Walker<'a> {
    options: &'a WalkOptions,
    out: RawTree,
    /// Real paths of the folders given: links may lead only below them.
    bounds: Vec<PathBuf>,
    /// Real folders entered through a link: each is entered so once, which ends cycles and keeps fans of links small.
    entered: HashSet<PathBuf>,
    /// Folders that another repository fills.
    submodules: Vec<String>,
}

impl Walker<'_> {
    fn keep(&mut self, ignores: &[Rules], shown: &str, real: &Path) {
        let patterns =
            |rules: &Rules| Patterns { folder: shown.to_owned(), real: real.to_owned(), rules: Rules::clone(rules) };
        self.out.patterns.extend(ignores.iter().map(patterns));
    }

    /// What lies in a submodule that is not checked out nobody knows.
    fn close_submodules(&mut self) {
        for module in std::mem::take(&mut self.submodules) {
            let below = format!("{module}/");
            let filled = self.out.paths.range(below.clone()..).next().is_some_and(|(p, _)| p.starts_with(&below));
            if !filled {
                self.note(&module, Presence::Closed);
            }
        }
    }

    /// Reads the `vispyr.toml` above each folder that has none of its own.
    fn configs(&mut self, folders: &BTreeMap<String, PathBuf>) {
        for (shown, real) in folders {
            let Some((outer, disk)) = outer::find(shown, real) else { continue };
            if !self.out.files.contains_key(&outer.config) {
                match read(&disk, self.options.size_limit) {
                    Ok(Some(bytes)) => {
                        self.out.files.insert(outer.config.clone(), bytes);
                    }
                    Ok(None) => self.skip(&outer.config, "too large"),
                    Err(e) => self.skip(&outer.config, e.kind().to_string()),
                }
            }
            // Elsewhere the paths tell it by themselves.
            if path::below(shown, path::folder(&outer.config)).is_none() {
                self.out.outer.push(outer);
            }
        }
    }

    fn skip(&mut self, path: &str, reason: impl Into<String>) {
        self.out.skipped.push(Skipped { path: path.to_owned(), reason: reason.into() });
    }

    fn note(&mut self, path: &str, presence: Presence) {
        self.out.paths.insert(path.to_owned(), presence);
    }

    fn folder(&mut self, root: &Path, shown: &str, real: PathBuf, ignores: Vec<Rules>) {
        let mut left_in_ignored = IGNORED_LIMIT;
        let first = Pending { disk: root.to_owned(), shown: shown.to_owned(), real, depth: 0, ignored: false, ignores };
        let mut pending = vec![first];
        while let Some(here) = pending.pop() {
            let Some(entries) = self.entries(&here) else { continue };
            self.note(&here.shown, Presence::Folder);
            let mut ignores = here.ignores.clone();
            let holds = |name: &str| entries.iter().any(|e| e.file_name() == name);
            if self.options.gitignore && holds(".gitignore") {
                let own = git::gitignore(&here.disk, &here.real);
                self.keep(own.as_slice(), &here.shown, &here.real);
                ignores.extend(own);
            }
            if holds(".gitmodules") {
                let modules = git::submodules(&here.disk);
                self.submodules.extend(modules.iter().map(|m| path::join(&here.shown, m)));
            }
            let here = Pending { ignores, ..here };
            if here.ignored {
                if entries.len() > left_in_ignored {
                    self.note(&here.shown, Presence::Closed);
                    continue;
                }
                left_in_ignored -= entries.len();
            }
            for entry in entries {
                pending.extend(self.entry(&here, &entry));
            }
        }
    }

    fn entries(&mut self, here: &Pending) -> Option<Vec<fs::DirEntry>> {
        match fs::read_dir(&here.disk) {
            Ok(found) => {
                let mut entries: Vec<_> = found.filter_map(Result::ok).collect();
                entries.sort_by_key(fs::DirEntry::file_name);
                Some(entries)
            }
            Err(e) => {
                self.note(&here.shown, Presence::Closed);
                // Data folders of stores are git-ignored and often another user's: not worth a word.
                if !here.ignored {
                    self.skip(&here.shown, e.kind().to_string());
                }
                None
            }
        }
    }

    fn entry(&mut self, here: &Pending, entry: &fs::DirEntry) -> Option<Pending> {
        let name = entry.file_name();
        let shown = path::join(&here.shown, &slashes(Path::new(&name)));
        let mut disk = entry.path();
        let kind = entry.file_type().ok()?;
        let mut real = here.real.join(&name);
        let linked = kind.is_symlink();
        if linked {
            match fs::canonicalize(&disk) {
                Ok(target) if self.bounds.iter().any(|b| target.starts_with(b)) => {
                    disk.clone_from(&target);
                    real = target;
                }
                _ => {
                    self.note(&shown, Presence::Closed);
                    return None;
                }
            }
        }
        let meta = match fs::symlink_metadata(&disk) {
            Ok(meta) => meta,
            Err(_) => {
                self.note(&shown, Presence::Closed);
                return None;
            }
        };
        let ignored = here.ignored || git::is_ignored(here.ignores.iter(), &here.real.join(&name), meta.is_dir());
        if ignored {
            self.out.ignored.insert(shown.clone());
        }
        if meta.is_dir() {
            let cycle = linked && (here.real.starts_with(&real) || !self.entered.insert(real.clone()));
            if cycle || here.depth >= DEPTH_LIMIT || is_closed(&name) {
                self.note(&shown, Presence::Closed);
                return None;
            }
            if linked {
                self.out.links.insert(here.real.join(&name), real.clone());
            }
            let ignores = here.ignores.clone();
            return Some(Pending { disk, shown, real, depth: here.depth + 1, ignored, ignores });
        }
        if !meta.is_file() {
            self.note(&shown, Presence::Closed);
            return None;
        }
        self.note(&shown, Presence::File);
        if is_candidate(path::name(&shown)) && !self.out.files.contains_key(&shown) {
            self.file(&disk, shown, ignored);
        }
        None
    }

    fn file(&mut self, disk: &Path, shown: String, ignored: bool) {
        match read(disk, self.options.size_limit) {
            Ok(Some(bytes)) => {
                self.out.files.insert(shown, bytes);
            }
            Ok(None) if !ignored => self.skip(&shown, "too large"),
            Err(e) if !ignored => self.skip(&shown, e.kind().to_string()),
            _ => {}
        }
    }
}

/// The bytes of a file; `None` when there are more than `limit`, however many its size claims.
fn read(disk: &Path, limit: u64) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    fs::File::open(disk)?.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= limit).then_some(bytes))
}

fn is_closed(name: &OsStr) -> bool {
    name.to_str().is_some_and(|n| CLOSED.contains(&n))
}

fn slashes(path: &Path) -> String {
    let text = path.to_string_lossy();
    if std::path::MAIN_SEPARATOR == '/' { text.into_owned() } else { text.replace(std::path::MAIN_SEPARATOR, "/") }
}

#[cfg(test)]
mod tests {
    use super::super::{Plugs, Settings, Tree};
    use super::*;

    fn write(root: &Path, name: &str, text: &str) {
        let file = root.join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    fn walked(root: &Path) -> (RawTree, String) {
        let tree = walk(&[root.to_owned()], &WalkOptions::default()).unwrap();
        (tree, path::clean(&slashes(root)))
    }

    #[test]
    fn reads_candidates_and_notes_the_rest() {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), "compose.yaml", "services: {}");
        write(dir.path(), "app/main.go", "package main");
        write(dir.path(), "node_modules/x/compose.yaml", "services: {}");
        let (tree, at) = walked(dir.path());
        assert_eq!(tree.files.keys().collect::<Vec<_>>(), [&format!("{at}/compose.yaml")]);
        assert_eq!(tree.paths[&format!("{at}/app/main.go")], Presence::File);
        assert_eq!(tree.paths[&format!("{at}/node_modules")], Presence::Closed);
        assert!(!tree.paths.contains_key(&format!("{at}/node_modules/x")));
    }

    #[test]
    fn what_is_not_there_is_ignored_and_submodules_are_not_known() {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), ".gitignore", "data/\n*.env\n/secret\n");
        write(dir.path(), "keep/.gitignore", "!own.env\n");
        write(dir.path(), ".gitmodules", "[submodule \"x\"]\n\tpath = lib/x\n\turl = https://example.org/x.git\n");
        fs::create_dir_all(dir.path().join("lib/x")).unwrap();
        let (raw, at) = walked(dir.path());
        let plugs = Plugs {
            kinds: &[],
            deployments: &[],
            services: &|_| Vec::new(),
            mounted: &|_, _| None,
            names: &|_, _| Vec::new(),
        };
        let tree = Tree::build(raw, &plugs, &Settings::default());
        let ignored = |p: &str| tree.is_ignored(&format!("{at}/{p}"));
        let cases = ["a/data", "a/data/x.yaml", "x.env", "secret/x", "keep/own.env", "a/secret", "other"];
        assert_eq!(cases.map(ignored), [true, true, true, true, false, false, false]);
        assert_eq!(tree.presence(&format!("{at}/lib/x/compose.yaml")), Presence::Unknown);
        assert_eq!(tree.presence(&format!("{at}/lib/y")), Presence::Absent);
    }

    #[test]
    fn gitignore_marks_and_the_innermost_wins() {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), ".gitignore", "data/\n*.json\n.env\n");
        write(dir.path(), "data/x.yml", "a: 1");
        write(dir.path(), "a.json", "{}");
        write(dir.path(), "keep/.gitignore", "!*.json\n");
        write(dir.path(), "keep/b.json", "{}");
        write(dir.path(), ".env", "A=1");
        let (tree, at) = walked(dir.path());
        let ignored: Vec<&str> = tree.ignored.iter().map(|p| &p[at.len() + 1..]).collect();
        assert_eq!(ignored, [".env", "a.json", "data", "data/x.yml"]);
        assert!(tree.files.contains_key(&format!("{at}/.env")));
    }

    #[test]
    fn a_missing_argument_is_an_error_and_a_large_file_is_skipped() {
        let dir = tempfile::tempdir().unwrap();
        assert!(matches!(walk(&[dir.path().join("no")], &WalkOptions::default()), Err(WalkError::Missing(_))));
        write(dir.path(), "big.yaml", "0123456789");
        let options = WalkOptions { size_limit: 5, ..WalkOptions::default() };
        let tree = walk(&[dir.path().to_owned()], &options).unwrap();
        assert_eq!(tree.skipped[0].reason, "too large");
        assert!(tree.files.is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_inside_only_and_cycles_end() {
        use std::os::unix::fs::symlink;
        let outside = tempfile::tempdir().unwrap();
        write(outside.path(), "secret.yaml", "a: 1");
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), "real/a.yaml", "a: 1");
        symlink(outside.path(), dir.path().join("out")).unwrap();
        symlink(outside.path().join("secret.yaml"), dir.path().join("secret.yaml")).unwrap();
        symlink(dir.path().join("real"), dir.path().join("alias")).unwrap();
        symlink(dir.path(), dir.path().join("real/up")).unwrap();
        symlink(dir.path().join("nothing"), dir.path().join("broken.yaml")).unwrap();
        let (tree, at) = walked(dir.path());
        let files: Vec<&str> = tree.files.keys().map(|p| &p[at.len() + 1..]).collect();
        assert_eq!(files, ["alias/a.yaml", "real/a.yaml"]);
        assert_eq!(tree.paths[&format!("{at}/out")], Presence::Closed);
        assert_eq!(tree.paths[&format!("{at}/secret.yaml")], Presence::Closed);
        assert_eq!(tree.paths[&format!("{at}/broken.yaml")], Presence::Closed);
    }

    #[cfg(unix)]
    #[test]
    fn a_socket_is_never_opened() {
        let dir = tempfile::tempdir().unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(dir.path().join("s.yaml")).unwrap();
        let (tree, at) = walked(dir.path());
        assert!(tree.files.is_empty());
        assert_eq!(tree.paths[&format!("{at}/s.yaml")], Presence::Closed);
        assert!(matches!(walk(&[dir.path().join("s.yaml")], &WalkOptions::default()), Err(WalkError::Special(_))));
    }
}
