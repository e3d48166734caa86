//! What `alloy run` says to the cases of its rules.
//!
//! Each case runs as its compose service says, in a folder that is the whole file system of that process; a case without
//! one runs with everything admitted (`Case::alloy_run`, which the harness holds the verdict with as well).

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow, bail, ensure};
use vispyr::catalogue::Version;
use vispyr::diagnostic::{Severity, Tier};
use vispyr::tree::{MountSource, RawTree, Service, Settings};

use crate::page::{self, Info};

/// Runs one engine in namespaces of its own.
const RUN: &str = include_str!("run.sh");

/// What every refusal ends with.
const LAST: &str = "could not perform the initial load successfully";

/// Where [`page::Case::alloy_run`] puts a case that has no deployment of its own.
const CASE: &str = "/case";

/// What an engine says of the machine rather than of its config: such a case gets no verdict.
const MACHINE: &[&str] =
    &["dial tcp", "dial udp", "dial unix", "lookup ", "in-cluster", "permission denied", "operation not permitted"];

/// The engines of a folder by version; a pre-release stands for its release where that is not there.
pub(super) fn engines(folder: &Path) -> Result<BTreeMap<Version, PathBuf>> {
    let mut engines = BTreeMap::new();
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).with_context(|| folder.display().to_string())?.flatten().map(|e| e.path()).collect();
    // `alloy-1.19.0` comes before `alloy-1.19.0-rc.3`.
    paths.sort();
    for path in paths {
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        let Some(version) = name.strip_prefix("alloy-").and_then(Version::exact) else { continue };
        engines.entry(version).or_insert(fs::canonicalize(&path)?);
    }
    ensure!(!engines.is_empty(), "{} holds no `alloy-VERSION`", folder.display());
    Ok(engines)
}

/// Whether the page is that of a rule that stands for what Alloy knows.
pub(super) fn tells(page: &Path) -> bool {
    let text = fs::read_to_string(page).unwrap_or_default();
    let id = text.lines().next().and_then(|l| l.strip_prefix("# ")).unwrap_or_default();
    vispyr::check::rules().iter().any(|r| r.id == id && r.tier != Tier::C && r.severity == Severity::Error)
}

/// A page with a verdict of every engine in every case that it can run, and how many these are.
pub(super) fn page(engines: &BTreeMap<Version, PathBuf>, text: &str) -> Result<(String, usize)> {
    let mut text = text.to_owned();
    let mut recorded = 0;
    let cases = page::parse(&text).map_err(|e| anyhow!(e))?.cases.len();
    for n in 0..cases {
        for (version, engine) in engines {
            let page = page::parse(&text).map_err(|e| anyhow!(e))?;
            let case = &page.cases[n];
            let version = version.to_string();
            let body = match case.alloy_run(&version) {
                Some(files) => judge(engine, &files).with_context(|| case.heading.clone())?,
                None => None,
            };
            recorded += usize::from(body.is_some());
            let name = format!("verdict alloy@{version}");
            let info = Info::Verdict { program: "alloy".to_owned(), version };
            let old = case.blocks.iter().find(|b| b.info == info);
            if old.is_some_and(|old| body.as_ref().is_some_and(|new| same(&old.body, new))) {
                continue;
            }
            text = page::set(&text, case, &info, &name, body.as_deref(), |_| true);
        }
    }
    Ok((text, recorded))
}

/// What an engine says to the service among some files; `None` = it says nothing of them.
fn judge(engine: &Path, files: &[(String, String)]) -> Result<Option<String>> {
    let raw = RawTree::from_texts(files.iter().map(|(p, t)| (p.as_str(), t.as_str())));
    let tree = vispyr::engines::tree(raw, &Settings::default());
    let mut services = tree.services().map(|(_, s)| s).filter(|s| s.engine == Some("alloy"));
    // Which of two speaks for the case cannot be known.
    let (Some(service), None) = (services.next(), services.next()) else { return Ok(None) };
    let folder = tempfile::tempdir()?;
    let container = folder.path().join("root");
    let (workdir, mut whole) = mount(service, files, &container)?;
    let log = folder.path().join("log");
    let mut command = Command::new("unshare");
    command.args(["-rnmpf", "--kill-child", "bash", "-c", RUN, "run.sh"]);
    command.arg(&container).arg(engine).arg(&log).arg(workdir).args(args(engine, service)?);
    command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").env("HOME", "/tmp");
    command.envs(service.environment.iter().filter_map(|v| Some((&v.name, v.value.as_ref()?))));
    let output = command.output().context("cannot run unshare")?;
    let said = fs::read_to_string(&log).unwrap_or_default();
    match output.status.code() {
        Some(0) => return Ok(Some("accepted\n".to_owned())),
        Some(1) if !said.is_empty() => {}
        code => bail!("{code:?}: {}{said}", String::from_utf8_lossy(&output.stderr)),
    }
    let error =
        |l: &str| l.strip_prefix("Error: ").or_else(|| l.starts_with("panic: ").then_some(l)).map(str::to_owned);
    let mut lines: Vec<String> =
        said.lines().filter_map(error).map(|l| scrubbed(l.trim_end(), service, files)).filter(|l| l != LAST).collect();
    if lines.is_empty() {
        // What ends the process after the load is only logged.
        let logged = |l: &str| l.split_once("level=error msg=").map(|(_, l)| scrubbed(l.trim_end(), service, files));
        lines = said.lines().rev().find_map(logged).into_iter().collect();
    }
    // Faults come in any order.
    lines.sort_by_key(|l| place(l));
    let line = lines.first().with_context(|| format!("no line of it is an error:\n{said}"))?;
    // What a case without a deployment leaves out may be anywhere.
    whole &= workdir != CASE;
    let elsewhere = |l: &String| {
        // Nor is anything known of its variables.
        (workdir == CASE && l.contains("env("))
            || (!whole && l.contains("no such file or directory"))
            || MACHINE.iter().any(|m| l.contains(m))
    };
    Ok((!lines.iter().any(elsewhere)).then(|| format!("refused: {line}\n")))
}

/// Where a line says that it is: file, line, column; then what it says.
fn place(line: &str) -> (String, u32, u32, String) {
    let mut parts = line.splitn(4, ':');
    let file = parts.next().unwrap_or_default().to_owned();
    let mut number = || parts.next().and_then(|n| n.parse().ok()).unwrap_or_default();
    (file, number(), number(), line.to_owned())
}

/// Whether two lines say the same in another order: a ring begins anywhere.
fn same(one: &str, other: &str) -> bool {
    // Which of two finds its port taken is chance.
    const TAKEN: &str = "bind: address already in use\n";
    if one.ends_with(TAKEN) && other.ends_with(TAKEN) {
        return true;
    }
    let words = |text: &str| {
        let mut words: Vec<String> =
            text.split([' ', ',', '\n']).map(str::to_owned).filter(|w| !w.is_empty()).collect();
        words.sort();
        words
    };
    words(one) == words(other)
}

/// Lays files where the service mounts them: its working directory, and whether all that is mounted is known.
fn mount(service: &Service, files: &[(String, String)], container: &Path) -> Result<(&'static str, bool)> {
    let (mut workdir, mut whole) = ("/", !service.mounts_open);
    let inside = |target: &str| container.join(target.trim_start_matches('/'));
    for folder in ["etc/alloy", "var/lib/alloy/data", "tmp"] {
        fs::create_dir_all(container.join(folder))?;
    }
    for mount in &service.mounts {
        let MountSource::Bind(source) = &mount.source else {
            whole = false;
            fs::create_dir_all(inside(&mount.target))?;
            continue;
        };
        if mount.target == CASE {
            workdir = CASE;
        }
        for (path, text) in files {
            let Some(rest) = below(path, source) else { continue };
            let path = inside(&format!("{}{rest}", mount.target));
            fs::create_dir_all(path.parent().unwrap_or(container))?;
            fs::write(path, text)?;
        }
    }
    Ok((workdir, whole))
}

/// What of a path lies below another: `/b` of `a/b` below `a`, nothing of `a` below itself.
fn below(path: &str, folder: &str) -> Option<String> {
    match folder {
        "" | "." => Some(format!("/{path}")),
        _ => path.strip_prefix(folder).filter(|r| r.is_empty() || r.starts_with('/')).map(str::to_owned),
    }
}

/// The command line: the service's, else that of the image (grafana/alloy Dockerfile@v1.11.3), and a place to write to.
fn args(engine: &Path, service: &Service) -> Result<Vec<String>> {
    let given: Vec<String> =
        service.args().context("its command cannot be known")?.iter().map(|a| a.text.clone()).collect();
    let mut args = match service.command {
        Some(_) => given,
        None => vec!["run".to_owned(), "/etc/alloy/config.alloy".to_owned()],
    };
    // The flag is younger than the components (grafana/alloy internal/alloycli/cmd_run.go@v1.3.0).
    let help = Command::new(engine).args(["run", "--help"]).output()?;
    let help = String::from_utf8_lossy(&[help.stdout, help.stderr].concat()).into_owned();
    args.retain(|a| !a.starts_with("--feature.community-components.enabled") || help.contains("community-components"));
    if service.flag("storage.path").is_none() {
        args.push("--storage.path=/var/lib/alloy/data".to_owned());
    }
    args.push("--disable-reporting".to_owned());
    Ok(args)
}

/// A line with paths as the case has them.
fn scrubbed(line: &str, service: &Service, files: &[(String, String)]) -> String {
    let mut line = line.to_owned();
    for mount in &service.mounts {
        let MountSource::Bind(source) = &mount.source else { continue };
        for (path, _) in files {
            let Some(rest) = below(path, source) else { continue };
            line = line.replace(&format!("{}{rest}:", mount.target), &format!("{path}:"));
        }
    }
    line
}
