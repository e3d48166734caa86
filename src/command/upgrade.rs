//! `vispyr upgrade`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Serialize;
use similar::TextDiff;

use crate::catalogue::{self, Version};
use crate::engine::{Engine, StepKind, Upgrade as Plug};
use crate::output::fs::{Disk, Fs};
use crate::output::{Replacement, replace_all};
use crate::report::clean;
use crate::source::LineIndex;
use crate::tree::{Settings, Tree, WalkOptions, walk};
use crate::upgrade::{File, Plan, plan};
use crate::{engines, source::Source};

use super::args::{ListFormat, Upgrade};
use super::{Exit, Failure, Streams, check, did_you_mean, found, trouble};

pub(super) fn run(args: &Upgrade, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    let (engine, plug, to) = target(&args.to)?;
    let mut engines = BTreeMap::new();
    for given in &args.engine {
        let (engine, version) = check::version(given, streams)?;
        engines.insert(engine.to_owned(), version);
    }
    let raw = walk(&args.paths, &WalkOptions { outer: false, ..WalkOptions::default() })
        .map_err(|e| trouble(e.to_string()))?;
    let settings = Settings { kind: None, engines };
    if let Some(at) = catalogue::schema(engine.name).map(|s| s.at(to)).filter(|at| !at.exact()) {
        writeln!(streams.err, "info: of `{}` {to} nothing was read: {} is taken for it", engine.name, at.version())?;
    }
    let (tree, plan) = plan(&raw, &settings, engine, plug, to, args.partial);
    let written = args.write && plan.changes();
    if written {
        write(&tree, &plan)?;
    }
    match args.format {
        ListFormat::Json => json(&tree, &plan, engine, to, written, streams)?,
        ListFormat::Text => text(args, &tree, &plan, engine, written, streams)?,
    }
    let open = plan.left() || plan.changes() && !written;
    Ok(if open { Exit::Found } else { Exit::Clean })
}

/// `alloy=1.12`: an engine that can be upgraded, and a version of it that is known.
fn target(given: &str) -> Result<(&'static Engine, &'static Plug, Version), Failure> {
    let Some((name, text)) = given.split_once('=') else {
        return Err(trouble(format!("`--to {given}` names no version: write `--to {given}=VERSION`")));
    };
    let able = || engines::ALL.iter().filter(|e| e.upgrade.is_some()).map(|e| e.name);
    let Some(engine) = engines::named(name) else {
        return Err(trouble(format!("there is no engine `{name}`{}", did_you_mean(name, able()))));
    };
    let (Some(plug), Some(facts)) = (engine.upgrade, engine.facts()) else {
        let able = able().collect::<Vec<_>>().join("`, `");
        return Err(trouble(format!("the files of `{name}` cannot be upgraded yet: those of `{able}` can")));
    };
    let read = catalogue::schema(engine.name);
    let newest = read.and_then(|s| s.versions().last()).map_or(facts.newest(), |v| v.max(facts.newest()));
    let Some(version) = facts.resolve(text) else {
        return Err(trouble(format!("`{text}` is no version of `{name}`: write `--to {name}={newest}`")));
    };
    if version <= facts.newest() {
        return Ok((engine, plug, version));
    }
    // A line that is read already though it has no release yet.
    let line = |v: &Version| (v.major, v.minor) == (version.major, version.minor) && *v <= version;
    let fits = read.and_then(|s| s.versions().rfind(line));
    match fits {
        Some(fits) => Ok((engine, plug, fits)),
        None => Err(trouble(format!("`{name}` is known up to {newest}"))),
    }
}

fn write(tree: &Tree, plan: &Plan) -> Result<(), Failure> {
    let mut all = Vec::new();
    for file in &plan.files {
        let Some(text) = &file.text else { continue };
        let source = tree.sources.get(file.source);
        let old = Disk.read(Path::new(&file.path)).map_err(|e| trouble(format!("`{}`: {e}", file.path)))?;
        let new = encoded(source, &old, text)?;
        all.push(Replacement { path: PathBuf::from(&file.path), old, new });
    }
    replace_all(&Disk, &all).map_err(|e| found(e.to_string()))
}

/// The bytes of a text, with the mark that stood before it. What was decoded from another encoding is not written back.
fn encoded(source: &Source, old: &[u8], text: &str) -> Result<Vec<u8>, Failure> {
    let (mark, rest) = old.split_at((source.shift as usize).min(old.len()));
    if rest != source.text.as_bytes() {
        return Err(found(format!("`{}` is not UTF-8, or changed while vispyr ran", source.path)));
    }
    Ok([mark, text.as_bytes()].concat())
}

fn diff(file: &File, source: &Source) -> Option<String> {
    let text = TextDiff::from_lines(&*source.text, file.text.as_deref()?);
    let (before, after) = (format!("a/{}", file.path), format!("b/{}", file.path));
    Some(text.unified_diff().context_radius(3).header(&before, &after).to_string())
}

fn word(kind: StepKind) -> &'static str {
    match kind {
        StepKind::Edit => "edit",
        StepKind::Hand => "hand",
        StepKind::Note => "note",
    }
}

fn text(
    args: &Upgrade,
    tree: &Tree,
    plan: &Plan,
    engine: &Engine,
    written: bool,
    streams: &mut Streams<'_>,
) -> Result<(), Failure> {
    for file in plan.files.iter().filter(|_| !args.diff) {
        let source = tree.sources.get(file.source);
        let lines = LineIndex::new(&source.text);
        let from = file.from.map_or(String::new(), |v| format!(" ({} {v})", engine.name));
        writeln!(streams.out, "{}{from}", clean(&file.path))?;
        for step in &file.steps {
            let (line, column) = lines.position(&source.text, step.span.start);
            let (subject, said) = (clean(&step.subject), clean(&step.text));
            writeln!(streams.out, "  {} {line}:{column} {subject}: {said}", word(step.kind))?;
        }
    }
    if !args.write || args.diff {
        for file in &plan.files {
            if let Some(diff) = diff(file, tree.sources.get(file.source)) {
                write!(streams.out, "{diff}")?;
            }
        }
    }
    if plan.blocked && !args.partial {
        writeln!(streams.err, "nothing is written: do what `hand` says first, or mend the rest with `--partial`")?;
    } else if plan.blocked {
        writeln!(streams.err, "no version moves: do what `hand` says, then run this again")?;
    } else if plan.changes() && !written {
        writeln!(streams.err, "nothing is written without `--write`")?;
    } else if !plan.changes() && !plan.left() {
        writeln!(streams.err, "nothing to do")?;
    }
    Ok(())
}

#[derive(Serialize)]
struct Report<'a> {
    version: u32,
    engine: &'a str,
    to: String,
    /// Whether the files have their new texts.
    written: bool,
    /// Whether something must be done by hand before the version can move.
    blocked: bool,
    files: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    path: &'a str,
    from: Option<String>,
    steps: Vec<Said<'a>>,
    /// The text afterwards; null = it stays.
    content: Option<&'a str>,
    diff: Option<String>,
}

#[derive(Serialize)]
struct Said<'a> {
    kind: &'a str,
    line: u32,
    column: u32,
    subject: &'a str,
    text: &'a str,
}

fn json(
    tree: &Tree,
    plan: &Plan,
    engine: &Engine,
    to: Version,
    written: bool,
    streams: &mut Streams<'_>,
) -> Result<(), Failure> {
    let files = plan.files.iter().map(|file| {
        let source = tree.sources.get(file.source);
        let lines = LineIndex::new(&source.text);
        let steps = file.steps.iter().map(|step| {
            let (line, column) = lines.position(&source.text, step.span.start);
            Said { kind: word(step.kind), line, column, subject: &step.subject, text: &step.text }
        });
        Entry {
            path: &file.path,
            from: file.from.map(|v| v.to_string()),
            steps: steps.collect(),
            content: file.text.as_deref(),
            diff: diff(file, source),
        }
    });
    let files = files.collect();
    let report = Report { version: 1, engine: engine.name, to: to.to_string(), written, blocked: plan.blocked, files };
    let text = serde_json::to_string_pretty(&report).map_err(|e| trouble(e.to_string()))?;
    writeln!(streams.out, "{text}")?;
    Ok(())
}
