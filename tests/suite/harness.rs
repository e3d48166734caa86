//! What the tests share: running the command, and trees of files as values.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// The command with nothing of this machine's environment.
pub(crate) fn command(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vispyr"));
    command.current_dir(dir).env_clear();
    command
}

/// Runs the command in a folder.
pub(crate) fn run<S: AsRef<OsStr>>(dir: &Path, args: &[S]) -> Run {
    run_with(dir, args, b"")
}

/// Runs the command with something on its standard input.
pub(crate) fn run_with<S: AsRef<OsStr>>(dir: &Path, args: &[S], stdin: &[u8]) -> Run {
    let mut child =
        command(dir).args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A run that does not read its input closes it: that is no failure of the test.
    let _ = child.stdin.take().unwrap().write_all(stdin);
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Run { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

/// All files below a folder with their content, and empty folders as paths that end in `/`.
pub(crate) fn tree(root: &Path) -> BTreeMap<String, Vec<u8>> {
    fn walk(root: &Path, at: &Path, into: &mut BTreeMap<String, Vec<u8>>) {
        let name = |p: &Path| p.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
        let mut empty = true;
        for entry in fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            empty = false;
            if fs::symlink_metadata(&path).unwrap().is_dir() {
                walk(root, &path, into);
            } else {
                into.insert(name(&path), fs::read(&path).unwrap_or_default());
            }
        }
        if empty && at != root {
            into.insert(name(at) + "/", Vec::new());
        }
    }
    let mut files = BTreeMap::new();
    if root.exists() {
        walk(root, root, &mut files);
    }
    files
}

/// Copies a tree of [`tree`] into an empty folder, modes included.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Permission bits.
#[cfg(unix)]
pub(crate) fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

/// A spec to begin with, and one that adds, changes and removes files of it.
pub(crate) const BEFORE: &str = "[stack]\nname = \"shop\"\n\n[[services]]\nname = \"checkout\"\nlanguage = \"node\"\n";
pub(crate) const AFTER: &str = "[stack]\nname = \"shop\"\n\n[signals]\ntraces = \"off\"\n\n[[services]]\nname = \"pay\"\nlanguage = \"python\"\n\n[[scrape]]\nname = \"old\"\ntargets = [\"old:80\"]\nbearer = { env = \"OLD_TOKEN\" }\n";
/// Two hosts with TLS.
pub(crate) const TWO_HOSTS: &str = "[stack]\nname = \"shop\"\nlayout = \"agent-gateway\"\n\n[gateway]\naddress = \"obs.example.org\"\n\n[auth]\nmode = \"basic\"\n";
