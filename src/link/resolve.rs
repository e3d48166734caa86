//! Host names → who answers.
//!
//! A name of one word that no service has is the only thing that may be called unknown, and only when nothing in the tree
//! could explain it: other projects, networks that others may join, includes that are not here.

use std::collections::{HashMap, HashSet};

use super::Resolution;
use crate::address::is_loopback;
use crate::source::Span;
use crate::symbol::{Bind, Listener, Owner, Protocol, Symbols, Url};
use crate::tree::{Network, ProjectId, Service, ServiceId, Tree, path};

/// Names of the machine that runs the containers.
const HOST: [&str; 4] = ["host.docker.internal", "gateway.docker.internal", "host.containers.internal", "172.17.0.1"];

/// The network that services without `networks:` share.
const DEFAULT: &str = "default";

/// Longest host that is compared with names: that of a label in the DNS.
const NAME_LIMIT: usize = 63;

pub(super) struct Resolver<'a> {
    tree: &'a Tree,
    /// What listens, by port, with who opens it.
    ports: HashMap<u16, Vec<(ServiceId, &'a Listener)>>,
    /// Services by each name they answer to.
    names: HashMap<&'a str, Vec<ServiceId>>,
    /// Services by the public name of a site that they serve, with the port of the site.
    sites: HashMap<&'a str, Vec<(ServiceId, Option<u16>)>>,
    /// Projects with more than their files say.
    open: HashSet<ProjectId>,
    /// Services, by the place of their name, in a network that others may join.
    foreign: HashSet<Span>,
}

impl<'a> Resolver<'a> {
    pub(super) fn new(tree: &'a Tree, symbols: &'a Symbols) -> Self {
        let mut names: HashMap<&str, Vec<ServiceId>> = HashMap::new();
        for (id, service) in tree.services() {
            let aliases = match &service.network {
                Network::Named(networks) => networks.iter().flat_map(|(_, a)| a).collect(),
                _ => Vec::new(),
            };
            let all = std::iter::once(&service.name).chain(&service.names).chain(aliases);
            for name in all {
                let known = names.entry(name.as_str()).or_default();
                if !known.contains(&id) {
                    known.push(id);
                }
            }
        }
        let mut sites: HashMap<&str, Vec<(ServiceId, Option<u16>)>> = HashMap::new();
        let mut ports: HashMap<u16, Vec<(ServiceId, &Listener)>> = HashMap::new();
        for (owner, listener) in symbols.listeners() {
            if let (Some(service), Some(port)) = (owner.service, listener.port) {
                ports.entry(port).or_default().push((service, listener));
            }
            // A receiver bound to its own service's name is no public site.
            let own = |id: ServiceId, host: &str| names.get(host).is_some_and(|n| n.contains(&id));
            if let (Some(service), Some(Bind::Host(host))) = (owner.service, &listener.bind)
                && !own(service, host)
            {
                sites.entry(host.as_str()).or_default().push((service, listener.port));
            }
        }
        let open = tree.services.iter().filter(|s| is_open(tree, s)).map(|s| s.project).collect();
        let foreign = tree.services.iter().filter(|s| is_foreign(tree, s)).map(|s| s.span).collect();
        Self { tree, ports, names, sites, open, foreign }
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
            Network::Service(name) => {
                match self.tree.services.iter().find(|s| s.project == service.project && s.name == *name) {
                    Some(other) => other,
                    None => return Resolution::Unknown,
                }
            }
            _ => service,
        };
        let named = self.names.get(host).map(Vec::as_slice).unwrap_or_default();
        let near = |other: &ServiceId| {
            let other = self.tree.service(*other);
            other.project == service.project || shares_named(self.tree, seen, other)
        };
        let (here, elsewhere): (Vec<ServiceId>, Vec<ServiceId>) = named.iter().copied().partition(near);
        if !here.is_empty() {
            return self.among(service, seen, here, host);
        }
        if let Some(sites) = self.sites.get(host) {
            let mut services: Vec<ServiceId> = sites.iter().map(|(s, _)| *s).collect();
            services.dedup();
            return Resolution::Published(services);
        }
        if host.contains(['.', ':']) {
            return Resolution::External;
        }
        let other_world = !elsewhere.is_empty() || !matches!(seen.network, Network::Named(_));
        if other_world || service.build || self.open.contains(&service.project) || self.generated(host) {
            return Resolution::Unknown;
        }
        // Others may join the network, and one of them may have that name.
        match self.foreign.contains(&seen.span) {
            true if self.slipped(seen, url) => Resolution::Misspelt,
            true => Resolution::Unknown,
            false => Resolution::Nobody,
        }
    }

    /// Whether one letter leads from the host to a service in reach that takes what is sent at that port.
    fn slipped(&self, seen: &Service, url: &Url) -> bool {
        if matches!(url.protocol, Protocol::Http | Protocol::Scrape) || url.host.len() > NAME_LIMIT {
            return false;
        }
        let takes = |l: &Listener| l.accepts.iter().flatten().any(|a| a.protocol == url.protocol);
        let number = |name: &str| name.bytes().filter(u8::is_ascii_digit).collect::<Vec<_>>();
        let here = url.port.and_then(|p| self.ports.get(&p)).into_iter().flatten();
        here.filter(|(_, l)| takes(l)).any(|(id, _)| {
            let service = self.tree.service(*id);
            let name = service.name.as_str();
            let near = name.len() > 3 && name.len().abs_diff(url.host.len()) <= 1;
            // `tempo` and `tempo2` are two services, not a slip.
            near && number(name) == number(&url.host)
                && strsim::damerau_levenshtein(name, &url.host) == 1
                && service.project == seen.project
                && shares(self.tree, seen, service)
        })
    }

    /// Services of that name in reach.
    fn among(&self, service: &Service, seen: &Service, here: Vec<ServiceId>, host: &str) -> Resolution {
        if matches!(service.network, Network::Host | Network::Other) {
            return Resolution::Unknown;
        }
        let reached: Vec<ServiceId> =
            here.iter().copied().filter(|s| shares(self.tree, seen, self.tree.service(*s))).collect();
        if !reached.is_empty() {
            return Resolution::Services(reached);
        }
        // A container's own name always leads to itself.
        if service.name == host || service.names.iter().any(|n| n == host) {
            return Resolution::Itself;
        }
        let plain = |s: &ServiceId| matches!(self.tree.service(*s).network, Network::Named(_));
        if here.iter().all(plain) && matches!(seen.network, Network::Named(_)) {
            return Resolution::Unreachable(here);
        }
        Resolution::Unknown
    }

    /// Names that compose makes: `project-service-1`.
    fn generated(&self, host: &str) -> bool {
        let Some((rest, number)) = host.rsplit_once(['-', '_']) else { return false };
        number.bytes().all(|b| b.is_ascii_digit()) && self.names.keys().any(|n| rest.ends_with(n))
    }
}

/// The networks of a service; the default one, which may have a name of its own, where none is named.
fn networks<'t>(tree: &'t Tree, service: &'t Service) -> Vec<&'t str> {
    match &service.network {
        Network::Named(named) if named.is_empty() => {
            let root = tree.artifact(service.artifact).data().and_then(|d| d.root());
            let name = root.and_then(|r| r.at(&["networks", DEFAULT, "name"])).and_then(crate::parse::Node::scalar);
            vec![name.filter(|n| !n.contains('$')).unwrap_or(DEFAULT)]
        }
        Network::Named(named) => named.iter().map(|(n, _)| n.as_str()).collect(),
        _ => Vec::new(),
    }
}

/// Whether two services of one project, or of several with a network of the same name, see each other.
fn shares(tree: &Tree, a: &Service, b: &Service) -> bool {
    let (a, b) = (networks(tree, namespace(tree, a)), networks(tree, namespace(tree, b)));
    a.iter().any(|n| b.contains(n))
}

/// The service in whose network namespace one lives: its names lead there.
fn namespace<'t>(tree: &'t Tree, service: &'t Service) -> &'t Service {
    let Network::Service(name) = &service.network else { return service };
    tree.services.iter().find(|o| o.project == service.project && o.name == *name).unwrap_or(service)
}

/// Whether services of different projects meet on a network that has a name.
fn shares_named(tree: &Tree, a: &Service, b: &Service) -> bool {
    a.project != b.project && networks(tree, a).iter().any(|n| *n != DEFAULT && networks(tree, b).contains(n))
}

/// Whether containers that the tree does not know may be in reach over a network that others may join.
fn is_foreign(tree: &Tree, service: &Service) -> bool {
    let Some(root) = tree.artifact(service.artifact).data().and_then(|d| d.root()) else { return true };
    let joined = networks(tree, service);
    let declared = root.get("networks").map(|n| n.entries()).unwrap_or_default();
    declared.iter().any(|e| {
        let external = e.value.get("external").is_some_and(|x| x.as_bool() != Some(false));
        let name = e.value.get("name").and_then(crate::parse::Node::scalar);
        // A network with a name of its own is made for others to join.
        let used = joined.contains(&e.name()) || name.is_some_and(|n| joined.contains(&n));
        used && (external || name.is_some())
    })
}

/// Whether the project may have services that the tree does not know: a file that is included and not here.
fn is_open(tree: &Tree, service: &Service) -> bool {
    let artifact = tree.artifact(service.artifact);
    let Some(root) = artifact.data().and_then(|d| d.root()) else { return true };
    let included = root.get("include").into_iter().flat_map(crate::parse::Node::items).any(|item| {
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
    included || alone || service.mounts_open
}

/// Whether several files declare services: then the one that is missing may only not be here.
pub(super) fn several(tree: &Tree) -> bool {
    tree.services.windows(2).any(|w| w[0].artifact != w[1].artifact)
}
