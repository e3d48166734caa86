//! From one version of an engine to another: what its own files need, where its version is written, and the texts that
//! result. Knows no engine: what a file needs is asked of the engine's plug.

mod outcome;
mod version;

use std::collections::BTreeMap;

use crate::catalogue::{self, MetricRename, Version};
use crate::check;
use crate::engine::{Asked, Crossing, Engine, Passage, Step, StepKind, Upgrade};
use crate::engines;
use crate::link::renamed;
use crate::mend::generated;
use crate::source::{Edit, SourceId, Span, edited};
use crate::tree::{Artifact, ArtifactId, RawTree, Service, Settings, Tree, path};

use outcome::Ask;
use version::versions;

/// Everything that is to be done.
#[derive(Debug, Default)]
pub struct Plan {
    /// Files with something to do or to know, by path.
    pub files: Vec<File>,
    /// Whether a file needs a hand before the new version can read it: then no version moves.
    pub blocked: bool,
}

/// One file.
#[derive(Debug)]
pub struct File {
    /// Its text.
    pub source: SourceId,
    /// Path as given.
    pub path: String,
    /// The version it was written for; `None` = none is named, or it only names versions.
    pub from: Option<Version>,
    /// What is to be done, in the order of the text.
    pub steps: Vec<Step>,
    /// The text afterwards; `None` = it stays.
    pub text: Option<String>,
}

impl Plan {
    /// Whether anything would be written.
    pub fn changes(&self) -> bool {
        self.files.iter().any(|f| f.text.is_some())
    }

    /// Whether anything is left to a person.
    pub fn left(&self) -> bool {
        self.files.iter().flat_map(|f| &f.steps).any(|s| s.kind == StepKind::Hand)
    }
}

/// Plans the way of one engine's files to a version. A plan is all or nothing: one file that needs a hand holds up the
/// others, since the version that they share cannot move; `partial` mends what can be mended all the same. What would come
/// out is checked: an error that was not there before needs a hand, too.
pub fn plan(
    raw: &RawTree,
    settings: &Settings,
    engine: &'static Engine,
    upgrade: &Upgrade,
    to: Version,
    partial: bool,
) -> (Tree, Plan) {
    let tree = engines::tree(raw.clone(), settings);
    let plan = planned(&Ask { raw, settings, tree: &tree, to }, engine, upgrade, partial);
    (tree, plan)
}

fn planned(ask: &Ask<'_>, engine: &'static Engine, upgrade: &Upgrade, partial: bool) -> Plan {
    let Ask { tree, to, .. } = *ask;
    let generated = generated(tree);
    let mut steps: BTreeMap<SourceId, Vec<Step>> = BTreeMap::new();
    let mut own: BTreeMap<SourceId, Option<Version>> = BTreeMap::new();
    for (_, artifact) in tree.artifacts().filter(|(_, a)| a.kind.engine == engine.name && !a.inline) {
        let from = match &artifact.version {
            Some((version, from)) if !from.is_assumed() => Some(*version),
            _ => None,
        };
        own.insert(artifact.source, from);
        let found = if generated.contains(&artifact.path) {
            vec![note(artifact, "written by `vispyr gen`: run it once `vispyr.toml` names the new version")]
        } else if from.is_some_and(|from| from > to) {
            vec![note(artifact, &format!("it is for {}, which is newer", from.unwrap_or(to)))]
        } else {
            (upgrade.steps)(&Passage { artifact, from, to })
        };
        steps.insert(artifact.source, found);
    }
    let mut asked = engines::asked(tree);
    asked.retain(|(id, _)| !generated.contains(&tree.artifact(*id).path));
    for step in around(tree, engine, upgrade, to, &asked, |path| !generated.contains(path)) {
        put(&mut steps, step);
    }
    let mut blocked = steps.values().flatten().any(|s| s.kind == StepKind::Hand);
    let versions = versions(tree, engine, to, &generated);
    let stuck = versions.iter().any(|v| v.holds);
    let plug = |source: &SourceId| own.contains_key(source).then_some(upgrade);
    // Where the version cannot move, the check would be that of another.
    let (mut texts, mut found) = (BTreeMap::new(), Vec::new());
    if !stuck {
        let mut all = steps.clone();
        versions.iter().for_each(|v| put(&mut all, v.step.clone()));
        texts = all.iter().filter_map(|(at, steps)| Some((*at, result(tree, *at, steps, plug(at))?))).collect();
        let line = |span: Span| tree.sources.text(span.source)[..span.range().start].matches('\n').count();
        let told = |step: &Step| {
            let here = all.get(&step.span.source).into_iter().flatten();
            here.filter(|s| s.kind == StepKind::Hand).any(|s| line(s.span) == line(step.span))
        };
        let may = |path: &str| !generated.contains(path) && ask.raw.files.contains_key(path);
        found = ask.check(&mut texts, &may);
        found.retain(|s| may(&tree.sources.get(s.span.source).path) && !told(s));
    }
    blocked |= stuck || found.iter().any(|s| s.kind == StepKind::Hand);
    if !blocked {
        // What a fix writes has no default any more, nor what that brings about.
        let written = |note: &Step, fix: &Step| {
            let key = note.subject.rsplit('.').next().unwrap_or_default();
            note.span.source == fix.span.source && fix.text.contains(&format!("`{key}: "))
        };
        for of_file in steps.values_mut() {
            of_file.retain(|s| s.kind != StepKind::Note || !found.iter().any(|f| written(s, f)));
        }
    }
    // What a version asks for is not done before it moves.
    let found = found.into_iter().chain(versions.into_iter().map(|v| v.step));
    found.filter(|s| !blocked || s.kind == StepKind::Hand).for_each(|s| put(&mut steps, s));
    if blocked {
        let made = |(at, steps): (&SourceId, &Vec<Step>)| Some((*at, result(tree, *at, steps, plug(at))?));
        texts = if partial { steps.iter().filter_map(made).collect() } else { BTreeMap::new() };
    }
    let file = |(source, steps): (SourceId, Vec<Step>)| {
        let path = tree.sources.get(source).path.clone();
        File { source, path, from: own.get(&source).copied().flatten(), steps, text: texts.remove(&source) }
    };
    let mut files: Vec<File> = steps.into_iter().filter(|(_, steps)| !steps.is_empty()).map(file).collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Plan { files, blocked }
}

/// What the way from one version to another changes for an engine's files, and asks for in what stands around them; in the
/// order of paths and texts.
pub fn passage(tree: &Tree, engine: &Engine, from: Version, to: Version) -> Vec<Step> {
    let Some(upgrade) = engine.upgrade else { return Vec::new() };
    let own = tree.artifacts.iter().filter(|a| a.kind.engine == engine.name);
    let mut steps: Vec<Step> =
        own.flat_map(|artifact| (upgrade.steps)(&Passage { artifact, from: Some(from), to })).collect();
    let asked = engines::asked(tree);
    steps.extend(around(tree, engine, upgrade, to, &asked, |_| true));
    steps.sort_by(|a, b| {
        let path = |s: &Step| tree.sources.get(s.span.source).path.as_str();
        (path(a), a.span.start).cmp(&(path(b), b.span.start))
    });
    steps
}

/// What is to be done to the services of an engine and to what asks for its metrics.
fn around(
    tree: &Tree,
    engine: &Engine,
    upgrade: &Upgrade,
    to: Version,
    asked: &[(ArtifactId, Asked<'_>)],
    wanted: impl Fn(&str) -> bool,
) -> Vec<Step> {
    let mut steps = upgrade.wider.map_or(Vec::new(), |wider| {
        let theirs = |s: &&Service| s.engine == Some(engine.name) && wanted(&tree.artifact(s.artifact).path);
        let services = tree.services().filter(|(_, s)| theirs(s)).collect();
        wider(&Crossing { tree, services, asked, to })
    });
    steps.extend(metrics(tree, engine, to, asked));
    steps
}

/// Queries that read what the new version calls otherwise.
fn metrics(tree: &Tree, engine: &Engine, to: Version, asked: &[(ArtifactId, Asked<'_>)]) -> Vec<Step> {
    let symbols = check::symbols(tree);
    let all: Vec<&MetricRename> =
        catalogue::renames(engine.name, to).filter(|r| renamed::means(tree, &symbols, r)).collect();
    let mut found: BTreeMap<Span, Step> = BTreeMap::new();
    for (_, asked) in asked.iter().filter(|_| !all.is_empty()) {
        let Some(query) = asked.parse() else { continue };
        let mut read = Vec::new();
        query.selections(|s| read.extend(s.metric().filter(|m| !m.dynamic).cloned()));
        for name in &read {
            let Some((rename, new)) = renamed::latest(&all, &name.value) else { continue };
            // A query that offers both names is ready.
            if read.iter().any(|other| other.value == new) {
                continue;
            }
            let whole = asked.span(name.range.clone());
            let Some(at) = tree.sources.slice(whole).find(&name.value) else { continue };
            let span = whole.slice(at..at + name.value.len());
            let since = rename.since;
            let (kind, text, edits) = if new.is_empty() {
                (StepKind::Note, format!("gone since {since}: {}", rename.why), Vec::new())
            } else {
                let edit = Edit { span, text: new.clone() };
                (StepKind::Edit, format!("called `{new}` since {since}"), vec![edit])
            };
            found.insert(span, Step { kind, span, subject: name.value.clone(), text, edits });
        }
    }
    found.into_values().collect()
}

/// Adds a step in the order of its text.
fn put(steps: &mut BTreeMap<SourceId, Vec<Step>>, step: Step) {
    let all = steps.entry(step.span.source).or_default();
    let at = all.partition_point(|s| s.span.start <= step.span.start);
    all.insert(at, step);
}

fn note(artifact: &Artifact, text: &str) -> Step {
    let (span, subject) = (Span::file(artifact.source), path::name(&artifact.path).to_owned());
    Step { kind: StepKind::Note, span, subject, text: text.to_owned(), edits: Vec::new() }
}

/// The text after all edits; `None` = there are none.
fn result(tree: &Tree, source: SourceId, steps: &[Step], upgrade: Option<&Upgrade>) -> Option<String> {
    let edits: Vec<&Edit> = steps.iter().flat_map(|s| &s.edits).collect();
    if edits.is_empty() {
        return None;
    }
    let old = tree.sources.text(source);
    // Edits of one step never meet those of another.
    let text = edited(old, edits);
    let tidy = upgrade.filter(|u| (u.tidy)(old).as_deref() == Some(old)).and_then(|u| (u.tidy)(&text));
    Some(tidy.unwrap_or(text)).filter(|text| text != old)
}
