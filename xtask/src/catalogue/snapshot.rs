//! One tag → one snapshot, by the Go program.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::{Context, Result, anyhow, bail};
use serde_json::Value;
use tempfile::TempDir;

use super::Source;
use super::tags::Release;
use crate::root;

/// The built Go program.
pub(crate) struct Extractor<'s> {
    source: &'s Source,
    /// Modules that are taken from clones of their repositories: `PATH=CHECKOUT`.
    modules: Vec<String>,
    program: PathBuf,
    _dir: TempDir,
}

impl<'s> Extractor<'s> {
    /// Builds it once, from nothing but Go's standard library.
    pub(crate) fn build(source: &'s Source, modules: Vec<String>) -> Result<Self> {
        let dir = tempfile::tempdir()?;
        let program = dir.path().join(source.program);
        let status = Command::new("go")
            .args(["build", "-o"])
            .arg(&program)
            .arg(".")
            .current_dir(folder(source))
            .env("GOFLAGS", "-mod=mod")
            .env("GOTOOLCHAIN", "local")
            .env("GOWORK", "off")
            .status()
            .context("`go` is needed to read Go")?;
        if !status.success() {
            bail!("the extractor does not build");
        }
        Ok(Self { source, modules, program, _dir: dir })
    }

    /// The snapshots of all releases, in their order. As many run at a time as there are processors.
    pub(crate) fn all(&self, checkout: &Path, releases: &[Release]) -> Result<Vec<Value>> {
        let next = AtomicUsize::new(0);
        let done: Vec<Mutex<Option<Result<Value>>>> = releases.iter().map(|_| Mutex::new(None)).collect();
        let workers = thread::available_parallelism().map_or(1, usize::from);
        thread::scope(|scope| {
            for _ in 0..workers {
                scope.spawn(|| {
                    loop {
                        let at = next.fetch_add(1, Ordering::Relaxed);
                        let (Some(release), Some(slot)) = (releases.get(at), done.get(at)) else { return };
                        let snapshot = self.one(checkout, release).with_context(|| release.tag.clone());
                        if let Ok(mut slot) = slot.lock() {
                            *slot = Some(snapshot);
                        }
                    }
                });
            }
        });
        let missing = || anyhow!("a worker gave up");
        done.into_iter().map(|slot| slot.into_inner().map_err(|_| missing())?.ok_or_else(missing)?).collect()
    }

    /// The snapshot of one release. Only what is read of it is unpacked, into a folder that is removed afterwards.
    fn one(&self, checkout: &Path, release: &Release) -> Result<Value> {
        let dir = tempfile::tempdir()?;
        unpack(checkout, &release.tag, self.source.paths, dir.path())?;
        let modules = self.modules.iter().flat_map(|m| ["-module", m.as_str()]);
        let output = Command::new(&self.program)
            .args(["-engine", self.source.engine, "-version", &release.version, "-overlay"])
            .arg(folder(self.source).join("overlay"))
            .args(modules)
            .arg(dir.path())
            .output()?;
        if !output.status.success() {
            bail!("{}", String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(serde_json::from_slice(&output.stdout)?)
    }
}

fn folder(source: &Source) -> PathBuf {
    root().join("xtask/catalogue").join(source.program)
}

/// `git archive TAG | tar -x`: works on a clone and on a bare mirror, and touches neither.
fn unpack(checkout: &Path, tag: &str, paths: &[&str], into: &Path) -> Result<()> {
    let mut archive = Command::new("git")
        .arg("-C")
        .arg(checkout)
        .args(["archive", "--format=tar", tag])
        .args(paths)
        .stdout(Stdio::piped())
        .spawn()?;
    let stream = archive.stdout.take().context("no stream from git")?;
    let tar = Command::new("tar").arg("-x").arg("-C").arg(into).stdin(stream).status()?;
    if !archive.wait()?.success() || !tar.success() {
        bail!("the tag could not be unpacked");
    }
    Ok(())
}
