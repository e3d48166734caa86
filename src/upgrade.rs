//! From one version of an engine to another: what its own files need, where its version is written, and the texts that
//! result. Knows no engine: what a file needs is asked of the engine's plug.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalogue::{self, MetricRename, Version};
use crate::check;
use crate::engine::{Asked, Crossing, Engine, Passage, Step, StepKind, Upgrade};
use crate::engines;
use crate::link::renamed;
use crate::mend::generated;
use crate::source::{Edit, SourceId, Span, edited};
use crate::tree::{Artifact, ArtifactId, SPEC, Service, Tree, VersionFrom, path};

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
/// others, since the version that they share cannot move; `partial` mends what can be mended all the same.
pub fn plan(tree: &Tree, engine: &'static Engine, upgrade: &Upgrade, to: Version, partial: bool) -> Plan {
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
        let all = steps.entry(step.span.source).or_default();
        let at = all.partition_point(|s| s.span.start <= step.span.start);
        all.insert(at, step);
    }
    let blocked = steps.values().flatten().any(|s| s.kind == StepKind::Hand);
    if !blocked {
        for (source, step) in versions(tree, engine, to, &generated) {
            let all = steps.entry(source).or_default();
            let at = all.partition_point(|s| s.span.start <= step.span.start);
            all.insert(at, step);
        }
    }
    let write = partial || !blocked;
    let mut files: Vec<File> = steps
        .into_iter()
        .filter(|(_, steps)| !steps.is_empty())
        .collect::<Vec<_>>()
        .into_iter()
        .map(|(source, steps)| {
            let text =
                if write { result(tree, source, &steps, own.contains_key(&source).then_some(upgrade)) } else { None };
            let path = tree.sources.get(source).path.clone();
            File { source, path, from: own.get(&source).copied().flatten(), steps, text }
        })
        .collect();
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

fn note(artifact: &Artifact, text: &str) -> Step {
    let (span, subject) = (Span::file(artifact.source), path::name(&artifact.path).to_owned());
    Step { kind: StepKind::Note, span, subject, text: text.to_owned(), edits: Vec::new() }
}

/// Where the version is written: comments, image tags, `[versions]`. Each place once, however many services share it.
fn versions(tree: &Tree, engine: &Engine, to: Version, generated: &BTreeSet<String>) -> Vec<(SourceId, Step)> {
    let mut found: BTreeMap<Span, Step> = BTreeMap::new();
    for artifact in tree.artifacts.iter().filter(|a| a.kind.engine == engine.name && !generated.contains(&a.path)) {
        if let Some((from, VersionFrom::Comment(span))) = &artifact.version
            && *from < to
        {
            found.insert(*span, moved(*span, *span, format!("{}@{to}", engine.name), *from, to));
        }
    }
    for service in tree.services.iter().filter(|s| s.engine == Some(engine.name)) {
        if generated.contains(&tree.artifact(service.artifact).path) {
            continue;
        }
        if let Some(step) = tag(tree, service, to) {
            // Several may share one image; the first names it.
            found.entry(step.span).or_insert(step);
        }
    }
    for (_, name, from, span) in tree.pins() {
        if name == engine.name && from < to {
            found.insert(span, moved(span, span, format!("\"{to}\""), from, to));
        }
    }
    // What is generated follows its `vispyr.toml`; one that pins nothing follows vispyr.
    for artifact in tree.artifacts.iter().filter(|a| a.kind.name == SPEC.name) {
        let folder = path::folder(&artifact.path);
        let of_it = tree.artifacts.iter().any(|a| {
            a.kind.engine == engine.name && generated.contains(&a.path) && path::below(&a.path, folder).is_some()
        });
        let pinned = tree.pins().iter().any(|(f, name, ..)| f == folder && name == engine.name);
        if of_it && !pinned {
            let text = format!("write `{} = \"{to}\"` under `[versions]`, then run `vispyr gen`", engine.name);
            let span = Span::file(artifact.source);
            found.insert(
                span,
                Step { kind: StepKind::Hand, span, subject: "versions".to_owned(), text, edits: Vec::new() },
            );
        }
    }
    found.into_iter().map(|(span, step)| (span.source, step)).collect()
}

fn moved(span: Span, at: Span, text: String, from: Version, to: Version) -> Step {
    let said = format!("{from} → {to}");
    Step { kind: StepKind::Edit, span, subject: "version".to_owned(), text: said, edits: vec![Edit { span: at, text }] }
}

/// The tag of a service's image. What a variable or a digest decides is left to a person.
fn tag(tree: &Tree, service: &Service, to: Version) -> Option<Step> {
    let image = service.image.as_ref()?;
    let subject = format!("image of `{}`", service.name);
    let hand = |text: String| {
        Some(Step { kind: StepKind::Hand, span: image.span, subject: subject.clone(), text, edits: Vec::new() })
    };
    let written = tree.sources.slice(image.span);
    if image.open {
        return hand(format!("`{}` is decided by a variable: set it to the tag of {to}", inside(written)));
    }
    let from = service.version.filter(|from| *from < to)?;
    let tag = image.tag.as_deref()?;
    if image.digest {
        return hand(format!("a digest pins it: write the one of {to}"));
    }
    let Some(at) = inside(written).strip_suffix(tag).filter(|before| before.ends_with(':')) else {
        return hand(format!("`{}` is decided by a variable: set it to the tag of {to}", inside(written)));
    };
    let start = written.find(inside(written)).unwrap_or_default() + at.len();
    let span = image.span.slice(start..start + tag.len());
    let prefix = if tag.starts_with('v') { "v" } else { "" };
    let text = format!("{prefix}{to}{}", Version::suffix(tag));
    Some(Step { subject, ..moved(image.span, span, text, from, to) })
}

/// A YAML scalar without its quotes.
fn inside(written: &str) -> &str {
    let written = written.trim();
    let quoted = |q: char| written.strip_prefix(q).and_then(|w| w.strip_suffix(q));
    quoted('"').or_else(|| quoted('\'')).unwrap_or(written)
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
