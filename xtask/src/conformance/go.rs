//! The checkers, built from the modules of `xtask/conformance/` and kept until one of these changes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use sha2::{Digest, Sha256};

use crate::root;

/// A module with what is built from it.
struct Module {
    folder: &'static str,
    packages: &'static [&'static str],
    /// Build tags. Service discoveries of clouds are most of Prometheus' build and none of ours: `plugins/plugin_*.go` of
    /// `prometheus/prometheus@v3.14.0` are left out by this one.
    tags: &'static str,
}

const LOADERS: Module = Module { folder: "loaders", packages: &["."], tags: "" };

/// Go's own `regexp`; nothing is fetched for it.
const REGEXP: Module = Module { folder: "regexp", packages: &["."], tags: "" };

/// Prometheus' relabelling alone.
const RELABEL: Module = Module { folder: "relabel", packages: &["."], tags: "" };

/// The parts of Prometheus that run in one process, without its program.
const SILENCE: Module = Module { folder: "silence", packages: &["."], tags: "remove_all_sd,netgo" };

const PROMETHEUS_3: Module = Module {
    folder: "prometheus-3",
    packages: &[
        ".",
        "github.com/prometheus/prometheus/cmd/prometheus",
        "github.com/prometheus/prometheus/cmd/promtool",
    ],
    tags: "remove_all_sd,netgo",
};

const PROMETHEUS_2: Module =
    Module { folder: "prometheus-2", packages: &["github.com/prometheus/prometheus/cmd/promtool"], tags: "netgo" };

/// The newest Alertmanager that is known, and the oldest.
const ALERTMANAGERS: [(&str, Module); 2] = [
    ("0.34.0", Module { folder: "alertmanager-34", packages: &["."], tags: "netgo" }),
    ("0.26.0", Module { folder: "alertmanager-26", packages: &["."], tags: "netgo" }),
];

/// The built checkers.
#[derive(Debug)]
pub(crate) struct Tools {
    /// Reads Alloy and compose.
    pub(crate) loaders: PathBuf,
    /// Drives a running Prometheus.
    pub(crate) drive: PathBuf,
    /// Prometheus 3.
    pub(crate) prometheus: PathBuf,
    promtool_3: PathBuf,
    promtool_2: PathBuf,
}

impl Tools {
    /// Builds what is not built yet.
    pub(crate) fn build() -> Result<Self> {
        there()?;
        let (loaders, three, two) = (build(&LOADERS)?, build(&PROMETHEUS_3)?, build(&PROMETHEUS_2)?);
        Ok(Self {
            loaders: loaders.join("loaders"),
            drive: three.join("prometheus-3"),
            prometheus: three.join("prometheus"),
            promtool_3: three.join("promtool"),
            promtool_2: two.join("promtool"),
        })
    }

    /// Only what reads Alloy and compose.
    pub(crate) fn loaders() -> Result<PathBuf> {
        there()?;
        Ok(build(&LOADERS)?.join("loaders"))
    }

    /// Only what compiles regular expressions.
    pub(crate) fn regexp() -> Result<PathBuf> {
        there()?;
        Ok(build(&REGEXP)?.join("regexp"))
    }

    /// Only what relabels.
    pub(crate) fn relabel() -> Result<PathBuf> {
        there()?;
        Ok(build(&RELABEL)?.join("relabel"))
    }

    /// Only what runs stacks of Prometheus.
    pub(crate) fn silence() -> Result<PathBuf> {
        there()?;
        Ok(build(&SILENCE)?.join("silence"))
    }

    /// What loads configs of Alertmanager, by version.
    pub(crate) fn alertmanagers() -> Result<Vec<(&'static str, PathBuf)>> {
        there()?;
        ALERTMANAGERS.iter().map(|(version, module)| Ok((*version, build(module)?.join("alertmanager")))).collect()
    }

    /// `promtool` of the major of that version.
    pub(crate) fn promtool(&self, version: &str) -> &Path {
        if version.starts_with("2.") { &self.promtool_2 } else { &self.promtool_3 }
    }

    /// The program that a `verdict` block names, if it is one of these; checks that the version is the one that is built.
    pub(crate) fn version(program: &str) -> Option<&'static [&'static str]> {
        match program {
            "alloy-syntax" => Some(&["0.1.1"]),
            "compose-go" => Some(&["2.16.2"]),
            "prometheus" => Some(&["3.14.0", "2.55.1"]),
            _ => None,
        }
    }
}

fn there() -> Result<()> {
    let go = Command::new("go").arg("version").output();
    ensure!(
        go.is_ok_and(|o| o.status.success()),
        "conformance builds the engines' own code and needs `go` on the PATH (https://go.dev/dl)"
    );
    Ok(())
}

/// Builds a module unless its binaries are there; gives their folder.
fn build(module: &Module) -> Result<PathBuf> {
    let source = root().join("xtask/conformance").join(module.folder);
    let key = key(module, &source)?;
    let target = root().join("target/conformance").join(format!("{}-{key}", module.folder));
    if target.is_dir() {
        return Ok(fs::canonicalize(target)?);
    }
    println!("building {} from its Go modules", module.folder);
    // Under another name until everything is there, so that a broken build is never taken for a finished one.
    let unfinished = target.with_extension("unfinished");
    fs::create_dir_all(&unfinished)?;
    let unfinished = fs::canonicalize(unfinished)?;
    let mut go = Command::new("go");
    // `readonly`: `go.mod` and `go.sum` are what is committed.
    go.args(["build", "-mod=readonly", "-trimpath", "-buildvcs=false", "-tags", module.tags, "-o"]);
    go.arg(format!("{}/", unfinished.display())).args(module.packages);
    go.env("CGO_ENABLED", "0").env("GOFLAGS", "").env("GOWORK", "off").current_dir(&source);
    let status = go.status().context("go build")?;
    if !status.success() {
        bail!("`go build` of {} failed", module.folder);
    }
    fs::rename(&unfinished, &target)?;
    Ok(fs::canonicalize(target)?)
}

/// Digest of the files of a module, of its tags and of the compiler.
fn key(module: &Module, source: &Path) -> Result<String> {
    let mut hash = Sha256::new();
    let mut files: Vec<PathBuf> = fs::read_dir(source)?.flatten().map(|e| e.path()).collect();
    files.sort();
    for file in files {
        hash.update(fs::read(&file)?);
        hash.update([0]);
    }
    hash.update(module.tags);
    hash.update(Command::new("go").arg("version").output()?.stdout);
    Ok(vispyr::emit::hex(&hash.finalize()).chars().take(16).collect())
}
