//! `vispyr check`.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use crate::catalogue::Version;
use crate::report::{self, View};
use crate::tree::{Kind, RawTree, SIZE_LIMIT, Settings, Skipped, Tree, WalkOptions, walk};
use crate::{check, engines};

use super::args::{Check, Deny};
use super::{Exit, Failure, Streams, baseline, did_you_mean, mend, symbols, trouble};

/// What standard input is called where the user gave it no name.
const STDIN: &str = "<stdin>";

pub(super) fn run(args: &Check, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    let format = report::format(&args.format).ok_or_else(|| {
        let near = did_you_mean(&args.format, report::FORMATS.iter().map(|f| f.name));
        trouble(format!("there is no format `{}`{near}", args.format))
    })?;
    for rule in args.select.iter().chain(&args.ignore) {
        known(rule)?;
    }
    let engines = versions(&args.engine, streams)?;
    let settings = Settings { kind: args.kind.as_deref().map(kind).transpose()?, engines };
    let baseline = args.baseline.as_deref().map(baseline::read).transpose()?;
    let mut raw = raw(args)?;
    symbols::configured(&mut raw);
    symbols::add(&mut raw, &args.with)?;
    let named = raw.named.clone();
    let options = check::Options { select: args.select.clone(), ignore: args.ignore.clone() };
    let mends = args.fix || args.diff;
    if mends && args.paths.iter().any(|p| p == Path::new("-")) {
        return Err(trouble("`--fix` and `--diff` change files, and `-` is none"));
    }
    if mends {
        let changes = mend::mended(&mut raw, &settings, &options);
        if args.diff {
            return mend::diff(&changes, streams);
        }
        mend::write(&changes, streams)?;
    }
    let tree = engines::tree(raw, &settings);
    readable(args, &tree, &named)?;
    let report = check::check(&tree, &options);
    if let Some(path) = &args.write_baseline {
        baseline::write(path, &tree.sources, &report.diagnostics, streams)?;
        return Ok(Exit::Clean);
    }
    let (mut diagnostics, mut suppressed) = (report.diagnostics, report.suppressed.len());
    if let Some(baseline) = &baseline {
        let split = baseline.split(&tree.sources, diagnostics);
        suppressed += split.known.len();
        baseline::stale(&split.stale, &tree, &options, streams)?;
        diagnostics = split.new;
    }
    let view = View::of_tree(&tree, &diagnostics, suppressed);
    (format.render)(&view, &streams.out_style, streams.out)?;
    streams.out.flush()?;
    Ok(if view.fails(args.deny == Some(Deny::Warnings)) { Exit::Found } else { Exit::Clean })
}

/// Whoever names one file waits for a verdict on it: what keeps it from being read is trouble. Below a folder what cannot be
/// read is left out and said.
fn readable(args: &Check, tree: &Tree, named: &BTreeSet<String>) -> Result<(), Failure> {
    let stdin = args.stdin_filename.as_deref().unwrap_or(STDIN).replace('\\', "/");
    let read =
        |path: &str| tree.artifacts.iter().any(|a| a.path == path) || tree.skipped.iter().any(|s| s.path == path);
    if args.paths.iter().any(|p| p == Path::new("-")) && !read(&stdin) {
        return Err(trouble("standard input is of no known kind: name it with `--kind` or `--stdin-filename`"));
    }
    let unread = |s: &&Skipped| named.contains(&s.path) && matches!(s.reason.as_str(), "too large" | "not text");
    match tree.skipped.iter().find(unread) {
        Some(skipped) => Err(trouble(format!("`{}` cannot be checked: {}", skipped.path, skipped.reason))),
        None => Ok(()),
    }
}

fn raw(args: &Check) -> Result<RawTree, Failure> {
    let stdin = Path::new("-");
    let paths: Vec<PathBuf> = args.paths.iter().filter(|p| *p != stdin).cloned().collect();
    let mut raw = walk(&paths, &WalkOptions::default()).map_err(|e| trouble(e.to_string()))?;
    if paths.len() == args.paths.len() {
        if args.stdin_filename.is_some() {
            return Err(trouble("`--stdin-filename` is given and `-` is not among the paths"));
        }
        return Ok(raw);
    }
    let mut bytes = Vec::new();
    let unread = |e: io::Error| trouble(format!("standard input cannot be read: {e}"));
    io::stdin().lock().take(SIZE_LIMIT + 1).read_to_end(&mut bytes).map_err(unread)?;
    if bytes.len() as u64 > SIZE_LIMIT {
        return Err(trouble(format!("standard input is larger than {} MiB", SIZE_LIMIT >> 20)));
    }
    let name = args.stdin_filename.as_deref().unwrap_or(STDIN).replace('\\', "/");
    raw.named.insert(name.clone());
    raw.add(name, bytes);
    Ok(raw)
}

fn known(rule: &str) -> Result<(), Failure> {
    let all = crate::check::rules();
    if all.iter().any(|r| check::is_called(r, rule)) {
        return Ok(());
    }
    Err(trouble(format!("there is no rule `{rule}`{}", did_you_mean(rule, all.iter().map(|r| r.id)))))
}

fn kind(name: &str) -> Result<Kind, Failure> {
    engines::kind(name).ok_or_else(|| {
        let near = did_you_mean(name, engines::kinds().iter().map(|k| k.name));
        trouble(format!("there is no kind `{name}`{near}"))
    })
}

/// Versions by engine, as `--engine` names them.
pub(super) fn versions(given: &[String], streams: &mut Streams<'_>) -> Result<BTreeMap<String, Version>, Failure> {
    given.iter().map(|one| version(one, streams).map(|(engine, version)| (engine.to_owned(), version))).collect()
}

/// `tempo=2.9`: the newest known patch of that line.
pub(super) fn version(given: &str, streams: &mut Streams<'_>) -> Result<(&'static str, Version), Failure> {
    let Some((name, text)) = given.split_once('=') else {
        return Err(trouble(format!("`--engine {given}` names no version: write `--engine {given}=VERSION`")));
    };
    let Some(engine) = engines::named(name) else {
        let near = did_you_mean(name, engines::ALL.iter().map(|e| e.name));
        return Err(trouble(format!("there is no engine `{name}`{near}")));
    };
    let Some(facts) = engine.facts() else {
        return Err(trouble(format!("`{name}` has no versions")));
    };
    let Some(version) = facts.resolve(text) else {
        return Err(trouble(format!("`{text}` is no version of `{name}`: write `{name}={}`", facts.newest())));
    };
    // What an engine accepts may be known of a release that is not out yet.
    let read = crate::catalogue::schema(engine.name).map(|s| s.newest().version());
    let newest = read.map_or(facts.newest(), |read| read.max(facts.newest()));
    if version > newest {
        writeln!(streams.err, "info: `{name}` is known up to {newest}: that version is used")?;
        return Ok((engine.name, newest));
    }
    Ok((engine.name, version))
}
