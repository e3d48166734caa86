//! A revision of a git repository → raw files. Reads objects by `git` alone: nothing is checked out, and no hook, filter or
//! helper of the repository runs.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use super::walk::{CLOSED, SIZE_LIMIT, is_candidate};
use super::{Presence, RawTree, Skipped, git, path};

/// Bytes of all files of a revision together: more is no tree of configs.
const TOTAL_LIMIT: u64 = 2 << 30;

/// Why a revision cannot be read.
#[derive(Debug)]
pub enum RevisionError {
    /// `git` itself cannot be run.
    Git(io::Error),
    /// What git said.
    Refused(String),
    /// Its files are larger than any tree of configs.
    Large,
}

impl fmt::Display for RevisionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Git(e) => write!(f, "`git` cannot be run: {e}"),
            Self::Refused(said) => f.write_str(said),
            Self::Large => write!(f, "its files have more than {} GiB", TOTAL_LIMIT >> 30),
        }
    }
}

impl std::error::Error for RevisionError {}

impl RevisionError {
    /// What git said, in other words.
    fn told(self, text: String) -> Self {
        if let Self::Refused(_) = self { Self::Refused(text) } else { self }
    }
}

impl From<io::Error> for RevisionError {
    fn from(error: io::Error) -> Self {
        Self::Git(error)
    }
}

/// What a revision holds at and below `folder`, a folder of the disk in the repository: with paths as seen from there.
pub fn revision(folder: &Path, name: &str) -> Result<RawTree, RevisionError> {
    if name.is_empty() || name.starts_with('-') || name.contains('\0') {
        return Err(RevisionError::Refused(format!("`{name}` is no name of a revision")));
    }
    let prefix = said(git_in(folder).args(["rev-parse", "--show-prefix"]))?;
    let prefix = String::from_utf8_lossy(&prefix);
    let below = prefix.trim_end_matches('\n').trim_end_matches('/');
    // Whatever follows the colon is a path, so that it cannot be taken for anything else.
    let commit = said(git_in(folder).args(["rev-parse", "--verify", "--quiet", "--end-of-options"]).arg(name))
        .map_err(|e| e.told(format!("`{name}` is no folder here and no revision that git knows")))?;
    let commit = String::from_utf8_lossy(&commit).trim().to_owned();
    let tree = format!("{commit}:{below}");
    let list = said(git_in(folder).args(["ls-tree", "-r", "-z", "-l", "--full-tree", "--end-of-options"]).arg(&tree))
        .map_err(|e| e.told(format!("`{name}` has no folder `{below}`")))?;
    let entries: Vec<Entry> = list.split(|b| *b == 0).filter_map(Entry::read).collect();
    let mut raw = RawTree::default();
    raw.paths.insert(String::new(), Presence::Folder);
    let mut wanted: BTreeMap<String, &Entry> = BTreeMap::new();
    let mut total = 0;
    for entry in &entries {
        if let Some(closed) = closed(&entry.path) {
            note(&mut raw, closed, Presence::Closed);
            continue;
        }
        // A link's target may lie anywhere, a submodule is another repository.
        if !entry.regular {
            note(&mut raw, &entry.path, Presence::Closed);
            continue;
        }
        note(&mut raw, &entry.path, Presence::File);
        let name = path::name(&entry.path);
        if !is_candidate(name) && name != ".gitignore" {
            continue;
        }
        if entry.size > SIZE_LIMIT {
            raw.skipped.push(Skipped { path: entry.path.clone(), reason: "too large".to_owned() });
            continue;
        }
        total += entry.size;
        wanted.insert(entry.path.clone(), entry);
    }
    if total > TOTAL_LIMIT {
        return Err(RevisionError::Large);
    }
    contents(folder, &wanted, &mut raw)?;
    Ok(raw)
}

/// One line of `git ls-tree`.
struct Entry {
    regular: bool,
    object: String,
    size: u64,
    path: String,
}

impl Entry {
    /// `100644 blob 0123…    42<TAB>a/b.yaml`. A path that is no text names nothing that is known here.
    fn read(line: &[u8]) -> Option<Self> {
        let line = std::str::from_utf8(line).ok()?;
        let (head, path) = line.split_once('\t')?;
        let mut words = head.split_ascii_whitespace();
        let (mode, kind, object) = (words.next()?, words.next()?, words.next()?);
        let size = words.next().and_then(|s| s.parse().ok()).unwrap_or_default();
        let regular = kind == "blob" && mode.starts_with("100");
        Some(Self { regular, object: object.to_owned(), size, path: path::clean(path) })
    }
}

/// The outermost folder above a path that a walk would not enter.
fn closed(at: &str) -> Option<&str> {
    let mut end = 0;
    for part in at.split('/') {
        end += part.len();
        if CLOSED.contains(&part) && end < at.len() {
            return Some(&at[..end]);
        }
        end += 1;
    }
    None
}

/// A path, with the folders above it.
fn note(raw: &mut RawTree, at: &str, presence: Presence) {
    let mut up = path::parent(at);
    while let Some(folder) = up {
        if raw.paths.contains_key(folder) {
            break;
        }
        raw.paths.insert(folder.to_owned(), Presence::Folder);
        up = path::parent(folder);
    }
    raw.paths.insert(at.to_owned(), presence);
}

/// Reads the files, all by one process.
fn contents(folder: &Path, wanted: &BTreeMap<String, &Entry>, raw: &mut RawTree) -> Result<(), RevisionError> {
    if wanted.is_empty() {
        return Ok(());
    }
    let mut child = git_in(folder)
        .args(["cat-file", "--batch"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let (Some(mut stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(RevisionError::Git(io::ErrorKind::BrokenPipe.into()));
    };
    let asked: String = wanted.values().map(|e| format!("{}\n", e.object)).collect();
    // Git answers while it is still being asked.
    let asking = thread::spawn(move || stdin.write_all(asked.as_bytes()));
    let mut reader = BufReader::new(stdout);
    let mut read = || -> io::Result<Vec<(String, Vec<u8>)>> {
        let mut all = Vec::new();
        for (path, entry) in wanted {
            let mut head = String::new();
            reader.read_line(&mut head)?;
            let size = head.split_ascii_whitespace().nth(2).and_then(|s| s.parse::<u64>().ok());
            let Some(size) = size.filter(|size| *size == entry.size) else {
                return Err(io::Error::other(format!("`{path}` cannot be read: {}", head.trim())));
            };
            let mut bytes = vec![0; size as usize];
            reader.read_exact(&mut bytes)?;
            reader.read_exact(&mut [0])?;
            all.push((path.clone(), bytes));
        }
        Ok(all)
    };
    let all = read();
    drop(reader);
    let _ = asking.join();
    let _ = child.wait();
    for (at, bytes) in all? {
        if path::name(&at) != ".gitignore" {
            raw.files.insert(at, bytes);
        } else if let Some(rules) = git::patterns(&String::from_utf8_lossy(&bytes), &on_disk(path::folder(&at))) {
            let folder = path::folder(&at).to_owned();
            raw.patterns.push(git::Patterns { real: on_disk(&folder), folder, rules });
        }
    }
    raw.patterns.sort_by_key(|p| p.folder.len());
    Ok(())
}

/// A folder that patterns take for one of the disk: they compare paths as text.
fn on_disk(folder: &str) -> PathBuf {
    Path::new("/").join(folder)
}

/// Git in a folder, kept from running what the repository's own config names and from asking anybody.
fn git_in(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command
        .arg("-C")
        .arg(folder)
        .args(["--no-pager", "--no-optional-locks", "--literal-pathspecs"])
        .args(["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "core.pager=cat"])
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("GIT_TERMINAL_PROMPT", "0")
        .stdin(Stdio::null());
    command
}

/// What git prints; what it complains of otherwise.
fn said(command: &mut Command) -> Result<Vec<u8>, RevisionError> {
    let output = command.output()?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let complaint = String::from_utf8_lossy(&output.stderr);
    Err(RevisionError::Refused(complaint.lines().next().unwrap_or("git failed").to_owned()))
}
