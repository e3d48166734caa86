//! Tree → findings: each file by itself, then all of them against each other. Runs the rules it is handed; names no engine.

pub mod baseline;
mod fingerprint;
mod headline;
mod ignores;
mod placeholders;
mod suppress;
mod symbols;
mod syntax;
#[cfg(test)]
mod tests;
mod unread;

pub use fingerprint::{fingerprint, fingerprints, unnumbered};

use std::collections::{BTreeMap, HashMap, HashSet};

use rayon::prelude::*;

use crate::catalogue::Version;
use crate::diagnostic::{Diagnostic, Rule, Severity};
use crate::engine::{Engine, FileCtx, Findings, Instance, InstanceCheck, Say};
use crate::engines;
use crate::link;
use crate::source::SourceId;
use crate::spec;
use crate::symbol::Symbols;
use crate::tree::{Artifact, ArtifactId, Service, ServiceId, Skipped, Tree, Use, VersionFrom, path};
use crate::vsym::{self, Origins};

/// Fewer files, or instances, than this are checked faster by one thread.
const PARALLEL_FILES: usize = 64;

/// Which rules count.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Only these, by id or alias; empty = all.
    pub select: Vec<String>,
    /// Never these.
    pub ignore: Vec<String>,
}

impl Options {
    /// Whether findings of a rule are wanted.
    pub fn wants(&self, rule: &Rule) -> bool {
        let named = |list: &[String]| list.iter().any(|n| is_called(rule, n));
        (self.select.is_empty() || named(&self.select)) && !named(&self.ignore)
    }
}

/// Whether a rule has that id or alias.
pub fn is_called(rule: &Rule, name: &str) -> bool {
    rule.id == name || rule.aliases.contains(&name)
}

/// A file that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedFile {
    /// Path as given.
    pub path: String,
    /// Name of its kind.
    pub kind: &'static str,
    /// Name of its engine; empty for our own files.
    pub engine: &'static str,
    /// Version it was checked for, and where that came from.
    pub version: Option<(Version, VersionFrom)>,
}

/// What a check found.
#[derive(Debug, Default)]
pub struct Report {
    /// Files of a known kind, by path.
    pub files: Vec<CheckedFile>,
    /// Findings, by path, place and rule.
    pub diagnostics: Vec<Diagnostic>,
    /// Findings that a comment or a `vispyr.toml` silenced.
    pub suppressed: Vec<Diagnostic>,
    /// Files left alone.
    pub skipped: Vec<Skipped>,
}

/// All rules that a check may report, by id.
pub fn rules() -> Vec<&'static Rule> {
    let mut rules = engines::rules();
    rules.extend(link::rules::ALL.iter().map(|r| r.rule));
    rules.extend([&syntax::YAML, &syntax::JSON, &suppress::UNUSED]);
    rules.extend(spec::RULES);
    rules.sort_by_key(|r| r.id);
    rules
}

/// Rules that look at one file by itself: they say the same of it whatever else was named.
fn alone() -> impl Iterator<Item = &'static Rule> {
    let of_files = engines::ALL.iter().flat_map(|e| e.rules).map(|r| r.rule);
    of_files.chain([&syntax::YAML, &syntax::JSON]).chain(spec::RULES.iter().copied())
}

/// Checks a tree.
pub fn check(tree: &Tree, options: &Options) -> Report {
    let (ignores, mut found) = ignores::Ignores::of(tree);
    found.extend(files(tree));
    found.extend(whole(tree));
    found.extend(links(tree));
    unread::soften(tree, &mut found);
    placeholders::drop_filled(tree, &mut found);
    headline::gather(tree, &mut found);
    found.retain(|d| !d.moot);
    found.retain(|d| options.wants(d.rule));
    let (mut diagnostics, suppressed) = suppress::apply(tree, found, ignores, options);
    diagnostics.retain(|d| options.wants(d.rule));
    let file = |a: &Artifact| CheckedFile {
        path: a.path.clone(),
        kind: a.kind.name,
        engine: a.kind.engine,
        version: a.version.clone(),
    };
    Report {
        files: tree.artifacts.iter().map(file).collect(),
        diagnostics: sorted(tree, diagnostics),
        suppressed: sorted(tree, suppressed),
        skipped: tree.skipped.clone(),
    }
}

/// The file of each text: of those that hold files themselves, the whole.
fn by_source(tree: &Tree) -> HashMap<SourceId, ArtifactId> {
    let mut found = HashMap::new();
    for (id, artifact) in tree.artifacts() {
        found.entry(artifact.source).or_insert(id);
    }
    found
}

/// Findings on one file each.
fn files(tree: &Tree) -> Vec<Diagnostic> {
    let rules: Vec<_> = engines::ALL.iter().flat_map(|e| e.rules).collect();
    let one = |(id, artifact): (ArtifactId, &Artifact)| {
        let mut findings = Findings::default();
        syntax::check(tree, artifact, &mut findings);
        // Rules on data would only guess at what a broken file means; those on a language know how far it was read.
        if artifact.data().is_none() || artifact.syntax.is_empty() {
            let ctx = FileCtx { tree, artifact, id };
            for rule in rules.iter().filter(|r| r.kinds.contains(&artifact.kind.name)) {
                (rule.run)(&ctx, &mut findings);
            }
        }
        findings.all
    };
    let all: Vec<_> = tree.artifacts().collect();
    if all.len() < PARALLEL_FILES {
        return all.into_iter().flat_map(one).collect();
    }
    all.into_par_iter().flat_map_iter(one).collect()
}

/// Findings on the files of one instance together.
fn whole(tree: &Tree) -> Vec<Diagnostic> {
    let checks = engines::ALL.iter().filter_map(|e| Some((*e, e.check?)));
    let all: Vec<_> = checks.flat_map(|(e, check)| instances(tree, e).into_iter().map(move |i| (i, check))).collect();
    let one = |(instance, check): &(Instance<'_>, &InstanceCheck)| {
        let mut findings = Findings::default();
        (check.run)(instance, &mut findings);
        findings.all
    };
    if all.len() < PARALLEL_FILES {
        return all.iter().flat_map(one).collect();
    }
    all.par_iter().flat_map_iter(one).collect()
}

/// Findings on several files.
fn links(tree: &Tree) -> Vec<Diagnostic> {
    let symbols = symbols(tree);
    let linked = link::link(tree, &symbols);
    let mut findings = Findings::default();
    for rule in link::rules::ALL {
        (rule.run)(&linked, &mut findings);
    }
    link::renamed::run(&linked, &mut findings);
    let origins = Origins::of(tree);
    if !origins.is_empty() {
        findings.all.iter_mut().for_each(|d| from_elsewhere(tree, &origins, d));
    }
    findings.all
}

/// What hangs on a symbol of another tree is less sure, since that tree may have moved on; and who mends it looks there.
fn from_elsewhere(tree: &Tree, origins: &Origins<'_>, diagnostic: &mut Diagnostic) {
    let mut told = None;
    for label in std::iter::once(&mut diagnostic.primary).chain(&mut diagnostic.labels) {
        if !origins.tells(label.span) {
            continue;
        }
        told = told.or(Some(label.span.source));
        if let Some(at) = origins.at(label.span) {
            label.text = if label.text.is_empty() { format!("at `{at}`") } else { format!("{} (`{at}`)", label.text) };
        }
    }
    if let Some(source) = told {
        let path = &tree.sources.get(source).path;
        diagnostic.severity = diagnostic.severity.max(Severity::Warning);
        diagnostic.notes.push(format!("`{path}` tells of another tree: write it anew where that has moved on"));
    }
}

/// What all files of a tree say to each other.
pub fn symbols(tree: &Tree) -> Symbols {
    let mut symbols = Symbols::default();
    for engine in engines::ALL {
        for instance in instances(tree, engine) {
            let mut say = Say { symbols: &mut symbols, service: instance.service.map(|(id, _)| id) };
            (engine.symbols)(&instance, &mut say);
        }
    }
    vsym::say(tree, &mut symbols);
    symbols
}

/// What happens to data inside of processes, added to what their files say to each other.
pub fn flows(tree: &Tree, symbols: &mut Symbols) {
    for (engine, flows) in engines::ALL.iter().filter_map(|e| Some((*e, e.flows?))) {
        for instance in instances(tree, engine) {
            let mut say = Say { symbols, service: instance.service.map(|(id, _)| id) };
            flows(&instance, &mut say);
        }
    }
}

/// The instances of an engine: each of its services with the files that it mounts, then the files that none of them
/// mounts, those of one folder together (several files of one folder are often one config).
pub fn instances<'a>(tree: &'a Tree, engine: &Engine) -> Vec<Instance<'a>> {
    let mut instances = Vec::new();
    let of_engine = |s: &Service| s.engine == Some(engine.name);
    let mut mounted: HashMap<ServiceId, Vec<(ArtifactId, &Artifact)>> = HashMap::new();
    let mut folders: BTreeMap<&str, Vec<(ArtifactId, &Artifact)>> = BTreeMap::new();
    for (id, artifact) in tree.artifacts().filter(|(_, a)| a.kind.engine == engine.name) {
        let mut free = true;
        let users = || artifact.uses.iter().filter(|u| of_engine(tree.service(u.service)));
        // Where one has it at the path that it reads, those that have it where they read nothing are no readers.
        let reads = |used: &Use| (engine.mounted)(tree.service(used.service), &used.path) == Some(artifact.kind);
        let certain = users().any(reads);
        for used in users() {
            free = false;
            if certain && !reads(used) && tree.service(used.service).args().is_some() {
                continue;
            }
            let files = mounted.entry(used.service).or_default();
            if files.last().is_none_or(|(last, _)| *last != id) {
                files.push((id, artifact));
            }
        }
        if free {
            folders.entry(path::folder(&artifact.path)).or_default().push((id, artifact));
        }
    }
    for (id, service) in tree.services().filter(|(_, s)| of_engine(s)) {
        let files = mounted.remove(&id).unwrap_or_default();
        let version = version(&files, service).or_else(|| engine.facts().map(|f| service.assumed(f)));
        instances.push(Instance { tree, service: Some((id, service)), files, version });
    }
    for files in folders.into_values() {
        let version = files.iter().find_map(|(_, a)| a.version.clone());
        instances.push(Instance { tree, service: None, files, version });
    }
    instances
}

/// The version of a service: as its files have it when the user named one, else that of its image, else as its files
/// have it from elsewhere.
fn version(files: &[(ArtifactId, &Artifact)], service: &Service) -> Option<(Version, VersionFrom)> {
    let mut versions = files.iter().filter_map(|(_, a)| a.version.clone());
    let named = versions.clone().find(|(_, from)| matches!(from, VersionFrom::Comment(_) | VersionFrom::Option));
    let image = || Some((service.version?, VersionFrom::Image(service.image.as_ref()?.span)));
    // The image of another service that has the same file tells nothing of this one's.
    let own = |(_, from): &(Version, VersionFrom)| service.image.is_none() || !matches!(from, VersionFrom::Image(_));
    named.or_else(image).or_else(|| versions.find(own))
}

/// By path, place and rule; the same finding reached twice (by a file and its variants) counts once.
fn sorted(tree: &Tree, mut all: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let path = |d: &Diagnostic| tree.sources.get(d.primary.span.source).path.as_str();
    all.sort_by(|a, b| {
        let key = |d: &Diagnostic| (d.primary.span.start, d.primary.span.end, d.rule.id);
        path(a).cmp(path(b)).then_with(|| key(a).cmp(&key(b))).then_with(|| a.message.cmp(&b.message))
    });
    let mut seen = HashSet::new();
    all.retain(|d| seen.insert((d.rule.id, d.primary.span, d.message.clone())));
    all
}
