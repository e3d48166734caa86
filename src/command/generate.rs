//! `vispyr gen`: plan, emit, check, and only then write.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::output::fs::Disk;
use crate::output::{self, Error, Lock, Request};
use crate::report::{self, View};
use crate::source::{Source, Sources};
use crate::spec;

use super::args::Gen;
use super::pipeline::Generated;
use super::{Exit, Failure, Streams, did_you_mean, found, init, input, preview, summary, trouble};

pub(super) fn run(args: &Gen, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    let from = From::of(args)?;
    let Some(generated) = generate(&from.source, streams)? else { return Ok(Exit::Found) };
    if let Some(kind) = &args.only {
        let kinds = generated.kinds();
        if !kinds.contains(&kind.as_str()) {
            let near = did_you_mean(kind, kinds.iter().copied());
            let near = if near.is_empty() { format!("; it has {}", kinds.join(", ")) } else { near };
            return Err(trouble(format!("this stack has no file of kind `{kind}`{near}")));
        }
    }
    let checked = generated.check();
    let view = View::of_tree(&checked.tree, &checked.report.diagnostics, checked.report.suppressed.len());
    if view.fails(false) {
        print(&view, streams)?;
        return Err(found("generated output does not pass its own check, nothing was written"));
    }
    let request = Request {
        root: &from.root,
        base: &from.base,
        stack: &generated.stack,
        files: &generated.files,
        only: args.only.as_deref(),
        force: args.force,
        rotate: args.rotate_secrets,
        now: SystemTime::now(),
    };
    if args.format.is_some() {
        let wanted = |f: &crate::emitter::Emitted| args.only.as_ref().is_none_or(|kind| kind == f.kind);
        let files: Vec<_> = generated.files.iter().filter(|f| wanted(f)).cloned().collect();
        let mut manifest = output::manifest(&generated.stack, &files);
        manifest.files.retain(|f| args.only.as_ref().is_none_or(|kind| *kind == f.kind));
        write!(streams.out, "{}", manifest.text_with_content(&files))?;
        return Ok(Exit::Clean);
    }
    if args.check || args.diff || args.dry_run {
        let shown = output::preview(&Disk, &request).map_err(|e| failure(e, args.force))?;
        return preview::run(args, &shown, streams);
    }
    write(args, &from, &request, streams)
}

/// Writes: the preset's `vispyr.toml` first, where there is one to write.
fn write(args: &Gen, from: &From, request: &Request<'_>, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    let lock = Lock::take(request.root).map_err(|e| failure(e, args.force))?;
    let path = from.root.join("vispyr.toml");
    if from.unwritten {
        init::write(&path, &from.source.text)
            .map_err(|e| trouble(format!("cannot write `{}`: {e}", path.display())))?;
    }
    let written = output::write(&Disk, request, &mut output::system_random);
    if from.fresh && matches!(&written, Err(e) if !matches!(e, Error::Io { interrupted: true, .. })) {
        // The old tree had none.
        let _ = std::fs::remove_file(&path);
    }
    drop(lock);
    let outcome = written.map_err(|e| failure(e, args.force))?;
    if from.unwritten {
        writeln!(streams.err, "wrote `{}` from a preset", path.display())?;
    }
    summary::print(request, &outcome, streams)?;
    Ok(Exit::Clean)
}

/// Where the spec comes from and where the stack goes.
struct From {
    source: Source,
    /// The folder of `vispyr.toml`.
    base: PathBuf,
    /// The output folder.
    root: PathBuf,
    /// Whether `source` is a preset that is to be written to `root`.
    unwritten: bool,
    /// Whether no `vispyr.toml` stood there.
    fresh: bool,
}

impl From {
    fn of(args: &Gen) -> Result<Self, Failure> {
        let folder = |path: &Path| match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
            _ => PathBuf::from("."),
        };
        let Some(name) = &args.preset else {
            let path = args.config.clone().unwrap_or_else(|| PathBuf::from("vispyr.toml"));
            let source = input::read(&path)?;
            let base = folder(&path);
            let root = args.output.clone().unwrap_or_else(|| base.clone());
            return Ok(Self { source, base, root, unwritten: false, fresh: false });
        };
        let text = init::preset(name)?;
        let root = args.output.clone().unwrap_or_else(|| PathBuf::from("."));
        let path = root.join("vispyr.toml");
        let fresh = std::fs::symlink_metadata(&path).is_err();
        let same = !fresh && input::read(&path).is_ok_and(|there| &*there.text == text && there.shift == 0);
        if !fresh && !same {
            let shown = path.display();
            if !args.force {
                return Err(found(format!(
                    "`{shown}` is there already: leave out `--preset` to use it, `--force` overwrites it"
                )));
            }
            if !std::fs::symlink_metadata(&path).is_ok_and(|m| m.is_file()) {
                return Err(trouble(format!("`{shown}` is in the way and no regular file")));
            }
        }
        let source = Source { path: path.display().to_string().replace('\\', "/"), text: text.into(), shift: 0 };
        Ok(Self { source, base: root.clone(), root, unwritten: !same, fresh })
    }
}

/// The stack of a spec; `None` when its findings, which are printed, leave none.
fn generate(source: &Source, streams: &mut Streams<'_>) -> Result<Option<Generated>, Failure> {
    let mut sources = Sources::new();
    let id = sources.push(source.clone());
    let (spec, diagnostics) = spec::decode(id, &source.text);
    let view = View::of_source(&sources, &diagnostics);
    if !diagnostics.is_empty() {
        print(&view, streams)?;
    }
    Ok(if view.fails(false) { None } else { spec.as_ref().map(Generated::of) })
}

fn print(view: &View<'_>, streams: &mut Streams<'_>) -> Result<(), Failure> {
    if let Some(format) = report::format("text") {
        (format.render)(view, &streams.err_style, streams.err)?;
    }
    Ok(())
}

/// What the user can do about a run that wrote nothing.
fn failure(error: Error, force: bool) -> Failure {
    match &error {
        Error::InTheWay(files) => {
            let mut message =
                if files.len() == 1 { String::new() } else { format!("{} files are in the way\n", files.len()) };
            message += &error.to_string();
            if !force && files.iter().all(|f| f.why.yields()) {
                message += "\nnothing was written; `vispyr gen --diff` shows the difference, `--force` overwrites";
            } else {
                message += "\nnothing was written";
            }
            found(message)
        }
        Error::Input(_) | Error::Io { .. } => trouble(error.to_string()),
    }
}
