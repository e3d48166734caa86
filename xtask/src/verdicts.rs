//! Records what real programs say: fills every `verdict` block that names a program built here.
//!
//! A block is put into a page by hand, empty; its body never is. Those of Alloy itself, which nobody builds on the way,
//! are put by the chore too: into every case that it can run.

mod alloy;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow, bail};

use crate::conformance::{Tools, tree};
use crate::page::{self, Info};
use crate::root;

/// Records all of them.
pub(crate) fn run() -> Result<()> {
    let tools = Tools::build()?;
    let mut pages = Vec::new();
    for folder in ["src", "tests/cases"] {
        collect(&root().join(folder), &mut pages)?;
    }
    pages.sort();
    let (mut recorded, mut left) = (0, 0);
    for path in pages {
        let before = fs::read_to_string(&path)?;
        let (text, done, foreign) = page(&tools, &before).with_context(|| path.display().to_string())?;
        recorded += done;
        left += foreign;
        if text != before {
            fs::write(&path, text)?;
            println!("changed {}", path.display());
        }
    }
    println!("{recorded} verdicts recorded, {left} of programs that are built by hand left as they are");
    Ok(())
}

/// Records what engines that are built by hand say: those of a folder, by name `alloy-VERSION`.
pub(crate) fn engines(folder: &Path) -> Result<()> {
    let engines = alloy::engines(folder)?;
    let mut pages = Vec::new();
    collect(&root().join("src/engines/alloy/rules"), &mut pages)?;
    pages.retain(|p| alloy::tells(p));
    pages.push(root().join("tests/cases/readers/alloy.md"));
    pages.sort();
    let (mut recorded, mut changed) = (0, 0);
    for path in pages {
        let before = fs::read_to_string(&path)?;
        let (text, done) = alloy::page(&engines, &before).with_context(|| path.display().to_string())?;
        recorded += done;
        if text != before {
            fs::write(&path, text)?;
            changed += 1;
        }
    }
    println!("{recorded} verdicts recorded, {changed} pages changed");
    Ok(())
}

fn collect(folder: &Path, pages: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)?.flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, pages)?;
        } else if path.extension().is_some_and(|e| e == "md") {
            pages.push(path);
        }
    }
    Ok(())
}

/// A page with its verdicts, how many were recorded, and how many name other programs.
fn page(tools: &Tools, text: &str) -> Result<(String, usize, usize)> {
    let mut text = text.to_owned();
    let (mut recorded, mut left) = (0, 0);
    // Not every Markdown file is a page of cases.
    let Ok(page) = page::parse(&text) else { return Ok((text, 0, 0)) };
    for (n, case) in page.cases.iter().enumerate() {
        for block in &case.blocks {
            let Info::Verdict { program, version } = &block.info else { continue };
            let Some(known) = Tools::version(program) else {
                left += 1;
                continue;
            };
            if !known.contains(&version.as_str()) {
                bail!("{}: {program} is built here in {}, not {version}", case.heading, known.join(" and "));
            }
            let verdict = match judge(tools, program, version, &case.files())? {
                None => "accepted\n".to_owned(),
                Some(line) => format!("refused: {line}\n"),
            };
            recorded += 1;
            let now = page::parse(&text).map_err(|e| anyhow!(e))?;
            let name = format!("verdict {program}@{version}");
            text = page::set(&text, &now.cases[n], &block.info, &name, Some(&verdict), |_| true);
        }
    }
    Ok((text, recorded, left))
}

/// The first line with which a program refuses the files it reads; `None` = it accepts them.
fn judge(tools: &Tools, program: &str, version: &str, files: &[(&str, &str)]) -> Result<Option<String>> {
    let folder = tempfile::tempdir()?;
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap_or(folder.path()))?;
        fs::write(path, text)?;
    }
    let tree = tree(folder.path())?;
    let mut read = 0;
    for artifact in &tree.artifacts {
        let mut command = match (program, artifact.kind.name) {
            ("alloy-syntax", "alloy") => program_with(&tools.loaders, &["alloy"]),
            ("compose-go", "compose") => program_with(&tools.loaders, &["compose"]),
            ("prometheus", "prometheus-config") => {
                program_with(tools.promtool(version), &["check", "config", "--syntax-only"])
            }
            ("prometheus", "prometheus-rules") => {
                program_with(tools.promtool(version), &["check", "rules", "--lint=none"])
            }
            _ => continue,
        };
        read += 1;
        let output = command.arg(&artifact.path).output()?;
        if output.status.success() {
            continue;
        }
        let all = [output.stderr, output.stdout].concat();
        let all = String::from_utf8_lossy(&all).replace(&format!("{}/", folder.path().display()), "");
        // promtool first says which file it is at.
        let tells = |l: &&str| !l.trim().is_empty() && !l.starts_with("Checking ");
        let mut lines = all.lines().filter(tells).map(str::trim);
        let mut line = lines.next().unwrap_or_default().trim_start_matches("FAILED: ").to_owned();
        // A line that only announces the next says nothing alone.
        if line.ends_with(':') {
            line = format!("{line} {}", lines.next().unwrap_or_default());
        }
        return Ok(Some(line));
    }
    if read == 0 {
        bail!("{program} reads none of {}", files.iter().map(|(p, _)| *p).collect::<Vec<_>>().join(", "));
    }
    Ok(None)
}

fn program_with(program: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(args);
    command
}
