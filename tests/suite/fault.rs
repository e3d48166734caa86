//! Whatever fails or dies while a stack is written: afterwards there is the old tree or the new one, never a mixture.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, UNIX_EPOCH};

use vispyr::emit::emit;
use vispyr::emitter::Emitted;
use vispyr::output::fs::{Disk, Entry, Fs};
use vispyr::output::{self, Error, Outcome, Request};
use vispyr::source::SourceId;
use vispyr::stack::{self, Stack};
use vispyr::{engines, spec, targets};

use crate::harness::{AFTER, BEFORE, TWO_HOSTS, command, copy, run, tree};

/// How an operation fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// The process dies there: a file may be half written, and nothing happens afterwards.
    Dies,
    /// That operation fails, later ones do not.
    Once(io::ErrorKind),
    /// From there on nothing can be made or written, but things can be removed and renamed: a full disk.
    Full,
    /// From there on nothing can be changed.
    ReadOnly,
}

/// The disk, failing from one operation on.
struct Failing {
    fault: Fault,
    left: Cell<usize>,
}

impl Failing {
    /// Whether the next operation fails, and how.
    fn next(&self, grows: bool) -> io::Result<()> {
        let left = self.left.get();
        if left > 0 {
            self.left.set(left - 1);
            return Ok(());
        }
        match self.fault {
            Fault::Dies => Err(io::Error::other("dead")),
            Fault::ReadOnly => Err(io::ErrorKind::ReadOnlyFilesystem.into()),
            Fault::Full if grows => Err(io::ErrorKind::StorageFull.into()),
            Fault::Full => Ok(()),
            Fault::Once(kind) => {
                self.left.set(usize::MAX);
                Err(kind.into())
            }
        }
    }

    /// Whether an operation has failed.
    fn failed(&self) -> bool {
        self.left.get() == 0 || self.left.get() > usize::MAX / 2
    }
}

impl Fs for Failing {
    fn entry(&self, path: &Path) -> io::Result<Option<Entry>> {
        Disk.entry(path)
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        Disk.read(path)
    }

    fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        Disk.resolve(path)
    }

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        self.next(true)?;
        Disk.create_folder(path)
    }

    fn create(&self, path: &Path, content: &[u8], mode: u32) -> io::Result<()> {
        if let Err(error) = self.next(true) {
            // The dead and the full disk leave what they got to.
            if matches!(self.fault, Fault::Dies | Fault::Full) && !path.exists() {
                let _ = Disk.create(path, &content[..content.len() / 2], 0o600);
            }
            return Err(error);
        }
        Disk.create(path, content, mode)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.next(false)?;
        Disk.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.next(false)?;
        Disk.remove(path)
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        self.next(false)?;
        Disk.remove_folder(path)
    }

    fn sync(&self, _: &[PathBuf]) -> io::Result<()> {
        // Waiting for the real disk proves nothing here and takes minutes.
        self.next(false)
    }
}

struct Made {
    stack: Stack,
    files: Vec<Emitted>,
}

fn made(text: &str) -> Made {
    let (spec, found) = spec::decode(SourceId(0), text);
    let stack = stack::plan(&spec.unwrap_or_else(|| panic!("{found:?}")));
    let files = emit(&stack, &engines::emitter, targets::EMITTERS);
    Made { stack, files }
}

/// Numbers that are no secret, so that two runs draw the same.
fn counting() -> impl FnMut(&mut [u8]) -> Result<(), String> {
    let mut next = 0u8;
    move |buffer| {
        for byte in buffer {
            next = next.wrapping_add(7);
            *byte = next;
        }
        Ok(())
    }
}

fn write(fs: &dyn Fs, root: &Path, made: &Made) -> Result<Outcome, Error> {
    // As the lock does it.
    fs::create_dir_all(root.join(".vispyr")).unwrap();
    let request = Request {
        root,
        base: root,
        stack: &made.stack,
        files: &made.files,
        only: None,
        force: false,
        rotate: false,
        now: UNIX_EPOCH + Duration::from_secs(1_700_000_000),
    };
    output::write(fs, &request, &mut counting())
}

/// No path is half of the old tree and half of the new one.
fn one_or_the_other(
    now: &BTreeMap<String, Vec<u8>>,
    old: &BTreeMap<String, Vec<u8>>,
    new: &BTreeMap<String, Vec<u8>>,
    what: &str,
) {
    let differ = |want: &BTreeMap<String, Vec<u8>>| {
        want.keys().chain(now.keys()).filter(|k| want.get(*k) != now.get(*k)).cloned().collect::<Vec<_>>()
    };
    assert!(now == old || now == new, "{what}: not old: {:?}; not new: {:?}", differ(old), differ(new));
}

/// Fails every operation of the step from `before` to `after` in turn.
fn every_operation(before: Option<&str>, after: &str, fault: Fault) {
    let dir = tempfile::tempdir().unwrap();
    let old_dir = dir.path().join("old");
    fs::create_dir_all(old_dir.join(".vispyr")).unwrap();
    if let Some(before) = before {
        write(&Disk, &old_dir, &made(before)).unwrap();
        let env = old_dir.join(".env");
        if env.exists() {
            let text = fs::read_to_string(&env).unwrap();
            fs::write(&env, format!("# mine\nMINE=1\n{text}")).unwrap();
        }
    }
    fs::write(old_dir.join("foreign.txt"), "not ours").unwrap();
    let after = made(after);
    let new_dir = dir.path().join("new");
    copy(&old_dir, &new_dir);
    write(&Disk, &new_dir, &after).unwrap();
    let (old, new) = (tree(&old_dir), tree(&new_dir));
    assert_ne!(old, new);
    let (mut undone, mut finished) = (0, 0);
    for n in 0.. {
        let at = dir.path().join(format!("run{n}"));
        copy(&old_dir, &at);
        let failing = Failing { fault, left: Cell::new(n) };
        let result = write(&failing, &at, &after);
        if !failing.failed() {
            result.unwrap();
            assert!(undone > 0 && finished > 0, "{fault:?}: {undone} undone, {finished} finished of {n}");
            return;
        }
        let what = format!("{fault:?} at operation {n}");
        for (path, content) in tree(&at) {
            let ours = path.contains(".vispyr-new") || path == ".vispyr/journal" || path.ends_with('/');
            let whole = old.get(&path) == Some(&content) || new.get(&path) == Some(&content);
            assert!(ours || whole, "{what}: `{path}` is torn");
        }
        if result.is_ok() {
            assert_eq!(tree(&at), new, "{what}: said to be done");
        }
        output::recover(&Disk, &at).unwrap();
        let now = tree(&at);
        one_or_the_other(&now, &old, &new, &what);
        *(if now == old { &mut undone } else { &mut finished }) += 1;
        write(&Disk, &at, &after).unwrap();
        assert_eq!(tree(&at), new, "{what}: the next run");
        fs::remove_dir_all(&at).unwrap();
    }
}

#[test]
fn a_process_that_dies_at_any_operation_leaves_the_old_tree_or_the_new() {
    every_operation(None, BEFORE, Fault::Dies);
    every_operation(Some(BEFORE), AFTER, Fault::Dies);
    every_operation(Some(AFTER), BEFORE, Fault::Dies);
    every_operation(None, TWO_HOSTS, Fault::Dies);
}

#[test]
fn an_operation_that_fails_once_leaves_the_old_tree_or_the_new() {
    every_operation(Some(BEFORE), AFTER, Fault::Once(io::ErrorKind::PermissionDenied));
}

#[test]
fn a_disk_that_becomes_read_only_leaves_the_old_tree_or_the_new() {
    every_operation(Some(BEFORE), AFTER, Fault::ReadOnly);
}

/// A full disk fails only what grows, so nothing is ever left for the next run.
#[test]
fn a_full_disk_leaves_the_old_tree_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let old_dir = dir.path().join("old");
    write(&Disk, &old_dir, &made(BEFORE)).unwrap();
    let (old, after) = (tree(&old_dir), made(AFTER));
    for n in 0.. {
        let at = dir.path().join(format!("run{n}"));
        copy(&old_dir, &at);
        let failing = Failing { fault: Fault::Full, left: Cell::new(n) };
        match write(&failing, &at, &after) {
            Ok(_) => {
                assert!(n > 5, "{n}");
                return;
            }
            Err(Error::Io { error, .. }) => assert_eq!(error.kind(), io::ErrorKind::StorageFull),
            Err(other) => panic!("{other}"),
        }
        assert_eq!(tree(&at), old, "operation {n}");
    }
}

#[test]
fn what_the_user_edits_between_a_crash_and_the_next_run_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let mut kept = false;
    for n in 0.. {
        let at = dir.path().join(format!("run{n}"));
        write(&Disk, &at, &made(BEFORE)).unwrap();
        let failing = Failing { fault: Fault::Dies, left: Cell::new(n) };
        if write(&failing, &at, &made(AFTER)).is_ok() {
            break;
        }
        let mine = "# mine\n";
        fs::write(at.join("alloy/config.alloy"), mine).unwrap();
        let notes = output::recover(&Disk, &at).unwrap();
        assert_eq!(fs::read_to_string(at.join("alloy/config.alloy")).unwrap(), mine, "operation {n}");
        kept |= notes.iter().any(|n| n.contains("alloy/config.alloy"));
    }
    assert!(kept);
}

/// The real thing: a child that is killed while it works.
#[test]
fn a_killed_process_leaves_the_old_tree_or_the_new() {
    let dir = tempfile::tempdir().unwrap();
    let old_dir = dir.path().join("old");
    fs::create_dir(&old_dir).unwrap();
    fs::write(old_dir.join("vispyr.toml"), BEFORE).unwrap();
    assert_eq!(run(&old_dir, &["gen"]).code, Some(0));
    fs::write(old_dir.join("vispyr.toml"), AFTER).unwrap();
    let new_dir = dir.path().join("new");
    copy(&old_dir, &new_dir);
    assert_eq!(run(&new_dir, &["gen"]).code, Some(0));
    let (old, new) = (tree(&old_dir), tree(&new_dir));
    let mut state = 0x2545_f491u32;
    let mut killed = 0;
    for n in 0..60 {
        let at = dir.path().join(format!("run{n}"));
        copy(&old_dir, &at);
        // Any spread of delays will do; this one is the same on every machine.
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let mut child = command(&at).arg("gen").stderr(std::process::Stdio::null()).spawn().unwrap();
        thread::sleep(Duration::from_micros(u64::from(state >> 8) % 60_000));
        child.kill().unwrap();
        killed += usize::from(!child.wait().unwrap().success());
        output::recover(&Disk, &at).unwrap();
        let mut now = tree(&at);
        // The lock dies with its process; its file is taken over by the next run.
        now.remove(".vispyr/lock");
        one_or_the_other(&now, &old, &new, &format!("run {n}"));
        let next = run(&at, &["gen"]);
        assert_eq!(next.code, Some(0), "{}", next.err);
        assert_eq!(tree(&at), new);
        fs::remove_dir_all(&at).unwrap();
    }
    assert!(killed > 0);
}
