//! What rules ask of a whole tree, looked up instead of searched for: a tree may hold tens of thousands of everything.

use std::collections::{HashMap, HashSet};

use crate::near::Near;
use crate::symbol::{Bind, Datasource, Export, Import, Listener, Owner, PathRead, Protocol, Symbols, Url};
use crate::tree::{ArtifactId, Network, ProjectId, ServiceId, Tree, VersionFrom, path};

/// Names that a message lists.
const LISTED: usize = 8;

/// Everything that is looked up.
#[derive(Debug, Default)]
pub(super) struct Index<'a> {
    namespaces: Vec<Namespace<'a>>,
    namespace_of: Vec<usize>,
    /// Services in whose namespace containers of unknown engines live.
    shared: HashSet<(ProjectId, &'a str)>,
    /// Services whose version is told by a file that they mount.
    told: HashSet<ServiceId>,
    /// Services of a project, in order.
    pub(super) projects: HashMap<ProjectId, Vec<ServiceId>>,
    /// Whether several files declare services: then the one that is missing may only not be here.
    pub(super) several: bool,
    grafanas: HashMap<Home<'a>, Grafana<'a>>,
    /// Data sources that symbol files tell of: any Grafana here may be the one that has them.
    abroad: Grafana<'a>,
    open_ports: HashMap<ServiceId, Vec<u16>>,
    /// What listens at a port of each project: of many of one port the first few.
    at_port: HashMap<(ProjectId, u16), Vec<(ServiceId, &'a Listener)>>,
    reads: HashMap<ServiceId, Vec<&'a PathRead>>,
    files: HashMap<ServiceId, Vec<ArtifactId>>,
    /// Looks for names that were meant.
    pub(super) near: Near,
}

impl<'a> Index<'a> {
    /// Goes once over everything.
    pub(super) fn new(
        tree: &'a Tree,
        symbols: &'a Symbols,
        listeners: &HashMap<ServiceId, Vec<(Owner, &'a Listener)>>,
    ) -> Self {
        let mut files = tree.services.iter().map(|s| s.artifact).filter(|file| !tree.is_symbols(*file));
        let first = files.next();
        let several = files.any(|file| Some(file) != first);
        let mut index = Self { several, ..Self::default() };
        index.services(tree, listeners);
        for (id, listeners) in listeners {
            let mut ports: Vec<u16> = listeners.iter().filter_map(|(_, l)| l.port).collect();
            ports.sort_unstable();
            ports.dedup();
            index.open_ports.insert(*id, ports);
        }
        let known = symbols.listeners().filter_map(|(owner, l)| Some((owner.service?, l.port?, l)));
        for (id, port, listener) in known {
            let here = index.at_port.entry((tree.service(id).project, port)).or_default();
            if here.len() < LISTED {
                here.push((id, listener));
            }
        }
        for (id, artifact) in tree.artifacts() {
            let told = artifact.version.as_ref().filter(|(_, from)| !from.is_assumed());
            for used in &artifact.uses {
                let files = index.files.entry(used.service).or_default();
                if files.last() != Some(&id) {
                    files.push(id);
                }
                let service = tree.service(used.service);
                // The image of another service that has the same file tells nothing of this one's.
                let own = |from: &VersionFrom| match from {
                    VersionFrom::Image(span) => service.image.as_ref().is_none_or(|i| i.span == *span),
                    _ => true,
                };
                if told.is_some_and(|(_, from)| own(from)) && Some(artifact.kind.engine) == service.engine {
                    index.told.insert(used.service);
                }
            }
        }
        for (owner, export) in &symbols.exports {
            let told = owner.artifact.is_some_and(|id| tree.is_symbols(id));
            match export {
                Export::Datasource(source) if told => index.abroad.add(*owner, source),
                Export::OpenDatasources if told => index.abroad.open = true,
                Export::Datasource(source) => {
                    // Beside a file that was named alone there may be others.
                    let alone = |id| !tree.is_listed(path::folder(&tree.artifact(id).path));
                    let grafana = index.grafanas.entry(home(tree, *owner)).or_default();
                    grafana.open |= owner.artifact.is_some_and(alone);
                    grafana.add(*owner, source);
                }
                Export::OpenDatasources => index.grafanas.entry(home(tree, *owner)).or_default().open = true,
                _ => {}
            }
        }
        for (owner, import) in &symbols.imports {
            if let (Some(service), Import::Path(read)) = (owner.service, import) {
                index.reads.entry(service).or_default().push(read);
            }
        }
        index
    }

    fn services(&mut self, tree: &'a Tree, listeners: &HashMap<ServiceId, Vec<(Owner, &'a Listener)>>) {
        let mut groups: HashMap<(ProjectId, &str), usize> = HashMap::new();
        for (id, service) in tree.services() {
            self.projects.entry(service.project).or_default().push(id);
            let root = match &service.network {
                Network::Service(name) => name.as_str(),
                _ => service.name.as_str(),
            };
            if root != service.name && service.engine.is_none() {
                self.shared.insert((service.project, root));
            }
            let mut group = |name: &'a str| {
                *groups.entry((service.project, name)).or_insert_with(|| {
                    self.namespaces.push(Namespace::default());
                    self.namespaces.len() - 1
                })
            };
            let own = group(root);
            self.namespace_of.push(own);
            // One whose namespace is another's may still be named by a third.
            let named = group(&service.name);
            let known = listeners.get(&id).into_iter().flatten();
            for (owner, listener) in known {
                self.namespaces[own].add(*owner, listener);
                if named != own {
                    self.namespaces[named].add(*owner, listener);
                }
            }
        }
    }

    /// All ports of the network namespace of a service.
    pub(super) fn namespace(&self, id: ServiceId) -> &Namespace<'a> {
        &self.namespaces[self.namespace_of[id.0 as usize]]
    }

    /// Whether containers of unknown engines share the namespace of that service.
    pub(super) fn is_shared(&self, project: ProjectId, name: &str) -> bool {
        self.shared.contains(&(project, name))
    }

    /// Whether a file that the service mounts tells its version.
    pub(super) fn is_told(&self, id: ServiceId) -> bool {
        self.told.contains(&id)
    }

    /// The data sources of the Grafana that `owner` belongs to, files that nothing mounts by their folder: those of the
    /// tree, then those that symbol files tell of.
    pub(super) fn grafana(&self, tree: &'a Tree, owner: Owner) -> Grafanas<'_, 'a> {
        let told = owner.artifact.is_some_and(|id| tree.is_symbols(id));
        let own = match told {
            false => self.grafanas.get(&home(tree, owner)),
            // Of a dashboard elsewhere it is known which Grafana shows it only if there is one.
            true => self.grafanas.values().next().filter(|_| self.grafanas.len() == 1),
        };
        Grafanas([own, Some(&self.abroad)])
    }

    /// The data sources that symbol files tell of.
    pub(super) fn abroad(&self) -> Grafanas<'_, 'a> {
        Grafanas([None, Some(&self.abroad)])
    }

    /// The ports that a service is known to open, ascending.
    pub(super) fn open_ports(&self, id: ServiceId) -> &[u16] {
        self.open_ports.get(&id).map(Vec::as_slice).unwrap_or_default()
    }

    /// What takes the data of a URL at that port of another container that the sender reaches.
    pub(super) fn elsewhere(
        &self,
        tree: &Tree,
        from: ServiceId,
        url: &Url,
        port: u16,
    ) -> Option<(ServiceId, &'a Listener)> {
        let sender = tree.service(from);
        let takes = |l: &Listener| {
            let mut all = l.accepts.iter().flatten();
            l.accepts.is_none() || url.protocol == Protocol::Http || all.any(|a| url.protocol.is_served_by(a.protocol))
        };
        let here = self.at_port.get(&(sender.project, port)).into_iter().flatten();
        let other = here.filter(|(id, l)| *id != from && tree.service(*id).name != sender.name && takes(l));
        other.copied().find(|(id, _)| share_network(&sender.network, &tree.service(*id).network))
    }

    /// Paths that a service reads.
    pub(super) fn reads(&self, id: ServiceId) -> &[&'a PathRead] {
        self.reads.get(&id).map(Vec::as_slice).unwrap_or_default()
    }

    /// Files that a service mounts, by path.
    pub(super) fn files(&self, id: ServiceId) -> &[ArtifactId] {
        self.files.get(&id).map(Vec::as_slice).unwrap_or_default()
    }
}

/// Whether two services of one project have a network in common.
fn share_network(a: &Network, b: &Network) -> bool {
    match (a, b) {
        (Network::Named(a), Network::Named(b)) => {
            a.is_empty() && b.is_empty() || a.iter().any(|(a, _)| b.iter().any(|(b, _)| a == b))
        }
        _ => false,
    }
}

/// Who a Grafana is: its service, else the folder of its files.
pub(super) type Home<'a> = (Option<ServiceId>, Option<&'a str>);

/// The Grafana that a file is of.
pub(super) fn home(tree: &Tree, owner: Owner) -> Home<'_> {
    let folder = || owner.artifact.map(|id| path::folder(&tree.artifact(id).path));
    (owner.service, if owner.service.is_some() { None } else { folder() })
}

/// The ports of one network namespace.
#[derive(Debug, Default)]
pub(super) struct Namespace<'a> {
    /// In the order of the services.
    all: Vec<(Owner, &'a Listener)>,
    /// Places in `all`, by port.
    ports: HashMap<u16, usize>,
    /// The first of each service, by port: variants of one service live in one namespace.
    own: HashMap<(ServiceId, u16), usize>,
    /// The first that binds a name, by port and name.
    named: HashMap<(u16, &'a str), usize>,
    /// The first that takes a protocol, and the first of those at another port.
    taking: HashMap<Protocol, (usize, Option<usize>)>,
    /// Whether one of them has a port that is not known.
    open: bool,
}

impl<'a> Namespace<'a> {
    fn add(&mut self, owner: Owner, listener: &'a Listener) {
        let at = self.all.len();
        self.all.push((owner, listener));
        match listener.port {
            Some(port) => {
                self.ports.entry(port).or_insert(at);
                if let Some(service) = owner.service {
                    self.own.entry((service, port)).or_insert(at);
                }
                if let Some(Bind::Host(host)) = &listener.bind {
                    self.named.entry((port, host)).or_insert(at);
                }
            }
            None => self.open = true,
        }
        for accepts in listener.accepts.iter().flatten() {
            let (first, other) = self.taking.entry(accepts.protocol).or_insert((at, None));
            if other.is_none() && self.all[*first].1.port != listener.port {
                *other = Some(at);
            }
        }
    }

    /// Whether it has ports, and all of them are known.
    pub(super) fn is_complete(&self) -> bool {
        !self.all.is_empty() && !self.open
    }

    /// What listens at a port: of several sites there, the one of that name; else what the service itself opens.
    pub(super) fn at(&self, service: ServiceId, port: u16, host: &str) -> Option<(Owner, &'a Listener)> {
        let own = || self.own.get(&(service, port)).or_else(|| self.ports.get(&port));
        let at = self.named.get(&(port, host)).or_else(own)?;
        Some(self.all[*at])
    }

    /// The first that takes a protocol, at another port than `but`.
    pub(super) fn taking(&self, protocol: Protocol, but: Option<u16>) -> Option<&'a Listener> {
        let one = |protocol| {
            let (first, other) = self.taking.get(&protocol)?;
            let first = self.all[*first].1;
            if but.is_some() && first.port == but { other.map(|at| self.all[at].1) } else { Some(first) }
        };
        match protocol {
            // Anything may be behind plain HTTP.
            Protocol::Http => None,
            Protocol::Otlp => one(Protocol::OtlpGrpc).or_else(|| one(Protocol::OtlpHttp)),
            _ => one(protocol),
        }
    }
}

/// The data sources of one Grafana.
#[derive(Debug, Default)]
pub(super) struct Grafana<'a> {
    sources: Vec<(Owner, &'a Datasource)>,
    by_uid: HashMap<&'a str, usize>,
    by_name: HashMap<&'a str, usize>,
    /// The first of a plugin, and whether it is the only one.
    by_kind: HashMap<&'a str, (usize, bool)>,
    /// The first ones of each plugin.
    of_kind: HashMap<&'a str, Vec<usize>>,
    default: Option<usize>,
    listed: Vec<&'a str>,
    open: bool,
}

impl<'a> Grafana<'a> {
    fn add(&mut self, owner: Owner, source: &'a Datasource) {
        let at = self.sources.len();
        self.sources.push((owner, source));
        self.by_uid.entry(&source.uid).or_insert(at);
        self.by_name.entry(&source.name).or_insert(at);
        self.by_kind.entry(&source.kind).and_modify(|(_, only)| *only = false).or_insert((at, true));
        let alike = self.of_kind.entry(&source.kind).or_default();
        if alike.len() < LISTED {
            alike.push(at);
        }
        self.default = self.default.or(source.default.map(|_| at));
        if self.listed.len() < LISTED && self.listed.last() != Some(&source.uid.as_str()) {
            self.listed.push(&source.uid);
        }
    }

    fn get(&self, uid: &str) -> Option<&'a Datasource> {
        let at = self.by_uid.get(uid).or_else(|| self.by_name.get(uid))?;
        Some(self.sources[*at].1)
    }
}

/// The data sources that a reference may mean.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grafanas<'i, 'a>([Option<&'i Grafana<'a>>; 2]);

impl<'i, 'a> Grafanas<'i, 'a> {
    fn all(self) -> impl Iterator<Item = &'i Grafana<'a>> {
        self.0.into_iter().flatten()
    }

    /// Whether all of them are known, and there are some.
    pub(super) fn is_known(self) -> bool {
        self.all().all(|g| !g.open) && self.all().any(|g| !g.sources.is_empty())
    }

    /// The source that a reference means: by uid, else by name, else by the id that very old versions wrote.
    pub(super) fn resolve(self, uid: &str) -> Option<&'a Datasource> {
        self.all().find_map(|g| g.get(uid))
    }

    /// The first one.
    pub(super) fn first(self) -> Option<&'a Datasource> {
        self.all().find_map(|g| g.sources.first()).map(|(_, d)| *d)
    }

    /// The first ones of a plugin.
    pub(super) fn of(self, kind: &str) -> Vec<&'a Datasource> {
        let of_one = |g: &'i Grafana<'a>| g.of_kind.get(kind).into_iter().flatten().map(|at| g.sources[*at].1);
        self.all().flat_map(of_one).collect()
    }

    /// The one that is asked where none is named.
    pub(super) fn default(self) -> Option<&'a Datasource> {
        self.all().find_map(|g| g.default.map(|at| g.sources[at].1))
    }

    /// The first uids, for messages.
    pub(super) fn listed(self) -> impl Iterator<Item = &'a str> {
        self.all().flat_map(|g| g.listed.iter().copied()).take(LISTED)
    }

    /// The source whose uid or name is nearest to `uid`.
    pub(super) fn nearest(self, near: &Near, uid: &str) -> Option<&'a Datasource> {
        let names = self.all().flat_map(|g| &g.sources).flat_map(|(_, d)| [d.uid.as_str(), d.name.as_str()]);
        let name = near.nearest(uid, names)?;
        self.all().find_map(|g| {
            let at = [g.by_uid.get(name), g.by_name.get(name)].into_iter().flatten().min()?;
            Some(g.sources[*at].1)
        })
    }

    /// The only source of a plugin.
    pub(super) fn only(self, kind: &str) -> Option<&'a Datasource> {
        let mut found = self.all().filter_map(|g| g.by_kind.get(kind).map(|(at, only)| (g.sources[*at].1, *only)));
        let (source, only) = found.next()?;
        (only && found.next().is_none()).then_some(source)
    }
}
