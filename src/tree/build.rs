//! Raw files → tree: the one door for disk, `gen` and tests.
//!
//! Deployments first, since the service that mounts a file says what it is and which version reads it; content decides for
//! the rest, and what content cannot decide is left alone.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::broken::Broken;
use super::read::{self, Reading};
use super::scripts::{self, Scripts};
use super::suppress::{self, Said};
use super::versions::{built, foreign};
use super::{
    Artifact, ArtifactId, Format, Inline, Kind, MountSource, NamedFile, RawTree, Service, ServiceId, Skipped, Sniff,
    Tree, Use, decode, dockerfile, path, template,
};
use crate::catalogue::Version;
use crate::source::{Source, SourceId};

/// Below this answer a sniff has not convinced anyone.
const CONVINCED: u8 = 50;

/// At this answer nothing else is possible.
const CERTAIN: u8 = 100;

/// Mounts of files beyond this many are not followed: a tree of thousands of files mounted whole by hundreds of services.
const USE_LIMIT: usize = 200_000;

/// Files in deployments are not read beyond this many bytes of those, each counted from its start.
const INLINE_BYTES: usize = 64 << 20;

/// Reading less than this in parallel costs more than it saves.
const PARALLEL_BYTES: usize = 1 << 20;

/// What engines bring to a tree, handed in so that the tree names none of them.
#[derive(Clone, Copy)]
pub struct Plugs<'a> {
    /// All kinds.
    pub kinds: &'a [Kind],
    /// Kinds of deployment files: read first.
    pub deployments: &'a [Kind],
    /// The services that they declare.
    pub services: &'a (dyn Fn(&Tree) -> Vec<Service> + Sync),
    /// The kind of a file that a service has at a path of its container.
    pub mounted: &'a (dyn Fn(&Service, &str) -> Option<Kind> + Sync),
    /// The files that a file names, by their paths in the container of a service that has it.
    pub names: &'a (dyn Fn(&Artifact, Option<&Service>) -> Vec<NamedFile> + Sync),
}

/// What the user says about files.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// `--kind`: the kind of the files named on the command line.
    pub kind: Option<Kind>,
    /// `--engine`: versions by engine.
    pub engines: BTreeMap<String, Version>,
}

impl Tree {
    /// Makes a tree.
    pub fn build(raw: RawTree, plugs: &Plugs<'_>, settings: &Settings) -> Self {
        let mut tree = Self {
            paths: raw.paths,
            ignored: raw.ignored.into_iter().collect(),
            patterns: raw.patterns,
            links: raw.links,
            skipped: raw.skipped,
            outer: raw.outer,
            ..Self::default()
        };
        let mut files: BTreeMap<String, (Arc<str>, u32)> = BTreeMap::new();
        for (path, bytes) in raw.files {
            match decode::decode(bytes) {
                Some((text, shift)) => {
                    files.insert(path, (Arc::from(text), shift));
                }
                None if tree.is_ignored(&path) => {}
                None => tree.skip(path, "not text"),
            }
        }
        tree.scripts = Scripts::of(&files);
        let builder = Builder { plugs, settings, named: &raw.named };
        builder.deployments(&mut tree, &mut files);
        tree.dockerfiles(&files);
        tree.services = (plugs.services)(&tree);
        let uses = uses(&tree, &files);
        let elsewhere = built(&mut tree, &files);
        let other = |name: &str| dockerfile::is_one(name) || scripts::is_one(name);
        files.retain(|at, _| !other(path::name(at)) || uses.contains_key(at) || raw.named.contains(at));
        builder.rest(&mut tree, &files, &uses);
        builder.inline(&mut tree);
        builder.named(&mut tree, &files, &uses);
        tree.drop_stray_variables();
        tree.order();
        tree.index();
        tree.versions(plugs, settings, &elsewhere);
        tree.skipped.sort_by(|a, b| a.path.cmp(&b.path));
        tree
    }

    /// Takes in the files that say how images are built.
    fn dockerfiles(&mut self, files: &BTreeMap<String, (Arc<str>, u32)>) {
        for (at, (text, shift)) in files.iter().filter(|(at, _)| dockerfile::is_one(path::name(at))) {
            if !self.is_ignored(at) {
                let source = Source { path: at.clone(), text: text.clone(), shift: *shift };
                self.dockerfiles.insert(at.clone(), self.sources.push(source));
            }
        }
    }

    /// Remembers what rules ask for once for each file.
    fn index(&mut self) {
        for (at, artifact) in self.artifacts.iter().enumerate() {
            self.by_kind.entry(artifact.kind.name).or_default().push(at as u32);
        }
        for (at, service) in self.services.iter().enumerate() {
            self.declared.entry(service.artifact).or_default().push(at as u32);
        }
    }

    fn skip(&mut self, path: String, reason: &str) {
        self.skipped.push(Skipped { path, reason: reason.to_owned() });
    }

    /// `.env` files matter only to a compose file in their folder or above.
    fn drop_stray_variables(&mut self) {
        let deployed: HashSet<u32> = self.services.iter().map(|s| s.artifact.0).collect();
        let of_compose = self
            .artifacts
            .iter()
            .enumerate()
            .filter(|(i, a)| deployed.contains(&(*i as u32)) && a.kind.name != super::SYMBOLS.name);
        let folders: HashSet<String> = of_compose.map(|(_, a)| path::folder(&a.path).to_owned()).collect();
        let wanted = |a: &Artifact| {
            let mut up = path::parent(&a.path);
            while let Some(folder) = up {
                if folders.contains(folder) {
                    return true;
                }
                up = path::parent(folder);
            }
            false
        };
        let (named, _) = self.scripts.named();
        let kept = |a: &Artifact| a.kind.format != Format::Dotenv || named.contains(a.path.as_str()) || wanted(a);
        let keep: Vec<bool> = self.artifacts.iter().map(kept).collect();
        self.renumber(|artifacts| artifacts.retain(|(old, _)| keep[*old as usize]));
    }

    fn order(&mut self) {
        self.renumber(|artifacts| artifacts.sort_by(|a, b| a.1.path.cmp(&b.1.path)));
    }

    /// Rearranges the artifacts and keeps services pointing to theirs.
    fn renumber(&mut self, change: impl FnOnce(&mut Vec<(u32, Artifact)>)) {
        let mut all: Vec<(u32, Artifact)> =
            std::mem::take(&mut self.artifacts).into_iter().enumerate().map(|(i, a)| (i as u32, a)).collect();
        change(&mut all);
        let new: HashMap<u32, u32> = all.iter().enumerate().map(|(new, (old, _))| (*old, new as u32)).collect();
        for service in &mut self.services {
            if let Some(new) = new.get(&service.artifact.0) {
                service.artifact = ArtifactId(*new);
            }
        }
        self.artifacts = all.into_iter().map(|(_, a)| a).collect();
        self.by_path = self.artifacts.iter().enumerate().map(|(at, a)| (a.path.clone(), at as u32)).collect();
    }
}

struct Builder<'a> {
    plugs: &'a Plugs<'a>,
    settings: &'a Settings,
    named: &'a BTreeSet<String>,
}

/// A file whose kind may be known.
struct Candidate<'a> {
    path: &'a str,
    source: SourceId,
    text: &'a Arc<str>,
    /// Decided by the user, a mount or a text that leaves no doubt.
    decided: Option<Kind>,
    uses: Vec<Use>,
    /// Engines of the services that mount it.
    engines: Vec<&'static str>,
}

/// What became of a candidate.
enum Outcome {
    Artifact(Box<Artifact>),
    Skipped(&'static str),
    Nothing,
}

impl Builder<'_> {
    /// Kinds of deployments, by content; with the variables that they read.
    fn deployments(&self, tree: &mut Tree, files: &mut BTreeMap<String, (Arc<str>, u32)>) {
        let is_deployment = |k: &Kind| self.plugs.deployments.contains(k);
        let scripts = std::mem::take(&mut tree.scripts);
        let (env_files, together) = scripts.named();
        let of_format = |env: bool| {
            let mut kinds = self.plugs.deployments.iter().copied();
            kinds.find(|k| (k.format == Format::Dotenv) == env)
        };
        // What is run as a deployment is one, whatever it is called and holds.
        let said = |path: &str, text: &str| {
            let parts = ["services:", "networks:", "volumes:"];
            let deploys =
                || text.lines().any(|l| parts.iter().any(|p| l.starts_with(p))) && !text.contains("apiVersion:");
            if env_files.contains(path) {
                return of_format(true);
            }
            of_format(false).filter(|_| together.contains(path) && deploys())
        };
        let mut taken = Vec::new();
        for (path, (text, _)) in files.iter() {
            let forced = self.forced(path);
            if forced.is_some_and(|k| !is_deployment(&k)) {
                continue;
            }
            let perhaps =
                forced.is_some() || said(path, text).is_some() || perhaps(self.plugs.deployments, path, text).is_some();
            // Variables are read even from ignored files: that is where they live.
            let variables = || env_files.contains(path.as_str()) || is_variables(self.plugs.deployments, path, text);
            if perhaps && (!tree.is_ignored(path) || variables()) {
                taken.push(path.clone());
            }
        }
        let mut candidates = Vec::new();
        let sources = self.add(tree, &taken, files);
        for (path, source) in taken.iter().zip(&sources) {
            let text = &tree.sources.get(*source).text;
            candidates.push(Candidate {
                path,
                source: *source,
                text,
                decided: self.forced(path).or_else(|| said(path, text)),
                uses: Vec::new(),
                engines: Vec::new(),
            });
        }
        let outcomes = self.classify(candidates, self.plugs.deployments);
        tree.scripts = scripts;
        for (path, outcome) in taken.iter().zip(outcomes) {
            if !matches!(outcome, Outcome::Nothing) {
                files.remove(path);
            }
            tree.take(path, outcome);
        }
    }

    /// Everything else.
    fn rest(
        &self,
        tree: &mut Tree,
        files: &BTreeMap<String, (Arc<str>, u32)>,
        uses: &HashMap<String, Vec<(Use, bool)>>,
    ) {
        let mut taken = Vec::new();
        for (path, (text, _)) in files {
            let used = uses.get(path).map(Vec::as_slice).unwrap_or_default();
            let mut decided = self.forced(path).or_else(|| self.mounted(tree, used));
            let by_engine = used.iter().any(|(u, _)| tree.service(u.service).engine.is_some());
            if decided.is_none() {
                let foreign =
                    used.iter().any(|(_, direct)| *direct) && used.iter().all(|(u, _)| foreign(tree, u.service));
                if foreign || (tree.is_ignored(path) && !by_engine) {
                    continue;
                }
                let Some(perhaps) = perhaps(self.plugs.kinds, path, text) else { continue };
                decided = Some(perhaps).filter(is_certain).map(|(kind, _)| kind);
            }
            taken.push((path.clone(), decided, used.iter().map(|(u, _)| u.clone()).collect::<Vec<_>>()));
        }
        let paths: Vec<String> = taken.iter().map(|(p, ..)| p.clone()).collect();
        let sources = self.add(tree, &paths, files);
        let candidates = taken
            .into_iter()
            .zip(&sources)
            .zip(&paths)
            .map(|(((_, decided, uses), source), path)| Candidate {
                path,
                source: *source,
                text: &tree.sources.get(*source).text,
                decided,
                engines: uses.iter().filter_map(|u| tree.service(u.service).engine).collect(),
                uses,
            })
            .collect();
        let outcomes = self.classify(candidates, self.plugs.kinds);
        for (path, outcome) in paths.iter().zip(outcomes) {
            tree.take(path, outcome);
        }
    }

    /// Files of which a config says what they are, whatever they hold: it names them by a path that a mount brings, or lies
    /// beside one of that name where nothing is known to mount it.
    fn named(
        &self,
        tree: &mut Tree,
        files: &BTreeMap<String, (Arc<str>, u32)>,
        uses: &HashMap<String, Vec<(Use, bool)>>,
    ) {
        let mut inside: HashMap<(ServiceId, String), Kind> = HashMap::new();
        let mut beside: BTreeMap<String, Kind> = BTreeMap::new();
        for artifact in &tree.artifacts {
            for used in &artifact.uses {
                let names = (self.plugs.names)(artifact, Some(tree.service(used.service)));
                inside.extend(names.into_iter().map(|(path, kind)| ((used.service, path), kind)));
            }
            if artifact.uses.is_empty() {
                let here = |at: &str| path::join(path::folder(&artifact.path), path::name(at));
                let names = (self.plugs.names)(artifact, None);
                beside.extend(names.into_iter().map(|(at, kind)| (here(&at), kind)));
            }
        }
        beside.retain(|at, _| files.contains_key(at) && !uses.contains_key(at));
        let mut found = beside;
        for (at, used) in uses.iter().filter(|_| !inside.is_empty()) {
            let by = |u: &Use, at: String| inside.get(&(u.service, at));
            let all = |u: &Use| format!("{}/*/*", path::folder(path::folder(&u.path)));
            let yaml = matches!(path::extension(path::name(at)), "yaml" | "yml");
            let kind = used.iter().find_map(|(u, _)| by(u, u.path.clone()).or_else(|| by(u, all(u)).filter(|_| yaml)));
            found.extend(kind.filter(|_| self.mounted(tree, used).is_none()).map(|kind| (at.clone(), *kind)));
        }
        for (at, kind) in found {
            let known = tree.by_path.get(&at).copied();
            if self.forced(&at).is_some() || tree.skipped.iter().any(|s| s.path == at) {
                continue;
            }
            let source = match known {
                Some(known) => tree.artifacts[known as usize].source,
                None => self.add(tree, std::slice::from_ref(&at), files)[0],
            };
            let uses = uses.get(&at).into_iter().flatten().map(|(u, _)| u.clone()).collect();
            let text = tree.sources.get(source).text.clone();
            let candidate =
                Candidate { path: &at, source, text: &text, decided: Some(kind), uses, engines: Vec::new() };
            match (known, one(candidate, self.plugs.kinds)) {
                (Some(known), Outcome::Artifact(artifact)) => tree.artifacts[known as usize] = *artifact,
                (Some(_), _) => {}
                (None, outcome) => tree.take(&at, outcome),
            }
        }
    }

    /// Files that stand in deployments: read where they stand, with the rest of the text blanked out, so that every span is
    /// one of the deployment's.
    fn inline(&self, tree: &mut Tree) {
        let mut found: BTreeMap<(SourceId, u32), (Inline, Vec<Use>)> = BTreeMap::new();
        let mut left = INLINE_BYTES;
        for (service, declared) in tree.services() {
            for inline in &declared.inline {
                let cost = inline.span.end as usize;
                let key = (inline.span.source, inline.span.start);
                if !found.contains_key(&key) {
                    let Some(rest) = left.checked_sub(cost) else { continue };
                    left = rest;
                }
                let (_, uses) = found.entry(key).or_insert_with(|| (inline.clone(), Vec::new()));
                uses.push(Use { service, path: inline.path.clone() });
            }
        }
        let texts: Vec<(String, Arc<str>, SourceId, Vec<Use>)> = found
            .into_values()
            .filter_map(|(inline, uses)| {
                let source = tree.sources.get(inline.span.source);
                let path = format!("{}#{}", source.path, inline.path);
                Some((path, Arc::from(alone(&source.text, &inline)?), inline.span.source, uses))
            })
            .collect();
        let mut outcomes = Vec::new();
        for (path, text, source, uses) in &texts {
            if tree.by_path.contains_key(path) {
                continue;
            }
            let used: Vec<(Use, bool)> = uses.iter().map(|u| (u.clone(), true)).collect();
            let decided = self.mounted(tree, &used);
            let engines: Vec<&str> = uses.iter().filter_map(|u| tree.service(u.service).engine).collect();
            if decided.is_none() && (engines.is_empty() || perhaps(self.plugs.kinds, path, text).is_none()) {
                continue;
            }
            let candidate = Candidate { path, source: *source, text, decided, uses: uses.clone(), engines };
            if let Outcome::Artifact(artifact) = one(candidate, self.plugs.kinds) {
                // What a script makes of it is not known to the byte: what cannot be read is left alone.
                if artifact.syntax.is_empty() {
                    outcomes.push((path, Artifact { inline: true, certain: false, ..*artifact }));
                }
            }
        }
        for (path, artifact) in outcomes {
            tree.take(path, Outcome::Artifact(Box::new(artifact)));
        }
    }

    fn add(&self, tree: &mut Tree, paths: &[String], files: &BTreeMap<String, (Arc<str>, u32)>) -> Vec<SourceId> {
        let source = |p: &String| {
            let (text, shift) = files.get(p).cloned().unwrap_or_else(|| (Arc::from(""), 0));
            Source { path: p.clone(), text, shift }
        };
        paths.iter().map(|p| tree.sources.push(source(p))).collect()
    }

    fn forced(&self, path: &str) -> Option<Kind> {
        self.settings.kind.filter(|_| self.named.contains(path))
    }

    fn mounted(&self, tree: &Tree, uses: &[(Use, bool)]) -> Option<Kind> {
        uses.iter().find_map(|(u, _)| (self.plugs.mounted)(tree.service(u.service), &u.path))
    }

    fn classify(&self, candidates: Vec<Candidate<'_>>, kinds: &[Kind]) -> Vec<Outcome> {
        let bytes: usize = candidates.iter().map(|c| c.text.len()).sum();
        if bytes < PARALLEL_BYTES || candidates.len() < 2 {
            return candidates.into_iter().map(|c| one(c, kinds)).collect();
        }
        candidates.into_par_iter().map(|c| one(c, kinds)).collect()
    }
}

/// The text of a deployment with all blanked out but one file, and what escapes a `$` there with it; `None` where compose or
/// a shell puts in something that is not known.
fn alone(text: &str, inline: &Inline) -> Option<String> {
    let (start, end) = (inline.span.start as usize, inline.span.end as usize);
    let mut out = " ".repeat(start.saturating_sub(1));
    if start > 0 {
        out.push('\n');
    }
    let mut body = text.get(start..end)?;
    while let Some(at) = body.find('$') {
        let (before, rest) = body.split_at(at);
        // Of several each pair is one, and those stand together.
        let run = rest.bytes().take_while(|b| *b == b'$').count();
        let (pairs, escaped) = (run / 2, run % 2 == 0);
        let after = &rest[run..];
        let named = after.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '_' | '{'));
        // An unquoted here-document knows `\$`, where compose knows `$$`.
        let kept = before.strip_suffix('\\').filter(|_| inline.shell);
        if named && (!escaped || inline.shell && kept.is_none()) {
            return None;
        }
        out.push_str(kept.unwrap_or(before));
        out.push_str(if kept.is_some() { " " } else { "" });
        out.extend(std::iter::repeat_n(' ', pairs));
        out.extend(std::iter::repeat_n('$', run - pairs));
        body = after;
    }
    out.push_str(body);
    Some(out)
}

/// The first kind that may fit, by text alone, with its answer.
fn perhaps(kinds: &[Kind], path: &str, text: &str) -> Option<(Kind, u8)> {
    let sniff = Sniff { path, name: path::name(path), text, document: None };
    kinds.iter().map(|k| (*k, (k.sniff)(&sniff))).find(|(_, score)| *score > 0)
}

/// Whether that is beyond doubt: a kind of data has its say when the data is read.
fn is_certain((kind, score): &(Kind, u8)) -> bool {
    *score >= CERTAIN && !matches!(kind.format, Format::Yaml(_) | Format::Json)
}

fn is_variables(kinds: &[Kind], path: &str, text: &str) -> bool {
    let sniff = Sniff { path, name: path::name(path), text, document: None };
    kinds.iter().any(|k| k.format == Format::Dotenv && (k.sniff)(&sniff) > 0)
}

fn one(candidate: Candidate<'_>, kinds: &[Kind]) -> Outcome {
    let (kind, mut certain, mut reading) = match candidate.decided {
        Some(kind) => (kind, true, None),
        None => match sniffed(&candidate, kinds) {
            Ok((kind, score, reading)) => (kind, score >= CERTAIN, Some(reading)),
            Err(outcome) => return outcome,
        },
    };
    // The sniff read it in the first dialect at hand; the engine's own decides.
    reading = reading.filter(|r| r.format == kind.format);
    let reading = reading.unwrap_or_else(|| read::read(kind.format, candidate.source, candidate.text));
    if reading.failed() {
        if reading.template(candidate.text) {
            return Outcome::Skipped("template");
        }
        if !certain {
            return Outcome::Nothing;
        }
    } else if matches!(kind.format, Format::Yaml(_) | Format::Ini | Format::Alloy)
        && template::is_template(candidate.text)
    {
        return Outcome::Skipped("template");
    }
    certain |= !candidate.uses.is_empty() && candidate.decided.is_some();
    let said = suppress::comments(candidate.source, candidate.text, kind.format);
    let suppressions = said.into_iter().filter_map(|s| if let Said::Ignore(all) = s { Some(all) } else { None });
    Outcome::Artifact(Box::new(Artifact {
        path: candidate.path.to_owned(),
        source: candidate.source,
        kind,
        content: reading.content,
        syntax: reading.errors,
        behind: reading.behind,
        version: None,
        uses: candidate.uses,
        certain,
        inline: false,
        suppressions: suppressions.flatten().collect(),
    }))
}

/// The first of the kinds that a text speaks for the most, where it convinces.
fn convinced(kinds: &[Kind], sniff: &Sniff<'_>) -> Option<(Kind, u8)> {
    let mut best: Option<(Kind, u8)> = None;
    for kind in kinds {
        let score = (kind.sniff)(sniff);
        if score >= CONVINCED && best.is_none_or(|(_, b)| score > b) {
            best = Some((kind, score));
        }
    }
    best
}

/// The kind that content speaks for, with the text as it was read for that.
fn sniffed(candidate: &Candidate<'_>, kinds: &[Kind]) -> Result<(Kind, u8, Reading), Outcome> {
    let name = path::name(candidate.path);
    let format = match path::extension(name).to_ascii_lowercase().as_str() {
        "yaml" | "yml" => Format::Yaml(read::ANY_DIALECT),
        "json" | "vsym" => Format::Json,
        _ => Format::Text,
    };
    let reading = read::read(format, candidate.source, candidate.text);
    let document = if reading.failed() { None } else { reading.document() };
    let sniff = Sniff { path: candidate.path, name, text: candidate.text, document };
    let mut best = convinced(kinds, &sniff);
    if best.is_none() && reading.failed() {
        // What an engine mounts and looks like one of its kinds is that, broken.
        let own = |k: &&Kind| candidate.engines.contains(&k.engine) && (k.sniff)(&sniff) > 0;
        best = kinds.iter().find(own).map(|k| (*k, CERTAIN));
    }
    match best {
        Some((kind, score)) => Ok((kind, score, reading)),
        None if reading.template(candidate.text) => Err(Outcome::Skipped("template")),
        None => {
            let broken = Broken { path: candidate.path, source: candidate.source, text: candidate.text };
            let kind = broken.kind(format, &reading, |sniff| convinced(kinds, sniff).map(|(kind, _)| kind));
            kind.map(|kind| (kind, CERTAIN, reading)).ok_or(Outcome::Nothing)
        }
    }
}

/// Which services have a file, where, and whether they mount it by itself.
fn uses(tree: &Tree, files: &BTreeMap<String, (Arc<str>, u32)>) -> HashMap<String, Vec<(Use, bool)>> {
    let mut uses: HashMap<String, Vec<(Use, bool)>> = HashMap::new();
    let mut left = USE_LIMIT;
    for (id, service) in tree.services() {
        // The deepest mount on a path is what the process sees there.
        let mut at: HashMap<String, (usize, String, bool)> = HashMap::new();
        let home = path::folder(&tree.artifact(service.artifact).path);
        for mount in &service.mounts {
            let MountSource::Bind(source) = &mount.source else { continue };
            // The host's own folders (`/:/rootfs`) hold the tree where its paths are absolute: nobody mounts them for that.
            let holds = path::below(home, source).is_some_and(|rest| !rest.is_empty());
            if holds && !tree.paths.contains_key(source) {
                continue;
            }
            let depth = mount.target.len();
            let mut put = |target: String, file: &str, direct: bool| {
                let known = at.get(&target).map(|(d, ..)| *d);
                if known.is_none_or(|d| d < depth) {
                    at.insert(target, (depth, file.to_owned(), direct));
                }
            };
            if files.contains_key(source) {
                put(mount.target.clone(), source, true);
                continue;
            }
            let prefix = if source.is_empty() || source == "/" { source.clone() } else { format!("{source}/") };
            for file in files.range(prefix.clone()..).map(|(p, _)| p).take_while(|p| p.starts_with(&prefix)) {
                let Some(rest) = path::below(file, source) else { continue };
                if left == 0 {
                    break;
                }
                left -= 1;
                put(path::join(&mount.target, rest), file, false);
            }
        }
        let mut found: Vec<_> = at.into_iter().collect();
        found.sort();
        for (target, (_, file, direct)) in found {
            uses.entry(file).or_default().push((Use { service: id, path: target }, direct));
        }
    }
    uses
}

impl Tree {
    fn take(&mut self, path: &str, outcome: Outcome) {
        match outcome {
            Outcome::Artifact(artifact) => {
                self.by_path.insert(artifact.path.clone(), self.artifacts.len() as u32);
                self.artifacts.push(*artifact);
            }
            Outcome::Skipped(reason) => self.skip(path.to_owned(), reason),
            Outcome::Nothing => {}
        }
    }
}
