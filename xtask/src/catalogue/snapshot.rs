//! One tag → one snapshot, by the Go program.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::{Context, Result, anyhow, bail};
use serde_json::Value;
use tempfile::TempDir;

use super::tags::Release;
use crate::root;

/// What is read at a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reads {
    /// What the engine's files may hold.
    Config,
    /// The names of its own metrics.
    Metrics,
}

/// The built Go program.
pub(crate) struct Extractor {
    program: PathBuf,
    engine: String,
    reads: Reads,
    mirrors: String,
    /// What else the program is told.
    options: Vec<String>,
    _dir: TempDir,
}

impl Extractor {
    /// Builds it once; it uses nothing but Go's standard library, so nothing is downloaded.
    pub(crate) fn build(engine: &str, reads: Reads, mirrors: &str, options: Vec<String>) -> Result<Extractor> {
        let dir = tempfile::tempdir()?;
        let program = dir.path().join("extractor");
        let status = Command::new("go")
            .args(["build", "-o"])
            .arg(&program)
            .arg(".")
            .current_dir(folder(engine, reads))
            .env("GOFLAGS", "-mod=mod")
            .env("GOTOOLCHAIN", "local")
            .env("GOWORK", "off")
            .status()
            .context("`go` is needed to read Go")?;
        if !status.success() {
            bail!("the extractor does not build");
        }
        Ok(Extractor { program, engine: engine.to_owned(), reads, mirrors: mirrors.to_owned(), options, _dir: dir })
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

    /// The snapshot of one release. Only its Go files are unpacked, into a folder that is removed afterwards.
    fn one(&self, checkout: &Path, release: &Release) -> Result<Value> {
        if self.engine != "alloy" || self.reads == Reads::Metrics {
            return self.store(checkout, release);
        }
        let dir = tempfile::tempdir()?;
        unpack(checkout, &release.tag, dir.path())?;
        let output = Command::new(&self.program)
            .args(["-version", &release.version, "-overlay"])
            .arg(folder(&self.engine, self.reads).join("overlay"))
            .arg(dir.path())
            .output()?;
        if !output.status.success() {
            bail!("{}", String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    /// The same where the program takes the files out of the repository itself.
    fn store(&self, checkout: &Path, release: &Release) -> Result<Value> {
        let output = Command::new(&self.program)
            .args(["-engine", &self.engine, "-tag", &release.tag, "-mirrors", &self.mirrors])
            .args(&self.options)
            .args((self.reads == Reads::Metrics).then_some("-metrics"))
            .arg(checkout)
            .output()?;
        if !output.status.success() {
            bail!("{}", String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(serde_json::from_slice(&output.stdout)?)
    }
}

fn folder(engine: &str, reads: Reads) -> PathBuf {
    let alloy = engine == "alloy" && reads == Reads::Config;
    root().join("xtask/catalogue").join(if alloy { "alloy" } else { "stores" })
}

/// `git archive TAG | tar -x`: works on a clone and on a bare mirror, and touches neither.
fn unpack(checkout: &Path, tag: &str, into: &Path) -> Result<()> {
    let mut archive = Command::new("git")
        .arg("-C")
        .arg(checkout)
        .args(["archive", "--format=tar", tag, ":(glob)internal/**/*.go", ":(glob)syntax/**/*.go"])
        .stdout(Stdio::piped())
        .spawn()?;
    let stream = archive.stdout.take().context("no stream from git")?;
    let tar = Command::new("tar").arg("-x").arg("-C").arg(into).stdin(stream).status()?;
    if !archive.wait()?.success() || !tar.success() {
        bail!("the tag could not be unpacked");
    }
    Ok(())
}
