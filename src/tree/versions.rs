//! Which version of its engine reads a file: as the user says, as the service that reads it says, as what lies beside it says.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::build::{Plugs, Settings};
use super::suppress::{self, Said};
use super::{Artifact, MountSource, Service, ServiceId, Tree, Use, VersionFrom, dockerfile, named, path, scripts};
use crate::catalogue::{self, Version};
use crate::source::{Source, Span};

/// Engines that images are built on, by the folder of their `Dockerfile`: each with its version and where that stands.
type Built = HashMap<String, Vec<(&'static str, Version, Span)>>;

/// What says which versions of engines run, besides the services of deployments.
#[derive(Default)]
pub(super) struct Elsewhere {
    /// What is built.
    built: Built,
    /// What scripts name.
    named: Vec<(&'static str, Version, Span)>,
}

/// What is built in a tree, and what its scripts name.
pub(super) fn built(tree: &mut Tree, files: &BTreeMap<String, (Arc<str>, u32)>) -> Elsewhere {
    let mut elsewhere = Elsewhere::default();
    for (at, (text, shift)) in files {
        let name = path::name(at);
        let script = scripts::is_one(name);
        let bases = if dockerfile::is_one(name) {
            let mut bases = dockerfile::bases(text);
            if bases.is_empty() {
                bases = named::versions(text);
            }
            bases
        } else if script {
            named::versions(text)
        } else if matches!(path::extension(name), "yaml" | "yml") {
            dockerfile::images(text)
        } else {
            continue;
        };
        if bases.is_empty() || tree.is_ignored(at) {
            continue;
        }
        let push = || Source { path: at.clone(), text: text.clone(), shift: *shift };
        let source = tree.dockerfile(at).unwrap_or_else(|| tree.sources.push(push()));
        let found = bases.into_iter().map(|b| (b.engine, b.version, Span::new(source, b.span)));
        if script {
            elsewhere.named.extend(found);
        } else {
            elsewhere.built.entry(path::folder(at).to_owned()).or_default().extend(found);
        }
    }
    elsewhere
}

/// What is asked for the version of a file.
struct Asked<'a> {
    plugs: &'a Plugs<'a>,
    settings: &'a Settings,
    specs: Vec<(String, String, Version, Span)>,
    named: BTreeMap<&'static str, Named>,
    built: &'a Built,
}

/// Versions of an engine that a tree names.
struct Named {
    newest: Version,
    span: Span,
    several: bool,
}

/// Whether a service runs an image that is known not to be an engine of ours: what it mounts is its own business.
pub(super) fn foreign(tree: &Tree, service: ServiceId) -> bool {
    let service = tree.service(service);
    let ours = |repository: &str| catalogue::all().iter().any(|f| f.images.contains(&repository));
    service.engine.is_none()
        && !service.build
        && service.image.as_ref().is_some_and(|i| !i.open && !ours(&i.repository))
}

impl Tree {
    /// Gives each artifact the version of the engine that reads it.
    pub(super) fn versions(&mut self, plugs: &Plugs<'_>, settings: &Settings, elsewhere: &Elsewhere) {
        let asked = Asked {
            plugs,
            settings,
            specs: self.pins(),
            named: self.named_versions(elsewhere),
            built: &elsewhere.built,
        };
        let found: Vec<_> = self.artifacts.iter().map(|a| self.version(a, &asked)).collect();
        for (artifact, version) in self.artifacts.iter_mut().zip(found) {
            artifact.version = version;
        }
    }

    /// The newest version of each engine that the tree names, and whether there are others: of its services, else of what
    /// is built, else of what scripts fetch.
    fn named_versions(&self, elsewhere: &Elsewhere) -> BTreeMap<&'static str, Named> {
        let mut all: BTreeMap<&str, Named> = BTreeMap::new();
        let services = self.services.iter().filter_map(|s| Some((s.engine?, s.version?, s.image.as_ref()?.span)));
        let built = elsewhere.built.values().flatten().copied();
        for from in [services.collect::<Vec<_>>(), built.collect(), elsewhere.named.clone()] {
            let mut here: BTreeMap<&str, Named> = BTreeMap::new();
            for (engine, version, span) in from {
                let known = here.entry(engine).or_insert(Named { newest: version, span, several: false });
                known.several |= known.newest != version;
                if version > known.newest {
                    (known.newest, known.span) = (version, span);
                }
            }
            for (engine, named) in here {
                all.entry(engine).or_insert(named);
            }
        }
        all
    }

    /// Whether a service that mounts a file may be the engine: one that is built, or whose image is not known. A container
    /// that has the whole project works on it, and reads no config of it.
    fn may_read(&self, used: &Use, engine: &str) -> bool {
        let service = self.service(used.service);
        if let Some(own) = service.engine {
            return own == engine;
        }
        let home = path::folder(&self.artifact(service.artifact).path);
        let whole = |source: &MountSource| matches!(source, MountSource::Bind(s) if path::below(home, s).is_some());
        let mount = service.mounts.iter().filter(|m| path::below(&used.path, &m.target).is_some());
        let by_whole = mount.max_by_key(|m| m.target.len()).is_some_and(|m| whole(&m.source));
        !by_whole && !foreign(self, used.service)
    }

    /// `[versions]` of every `vispyr.toml`: its folder, engine, version and place.
    pub fn pins(&self) -> Vec<(String, String, Version, Span)> {
        let mut found = Vec::new();
        for artifact in self.artifacts.iter().filter(|a| a.kind.name == super::SPEC.name) {
            let (table, _) = toml::de::DeTable::parse_recoverable(self.sources.text(artifact.source));
            let Some(versions) = table.get_ref().get("versions").and_then(|v| v.get_ref().as_table()) else { continue };
            for (key, value) in versions {
                let Some(text) = value.get_ref().as_str() else { continue };
                let engine = key.get_ref().as_ref();
                if let Some(version) = catalogue::engine(engine).and_then(|f| f.resolve(text)) {
                    let span = Span::new(artifact.source, value.span());
                    found.push((path::folder(&artifact.path).to_owned(), engine.to_owned(), version, span));
                }
            }
        }
        found
    }

    fn version(&self, artifact: &Artifact, asked: &Asked<'_>) -> Option<(Version, VersionFrom)> {
        let facts = catalogue::engine(artifact.kind.engine)?;
        let said = suppress::comments(artifact.source, self.sources.text(artifact.source), artifact.kind.format);
        for said in said {
            let Said::Version { engine, version, span } = said else { continue };
            if let Some(version) = facts.resolve(&version).filter(|_| engine == facts.engine) {
                return Some((version, VersionFrom::Comment(span)));
            }
        }
        if let Some(version) = asked.settings.engines.get(facts.engine) {
            return Some((*version, VersionFrom::Option));
        }
        let of_engine: Vec<&Use> =
            artifact.uses.iter().filter(|u| self.service(u.service).engine == Some(facts.engine)).collect();
        // Where one has it at the path that it reads, those that have it elsewhere say nothing.
        let reads = |used: &&Use| (asked.plugs.mounted)(self.service(used.service), &used.path) == Some(artifact.kind);
        let certain = of_engine.iter().any(reads);
        let mut readers = of_engine.iter().filter(|u| !certain || reads(u)).map(|u| self.service(u.service));
        let image = |service: &Service| Some((service.version?, VersionFrom::Image(service.image.as_ref()?.span)));
        if let Some(found) = readers.clone().find_map(image) {
            return Some(found);
        }
        let specs = asked.specs.iter().filter(|(_, engine, ..)| engine == facts.engine);
        // The nearer the folder, the less of the path is left below it.
        let above = specs.filter_map(|spec| Some((self.seen_from(&spec.0, &artifact.path)?.len(), spec)));
        if let Some((_, (_, _, version, span))) = above.min_by_key(|(left, _)| *left) {
            return Some((*version, VersionFrom::Spec(*span)));
        }
        let beside = asked.built.get(path::folder(&artifact.path)).into_iter().flatten();
        if let Some((_, version, span)) = beside.into_iter().find(|(engine, ..)| *engine == facts.engine) {
            // A file that is named there is copied.
            let copied = self.sources.text(span.source).contains(path::name(&artifact.path));
            let from = if copied { VersionFrom::Image(*span) } else { VersionFrom::Neighbour(*span) };
            return Some((*version, from));
        }
        // Of a file that is mounted somewhere the version of that process counts, known or not.
        if let Some(service) = readers.next() {
            return Some(service.assumed(facts));
        }
        let mounted = artifact.uses.iter().any(|u| self.may_read(u, facts.engine));
        match asked.named.get(facts.engine).filter(|_| !mounted) {
            Some(named) if named.several => Some((named.newest, VersionFrom::Several(named.span))),
            Some(named) => Some((named.newest, VersionFrom::Neighbour(named.span))),
            None => Some((facts.newest(), VersionFrom::Newest)),
        }
    }
}
