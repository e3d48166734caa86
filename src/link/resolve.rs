//! Host names → who answers.
//!
//! A name of one word that no service has is the only thing that may be called unknown, and only when nothing in the tree
//! could explain it: other projects, networks that others may join, includes that are not here.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::Resolution;
use crate::address::is_loopback;
use crate::symbol::{Bind, Listener, Owner, Protocol, Symbols, Url};
use crate::tree::{ArtifactId, Network, ProjectId, Service, ServiceId, Tree, path};

/// Names of the machine that runs the containers.
const HOST: [&str; 4] = ["host.docker.internal", "gateway.docker.internal", "host.containers.internal", "172.17.0.1"];

/// The network that services without `networks:` share.
const DEFAULT: &str = "default";

/// Longest host that is compared with names: that of a label in the DNS.
const NAME_LIMIT: usize = 63;

/// A service with more names on more networks than this, multiplied, is known there by its own name alone.
const NAMES_ON_NETWORKS: usize = 10_000;

/// A name that more services answer to says nothing.
const ANSWERS: usize = 64;

/// Whether a name that nobody has says that another is to stand there: `your_host`.
fn is_example(host: &str) -> bool {
    host.starts_with("your_") || host.starts_with("your-")
}

pub(super) struct Resolver<'a> {
    tree: &'a Tree,
    /// What listens, by port, with who opens it.
    ports: HashMap<u16, Vec<(ServiceId, &'a Listener)>>,
    /// Services by each name they answer to.
    names: HashMap<&'a str, Vec<ServiceId>>,
    /// The same by project, and by the networks of a name that services of several projects may join.
    near: HashMap<(ProjectId, &'a str), Vec<ServiceId>>,
    joined: HashMap<(&'a str, &'a str), Vec<ServiceId>>,
    /// Lengths of names.
    lengths: BTreeSet<usize>,
    /// Services by project and own name: the first of each.
    own: HashMap<(ProjectId, &'a str), ServiceId>,
    /// The networks of each service, in order.
    networks: Vec<Vec<&'a str>>,
    /// Services by the public name of a site that they serve.
    sites: HashMap<&'a str, Vec<ServiceId>>,
    /// Projects with more than their files say.
    open: HashSet<ProjectId>,
    /// Services in a network that others may join.
    foreign: HashSet<ServiceId>,
    /// Those of them whose networks are all made here, under names of their own.
    named: HashSet<ServiceId>,
    /// Services in a network of which the name is not known.
    veiled: HashSet<ServiceId>,
    /// Programs that are not known, of which nobody knows where they listen, by their file: the first of each.
    strangers: HashMap<ArtifactId, Vec<ServiceId>>,
}

impl<'a> Resolver<'a> {
    pub(super) fn new(tree: &'a Tree, symbols: &'a Symbols) -> Self {
        let networks: Vec<Vec<&str>> = tree.services.iter().map(|s| networks(tree, s)).collect();
        let mut names: HashMap<&str, Vec<ServiceId>> = HashMap::new();
        let mut near: HashMap<(ProjectId, &str), Vec<ServiceId>> = HashMap::new();
        let mut joined: HashMap<(&str, &str), Vec<ServiceId>> = HashMap::new();
        let mut own = HashMap::new();
        for (id, service) in tree.services() {
            own.entry((service.project, service.name.as_str())).or_insert(id);
            let aliases = match &service.network {
                Network::Named(networks) => networks.iter().flat_map(|(_, a)| a).collect(),
                _ => Vec::new(),
            };
            let mut all: Vec<&str> = vec![&service.name];
            all.extend(service.names.iter().chain(aliases).map(String::as_str));
            all.sort_unstable();
            all.dedup();
            // A service of many networks answers on each to its own names alone.
            let narrow = all.len().saturating_mul(networks[id.0 as usize].len()) > NAMES_ON_NETWORKS;
            for name in all {
                names.entry(name).or_default().push(id);
                near.entry((service.project, name)).or_default().push(id);
                if narrow && name != service.name {
                    continue;
                }
                for network in networks[id.0 as usize].iter().filter(|n| **n != DEFAULT) {
                    joined.entry((network, name)).or_default().push(id);
                }
            }
        }
        let mut sites: HashMap<&str, Vec<ServiceId>> = HashMap::new();
        let mut ports: HashMap<u16, Vec<(ServiceId, &Listener)>> = HashMap::new();
        for (owner, listener) in symbols.listeners() {
            if let (Some(service), Some(port)) = (owner.service, listener.port) {
                ports.entry(port).or_default().push((service, listener));
            }
            // A receiver bound to its own service's name is no public site.
            let own = |id: ServiceId, host: &str| names.get(host).is_some_and(|n| n.binary_search(&id).is_ok());
            if let (Some(service), Some(Bind::Host(host))) = (owner.service, &listener.bind)
                && !own(service, host)
            {
                let known = sites.entry(host.as_str()).or_default();
                if known.last() != Some(&service) {
                    known.push(service);
                }
            }
        }
        let mut files = HashMap::new();
        let mut open = HashSet::new();
        let mut foreign = HashSet::new();
        let (mut named, mut veiled) = (HashSet::new(), HashSet::new());
        let mut strangers: HashMap<ArtifactId, Vec<ServiceId>> = HashMap::new();
        for (id, service) in tree.services() {
            if service.engine.is_none() && !service.build {
                let known = strangers.entry(service.artifact).or_default();
                known.extend((known.len() < ANSWERS).then_some(id));
            }
            let file = files.entry(service.artifact).or_insert_with(|| Declared::of(tree, service.artifact));
            if service.mounts_open || file.open {
                open.insert(service.project);
            }
            if networks[id.0 as usize].iter().any(|n| file.foreign.contains(n)) {
                foreign.insert(id);
                if !networks[id.0 as usize].iter().any(|n| file.external.contains(n)) {
                    named.insert(id);
                }
            }
            if networks[id.0 as usize].iter().any(|n| file.veiled.contains(n)) {
                veiled.insert(id);
            }
        }
        let lengths = names.keys().map(|n| n.len()).collect();
        Self {
            tree,
            ports,
            names,
            near,
            joined,
            lengths,
            own,
            networks,
            sites,
            open,
            foreign,
            named,
            veiled,
            strangers,
        }
    }

    /// Services of that name in the project of `seen`, and in others that share one of its networks of a name.
    fn here(&self, project: ProjectId, seen: ServiceId, host: &str) -> Vec<ServiceId> {
        let mut here: Vec<ServiceId> = self.near.get(&(project, host)).into_iter().flatten().copied().collect();
        let own = self.tree.service(seen).project;
        for network in self.networks[seen.0 as usize].iter().filter(|n| **n != DEFAULT) {
            let others = self.joined.get(&(network, host)).into_iter().flatten();
            here.extend(others.filter(|o| self.tree.service(**o).project != own).take(ANSWERS + 1));
        }
        here.sort_unstable();
        here.dedup();
        here
    }

    pub(super) fn resolve(&self, owner: Owner, url: &Url) -> Resolution {
        let Some(id) = owner.service else { return Resolution::Unknown };
        let service = self.tree.service(id);
        let host = url.host.as_str();
        let host_network = service.network == Network::Host;
        if is_loopback(host) || host == "0.0.0.0" {
            return if host_network { Resolution::Host } else { Resolution::Itself };
        }
        if HOST.contains(&host) {
            return Resolution::Host;
        }
        if service.extra_hosts.iter().any(|h| h.eq_ignore_ascii_case(host)) {
            return Resolution::External;
        }
        // Another service's network namespace sees what that service sees.
        let seen = match &service.network {
            Network::Service(name) => match self.own.get(&(service.project, name.as_str())) {
                Some(other) => *other,
                None => return Resolution::Unknown,
            },
            _ => id,
        };
        let here = self.here(service.project, seen, host);
        if here.len() > ANSWERS {
            return Resolution::Unknown;
        }
        if !here.is_empty() {
            return self.among(service, seen, here, host);
        }
        match self.sites.get(host) {
            Some(sites) if sites.len() > ANSWERS => return Resolution::Unknown,
            Some(sites) => return Resolution::Published(sites.clone()),
            None => {}
        }
        if let Some(abroad) = self.abroad(id, host) {
            return abroad;
        }
        if host.contains(['.', ':']) {
            return Resolution::External;
        }
        if self.told(id).is_some() {
            return Resolution::Unknown;
        }
        let elsewhere = self.names.contains_key(host);
        let other_world = elsewhere || !matches!(self.tree.service(seen).network, Network::Named(_));
        if other_world || is_example(host) || self.open.contains(&service.project) || self.generated(host) {
            return Resolution::Unknown;
        }
        // What is built here may be run elsewhere as well.
        if service.build {
            return if self.slipped(seen, url) { Resolution::Misspelt } else { Resolution::Unknown };
        }
        // Others may join the network, and one of them may have that name.
        match self.foreign.contains(&seen) {
            true if self.slipped(seen, url) => Resolution::Misspelt,
            true if self.named.contains(&seen) && self.is_answered(seen, url) => Resolution::Misspelt,
            true => Resolution::Unknown,
            false => Resolution::Nobody,
        }
    }

    /// The symbol file that tells of a service; `None` = the tree has it itself.
    fn told(&self, id: ServiceId) -> Option<ArtifactId> {
        Some(self.tree.service(id).artifact).filter(|file| self.tree.is_symbols(*file))
    }

    /// Services of that name in another tree, where this one and its like have none: whoever links the two means them.
    fn abroad(&self, from: ServiceId, host: &str) -> Option<Resolution> {
        let from = self.told(from);
        let all = self.names.get(host)?;
        if all.len() > ANSWERS {
            return Some(Resolution::Unknown);
        }
        all.iter().all(|id| self.told(*id) != from).then(|| Resolution::Abroad(all.clone()))
    }

    /// Whether one letter leads from the host to a service in reach that takes what is sent at that port.
    fn slipped(&self, seen: ServiceId, url: &Url) -> bool {
        if url.protocol == Protocol::Http || url.host.len() > NAME_LIMIT {
            return false;
        }
        let project = self.tree.service(seen).project;
        // A server under other paths than its own may take anything.
        let takes = |l: &Listener| {
            l.accepts.as_ref().is_none_or(|all| all.iter().any(|a| url.protocol.is_served_by(a.protocol)))
        };
        let number = |name: &str| name.bytes().filter(u8::is_ascii_digit).collect::<Vec<_>>();
        let is_near = |name: &String| {
            let near = name.len() > 3 && name.len().abs_diff(url.host.len()) <= 1;
            // `tempo` and `tempo2` are two services, not a slip.
            near && number(name) == number(&url.host) && strsim::damerau_levenshtein(name, &url.host) == 1
        };
        let meant = |id: ServiceId| {
            let service = self.tree.service(id);
            std::iter::once(&service.name).chain(&service.names).any(is_near)
                && self.shares(seen, id)
                && (service.project == project || self.meets(seen, id))
        };
        let here = url.port.and_then(|p| self.ports.get(&p)).into_iter().flatten().take(ANSWERS);
        if here.filter(|(_, l)| takes(l)).any(|(id, _)| meant(*id)) {
            return true;
        }
        let own = self.strangers.get(&self.tree.service(seen).artifact);
        own.into_iter().flatten().any(|id| meant(*id))
    }

    /// Whether a service in reach answers such questions at that port: who asks them asks somebody here.
    fn is_answered(&self, seen: ServiceId, url: &Url) -> bool {
        use Protocol::{LogQuery, PrometheusQuery, PyroscopeQuery, TempoQuery};
        let here = url.port.and_then(|p| self.ports.get(&p)).into_iter().flatten().take(ANSWERS);
        let takes = |l: &Listener| l.accepts.iter().flatten().any(|a| url.protocol.is_served_by(a.protocol));
        matches!(url.protocol, LogQuery | PrometheusQuery | PyroscopeQuery | TempoQuery)
            && here.filter(|(_, l)| takes(l)).any(|(id, _)| self.shares(seen, *id))
    }

    /// Whether two services are in one network that has a name of its own.
    fn meets(&self, a: ServiceId, b: ServiceId) -> bool {
        let (a, b) = (&self.networks[a.0 as usize], &self.networks[b.0 as usize]);
        a.iter().filter(|n| **n != DEFAULT).any(|n| b.binary_search(n).is_ok())
    }

    /// Services of that name in reach.
    fn among(&self, service: &Service, seen: ServiceId, here: Vec<ServiceId>, host: &str) -> Resolution {
        if service.network == Network::Other {
            return Resolution::Unknown;
        }
        let reached: Vec<ServiceId> = here.iter().copied().filter(|s| self.shares(seen, *s)).collect();
        // Of the variants of a deployment, that of the sender's own file; what lies over another file is none.
        let own = |s: &ServiceId| {
            let other = self.tree.service(*s);
            other.artifact == service.artifact && self.is_whole(other)
        };
        let own: Vec<ServiceId> = reached.iter().copied().filter(own).collect();
        if !own.is_empty() {
            return Resolution::Services(own);
        }
        if !reached.is_empty() {
            return Resolution::Services(reached);
        }
        // A container's own name always leads to itself.
        if service.name == host || service.names.iter().any(|n| n == host) {
            return Resolution::Itself;
        }
        // The names of services are those of their networks: the host's own has none of them (moby/moby
        // daemon/container_operations.go `buildSandboxOptions`: `OptionUseDefaultSandbox`, which keeps the host's resolv.conf).
        let plain = |s: &ServiceId| matches!(self.tree.service(*s).network, Network::Named(_) | Network::Host);
        let apart = |to: &ServiceId| !self.may_share(seen, *to);
        // Where others may join, one of them may have that name, whatever is called so in another file.
        let own = |to: &ServiceId| self.tree.service(*to).artifact == service.artifact;
        if self.foreign.contains(&seen) && !here.iter().any(own) {
            return Resolution::Unknown;
        }
        // The networks of what lies over another file stand there.
        let runs = |service: &Service| service.build || service.image.is_some();
        let whole = |s: &ServiceId| runs(self.tree.service(*s));
        if here.iter().all(|s| plain(s) && apart(s) && whole(s)) && plain(&seen) && runs(service) {
            return Resolution::Unreachable(here);
        }
        Resolution::Unknown
    }

    /// Whether a service is declared in its own file, which says what it runs; else it lies over that of another one.
    fn is_whole(&self, service: &Service) -> bool {
        let source = self.tree.artifact(service.artifact).source;
        service.build || service.image.as_ref().is_some_and(|i| i.span.source == source)
    }

    /// Names that compose makes: `project-service-1`.
    fn generated(&self, host: &str) -> bool {
        let Some((rest, number)) = host.rsplit_once(['-', '_']) else { return false };
        // Without a project before it, it is no such name.
        let ends = |length: usize| {
            let (project, end) = (rest.get(..rest.len() - length), rest.get(rest.len() - length..));
            project.is_some_and(|p| p.len() > 1 && p.ends_with(['-', '_']))
                && end.is_some_and(|end| self.names.contains_key(end))
        };
        number.bytes().all(|b| b.is_ascii_digit()) && self.lengths.range(..=rest.len()).any(|l| ends(*l))
    }

    /// Whether two services of one project, or of several with a network of the same name, see each other.
    fn shares(&self, a: ServiceId, b: ServiceId) -> bool {
        let networks = |id: ServiceId| &self.networks[self.namespace(id).0 as usize];
        let (a, b) = (networks(a), networks(b));
        let (few, many) = if a.len() < b.len() { (a, b) } else { (b, a) };
        few.iter().any(|n| many.binary_search(n).is_ok())
    }

    /// Whether two networks of two services may be one under two names: one has a name that is not known, or that which
    /// compose gives to the other (`project_key`).
    fn may_share(&self, a: ServiceId, b: ServiceId) -> bool {
        if self.veiled.contains(&a) || self.veiled.contains(&b) {
            return true;
        }
        let made = |long: &str, key: &str| long.strip_suffix(key).is_some_and(|rest| rest.ends_with('_'));
        let (a, b) = (&self.networks[a.0 as usize], &self.networks[b.0 as usize]);
        a.iter().take(ANSWERS).any(|x| b.iter().take(ANSWERS).any(|y| made(x, y) || made(y, x)))
    }

    /// The service in whose network namespace one lives: its names lead there.
    fn namespace(&self, id: ServiceId) -> ServiceId {
        let service = self.tree.service(id);
        let Network::Service(name) = &service.network else { return id };
        self.own.get(&(service.project, name.as_str())).copied().unwrap_or(id)
    }
}

/// The networks of a service, in order; the default one, which may have a name of its own, where none is named.
fn networks<'t>(tree: &'t Tree, service: &'t Service) -> Vec<&'t str> {
    match &service.network {
        Network::Named(named) if named.is_empty() => {
            let root = tree.artifact(service.artifact).data().and_then(|d| d.root());
            let name = root.and_then(|r| r.at(&["networks", DEFAULT, "name"])).and_then(crate::parse::Node::scalar);
            // Another file of the project may not say the name.
            let mut names: Vec<&str> = name.filter(|n| !n.contains('$')).into_iter().chain([DEFAULT]).collect();
            names.sort_unstable();
            names
        }
        Network::Named(named) => {
            let mut names: Vec<&str> = named.iter().map(|(n, _)| n.as_str()).collect();
            names.sort_unstable();
            names
        }
        _ => Vec::new(),
    }
}

/// What a deployment file says of the world around it.
struct Declared<'t> {
    /// Whether it cannot be read, was named alone, or includes a file that is not here.
    open: bool,
    /// Networks that others may join, by key and by name.
    foreign: HashSet<&'t str>,
    /// Those of them that others make.
    external: HashSet<&'t str>,
    /// Keys of networks of which the name holds a variable.
    veiled: HashSet<&'t str>,
}

impl<'t> Declared<'t> {
    fn of(tree: &'t Tree, id: ArtifactId) -> Self {
        let artifact = tree.artifact(id);
        let (mut foreign, mut external, mut veiled) = (HashSet::new(), HashSet::new(), HashSet::new());
        let Some(root) = artifact.data().and_then(|d| d.root()) else {
            return Self { open: true, foreign, external, veiled };
        };
        for entry in root.get("networks").map(|n| n.entries()).unwrap_or_default() {
            let is_external = entry.value.get("external").is_some_and(|x| x.as_bool() != Some(false));
            let name = entry.value.get("name").and_then(crate::parse::Node::scalar);
            // A network with a name of its own is made for others to join.
            let both = || std::iter::once(entry.name()).chain(name);
            if is_external || name.is_some() {
                foreign.extend(both());
            }
            if is_external {
                external.extend(both());
            }
            if name.is_some_and(|n| n.contains('$')) {
                veiled.insert(entry.name());
            }
        }
        let open = root.get("include").into_iter().flat_map(crate::parse::Node::items).any(|item| {
            let paths: Vec<_> = match item.get("path") {
                Some(list) if list.is_seq() => list.items().collect(),
                Some(one) => vec![one],
                None => vec![item],
            };
            paths.iter().any(|p| {
                let at = p.scalar().map(|t| path::join(path::folder(&artifact.path), t));
                at.is_none_or(|at| tree.at(&at).is_none())
            })
        });
        // Beside a file that was named alone there may be an override, or one that includes it.
        let alone = !tree.is_listed(path::folder(&artifact.path));
        Self { open: open || alone, foreign, external, veiled }
    }
}
