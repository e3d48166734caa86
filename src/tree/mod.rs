//! Files with kind and version: what `gen` is about to write and what `check` found, by one door.
//!
//! A tree is made from (path, bytes) pairs plus what is known of paths that hold nothing readable. After it is made there
//! is no I/O. It never holds what a symlink outside of the checked folder points to.

mod broken;
mod build;
mod decode;
mod dockerfile;
mod git;
mod inside;
mod named;
mod outer;
mod own;
pub mod path;
mod read;
mod recipe;
mod revision;
mod scripts;
mod service;
mod suppress;
mod template;
mod versions;
mod walk;
mod worked;

pub use build::{Plugs, Settings};
pub use inside::{Inside, SECRETS};
pub use outer::Outer;
pub use own::{MANIFEST, SPEC, SYMBOLS};
pub use recipe::{Copied, Recipe, Word};
pub use revision::{RevisionError, revision};
pub use scripts::Together;
pub use suppress::Suppression;
pub use template::has_marks;
pub use walk::{RawTree, SIZE_LIMIT, WalkError, WalkOptions, is_candidate, walk};

pub use service::{
    Arg, BuiltFrom, Depends, EnvVar, Image, Inline, Mount, MountSource, Network, Port, ProjectId, Service, ServiceId,
    has_word, words,
};

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::OnceLock;

use crate::catalogue::Version;
use crate::parse::{Document, Node, ParseError};
use crate::source::{SourceId, Sources, Span};

/// Index of an artifact in [`Tree::artifacts`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ArtifactId(pub u32);

/// What a kind's files are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// YAML as that engine's reader takes it.
    Yaml(crate::parse::Dialect),
    /// JSON.
    Json,
    /// TOML.
    Toml,
    /// grafana.ini.
    Ini,
    /// `.env`.
    Dotenv,
    /// Alloy's language.
    Alloy,
    /// Anything else: held as text.
    Text,
}

/// What a file is. Declared by its engine; compared by name.
#[derive(Debug)]
pub struct KindDef {
    /// `tempo-config`, as `--kind` takes it and JSON prints it.
    pub name: &'static str,
    /// The engine that reads it; empty for our own.
    pub engine: &'static str,
    /// How it is written.
    pub format: Format,
    /// Whether content (of a file with a fitting extension) speaks for this kind: 0 = no, 100 = certainly.
    pub sniff: fn(&Sniff<'_>) -> u8,
}

/// What [`KindDef::sniff`] may look at.
#[derive(Debug)]
pub struct Sniff<'a> {
    /// Path in the tree.
    pub path: &'a str,
    /// Last segment of the path.
    pub name: &'a str,
    /// The text.
    pub text: &'a str,
    /// The text read as YAML or JSON, where its extension says so and it parses. A sniff is asked twice: first without,
    /// and any answer above 0 then means "perhaps, have it read".
    pub document: Option<&'a Document>,
}

impl<'a> Sniff<'a> {
    /// The root of the document.
    pub fn root(&self) -> Option<Node<'a>> {
        self.document.and_then(Document::root)
    }

    /// Extension, lower case.
    pub fn extension(&self) -> String {
        path::extension(self.name).to_ascii_lowercase()
    }

    /// Whether its extension says YAML.
    pub fn is_yaml(&self) -> bool {
        matches!(self.extension().as_str(), "yaml" | "yml")
    }

    /// Whether its extension says JSON.
    pub fn is_json(&self) -> bool {
        self.extension() == "json"
    }

    /// Whether a line of the text starts with that key: what a top-level key of YAML looks like. Cheap, and may err.
    pub fn line_starts(&self, key: &str) -> bool {
        // Most texts do not hold it at all, which is found out far sooner than where it stands.
        self.text.contains(key)
            && self.text.match_indices(key).any(|(at, _)| {
                let before = &self.text[..at];
                let after = &self.text[at + key.len()..];
                (before.is_empty() || before.ends_with('\n') || before.ends_with(['"', '\'']))
                    && after.trim_start_matches(['"', '\'']).starts_with(':')
            })
    }
}

impl PartialEq for KindDef {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// A kind.
pub type Kind = &'static KindDef;

/// A file that another one names: its path in a container, and what it is.
pub type NamedFile = (String, Kind);

/// A file's content, read.
#[derive(Debug)]
pub enum Content {
    /// YAML, JSON, TOML, INI or `.env`.
    Data(Document),
    /// Alloy.
    Alloy(vispyr_alloy::Parse),
    /// Not parsed.
    Text,
}

/// Where an effective version came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VersionFrom {
    /// A `# vispyr: tempo@2.9` comment.
    Comment(Span),
    /// `--engine tempo=2.9`.
    Option,
    /// The image tag of the service that mounts the file.
    Image(Span),
    /// `[versions]` of a `vispyr.toml`.
    Spec(Span),
    /// What a service runs that does not read the file, or a script fetches: the tree has no other version of the engine.
    Neighbour(Span),
    /// An image that is pinned to something that is no version (a commit, a digest): the newest known is held, and what
    /// rests on it is not told.
    Unknown(Span),
    /// Several are named and none is decided: the newest of them.
    Several(Span),
    /// Nothing named one: the newest known.
    Newest,
}

impl VersionFrom {
    /// Whether it is a guess: what another version would take is then no error.
    pub fn is_assumed(&self) -> bool {
        matches!(self, Self::Neighbour(_) | Self::Unknown(_) | Self::Several(_) | Self::Newest)
    }
}

/// A service that mounts a file, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// The service.
    pub service: ServiceId,
    /// Path in its container.
    pub path: String,
}

/// One file of a known kind.
#[derive(Debug)]
pub struct Artifact {
    /// Path as given, `/`-separated.
    pub path: String,
    /// Its text.
    pub source: SourceId,
    /// What it is.
    pub kind: Kind,
    /// Its content.
    pub content: Content,
    /// Version of the engine that reads it.
    pub version: Option<(Version, VersionFrom)>,
    /// Who mounts it.
    pub uses: Vec<Use>,
    /// Whether it is of this kind beyond doubt: an engine mounts it as such, its name says so, or the user does. Only then
    /// is text that does not parse a finding.
    pub certain: bool,
    /// Whether it stands in another file, a deployment's: its path is made up, its spans are those of that file.
    pub inline: bool,
    /// What keeps parts of it from being read.
    pub syntax: Vec<ParseError>,
    /// What is wrong behind the one YAML document that its engine reads, and is never got to.
    pub behind: Option<ParseError>,
    /// What it says to be silent about.
    pub suppressions: Vec<Suppression>,
}

impl Artifact {
    /// Its content as data; `None` for Alloy and text.
    pub fn data(&self) -> Option<&Document> {
        if let Content::Data(d) = &self.content { Some(d) } else { None }
    }

    /// Where a service has it. A file that thousands of services mount is asked for each of them.
    pub fn used_by(&self, service: ServiceId) -> &[Use] {
        // Uses are found service by service, so they are in order.
        let from = self.uses.partition_point(|u| u.service < service);
        let to = self.uses.partition_point(|u| u.service <= service);
        &self.uses[from..to]
    }

    /// Its content as Alloy.
    pub fn alloy(&self) -> Option<&vispyr_alloy::Parse> {
        if let Content::Alloy(a) = &self.content { Some(a) } else { None }
    }
}

/// What is known of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// A file.
    File,
    /// A folder whose entries are all known.
    Folder,
    /// Something (a folder not entered, a link out of the tree): what lies below is unknown.
    Closed,
    /// Certainly nothing.
    Absent,
    /// Outside of what was looked at.
    Unknown,
}

/// A file that was left alone, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// Path.
    pub path: String,
    /// Why: `template`, `too large`, `not text`.
    pub reason: String,
}

/// An ordered set of files.
#[derive(Debug, Default)]
pub struct Tree {
    /// Texts.
    pub sources: Sources,
    /// Files of a known kind, by path.
    pub artifacts: Vec<Artifact>,
    /// Services of all deployments.
    pub services: Vec<Service>,
    /// Files left alone.
    pub skipped: Vec<Skipped>,
    /// All paths seen, with what they are; folders include the roots.
    pub paths: BTreeMap<String, Presence>,
    /// Paths that git ignores, sorted; what lies below one is ignored too.
    pub ignored: Vec<String>,
    /// What says so.
    patterns: Vec<git::Patterns>,
    /// Folders that are links, as they lie on the disk, and where they lead.
    links: BTreeMap<PathBuf, PathBuf>,
    /// What scripts say.
    scripts: scripts::Scripts,
    /// Files that say how an image is built, by path.
    dockerfiles: BTreeMap<String, SourceId>,
    /// Folders that a `vispyr.toml` outside of them speaks of.
    outer: Vec<Outer>,
    /// Names of all images, once they are asked for.
    images: OnceLock<String>,
    /// The paths of all files, once they are asked for.
    names: OnceLock<String>,
    /// Whether something sends whole traces to one place, once that is asked for.
    balances: OnceLock<bool>,
    /// What was worked out of services.
    worked: worked::Worked,
    /// Places in `artifacts`, by path.
    by_path: HashMap<String, u32>,
    /// Places in `artifacts`, by the name of their kind.
    by_kind: HashMap<&'static str, Vec<u32>>,
    /// Places in `services`, by the deployment file.
    declared: HashMap<ArtifactId, Vec<u32>>,
}

impl Tree {
    /// The artifact of that id.
    pub fn artifact(&self, id: ArtifactId) -> &Artifact {
        &self.artifacts[id.0 as usize]
    }

    /// The service of that id.
    pub fn service(&self, id: ServiceId) -> &Service {
        &self.services[id.0 as usize]
    }

    /// The text of a file that says how an image is built.
    pub fn dockerfile(&self, path: &str) -> Option<SourceId> {
        self.dockerfiles.get(path).copied()
    }

    /// Whether a text is such a file.
    pub fn is_dockerfile(&self, source: SourceId) -> bool {
        self.dockerfile(&self.sources.get(source).path) == Some(source)
    }

    /// Artifacts with their ids.
    pub fn artifacts(&self) -> impl Iterator<Item = (ArtifactId, &Artifact)> {
        self.artifacts.iter().enumerate().map(|(i, a)| (ArtifactId(i as u32), a))
    }

    /// Services with their ids.
    pub fn services(&self) -> impl Iterator<Item = (ServiceId, &Service)> {
        self.services.iter().enumerate().map(|(i, s)| (ServiceId(i as u32), s))
    }

    /// Whether some service runs an image whose name holds a word, in lower case. Every dashboard asks.
    pub fn runs(&self, word: &str) -> bool {
        let names = || {
            let images = self.services.iter().filter_map(|s| s.image.as_ref());
            let names: BTreeSet<String> = images.map(|i| i.repository.to_ascii_lowercase()).collect();
            names.into_iter().collect::<Vec<_>>().join("\n")
        };
        self.images.get_or_init(names).contains(word)
    }

    /// Whether the path of some file holds a word, in lower case.
    pub fn names(&self, word: &str) -> bool {
        let paths = || {
            let paths: Vec<String> = self.artifacts.iter().map(|a| a.path.to_ascii_lowercase()).collect();
            paths.join("\n")
        };
        self.names.get_or_init(paths).contains(word)
    }

    /// Whether some file names the exporter that sends all spans of a trace to one place, in Alloy or a Collector.
    pub fn balances(&self) -> bool {
        *self.balances.get_or_init(|| self.sources.iter().any(|(_, source)| source.text.contains("loadbalancing")))
    }

    /// The services that a deployment file declares.
    pub fn declared_by(&self, file: ArtifactId) -> impl Iterator<Item = (ServiceId, &Service)> + Clone {
        let places = self.declared.get(&file).map_or(&[][..], Vec::as_slice);
        places.iter().map(|at| (ServiceId(*at), self.service(ServiceId(*at))))
    }

    /// The artifacts of a kind, by its name.
    pub fn of_kind(&self, kind: &str) -> impl Iterator<Item = (ArtifactId, &Artifact)> + Clone {
        let places = self.by_kind.get(kind).map_or(&[][..], Vec::as_slice);
        places.iter().map(|at| (ArtifactId(*at), self.artifact(ArtifactId(*at))))
    }

    /// Whether a file tells of another tree.
    pub fn is_symbols(&self, id: ArtifactId) -> bool {
        self.artifact(id).kind.name == SYMBOLS.name
    }

    /// The artifacts below a folder.
    pub fn below(&self, folder: &str) -> impl Iterator<Item = (ArtifactId, &Artifact)> + use<'_> {
        let prefix = if folder.is_empty() || folder == "/" { folder.to_owned() } else { format!("{folder}/") };
        // They are in the order of their paths.
        let from = self.artifacts.partition_point(|a| a.path < prefix);
        let below = self.artifacts[from..].iter().take_while(move |a| a.path.starts_with(&prefix));
        below.enumerate().map(move |(n, a)| (ArtifactId((from + n) as u32), a))
    }

    /// The artifact at that path.
    pub fn at(&self, path: &str) -> Option<(ArtifactId, &Artifact)> {
        let id = ArtifactId(*self.by_path.get(path)?);
        Some((id, self.artifact(id)))
    }

    /// A file as the folder of a `vispyr.toml` sees it; `None` = it lies elsewhere.
    pub fn seen_from<'a>(&self, folder: &str, file: &'a str) -> Option<Cow<'a, str>> {
        let outer = || self.outer.iter().filter(|o| path::folder(&o.config) == folder).find_map(|o| o.path(file));
        path::below(file, folder).map(Cow::Borrowed).or_else(outer)
    }

    /// What is known of a path.
    pub fn presence(&self, path: &str) -> Presence {
        if let Some(presence) = self.paths.get(path) {
            return *presence;
        }
        let mut up = path::parent(path);
        while let Some(folder) = up {
            match self.paths.get(folder) {
                Some(Presence::Folder | Presence::File) => return Presence::Absent,
                Some(Presence::Closed) => return Presence::Unknown,
                _ => up = path::parent(folder),
            }
        }
        Presence::Unknown
    }

    /// Whether a script or a pipeline sets a variable of that name.
    pub fn sets(&self, name: &str) -> bool {
        self.scripts.set(name)
    }

    /// The folder from which a script runs a compose file, where that is not the file's own.
    pub fn home(&self, file: &str) -> Option<&str> {
        self.scripts.home(file)
    }

    /// With which others scripts and comments run a compose file, in each way that is known.
    pub fn together(&self, file: &str) -> &[Together] {
        self.scripts.together(file)
    }

    /// Whether another compose file extends services of one.
    pub fn is_extended(&self, file: &str) -> bool {
        self.scripts.extend(file)
    }

    /// Whether a script copies a compose file to where the tree has nothing: paths in it may lead somewhere from there.
    pub fn is_moved(&self, file: &str) -> bool {
        self.scripts.moves(file)
    }

    /// Whether a script or a pipeline may make a file.
    pub fn makes(&self, file: &str) -> bool {
        self.scripts.make(file)
    }

    /// Whether a script gives a folder, or one that holds it, to a user.
    pub fn gives(&self, folder: &str, user: &str) -> bool {
        self.scripts.give(folder, user)
    }

    /// Whether a file is a template that a script beside it, or one of a service that mounts it, fills in.
    pub fn fills(&self, artifact: &Artifact) -> bool {
        let inside = |used: &Use| {
            let service = self.service(used.service);
            let mut words = service.entrypoint.iter().chain(&service.command).flatten().map(|w| w.text.as_str());
            // By whatever tool: it writes another file, and the engine does not read this one.
            let written = |w: &str| w.contains('>') && !w.contains(&format!("={}", used.path));
            let filled = |w: &str| ["sed ", "envsubst", "gomplate"].iter().any(|f| w.contains(f)) || written(w);
            words.any(|w| w.contains(&used.path) && filled(w))
        };
        self.scripts.fill(&artifact.path) || artifact.uses.iter().any(inside)
    }

    /// The env files that scripts run a compose file with, or those of a folder; empty where a variable names one.
    pub fn env_files(&self, run: &str) -> &[String] {
        self.scripts.env_files(run)
    }

    /// Whether all entries of a folder are known: not when only one of its files was named.
    pub fn is_listed(&self, folder: &str) -> bool {
        // No entry of any file system has that name.
        self.presence(&path::join(folder, "\0")) == Presence::Absent
    }

    /// Whether git ignores a path, or would if it were there, by itself or by a folder above.
    pub fn is_ignored(&self, path: &str) -> bool {
        if !self.paths.contains_key(path) && git::would_ignore(&self.patterns, &self.links, path) {
            return true;
        }
        let mut at = Some(path);
        while let Some(here) = at {
            if self.ignored.binary_search_by(|p| p.as_str().cmp(here)).is_ok() {
                return true;
            }
            at = path::parent(here);
        }
        false
    }
}
