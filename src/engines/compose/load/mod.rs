//! Compose files as compose's own loader takes them: read, interpolated, included, extended, merged, and held to the schema.
//!
//! Follows `loader/loader.go`, `extends.go`, `include.go` of compose-spec/compose-go@v2.13.0 and @v2.16.2. The version of
//! docker compose is never known from a tree: what the newest release takes is right.

mod cast;
mod consistent;
mod merge;
pub(super) mod model;
mod scalar;
mod spec;
mod typed;

use std::collections::{HashMap, HashSet};

use self::model::{Entry, Item, Kind, Map};
use super::base;
use super::interpolate::Env;
use super::project::Together;
use crate::source::Span;
use crate::tree::{Artifact, ArtifactId, Presence, Tree, path};

/// Includes and chains of `extends` deeper than this are not followed.
const DEPTH_LIMIT: usize = 16;

/// Values that may be copied from base services and included files.
const COPY_LIMIT: usize = 500_000;

/// Something that compose refuses.
#[derive(Debug, Clone)]
pub(super) struct Fault {
    /// Where.
    pub span: Span,
    /// What: a message of ours.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// A second place.
    pub label: Option<(Span, String)>,
    /// The key that was meant.
    pub rename: Option<&'static str>,
    /// The name that another file may declare, and in which section.
    pub wants: Option<(&'static str, String)>,
    /// A file that is not there.
    pub file: Option<String>,
    /// Whether it hangs on what the tree does not tell.
    pub doubtful: bool,
}

impl Fault {
    fn new(span: Span, message: impl Into<String>) -> Self {
        let (help, label, rename, wants, file) = (None, None, None, None, None);
        Self { span, message: message.into(), help, label, rename, wants, file, doubtful: false }
    }

    fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.label = Some((span, text.into()));
        self
    }
}

/// All that is wrong.
pub(super) type Faults = Vec<Fault>;

/// A project, as far as it could be loaded.
#[derive(Debug, Default)]
pub(super) struct Project {
    /// What is refused.
    pub faults: Faults,
}

/// The newest release whose rules are known.
pub(super) const fn newest() -> &'static str {
    spec::newest()
}

/// Loads files together, in the project's folder as the first one has it.
pub(super) fn load(tree: &Tree, set: &Together, env: &Env) -> Project {
    let files = &set.files;
    let mut loader = Loader {
        tree,
        faults: Vec::new(),
        open: set.open,
        partial: set.open,
        open_services: HashSet::new(),
        left: COPY_LIMIT,
        bases: HashMap::new(),
    };
    let Some(first) = files.first() else { return Project::default() };
    let folder = base::folder(tree, tree.artifact(*first)).to_owned();
    let scope = Scope { folder: &folder, env, included: Vec::new() };
    let dict = loader.model(files, &scope).unwrap_or_default();
    if loader.faults.is_empty() {
        typed::check(&dict, &mut loader.faults);
    }
    if loader.faults.is_empty() {
        let profiles = match env.get("COMPOSE_PROFILES") {
            Some(Some(list)) => list.split(',').map(|p| p.trim().to_owned()).collect(),
            _ => Vec::new(),
        };
        let known = consistent::Known { tree, open: loader.open, services: &loader.open_services, profiles };
        consistent::check(&dict, &known, &mut loader.faults);
    }
    Project { faults: loader.faults }
}

/// Where files are read.
#[derive(Clone)]
struct Scope<'a> {
    /// The folder that relative paths are relative to.
    folder: &'a str,
    env: &'a Env,
    /// Files that include this one.
    included: Vec<ArtifactId>,
}

struct Loader<'t> {
    tree: &'t Tree,
    faults: Faults,
    /// Whether a file that belongs to the project is not known.
    open: bool,
    /// Whether files lie under or over those that are known: what a service lacks may stand there.
    partial: bool,
    /// Services that extend what is not known.
    open_services: HashSet<String>,
    left: usize,
    /// The services of files that others extend.
    bases: HashMap<ArtifactId, Map>,
}

/// Set when a fault was told and nothing after it is certain.
struct Stop;

impl<'t> Loader<'t> {
    fn fault(&mut self, fault: Fault) -> Stop {
        self.faults.push(fault);
        Stop
    }

    /// Several files over each other.
    fn model(&mut self, files: &[ArtifactId], scope: &Scope<'_>) -> Option<Map> {
        let mut dict = Map::default();
        for file in files {
            dict = self.file(*file, dict, scope).ok()?;
        }
        if dict.entries.is_empty() && scope.included.is_empty() && self.faults.is_empty() && !self.open {
            let source = files.first().map(|f| self.tree.artifact(*f).source);
            if let Some(source) = source {
                self.fault(Fault::new(Span::file(source), "the file is empty").help("add `services`"));
            }
        }
        Some(dict)
    }

    fn documents(&mut self, artifact: &'t Artifact, env: &Env) -> Option<Vec<model::Document>> {
        let data = artifact.data().filter(|_| artifact.syntax.is_empty() && data_is_sound(artifact));
        let Some(data) = data else {
            self.open = true;
            return None;
        };
        let read = model::read(data.roots(), env, &mut self.faults);
        Some(read.documents)
    }

    fn file(&mut self, at: ArtifactId, mut dict: Map, scope: &Scope<'_>) -> Result<Map, Stop> {
        let artifact = self.tree.artifact(at);
        let Some(documents) = self.documents(artifact, scope.env) else { return Ok(dict) };
        if !self.faults.is_empty() {
            return Err(Stop);
        }
        for document in documents {
            let span = document.root.span;
            let mut own = match document.root.kind {
                Kind::Map(map) => map,
                Kind::Open => {
                    self.open = true;
                    continue;
                }
                // An empty document between two others is none.
                other => {
                    let message = format!("the file must be a mapping, not {}", other.says());
                    return Err(self.fault(Fault::new(span, message)));
                }
            };
            promote(&mut own);
            if self.partial {
                self.loosen(&mut own);
            }
            anchor(&mut own, scope.folder);
            let mut inner = scope.clone();
            inner.included.push(at);
            self.include(&mut own, &inner)?;
            for reset in &document.resets {
                remove(&mut dict, reset);
            }
            self.extends(&mut own, at, scope, &document.resets)?;
            merge::mappings(&mut dict, own, &[], &mut self.faults);
            if !self.faults.is_empty() {
                return Err(Stop);
            }
            merge::unicity(&mut dict);
            spec::check(&dict, span, &mut self.faults);
            dict.entries.shift_remove("version");
            if !self.faults.is_empty() {
                return Err(Stop);
            }
        }
        Ok(dict)
    }

    /// What stands empty, or lacks, in a file that lies over one that is not known may be whole there.
    fn loosen(&mut self, own: &mut Map) {
        for section in own.entries.values_mut() {
            let Kind::Map(all) = &mut section.item.kind else { continue };
            for (name, entry) in &mut all.entries {
                self.open_services.insert(name.clone());
                match &mut entry.item.kind {
                    kind @ Kind::Null => *kind = Kind::Open,
                    Kind::Map(map) => {
                        for entry in map.entries.values_mut().filter(|e| matches!(e.item.kind, Kind::Null)) {
                            entry.item.kind = Kind::Open;
                        }
                    }
                    _ => {}
                }
            }
        }
    }

    /// What stands under `include`, laid under the file's own.
    fn include(&mut self, own: &mut Map, scope: &Scope<'_>) -> Result<(), Stop> {
        let Some(entry) = own.entries.shift_remove("include") else { return Ok(()) };
        let items = match entry.item.kind {
            Kind::List(items) => items,
            Kind::Null => return Ok(()),
            Kind::Open => {
                self.open = true;
                return Ok(());
            }
            other => {
                let message = format!("`include` must be a list, not {}", other.says());
                return Err(self.fault(Fault::new(entry.key, message)));
            }
        };
        for item in &items {
            self.included(item, own, scope)?;
        }
        Ok(())
    }

    fn included(&mut self, item: &Item, own: &mut Map, scope: &Scope<'_>) -> Result<(), Stop> {
        let (paths, map) = match &item.kind {
            Kind::Text(_) => (std::slice::from_ref(item), None),
            Kind::Map(map) => match map.get("path") {
                Some(one @ Item { kind: Kind::Text(_), .. }) => (std::slice::from_ref(one), Some(map)),
                Some(Item { kind: Kind::List(items), .. }) => (items.as_slice(), Some(map)),
                None => return Ok(()),
                Some(_) => {
                    self.open = true;
                    return Ok(());
                }
            },
            Kind::Open => {
                self.open = true;
                return Ok(());
            }
            other => {
                let message = format!("an entry of `include` must be a string or a mapping, not {}", other.says());
                return Err(self.fault(Fault::new(item.span, message)));
            }
        };
        let mut files = Vec::new();
        for path in paths {
            match self.find(path, scope.folder)? {
                Some(at) => files.push(at),
                None => return Ok(()),
            }
        }
        let Some(first) = files.first().copied() else { return Ok(()) };
        if scope.included.contains(&first) {
            return Err(self.fault(Fault::new(item.span, "files include each other in a circle")));
        }
        if scope.included.len() >= DEPTH_LIMIT {
            self.open = true;
            return Ok(());
        }
        let folder = match map.and_then(|m| m.get("project_directory")).map(|i| (i.text(), i.is_open())) {
            Some((Some(dir), _)) if !dir.is_empty() => path::join(scope.folder, dir),
            Some((None, true)) => {
                self.open = true;
                return Ok(());
            }
            _ => path::folder(&self.tree.artifact(first).path).to_owned(),
        };
        let mut env = scope.env.clone();
        env.fill(self.include_env(map, scope.folder, &folder)?);
        let inner = Scope { folder: &folder, env: &env, included: scope.included.clone() };
        let Some(found) = self.model(&files, &inner) else { return Err(Stop) };
        self.spend(&found);
        import(found, own, &mut self.faults);
        if self.faults.is_empty() { Ok(()) } else { Err(Stop) }
    }

    /// Variables of an included project.
    fn include_env(&mut self, map: Option<&Map>, folder: &str, project: &str) -> Result<Env, Stop> {
        let Some(named) = map.and_then(|m| m.some("env_file")) else {
            return Ok(super::project::environment(self.tree, project));
        };
        let mut env = Env::default();
        let files = named.list().unwrap_or(std::slice::from_ref(named));
        for file in files {
            let Some(text) = file.text().filter(|t| *t != "/dev/null") else { continue };
            let at = path::join(folder, text);
            if self.tree.presence(&at) == Presence::Absent && !self.tree.is_ignored(&at) {
                let mut fault = Fault::new(file.span, format!("`{at}` does not exist"));
                fault.file = Some(at);
                return Err(self.fault(fault));
            }
            match super::dotenv::variables(self.tree, &at, &std::cell::Cell::new(usize::MAX)) {
                Some(found) => env.extend(found.into_iter().map(|v| (v.name, v.value))),
                None => self.open = true,
            }
        }
        Ok(env)
    }

    /// The compose file that a text names; `None` = it may be there, but is not known.
    fn find(&mut self, item: &Item, folder: &str) -> Result<Option<ArtifactId>, Stop> {
        let Some(text) = item.text() else {
            self.open = true;
            return Ok(None);
        };
        let remote = ["://", "git@", "github.com/"].iter().any(|p| text.contains(p));
        let at = path::join(folder, text);
        let found = self.tree.at(&at).filter(|(_, a)| a.kind.name == super::COMPOSE.name);
        if let Some((id, _)) = found {
            return Ok(Some(id));
        }
        if !remote
            && !text.starts_with('~')
            && self.tree.presence(&at) == Presence::Absent
            && !self.tree.is_ignored(&at)
        {
            let mut fault = Fault::new(item.span, format!("`{at}` does not exist"));
            fault.file = Some(at);
            return Err(self.fault(fault));
        }
        self.open = true;
        Ok(None)
    }

    /// Lays each service over the one that it extends.
    fn extends(
        &mut self,
        own: &mut Map,
        at: ArtifactId,
        scope: &Scope<'_>,
        resets: &[Vec<String>],
    ) -> Result<(), Stop> {
        for section in ["services", "jobs"] {
            let Some(entry) = own.entries.get_mut(section) else { continue };
            let span = entry.key;
            let mut all = match std::mem::replace(&mut entry.item.kind, Kind::Null) {
                Kind::Map(map) => map,
                Kind::Open => {
                    self.open = true;
                    continue;
                }
                other => {
                    let message = format!("`{section}` must be a mapping, not {}", other.says());
                    return Err(self.fault(Fault::new(span, message)));
                }
            };
            let names: Vec<String> = all.entries.keys().cloned().collect();
            for name in names {
                let mut chain = Vec::new();
                self.extend(&name, &mut all, at, scope, resets, &mut chain)?;
            }
            if let Some(entry) = own.entries.get_mut(section) {
                entry.item.kind = Kind::Map(all);
            }
        }
        Ok(())
    }

    fn extend(
        &mut self,
        name: &str,
        all: &mut Map,
        at: ArtifactId,
        scope: &Scope<'_>,
        resets: &[Vec<String>],
        chain: &mut Vec<(ArtifactId, String)>,
    ) -> Result<(), Stop> {
        let Some(entry) = all.entries.get(name) else { return Ok(()) };
        let (key, service) = match &entry.item.kind {
            Kind::Map(map) => (entry.key, map),
            Kind::Null | Kind::Open => return Ok(()),
            other => {
                let message = format!("`services.{name}` must be a mapping, not {}", other.says());
                return Err(self.fault(Fault::new(entry.key, message)));
            }
        };
        let Some(extends) = service.get("extends").cloned() else { return Ok(()) };
        let (target, file) = match &extends.kind {
            Kind::Text(text) => (Some((text.clone(), extends.span)), None),
            Kind::Map(map) => {
                let Some(service) = map.get("service") else {
                    return Err(
                        self.fault(Fault::new(extends.span, format!("`services.{name}.extends` needs `service`")))
                    );
                };
                (service.text().map(|t| (t.to_owned(), service.span)), map.some("file").cloned())
            }
            // The schema says what is wrong with it.
            _ => return Ok(()),
        };
        let Some((target, span)) = target else {
            self.open_services.insert(name.to_owned());
            return Ok(());
        };
        let here = (at, name.to_owned());
        if chain.contains(&here) {
            let message = format!("`{name}` extends itself, by way of others");
            return Err(self.fault(Fault::new(key, message)));
        }
        if chain.len() >= DEPTH_LIMIT {
            self.open_services.insert(name.to_owned());
            return Ok(());
        }
        chain.push(here);
        let base = match file {
            None => {
                if all.get(&target).is_none() {
                    let message = format!("`{name}` extends `{target}`, which this file does not declare");
                    return Err(self.fault(Fault::new(span, message).help("name a service of this file, or its file")));
                }
                self.extend(&target, all, at, scope, resets, chain)?;
                all.get(&target).cloned()
            }
            Some(file) => match self.base(&file, &target, span, scope, chain)? {
                Some(base) => Some(base),
                None => {
                    self.open_services.insert(name.to_owned());
                    chain.pop();
                    return Ok(());
                }
            },
        };
        chain.pop();
        if self.open_services.contains(&target) {
            self.open_services.insert(name.to_owned());
        }
        let Some(Item { kind: Kind::Map(base), .. }) = base else { return Ok(()) };
        self.spend(&base);
        if self.left == 0 {
            self.open_services.insert(name.to_owned());
            return Ok(());
        }
        self.lay(name, all, base, resets);
        if self.faults.is_empty() { Ok(()) } else { Err(Stop) }
    }

    /// Lays a service over its base.
    fn lay(&mut self, name: &str, all: &mut Map, base: Map, resets: &[Vec<String>]) {
        let mut base = base;
        for reset in resets {
            if let [services, service, rest @ ..] = reset.as_slice()
                && services == "services"
                && service == name
            {
                remove(&mut base, rest);
            }
        }
        let Some(entry) = all.entries.get_mut(name) else { return };
        let Kind::Map(service) = std::mem::replace(&mut entry.item.kind, Kind::Null) else { return };
        merge::mappings(&mut base, service, &["services", "x"], &mut self.faults);
        base.entries.shift_remove("extends");
        entry.item.kind = Kind::Map(base);
    }

    /// A service of another file, itself extended; `None` = not known.
    fn base(
        &mut self,
        file: &Item,
        target: &str,
        span: Span,
        scope: &Scope<'_>,
        chain: &mut Vec<(ArtifactId, String)>,
    ) -> Result<Option<Item>, Stop> {
        let Some(at) = self.find_base(file, scope)? else { return Ok(None) };
        let artifact = self.tree.artifact(at);
        let folder = path::folder(&artifact.path).to_owned();
        let mut all = match self.bases.get(&at) {
            Some(known) => known.clone(),
            None => {
                let Some(documents) = self.documents(artifact, scope.env) else { return Ok(None) };
                if !self.faults.is_empty() {
                    return Err(Stop);
                }
                let mut dict = Map::default();
                for document in documents {
                    let Kind::Map(mut own) = document.root.kind else { continue };
                    anchor(&mut own, &folder);
                    merge::mappings(&mut dict, own, &[], &mut self.faults);
                }
                merge::unicity(&mut dict);
                let Some(services) = dict.map("services").cloned() else {
                    let message = format!("`{}` declares no services", artifact.path);
                    return Err(self.fault(Fault::new(file.span, message)));
                };
                self.spend(&services);
                self.bases.insert(at, services.clone());
                services
            }
        };
        if all.get(target).is_none() {
            let message = format!("`{}` declares no service `{target}`", artifact.path);
            return Err(self.fault(Fault::new(span, message)));
        }
        let inner = Scope { folder: &folder, env: scope.env, included: scope.included.clone() };
        self.extend(target, &mut all, at, &inner, &[], chain)?;
        Ok(all.get(target).cloned())
    }

    fn find_base(&mut self, file: &Item, scope: &Scope<'_>) -> Result<Option<ArtifactId>, Stop> {
        let open = self.open;
        let found = self.find(file, scope.folder);
        // Only the service itself depends on it.
        self.open = open;
        found
    }

    fn spend(&mut self, map: &Map) {
        self.left = self.left.saturating_sub(weight(map));
    }
}

/// Keys that stand twice are told elsewhere, and nothing is certain then.
fn data_is_sound(artifact: &Artifact) -> bool {
    artifact.data().is_some_and(|d| d.duplicates().is_empty())
}

/// How many values a mapping holds, roughly.
fn weight(map: &Map) -> usize {
    let mut pending: Vec<&Item> = map.entries.values().map(|e| &e.item).collect();
    let mut count = 1;
    while let Some(item) = pending.pop() {
        count += 1;
        match &item.kind {
            Kind::Map(map) => pending.extend(map.entries.values().map(|e| &e.item)),
            Kind::List(items) => pending.extend(items),
            _ => {}
        }
    }
    count
}

/// `x-develop` is what `develop` was called (`loader/aliases.go@v2.16.2`).
fn promote(own: &mut Map) {
    let Some(Entry { item: Item { kind: Kind::Map(services), .. }, .. }) = own.entries.get_mut("services") else {
        return;
    };
    for entry in services.entries.values_mut() {
        if let Kind::Map(service) = &mut entry.item.kind
            && !service.entries.contains_key("develop")
            && let Some(develop) = service.entries.shift_remove("x-develop")
        {
            service.entries.insert("develop".to_owned(), develop);
        }
    }
}

/// Makes the paths of env files and label files relative to the tree.
fn anchor(own: &mut Map, folder: &str) {
    for section in ["services", "jobs"] {
        let Some(Entry { item: Item { kind: Kind::Map(all), .. }, .. }) = own.entries.get_mut(section) else {
            continue;
        };
        for entry in all.entries.values_mut() {
            let Kind::Map(service) = &mut entry.item.kind else { continue };
            for key in ["env_file", "label_file"] {
                match service.entries.get_mut(key).map(|e| &mut e.item) {
                    Some(Item { kind: Kind::List(items), .. }) => items.iter_mut().for_each(|i| anchored(i, folder)),
                    Some(item) => anchored(item, folder),
                    None => {}
                }
            }
        }
    }
}

fn anchored(item: &mut Item, folder: &str) {
    match &mut item.kind {
        Kind::Text(text) if text.starts_with('~') => item.kind = Kind::Open,
        Kind::Text(text) if !text.is_empty() => *text = path::join(folder, &path::slashed(text)),
        Kind::Map(map) => {
            if let Some(entry) = map.entries.get_mut("path")
                && matches!(entry.item.kind, Kind::Text(_))
            {
                anchored(&mut entry.item, folder);
            }
        }
        _ => {}
    }
}

/// Removes what stands at a path.
fn remove(map: &mut Map, path: &[String]) {
    match path {
        [] => {}
        [key] => {
            map.entries.shift_remove(key);
        }
        [key, rest @ ..] => {
            if let Some(Entry { item: Item { kind: Kind::Map(inner), .. }, .. }) = map.entries.get_mut(key) {
                remove(inner, rest);
            }
        }
    }
}

/// Adds what an included project declares.
fn import(found: Map, own: &mut Map, faults: &mut Faults) {
    const SECTIONS: [&str; 7] = ["services", "jobs", "volumes", "networks", "secrets", "configs", "models"];
    for (section, entry) in found.entries {
        if !SECTIONS.contains(&section.as_str()) {
            continue;
        }
        let span = entry.item.span;
        let Kind::Map(from) = entry.item.kind else { continue };
        let to = own
            .entries
            .entry(section.clone())
            .or_insert_with(|| Entry { key: entry.key, item: Item { kind: Kind::Map(Map::default()), span } });
        if matches!(to.item.kind, Kind::Null) {
            to.item.kind = Kind::Map(Map::default());
        }
        let Kind::Map(to) = &mut to.item.kind else { continue };
        for (name, resource) in from.entries {
            match to.entries.get_mut(&name) {
                None => {
                    to.entries.insert(name, resource);
                }
                Some(own) if own.item.same(&resource.item) => {}
                Some(own) => {
                    let null = Item { kind: Kind::Null, span: own.item.span };
                    let over = std::mem::replace(&mut own.item, null);
                    own.item = merge::one(resource.item, over, &[&section, &name], faults);
                }
            }
        }
    }
}
