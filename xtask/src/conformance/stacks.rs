//! Generated stacks, and what real code says of their files.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context, Result, anyhow, bail, ensure};
use serde_json::Value;

use super::{Tools, live};
use crate::{root, specs};

/// Versions beside the pinned defaults: an older line of each engine that two are promised for. Prometheus' is the one whose
/// `promtool` is built.
const OLDER: &str = "alloy = \"1.10.2\"\nprometheus = \"2.55.1\"\npyroscope = \"1.13.4\"\ntempo = \"2.8.2\"\n";

/// One generated stack.
#[derive(Debug)]
pub(crate) struct Stack {
    /// Preset and versions.
    pub(crate) name: String,
    /// Its `vispyr.toml`.
    pub(crate) spec: String,
    /// Whether it is that of a preset: these are run, not only read.
    pub(crate) preset: bool,
    folder: PathBuf,
}

/// One folder with a compose file.
#[derive(Debug)]
pub(crate) struct Host {
    /// The folder.
    pub(crate) folder: PathBuf,
    /// Its compose file as compose's own loader sees it; says why where it refuses it.
    pub(crate) compose: Value,
}

/// What was checked, and what was said.
pub(crate) type Checked = (String, Result<String>);

/// How many specs are drawn beside the presets.
const DRAWN: u64 = 24;

/// Generates every preset for both sets of versions, and stacks of drawn specs, with the `vispyr` of this source.
pub(crate) fn generate(into: &Path) -> Result<Vec<Stack>> {
    let vispyr = vispyr()?;
    let mut wanted = Vec::new();
    for (preset, text) in vispyr::spec::presets() {
        ensure!(!text.contains("\n[versions]"), "preset `{preset}` pins versions itself");
        wanted.push((format!("{preset}, pinned defaults"), (*text).to_owned(), true));
        wanted.push((format!("{preset}, older versions"), format!("{text}\n[versions]\n{OLDER}"), true));
    }
    // Certificates of the user's own would have to exist.
    let drawn = (1..).map(|seed| (seed, specs::spec(&tape(seed)))).filter(|(_, s)| !s.contains("mode = \"files\""));
    wanted.extend(drawn.take(DRAWN as usize).map(|(seed, spec)| (format!("drawn spec {seed}"), spec, false)));
    let mut stacks = Vec::new();
    for (name, spec, preset) in wanted {
        let folder = into.join(name.replace([' ', ','], "-"));
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("vispyr.toml"), &spec)?;
        said(Command::new(&vispyr).arg("gen").current_dir(&folder))
            .with_context(|| format!("gen of {name}:\n{spec}"))?;
        stacks.push(Stack { name, folder, spec, preset });
    }
    Ok(stacks)
}

/// The `vispyr` of this source, built.
pub(crate) fn vispyr() -> Result<PathBuf> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let build = ["build", "--quiet", "--package", "vispyr", "--bin", "vispyr"];
    ensure!(Command::new(cargo).args(build).current_dir(root()).status()?.success(), "vispyr does not build");
    Ok(fs::canonicalize(root().join("target/debug/vispyr"))?)
}

/// Choices of a drawn spec: the same ones for the same seed.
fn tape(seed: u64) -> Vec<u16> {
    let mut state = seed;
    let mut draw = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as u16
    };
    (0..220).map(|_| draw()).collect()
}

impl Stack {
    /// Folders with a compose file.
    pub(crate) fn hosts(&self) -> Result<Vec<PathBuf>> {
        let mut folders = vec![self.folder.clone()];
        folders.extend(fs::read_dir(&self.folder)?.flatten().map(|e| e.path()).filter(|p| p.is_dir()));
        folders.retain(|f| f.join("compose.yaml").is_file());
        folders.sort();
        ensure!(!folders.is_empty(), "no compose file was written");
        Ok(folders)
    }
}

/// Runs every check that fits the files of a host.
pub(crate) fn check(tools: &Tools, stack: &Stack, folder: &Path) -> Result<Vec<Checked>> {
    let label = folder.strip_prefix(&stack.folder)?.display().to_string();
    let name = |what: &str| if label.is_empty() { what.to_owned() } else { format!("{label}: {what}") };
    let mut checked = Vec::new();
    give(&folder.join(".env"))?;
    let loaded = said(Command::new(&tools.loaders).arg("compose").arg(folder.join("compose.yaml")));
    let compose: Value = match &loaded {
        Ok(json) => serde_json::from_str(json)?,
        Err(_) => Value::Null,
    };
    checked.push((name("compose.yaml and .env load without a warning"), loaded.map(|_| String::new())));
    let host = Host { folder: folder.to_owned(), compose };
    for file in files(&folder.join("alloy"), "alloy")? {
        let result = said(Command::new(&tools.loaders).args(["alloy", "--fmt"]).arg(&file)).map(|_| String::new());
        checked.push((name(&format!("{} parses and is formatted", shown(folder, &file))), result));
    }
    if folder.join("prometheus/prometheus.yml").is_file() {
        let version = image_version(&host, "prometheus")?;
        // Paths in the files are those of the container: a copy has its own instead.
        let copy = folder.join("prometheus-here");
        copied(&folder.join("prometheus"), &copy, "/etc/prometheus")?;
        let promtool = || Command::new(tools.promtool(&version));
        let config = copy.join("prometheus.yml");
        let checks =
            [("check", "config", vec![config.clone()]), ("check", "rules", files(&copy.join("rules"), "yml")?)];
        let tests = [("test", "rules", files(&copy.join("tests"), "yml")?)];
        for (verb, noun, files) in checks.into_iter().chain(tests) {
            ensure!(!files.is_empty(), "nothing to {verb} {noun}");
            let mut command = promtool();
            command.args([verb, noun]);
            if verb == "check" {
                // A lint of taste would otherwise only be printed.
                command.arg("--lint-fatal");
            }
            let result = said(command.args(&files)).map(|_| String::new());
            checked.push((name(&format!("promtool {version} {verb} {noun}")), result));
        }
        if version.starts_with("3.") && stack.preset {
            checked.push((name("prometheus runs, takes and answers"), live::run(tools, &host, &copy)));
        }
    }
    Ok(checked)
}

/// Gives a value to each variable that only the user knows: `gen` leaves a commented line for it.
fn give(env: &Path) -> Result<()> {
    let text = fs::read_to_string(env).unwrap_or_default();
    let name = |l: &str| l.strip_prefix("# ").and_then(|l| l.strip_suffix('=')).map(str::to_owned);
    let given: String = text.lines().filter_map(name).map(|n| format!("{n}=given\n")).collect();
    if !given.is_empty() {
        fs::write(env, format!("{text}{given}"))?;
    }
    Ok(())
}

/// Version of the image of a service.
fn image_version(host: &Host, service: &str) -> Result<String> {
    let image = host.compose["services"][service]["image"].as_str().context("the service has no image")?;
    let (_, tag) = image.rsplit_once(':').ok_or_else(|| anyhow!("`{image}` has no tag"))?;
    Ok(tag.trim_start_matches('v').to_owned())
}

/// Files of that extension in a folder, sorted; none where there is no folder.
pub(crate) fn files(folder: &Path, extension: &str) -> Result<Vec<PathBuf>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut found: Vec<PathBuf> = fs::read_dir(folder)?.flatten().map(|e| e.path()).collect();
    found.retain(|p| p.extension().is_some_and(|e| e == extension));
    found.sort();
    Ok(found)
}

/// Copies a folder; `prefix` in its texts becomes the copy's own path.
fn copied(from: &Path, to: &Path, prefix: &str) -> Result<()> {
    fn level(from: &Path, to: &Path, prefix: &str, top: &str) -> Result<()> {
        fs::create_dir_all(to)?;
        for entry in fs::read_dir(from)?.flatten() {
            let target = to.join(entry.file_name());
            if entry.path().is_dir() {
                level(&entry.path(), &target, prefix, top)?;
            } else {
                fs::write(target, fs::read_to_string(entry.path())?.replace(prefix, top))?;
            }
        }
        Ok(())
    }
    level(from, to, prefix, &to.display().to_string())
}

fn shown(folder: &Path, file: &Path) -> String {
    file.strip_prefix(folder).unwrap_or(file).display().to_string()
}

/// Runs a program; what it prints, or why it failed.
pub(crate) fn said(command: &mut Command) -> Result<String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let Output { status, stdout, stderr } = command.output().with_context(|| format!("cannot run {program}"))?;
    let (stdout, stderr) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    if status.success() {
        return Ok(stdout.into_owned());
    }
    // promtool says part of what is wrong on one stream and part on the other.
    bail!("{}", format!("{stderr}\n{stdout}").trim())
}
