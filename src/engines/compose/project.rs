//! Which compose files belong together, and the services that they declare together.

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use indexmap::IndexSet;

use super::base;
use super::inline;
use super::interpolate::Env;
use super::service::{Layer, Part, build};
use super::value::{Map, Text, Value, read};
use crate::parse::Node;
use crate::source::Span;
use crate::tree::{Arg, Artifact, ArtifactId, ProjectId, Service, Tree, path};

/// `extends` deeper than this is cut: a cycle, or nothing a person wrote.
const EXTENDS_LIMIT: usize = 16;

/// Layers of one service beyond this are cut.
const LAYER_LIMIT: usize = 64;

/// Values that services take from elsewhere (what they extend, what a variant lies over, env files) beyond this stay
/// unknown: a thousand services can each extend one with a thousand values.
const BORROWED_LIMIT: usize = 1_000_000;

/// Values of env files that scripts name for one compose file.
const ENV_BYTES: usize = 100_000;

/// One compose file.
pub(super) struct File<'d> {
    /// Its artifact.
    pub artifact: ArtifactId,
    /// Its path.
    pub path: String,
    /// The folder that its relative paths start from.
    pub folder: String,
    /// Variables of its project.
    pub env: Arc<Env>,
    /// Its content.
    pub root: Map<'d>,
}

/// All services of a tree.
pub(super) fn services(tree: &Tree) -> Vec<Service> {
    let mut variables = HashMap::new();
    let given = given(tree);
    let mut read = |(id, a)| file(tree, id, a, &given, &mut variables);
    let mut files: Vec<File<'_>> = composed(tree).filter_map(&mut read).collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let index: HashMap<String, usize> = files.iter().enumerate().map(|(i, f)| (f.path.clone(), i)).collect();
    let projects = projects(&files, &index);
    let borrowed = Cell::new(BORROWED_LIMIT);
    let mut services = Vec::new();
    let (mut bases, mut variants) = (Vec::new(), Vec::new());
    let sets = sets(&files);
    for set in &sets {
        let mut names: IndexSet<&str> = IndexSet::new();
        // A variant only repeats what it changes: what it leaves alone is said by the default file already.
        let own = if set.variant { &set.files[set.files.len() - 1..] } else { &set.files[..] };
        for at in own {
            for entry in declared(&files[*at]).iter().flat_map(|m| &m.entries) {
                names.insert(&entry.key);
            }
        }
        for name in names {
            let mut found = Layers { files: &files, index: &index, layers: Vec::new(), open: false };
            found.collect(&set.files, name, 0);
            if found.layers.is_empty() {
                continue;
            }
            found.borrow(set.variant, &borrowed);
            let parts: Vec<&File<'_>> = set.files.iter().map(|i| &files[*i]).collect();
            let project = ProjectId(projects[set.files[0]] as u32);
            let home = found.home(own);
            let (layers, open, borrowed) = (&found.layers, found.open, &borrowed);
            let part = Part { tree, name, layers, home, files: &parts, project, open, borrowed };
            let mut service = build(&part);
            if let Some(of) = set.files.first().filter(|_| set.variant) {
                variants.push((*of, services.len()));
            } else if set.files.len() == 1 {
                bases.push((set.files[0], services.len()));
            }
            for over in set.over.iter().filter_map(|at| declared(&files[*at])?.get(name)?.map()) {
                service.mounts_open |= ["volumes", "configs", "secrets"].iter().any(|key| over.get(key).is_some());
                service.environment_open |= ["environment", "env_file"].iter().any(|key| over.get(key).is_some());
            }
            services.push(service);
        }
    }
    overlay(&mut services, &bases, &variants);
    inline::find(tree, &mut services);
    services
}

/// Takes away from services what every file replaces that lies over theirs. Of several such files one is always named: nobody
/// runs the first one alone.
fn overlay(services: &mut [Service], bases: &[(usize, usize)], variants: &[(usize, usize)]) {
    let mut over: HashMap<(usize, &str), Vec<usize>> = HashMap::new();
    let mut count: HashMap<usize, HashSet<ArtifactId>> = HashMap::new();
    for (base, at) in variants {
        over.entry((*base, &services[*at].name)).or_default().push(*at);
        count.entry(*base).or_default().insert(services[*at].artifact);
    }
    // What all of them replace: the command, and the mounts at these targets.
    let mut replaced: Vec<(usize, bool, HashSet<String>)> = Vec::new();
    for (base, at) in bases {
        let service = &services[*at];
        let all = count.get(base).map_or(0, HashSet::len);
        let Some(over) = over.get(&(*base, service.name.as_str())).filter(|o| all > 1 && o.len() == all) else {
            continue;
        };
        let own = |span: Span| service.span.source != span.source;
        let commanded = |one: &Service| one.command.iter().flatten().next().is_some_and(|a| own(a.span));
        let targets = |one: usize| -> HashSet<&str> {
            services[one].mounts.iter().filter(|m| own(m.span)).map(|m| m.target.as_str()).collect()
        };
        let mut shared = targets(over[0]);
        over[1..].iter().for_each(|one| {
            let others = targets(*one);
            shared.retain(|target| others.contains(target));
        });
        let command = over.iter().all(|one| commanded(&services[*one]));
        replaced.push((*at, command, shared.into_iter().map(str::to_owned).collect()));
    }
    for (at, command, targets) in replaced {
        let service = &mut services[at];
        if command {
            service.command = Some(vec![Arg { text: String::new(), open: true, span: service.span }]);
        }
        let before = service.mounts.len();
        service.mounts.retain(|m| !targets.contains(&m.target));
        service.mounts_open |= service.mounts.len() < before;
    }
}

/// The compose files of a tree, which is asked while it is made: nothing is looked up by kind yet.
fn composed(tree: &Tree) -> impl Iterator<Item = (ArtifactId, &Artifact)> {
    tree.artifacts().filter(|(_, a)| a.kind.name == super::COMPOSE.name)
}

fn file<'d>(
    tree: &Tree,
    id: ArtifactId,
    artifact: &'d Artifact,
    given: &HashMap<String, Given<'_>>,
    variables: &mut HashMap<String, Arc<Env>>,
) -> Option<File<'d>> {
    let folder = base::folder(tree, artifact).to_owned();
    let env = match tree.env_files(&artifact.path) {
        _ if given.contains_key(&artifact.path) => Arc::new(given[&artifact.path].environment(tree)),
        [] => {
            let read_env = || Arc::new(environment(tree, &folder));
            Arc::clone(variables.entry(folder.clone()).or_insert_with(read_env))
        }
        _ => Arc::new(environment_of(tree, artifact)),
    };
    let Value::Map(root) = read(artifact.data()?, tree.sources.text(artifact.source), &env) else { return None };
    Some(File { artifact: id, path: artifact.path.clone(), folder, env, root })
}

/// The env files that an `include` gives to a file, in place of the `.env` beside it (compose-spec/compose-spec 14-include.md,
/// compose-spec/compose-go loader/include.go@v2.13.0).
struct Given<'t> {
    /// Who includes it.
    by: &'t Artifact,
    files: Vec<String>,
}

impl Given<'_> {
    /// The variables of who includes, which count first, and those of the files.
    fn environment(&self, tree: &Tree) -> Env {
        let mut env = environment_of(tree, self.by);
        let mut own = Env::default();
        for file in &self.files {
            let found = super::dotenv::variables(tree, file, &Cell::new(ENV_BYTES));
            own.extend(found.into_iter().flatten().map(|v| (v.name, v.value)));
        }
        env.fill(own);
        env
    }
}

/// All that `include` gives in a tree, by the file that is included; what several give is not known.
fn given(tree: &Tree) -> HashMap<String, Given<'_>> {
    let mut found: HashMap<String, Option<Given<'_>>> = HashMap::new();
    for (_, by) in composed(tree) {
        let root = by.data().and_then(|d| d.root());
        for entry in root.and_then(|r| r.get("include")).into_iter().flat_map(Node::items) {
            let folder = base::folder(tree, by);
            let named = |key: &str| entry.get(key).map(texts).unwrap_or_default();
            let files: Vec<String> = named("env_file").into_iter().map(|at| path::join(folder, at)).collect();
            for target in named("path").into_iter().filter(|_| !files.is_empty()) {
                let given = Some(Given { by, files: files.clone() });
                let slot = found.entry(path::join(folder, target));
                slot.and_modify(|known| *known = None).or_insert(given);
            }
        }
    }
    found.into_iter().filter_map(|(file, given)| Some((file, given?))).collect()
}

/// One text, or a list of them.
fn texts(node: Node<'_>) -> Vec<&str> {
    node.as_str().into_iter().chain(node.items().filter_map(Node::as_str)).filter(|text| !text.contains('$')).collect()
}

/// What an example of a `.env` is called.
const SAMPLES: [&str; 4] = [".env.example", ".env.sample", ".env.template", ".env.dist"];

/// The variables of a project folder: those of its `.env`, of the env files that scripts name for it, and what compose sets
/// itself.
pub(super) fn environment(tree: &Tree, folder: &str) -> Env {
    let found = super::dotenv::variables(tree, &path::join(folder, ".env"), &Cell::new(usize::MAX));
    let is_there = found.is_some();
    let mut env: Env = found.into_iter().flatten().map(|v| (v.name, v.value)).collect();
    others(tree, folder, &mut env);
    env.add("COMPOSE_PROJECT_NAME".to_owned(), None);
    // Who is told to copy the example may have done so.
    for name in SAMPLES.iter().filter(|_| !is_there) {
        let file = path::join(folder, name);
        for variable in super::dotenv::variables(tree, &file, &Cell::new(ENV_BYTES)).into_iter().flatten() {
            if let Some(value) = variable.value.filter(|v| !v.is_empty()) {
                env.sample(variable.name, value);
            }
        }
    }
    env
}

/// The variables of a compose file: those of its project's folder, and of the env files that scripts run it with.
pub(super) fn environment_of(tree: &Tree, artifact: &Artifact) -> Env {
    let mut env = environment(tree, base::folder(tree, artifact));
    others(tree, &artifact.path, &mut env);
    env
}

/// Adds what env files set that scripts name for a file or a folder. What they set to different values is not known.
fn others(tree: &Tree, run: &str, env: &mut Env) {
    let mut set: BTreeMap<String, Option<String>> = BTreeMap::new();
    for file in tree.env_files(run) {
        for variable in super::dotenv::variables(tree, file, &Cell::new(ENV_BYTES)).into_iter().flatten() {
            let known = set.entry(variable.name).or_insert_with(|| variable.value.clone());
            if *known != variable.value {
                *known = None;
            }
        }
    }
    env.fill(set.into_iter().collect());
}

/// The `services:` of a file.
pub(super) fn declared<'a, 'd>(file: &'a File<'d>) -> Option<&'a Map<'d>> {
    file.root.get("services").and_then(Value::map)
}

/// The files that are read together with one.
pub(super) struct Together {
    /// In order.
    pub files: Vec<ArtifactId>,
    /// Whether compose reads them without being told.
    pub default: bool,
    /// Whether others are read with them that are not known.
    pub open: bool,
}

/// Files that are read together, in order.
struct Set {
    files: Vec<usize>,
    /// Whether the last one is a variant over the others.
    variant: bool,
    /// Files that lie over one which nobody reads unless told: what it lacks may stand there.
    over: Vec<usize>,
}

impl Set {
    fn new(files: Vec<usize>) -> Self {
        Self { files, variant: false, over: Vec::new() }
    }
}

/// Files of a folder without a default file beyond this many are not held against each other.
const VARIANTS: usize = 32;

/// Names that compose looks for by itself, the first one first.
pub(super) const DEFAULTS: [&str; 4] = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];

/// Names of what it reads over one of those by itself (compose-spec/compose-go cli/options.go `DefaultOverrideFileNames`@v2.13.0).
pub(super) const OVERRIDES: [&str; 4] =
    ["compose.override.yml", "compose.override.yaml", "docker-compose.override.yml", "docker-compose.override.yaml"];

/// What compose reads together without being told: the default file of a folder with its override, or what `COMPOSE_FILE` of
/// its `.env` names. Every other file of the folder is a variant: read alone, or over the default file.
fn sets(files: &[File<'_>]) -> Vec<Set> {
    let mut folders: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, file) in files.iter().enumerate() {
        folders.entry(path::folder(&file.path)).or_default().push(at);
    }
    let mut sets = Vec::new();
    // What a `.env` of another folder names is read there.
    let mut elsewhere: HashSet<usize> = HashSet::new();
    let index: HashMap<&str, usize> = files.iter().enumerate().map(|(at, f)| (f.path.as_str(), at)).collect();
    for (folder, members) in &folders {
        let all = told(folder, &files[members[0]].env).into_iter().flatten();
        elsewhere.extend(all.filter(|p| path::folder(p) != *folder).filter_map(|p| index.get(p.as_str()).copied()));
    }
    for (folder, mut members) in folders {
        if told(folder, &files[members[0]].env).is_none() {
            members.retain(|m| !elsewhere.contains(m));
            if members.is_empty() {
                continue;
            }
        }
        let paths: Vec<&str> = members.iter().map(|m| files[*m].path.as_str()).collect();
        let told = told(folder, &files[members[0]].env);
        let named: Option<Vec<usize>> =
            told.map(|all| all.iter().filter_map(|p| index.get(p.as_str()).copied()).collect());
        let default = named.unwrap_or_else(|| defaults(&paths).into_iter().map(|at| members[at]).collect());
        if !default.is_empty() {
            sets.push(Set::new(default.clone()));
        }
        let base_of = |member: usize| match default.first() {
            Some(base) => Some(*base).filter(|base| lies_over(&files[member], &files[*base])),
            None if members.len() > VARIANTS => None,
            None => members.iter().copied().find(|m| *m != member && lies_over(&files[member], &files[*m])),
        };
        let based: Vec<(usize, Option<usize>)> =
            members.iter().filter(|m| !default.contains(m)).map(|m| (*m, base_of(*m))).collect();
        for (member, base) in &based {
            sets.push(match base {
                Some(base) => Set { files: vec![*base, *member], variant: true, over: Vec::new() },
                None => {
                    let over = based.iter().filter(|(_, base)| *base == Some(*member)).map(|(m, _)| *m);
                    Set { over: over.collect(), ..Set::new(vec![*member]) }
                }
            });
        }
    }
    sets
}

/// The places of the default file and its override among the paths of a folder.
fn defaults(paths: &[&str]) -> Vec<usize> {
    let named = |name: &str| paths.iter().position(|p| path::name(p) == name);
    let Some(base) = DEFAULTS.iter().find_map(|n| named(n)) else { return Vec::new() };
    let stem = path::name(paths[base]).split('.').next().unwrap_or_default();
    let over = ["yaml", "yml"].iter().find_map(|ext| named(&format!("{stem}.override.{ext}")));
    std::iter::once(base).chain(over).collect()
}

/// The paths that `COMPOSE_FILE` names.
fn told(folder: &str, env: &Env) -> Option<Vec<String>> {
    let value = env.get("COMPOSE_FILE")?.filter(|v| !v.is_empty())?;
    let separator = env.get("COMPOSE_PATH_SEPARATOR").flatten().unwrap_or(":");
    let all: Vec<String> = value.split(separator).map(|p| path::join(folder, p.trim())).collect();
    Some(all)
}

/// The files that are read together with one, found without reading the rest of the tree: in each way that somebody says it
/// is run, else as compose reads it by itself; never empty.
pub(super) fn ways_of(tree: &Tree, id: ArtifactId) -> Vec<Together> {
    let own = tree.artifact(id);
    let folder = path::folder(&own.path);
    let beside = tree.below(folder).filter(|(_, a)| path::folder(&a.path) == folder && *a.kind == super::COMPOSE);
    let members: Vec<(ArtifactId, &Artifact)> = beside.collect();
    let paths: Vec<&str> = members.iter().map(|(_, a)| a.path.as_str()).collect();
    let env = environment_of(tree, own);
    let default: Vec<ArtifactId> = match told(folder, &env) {
        Some(all) => all.iter().filter_map(|p| tree.at(p)).map(|(id, _)| id).collect(),
        None => defaults(&paths).into_iter().map(|at| members[at].0).collect(),
    };
    let way = |way: &crate::tree::Together| {
        let known = way.files.iter().filter_map(|p| tree.at(p)).filter(|(_, a)| *a.kind == super::COMPOSE);
        let files: Vec<ArtifactId> = known.map(|(id, _)| id).collect();
        Together { open: way.open || files.len() < way.files.len(), files, default: false }
    };
    let ways: Vec<Together> = tree.together(&own.path).iter().map(way).filter(|w| w.files.contains(&id)).collect();
    // One of that name which is named behind another is no project by itself.
    let alone = default.len() > 1 || ways.iter().all(|w| w.files.first() == Some(&id));
    if default.contains(&id) && alone {
        return vec![Together { files: default, default: true, open: false }];
    }
    if !ways.is_empty() {
        return ways;
    }
    let base = default.first().filter(|base| incomplete(own, tree.artifact(**base)));
    vec![Together { files: base.copied().into_iter().chain([id]).collect(), default: false, open: false }]
}

/// As [`lies_over`], on files as they are written.
fn incomplete(variant: &Artifact, base: &Artifact) -> bool {
    fn services(artifact: &Artifact) -> Option<crate::parse::Node<'_>> {
        artifact.data()?.root()?.get("services")
    }
    let (Some(variant), Some(base)) = (services(variant), services(base)) else { return false };
    variant.entries().iter().any(|e| {
        let complete = COMPLETE.iter().any(|k| e.value.get(k).is_some());
        let waits = e.value.get("depends_on").filter(|_| complete);
        let named = waits.into_iter().flat_map(|w| w.items().filter_map(crate::parse::Node::scalar));
        let keys: Vec<_> = waits.map(|w| w.entries()).unwrap_or_default();
        let mut awaited = named.chain(keys.iter().map(|k| k.name()));
        !complete && base.get(e.name()).is_some()
            || awaited.any(|name| variant.get(name).is_none() && base.get(name).is_some())
    })
}

/// With one of these a service stands by itself.
const COMPLETE: [&str; 4] = ["image", "build", "extends", "provider"];

/// Whether a variant only makes sense over another file: one of its services has neither image nor build, and the other
/// file declares it; or it waits for one that only the other file declares.
fn lies_over(variant: &File<'_>, base: &File<'_>) -> bool {
    let (Some(variant), Some(base)) = (declared(variant), declared(base)) else { return false };
    variant.entries.iter().any(|e| {
        let complete = e.value.map().filter(|m| COMPLETE.iter().any(|k| m.get(k).is_some()));
        let Some(service) = complete else { return base.get(&e.key).is_some() };
        let awaited: Vec<&str> = match service.get("depends_on") {
            Some(Value::Map(map)) => map.entries.iter().map(|e| e.key.as_str()).collect(),
            Some(list) => list.items().iter().filter_map(Value::text).map(Text::as_str).collect(),
            None => Vec::new(),
        };
        awaited.iter().any(|name| variant.get(name).is_none() && base.get(name).is_some())
    })
}

/// The project of each file, as the index of its first file: files of one folder, of one `name:`, or included.
fn projects(files: &[File<'_>], index: &HashMap<String, usize>) -> Vec<usize> {
    let mut up: Vec<usize> = (0..files.len()).collect();
    let mut first: HashMap<String, usize> = HashMap::new();
    for (at, file) in files.iter().enumerate() {
        let mut keys = vec![format!("folder {}", file.folder)];
        keys.extend(file.root.text("name").filter(|n| !n.open()).map(|n| format!("name {}", n.as_str())));
        for key in keys {
            let other = *first.entry(key).or_insert(at);
            union(&mut up, at, other);
        }
        for target in file.root.get("include").map(Value::items).into_iter().flatten().flat_map(included) {
            if let Some(other) = index.get(&path::join(&file.folder, &target)) {
                union(&mut up, at, *other);
            }
        }
    }
    (0..files.len()).map(|at| root(&mut up, at)).collect()
}

/// The paths of one entry of `include:`.
fn included(entry: &Value<'_>) -> Vec<String> {
    let paths = match entry {
        Value::Map(map) => map.get("path").map(Value::items).unwrap_or_default(),
        _ => entry.items(),
    };
    paths.iter().filter_map(Value::text).filter(|t| !t.open()).map(|t| t.as_str().to_owned()).collect()
}

fn root(up: &mut [usize], mut at: usize) -> usize {
    while up[at] != at {
        // Halved on the way, so that a chain of includes is not walked again and again.
        up[at] = up[up[at]];
        at = up[at];
    }
    at
}

fn union(up: &mut [usize], a: usize, b: usize) {
    let (a, b) = (root(up, a), root(up, b));
    up[a.max(b)] = a.min(b);
}

/// The mappings that make one service, first to last.
struct Layers<'a> {
    files: &'a [File<'a>],
    index: &'a HashMap<String, usize>,
    layers: Vec<Layer<'a>>,
    /// Whether one of them is not in the tree.
    open: bool,
}

impl Layers<'_> {
    /// Drops all but the last mapping where too much was taken from elsewhere.
    fn borrow(&mut self, variant: bool, left: &Cell<usize>) {
        let taken = self.layers.iter().rev().skip(1).filter(|l| variant || !l.own);
        let taken: usize = taken.map(|l| l.map.weight).sum();
        match left.get().checked_sub(taken) {
            Some(rest) => left.set(rest),
            None => {
                self.layers.drain(..self.layers.len() - 1);
                self.open = true;
            }
        }
    }

    /// The mapping that names the service first in one of the files `own`.
    fn home(&self, own: &[usize]) -> usize {
        let of_own = |l: &Layer<'_>| l.own && own.iter().any(|i| self.files[*i].artifact == l.file.artifact);
        self.layers.iter().position(of_own).unwrap_or(self.layers.len() - 1)
    }

    fn collect(&mut self, set: &[usize], name: &str, depth: usize) {
        for at in set {
            let file = &self.files[*at];
            let Some(entry) = declared(file).and_then(|m| m.entry(name)) else { continue };
            let Value::Map(map) = &entry.value else { continue };
            if depth >= EXTENDS_LIMIT || self.layers.len() >= LAYER_LIMIT {
                self.open = true;
                return;
            }
            if let Some(extends) = map.get("extends") {
                self.extend(*at, extends, depth);
            }
            self.layers.push(Layer { file, map, span: entry.key_span, own: depth == 0 });
        }
    }

    fn extend(&mut self, at: usize, extends: &Value<'_>, depth: usize) {
        let (service, file) = match extends {
            Value::Text(text) => (Some(text), None),
            Value::Map(map) => (map.text("service"), map.text("file")),
            _ => (None, None),
        };
        let target = match file {
            None => Some(at),
            Some(file) => self.index.get(&path::join(&self.files[at].folder, file.as_str())).copied(),
        };
        match (service, target) {
            (Some(service), Some(target)) => {
                let before = self.layers.len();
                self.collect(&[target], service.as_str(), depth + 1);
                self.open |= self.layers.len() == before;
            }
            _ => self.open = true,
        }
    }
}
