//! The writer: a generated stack goes to disk whole or not at all, files that the user changed are never overwritten
//! silently, and secrets are made once. Decides nothing about content.

mod compare;
mod dotenv;
mod error;
pub mod fs;
mod journal;
mod lock;
pub mod manifest;
mod materials;
mod replace;
mod secrets;
mod tls;
mod together;

pub use compare::{Change, Comparison, State};
pub use error::{Error, InTheWay, Why};
pub use lock::Lock;
pub use replace::replace;
pub use secrets::{Fate, Held, KIND as ENV_KIND, Random, system_random};
pub use tls::KIND as TLS_KIND;
pub use together::{Replacement, replace_all};

use std::path::Path;
use std::time::SystemTime;

use crate::emitter::{Emitted, Mode};
use crate::stack::Stack;

use compare::Root;
use fs::{Fs, PUBLIC, SECRET};
use journal::{Batch, Recovered, Write};
use manifest::Manifest;

/// What is to be written, and how.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The output folder.
    pub root: &'a Path,
    /// The folder that paths in `vispyr.toml` are relative to.
    pub base: &'a Path,
    /// The plan: its secrets and TLS material.
    pub stack: &'a Stack,
    /// The files.
    pub files: &'a [Emitted],
    /// Only files of this kind.
    pub only: Option<&'a str>,
    /// Take files that are not ours.
    pub force: bool,
    /// Draw anew what may change.
    pub rotate: bool,
    /// Now, for certificates.
    pub now: SystemTime,
}

/// What was written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Files written, by path.
    pub written: Vec<String>,
    /// Files that were as they should be.
    pub unchanged: usize,
    /// Files removed: no longer generated, and untouched.
    pub removed: Vec<String>,
    /// Files no longer generated that stay, since they were edited or hold secrets.
    pub abandoned: Vec<String>,
    /// Where each secret is.
    pub secrets: Vec<Held>,
    /// What the user should know.
    pub notes: Vec<String>,
}

impl Request<'_> {
    /// Paths and kinds of the files whose content is no function of the spec.
    pub fn secret_paths(&self) -> Vec<(String, &'static str)> {
        secret_paths(self.stack)
    }
}

fn secret_paths(stack: &Stack) -> Vec<(String, &'static str)> {
    let env = secrets::folders(stack).into_iter().map(|f| (secrets::path(f), secrets::KIND));
    env.chain(stack.secret_files.iter().map(|f| (f.path.clone(), tls::KIND))).collect()
}

/// The manifest that a whole run writes.
pub fn manifest(stack: &Stack, files: &[Emitted]) -> Manifest {
    Manifest::of(files, &secret_paths(stack))
}

/// What a run would do; reads only.
#[derive(Debug, Default)]
pub struct Preview<'a> {
    /// Public files.
    pub comparison: Comparison<'a>,
    /// Whether the manifest is not what a run would write.
    pub manifest_drifts: bool,
    /// Whether an interrupted run waits to be finished.
    pub interrupted: bool,
}

impl Preview<'_> {
    /// Whether a run would change a file of mode 0644.
    pub fn drifts(&self) -> bool {
        self.comparison.drifts() || self.manifest_drifts || self.interrupted
    }
}

/// Compares without writing anything; an output folder that does not exist is an empty one.
pub fn preview<'a>(fs: &dyn Fs, request: &Request<'a>) -> Result<Preview<'a>, Error> {
    let shown = request.root.display().to_string();
    if fs.entry(request.root).map_err(error::doing("read", &shown))?.is_none() {
        let wanted = request.files.iter().filter(|f| request.only.is_none_or(|kind| kind == f.kind));
        let changes = wanted.map(|file| Change { file, state: State::New, old: None }).collect();
        let comparison = Comparison { changes, ..Comparison::default() };
        return Ok(Preview { comparison, manifest_drifts: true, interrupted: false });
    }
    let root = Root::open(fs, request.root)?;
    let there = root.manifest(fs)?;
    let old = there.clone().unwrap_or_else(|| Manifest::of(&[], &[]));
    let files: Vec<String> = request.secret_paths().into_iter().map(|(p, _)| p).collect();
    let comparison = compare::compare(fs, &root, request.files, &files, &old, request.only)?;
    Ok(Preview {
        comparison,
        manifest_drifts: request.only.is_none() && there != Some(manifest(request.stack, request.files)),
        interrupted: journal::pending(fs, &root),
    })
}

/// Undoes or finishes what an interrupted run left in a folder that is locked, and says so.
pub fn recover(fs: &dyn Fs, root: &Path) -> Result<Vec<String>, Error> {
    let root = Root::open(fs, root)?;
    Ok(match journal::recover(fs, &root)? {
        Recovered::Nothing => Vec::new(),
        Recovered::Undone => vec!["an interrupted run was undone first".to_owned()],
        Recovered::Finished(kept) => std::iter::once("an interrupted run was finished first".to_owned())
            .chain(kept.iter().map(|p| format!("`{p}` changed in between and was kept")))
            .collect(),
    })
}

/// Writes the stack into a folder that is locked.
pub fn write(fs: &dyn Fs, request: &Request<'_>, random: Random<'_>) -> Result<Outcome, Error> {
    let root = Root::open(fs, request.root)?;
    let mut outcome = Outcome { notes: recover(fs, request.root)?, ..Outcome::default() };
    let there = root.manifest(fs)?;
    let old = there.clone().unwrap_or_else(|| Manifest::of(&[], &[]));
    let secret_paths = request.secret_paths();
    let paths: Vec<String> = secret_paths.iter().map(|(p, _)| p.clone()).collect();
    let comparison = compare::compare(fs, &root, request.files, &paths, &old, request.only)?;
    let in_the_way = comparison.in_the_way();
    if !in_the_way.is_empty() && (!request.force || in_the_way.iter().any(|w| !w.why.yields())) {
        return Err(Error::InTheWay(in_the_way));
    }
    let mut batch = Batch::default();
    for change in &comparison.changes {
        if change.state == State::Same {
            outcome.unchanged += 1;
            continue;
        }
        batch.writes.push(Write {
            path: change.file.path.clone(),
            content: change.file.content.clone().into_bytes(),
            mode: if change.file.mode == Mode::Public { PUBLIC } else { SECRET },
            old: root.read(fs, &change.file.path)?.map(|c| c.digest()),
        });
    }
    materials::environment(fs, &root, request, random, &mut batch, &mut outcome)?;
    materials::certificates(fs, &root, request, &old, random, &mut batch, &mut outcome)?;
    let new = manifest_after(request, &old, &secret_paths);
    // Last of all, so that it never names a file that is not there yet.
    if there.as_ref() != Some(&new) {
        batch.writes.push(Write {
            path: manifest::PATH.to_owned(),
            content: new.text().into_bytes(),
            mode: PUBLIC,
            old: root.read(fs, manifest::PATH)?.map(|c| c.digest()),
        });
    }
    batch.removes.clone_from(&comparison.obsolete);
    outcome.abandoned.clone_from(&comparison.abandoned);
    outcome.removed = comparison.obsolete.iter().map(|(p, _)| p.clone()).collect();
    outcome.written = batch.writes.iter().map(|w| w.path.clone()).filter(|p| p != manifest::PATH).collect();
    outcome.written.sort();
    if !batch.writes.is_empty() || !batch.removes.is_empty() {
        let kept = journal::apply(fs, &root, &batch)?;
        outcome.notes.extend(kept.iter().map(|p| format!("`{p}` changed while vispyr ran and was kept")));
    }
    Ok(outcome)
}

fn manifest_after(request: &Request<'_>, old: &Manifest, secrets: &[(String, &'static str)]) -> Manifest {
    let Some(kind) = request.only else { return Manifest::of(request.files, secrets) };
    let files: Vec<Emitted> = request.files.iter().filter(|f| f.kind == kind).cloned().collect();
    let secrets: Vec<(String, &'static str)> = secrets.iter().filter(|(_, k)| *k == kind).cloned().collect();
    old.clone().updated(Manifest::of(&files, &secrets))
}
