//! Holds what `vispyr gen` writes against the engines' own code, built from their Go modules.

mod alertmanager;
mod compose;
mod disk;
mod go;
mod language;
mod live;
mod prometheus;
mod regexp;
mod relabel;
mod samples;
mod silence;
mod stacks;

use std::path::Path;

use anyhow::{Context, Result};
use vispyr::tree::{RawTree, Settings, Tree, WalkOptions, walk};

pub(crate) use go::Tools;

/// Builds the checkers, generates the stacks and runs every check.
pub(crate) fn run() -> Result<()> {
    let tools = Tools::build()?;
    let folder = tempfile::Builder::new().prefix("vispyr-conformance-").tempdir()?;
    let (mut checks, mut failures) = (0, 0);
    for stack in stacks::generate(folder.path())? {
        if stack.preset {
            println!("{}", stack.name);
        }
        let mut failed = false;
        for host in stack.hosts()? {
            for (what, result) in stacks::check(&tools, &stack, &host).with_context(|| stack.name.clone())? {
                checks += 1;
                match result {
                    Ok(said) if stack.preset => println!("  ok    {what}{said}"),
                    Ok(_) => {}
                    Err(error) => {
                        failed = true;
                        failures += 1;
                        println!("  FAIL  {what}: {error:#}");
                    }
                }
            }
        }
        if failed && !stack.preset {
            println!("{}\n{}", stack.name, stack.spec);
        }
    }
    println!("the Alloy language");
    checks += 1;
    match language::own(&tools.loaders, MUTATIONS) {
        Ok(said) => println!("  ok    {said}"),
        Err(error) => {
            failures += 1;
            println!("  FAIL  {error:#}");
        }
    }
    println!("compose files");
    checks += 1;
    match compose::own(&tools.loaders, compose::COUNT) {
        Ok(said) => println!("  ok    {said}"),
        Err(error) => {
            failures += 1;
            println!("  FAIL  {error:#}");
        }
    }
    println!("what Prometheus loads");
    checks += 1;
    match prometheus::compare(&tools, None, prometheus::COUNT) {
        Ok(said) => println!("  ok    {said}"),
        Err(error) => {
            failures += 1;
            println!("  FAIL  {error:#}");
        }
    }
    println!("what Alertmanager loads");
    checks += 1;
    match alertmanager::compare(None, alertmanager::COUNT) {
        Ok(said) => println!("  ok    {said}"),
        Err(error) => {
            failures += 1;
            println!("  FAIL  {error:#}");
        }
    }
    println!("regular expressions");
    checks += 1;
    match regexp::compare(&Tools::regexp()?, regexp::COUNT) {
        Ok(said) => println!("  ok    {said}"),
        Err(error) => {
            failures += 1;
            println!("  FAIL  {error:#}");
        }
    }
    println!("relabelling");
    checks += 1;
    match relabel::compare(&Tools::relabel()?, relabel::COUNT) {
        Ok(said) => println!("  ok    {said}"),
        Err(error) => {
            failures += 1;
            println!("  FAIL  {error:#}");
        }
    }
    println!("silent failures");
    checks += 1;
    match silence::compare(&Tools::silence()?) {
        Ok(said) => println!("  ok    {said}"),
        Err(error) => {
            failures += 1;
            println!("  FAIL  {error:#}");
        }
    }
    println!("a full disk");
    match disk::full(&stacks::vispyr()?, folder.path())? {
        Some(said) => {
            checks += 1;
            println!("  ok    gen{said}");
        }
        None => println!("  left out: it needs root and mount namespaces"),
    }
    println!("{checks} checks, {failures} failed");
    anyhow::ensure!(failures == 0, "{failures} checks failed");
    Ok(())
}

/// How many texts are made by chance in a full run: some seconds.
const MUTATIONS: usize = 6_000;

/// Only the Alloy language, over a folder and as many mutations as asked for.
pub(crate) fn language(of: &[&str]) -> Result<()> {
    let loaders = Tools::loaders()?;
    let said = match of {
        [] => language::own(&loaders, MUTATIONS)?,
        [folder] => language::folder(&loaders, Path::new(folder), MUTATIONS)?,
        [folder, count] => language::folder(&loaders, Path::new(folder), count.parse().context("no number")?)?,
        _ => anyhow::bail!("usage: cargo xtask conformance language [FOLDER [MUTATIONS]]"),
    };
    println!("{said}");
    Ok(())
}

/// Only compose files, over a folder of stacks and as many mutations as asked for.
pub(crate) fn composes(of: &[&str]) -> Result<()> {
    let loaders = Tools::loaders()?;
    let said = match of {
        [] => compose::own(&loaders, compose::COUNT)?,
        [folder] => compose::folder(&loaders, Path::new(folder), compose::COUNT)?,
        [folder, count] => compose::folder(&loaders, Path::new(folder), count.parse().context("no number")?)?,
        _ => anyhow::bail!("usage: cargo xtask conformance compose [FOLDER [MUTATIONS]]"),
    };
    println!("{said}");
    Ok(())
}

/// Only regular expressions, as many as asked for.
pub(crate) fn regexps(of: &[&str]) -> Result<()> {
    let count = match of {
        [] => regexp::COUNT,
        [count] => count.parse().context("no number")?,
        _ => anyhow::bail!("usage: cargo xtask conformance regexp [COUNT]"),
    };
    println!("{}", regexp::compare(&Tools::regexp()?, count)?);
    Ok(())
}

/// Only relabelling, as many lists of rules as asked for.
pub(crate) fn relabel(of: &[&str]) -> Result<()> {
    let count = match of {
        [] => relabel::COUNT,
        [count] => count.parse().context("no number")?,
        _ => anyhow::bail!("usage: cargo xtask conformance relabel [COUNT]"),
    };
    println!("{}", relabel::compare(&Tools::relabel()?, count)?);
    Ok(())
}

/// Only silent failures.
pub(crate) fn silence() -> Result<()> {
    println!("{}", silence::compare(&Tools::silence()?)?);
    Ok(())
}

/// Only what Prometheus loads: over the case pages or a folder, and as many accidents as asked for.
pub(crate) fn prometheus(of: &[&str]) -> Result<()> {
    let tools = Tools::build()?;
    let said = match of {
        [] => prometheus::compare(&tools, None, prometheus::COUNT)?,
        [folder] => prometheus::compare(&tools, Some(Path::new(folder)), prometheus::COUNT)?,
        [folder, count] => prometheus::compare(&tools, Some(Path::new(folder)), count.parse().context("no number")?)?,
        _ => anyhow::bail!("usage: cargo xtask conformance prometheus [FOLDER [COUNT]]"),
    };
    println!("{said}");
    Ok(())
}

/// Only what Alertmanager loads: over the case pages or a folder, and as many accidents as asked for.
pub(crate) fn alertmanager(of: &[&str]) -> Result<()> {
    let said = match of {
        [] => alertmanager::compare(None, alertmanager::COUNT)?,
        [folder] => alertmanager::compare(Some(Path::new(folder)), alertmanager::COUNT)?,
        [folder, count] => alertmanager::compare(Some(Path::new(folder)), count.parse().context("no number")?)?,
        _ => anyhow::bail!("usage: cargo xtask conformance alertmanager [FOLDER [COUNT]]"),
    };
    println!("{said}");
    Ok(())
}

/// A folder as `vispyr check` sees it.
pub(crate) fn tree(folder: &Path) -> Result<Tree> {
    let raw: RawTree = walk(&[folder.to_owned()], &WalkOptions::default()).map_err(|e| anyhow::anyhow!("{e}"))?;
    Ok(vispyr::engines::tree(raw, &Settings::default()))
}
