//! Symbols → graph of routes, and the rules on what files say to each other. Names no engine.

mod credentials;
mod flow;
mod index;
mod judge;
pub mod renamed;
mod resolve;
pub mod rules;

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

pub use flow::hops;
pub use judge::{Credential, Fault, Finding, is_taken};

use crate::diagnostic::{Diagnostic, Rule};
use crate::engine::Findings;
use crate::source::Span;
use crate::symbol::{AskedSource, Datasource, Export, Listener, Owner, Protocol, Route, Symbols, Url};
use crate::tree::{ServiceId, Tree, has_word};

/// Who answers at the host of a URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolution {
    /// The sender's own process or network namespace (`localhost`).
    Itself,
    /// Services of the sender's project that share a network with it.
    Services(Vec<ServiceId>),
    /// Services elsewhere in the tree that are reached by their public address and a published port.
    Published(Vec<ServiceId>),
    /// Services of another tree, told by a symbol file; or services of this one, dialled from there.
    Abroad(Vec<ServiceId>),
    /// The host machine (`host.docker.internal`, an `extra_hosts` gateway), through a published port.
    Host,
    /// A name or address outside of the tree, legitimately.
    External,
    /// Services of that name exist, but none shares a network with the sender.
    Unreachable(Vec<ServiceId>),
    /// Nothing in the sender's project answers to that name, and nothing explains it.
    Nobody,
    /// Nothing answers to that name, which is one letter away from a service that takes just what is sent; but others may
    /// join the network.
    Misspelt,
    /// Cannot be known (unknown sender, variables, other projects, external networks).
    Unknown,
}

/// Symbols with every URL resolved.
#[derive(Debug)]
pub struct Linked<'a> {
    /// The tree.
    pub tree: &'a Tree,
    /// What its files say.
    pub symbols: &'a Symbols,
    /// Every URL of `symbols`, in order, with who answers.
    pub urls: Vec<(Owner, &'a Url, Resolution)>,
    /// What each of them reaches, in the same order.
    pub reached: Vec<Vec<(ServiceId, &'a Listener)>>,
    /// The place in `faults` of what is wrong with each, in the same order.
    pub fault_of: Vec<Option<usize>>,
    /// Ports by the service that opens them.
    pub listeners: HashMap<ServiceId, Vec<(Owner, &'a Listener)>>,
    /// What is wrong with URLs: one fault each, the first that stops the signal.
    pub faults: Vec<Finding<'a>>,
    /// Ways of signals, recovered.
    pub routes: Vec<Route>,
    /// What is looked up.
    index: index::Index<'a>,
    /// All ways of series, once a rule asks for them.
    ways: OnceCell<Option<Rc<flow::Ways>>>,
    /// What the rules find that look at queries: all of it once one of them is asked.
    read: OnceCell<Vec<Diagnostic>>,
}

/// A rule on what files say to each other.
#[derive(Debug)]
pub struct LinkRule {
    /// As data.
    pub rule: &'static Rule,
    /// Looks.
    pub run: fn(&Linked<'_>, &mut Findings),
}

/// Resolves every URL of `symbols`, finds what is wrong with it and recovers the routes.
pub fn link<'a>(tree: &'a Tree, symbols: &'a Symbols) -> Linked<'a> {
    let mut listeners: HashMap<ServiceId, Vec<(Owner, &Listener)>> = HashMap::new();
    for (owner, listener) in symbols.listeners() {
        if let Some(service) = owner.service {
            listeners.entry(service).or_default().push((owner, listener));
        }
    }
    let resolver = resolve::Resolver::new(tree, symbols);
    let urls: Vec<_> = symbols.urls().map(|(owner, url)| (owner, url, resolver.resolve(owner, url))).collect();
    let index = index::Index::new(tree, symbols, &listeners);
    let mut linked = Linked {
        tree,
        symbols,
        urls,
        reached: Vec::new(),
        fault_of: Vec::new(),
        listeners,
        faults: Vec::new(),
        routes: Vec::new(),
        index,
        ways: OnceCell::new(),
        read: OnceCell::new(),
    };
    // A file that several deployments read, variants of each other, is written for the one that has what it names.
    let nowhere = |r: &Resolution| {
        matches!(r, Resolution::Nobody | Resolution::Misspelt | Resolution::Unreachable(_) | Resolution::Unknown)
    };
    let somewhere: HashSet<Span> =
        linked.urls.iter().filter(|(.., r)| !nowhere(r)).map(|(_, url, _)| url.host_span).collect();
    let elsewhere = |f: &Finding<'_>| {
        matches!(f.fault, Fault::Host { .. } | Fault::Unreachable { .. }) && somewhere.contains(&f.url.host_span)
    };
    let (mut faults, mut fault_of, mut all) = (Vec::new(), Vec::new(), Vec::new());
    let mut routes = Vec::new();
    for (owner, url, resolution) in &linked.urls {
        let judged = judge::judge(&linked, *owner, url, resolution);
        // What is wrong within another tree is told there.
        let told = |file| tree.is_symbols(file).then_some(file);
        let from = owner.artifact.and_then(told);
        let within = |f: &Finding<'_>| from.is_some() && f.fault.to().map(|to| tree.service(to).artifact) == from;
        let finding = judged.finding.filter(|f| !within(f) && !elsewhere(f));
        fault_of.push(finding.is_some().then_some(faults.len()));
        faults.extend(finding);
        all.push(judged.reached);
        let (Some(service), Some(port), Some(reached)) = (owner.service, url.port, all.last()) else { continue };
        for (to, listener) in reached {
            routes.push(Route {
                from: tree.service(service).name.clone(),
                to: tree.service(*to).name.clone(),
                protocol: spoken(url, listener),
                port,
                tls: url.tls.unwrap_or(false),
            });
        }
    }
    routes.sort();
    routes.dedup();
    (linked.faults, linked.fault_of, linked.reached, linked.routes) = (faults, fault_of, all, routes);
    linked
}

/// What travels to a listener. A proxy passes on whatever comes: then it is what the listener takes.
pub fn spoken(url: &Url, listener: &Listener) -> Protocol {
    let may: fn(Protocol) -> bool = match url.protocol {
        Protocol::Http => |p| !matches!(p, Protocol::Http | Protocol::Scrape),
        Protocol::Otlp => Protocol::is_otlp,
        known => return known,
    };
    let taken = listener.accepts.iter().flatten().map(|a| a.protocol);
    let mut taken: Vec<Protocol> = taken.filter(|p| may(*p)).collect();
    taken.sort_unstable();
    taken.dedup();
    if let [only] = taken[..] { only } else { url.protocol }
}

impl<'a> Linked<'a> {
    /// The data sources that a question may be meant for: of many of one plugin, the first ones.
    pub fn meant(&self, owner: Owner, asked: &AskedSource) -> Vec<&'a Datasource> {
        let grafana = self.index.grafana(self.tree, owner);
        match asked {
            AskedSource::Named(name) => grafana.resolve(name).into_iter().collect(),
            AskedSource::Plugin(kind) => grafana.of(kind),
            AskedSource::Default => grafana.default().into_iter().collect(),
        }
    }

    /// The ports that a service is known to open, ascending.
    pub fn open_ports(&self, service: ServiceId) -> &[u16] {
        self.index.open_ports(service)
    }

    /// The port on the host that leads to a port of a service.
    pub fn published(&self, service: ServiceId, port: u16) -> Option<u16> {
        self.tree.service(service).ports.iter().filter(|p| !p.udp).find_map(|p| p.host(port))
    }

    /// Whether it is not known which Grafana shows a dashboard: one that is no part of the tree.
    fn is_stray(&self, owner: Owner) -> bool {
        owner.service.is_none() && !owner.artifact.is_some_and(|id| self.tree.is_symbols(id))
    }

    /// Whether a collector that is not read here may write series of the same families: one of an unknown kind in the tree, or
    /// one elsewhere that a published port lets write that nobody here writes through.
    pub fn is_written_elsewhere(&self) -> bool {
        self.has_foreign_collector() || self.is_open_to_writers() && !self.has_writers()
    }

    /// Whether somebody here writes to a store, so that its port for that is there for somebody.
    fn has_writers(&self) -> bool {
        let there = |to: &Resolution| !matches!(to, Resolution::External | Resolution::Unknown);
        self.urls.iter().any(|(_, url, to)| url.protocol == Protocol::RemoteWrite && there(to))
    }

    /// Whether a family of that series is told of.
    fn makes(&self, series: &str) -> bool {
        let families = self.symbols.exports.iter();
        families.filter_map(|(_, e)| if let Export::Metric(f) = e { Some(f) } else { None }).any(|f| f.holds(series))
    }

    fn has_foreign_collector(&self) -> bool {
        let collectors = ["collector", "agent", "lgtm", "vector", "beyla", "vmagent"];
        let foreign = self.tree.services.iter().filter(|s| s.engine.is_none()).filter_map(|s| s.image.as_ref());
        foreign.into_iter().any(|i| has_word(&i.repository, &collectors))
    }

    fn is_open_to_writers(&self) -> bool {
        // Where the tree holds who writes there, they are known.
        let known: HashSet<ServiceId> = self
            .urls
            .iter()
            .filter_map(|(.., r)| if let Resolution::Published(to) = r { Some(to) } else { None })
            .flatten()
            .copied()
            .collect();
        self.symbols.listeners().any(|(owner, listener)| {
            let Some(id) = owner.service else { return false };
            let writes = listener
                .accepts
                .iter()
                .flatten()
                .any(|a| a.protocol == Protocol::RemoteWrite && a.missing_flag.is_none());
            let public = self.tree.service(id).ports.iter().any(|p| {
                let local = p.host_ip.as_deref().is_some_and(crate::address::is_loopback);
                !local && listener.port.is_some_and(|port| p.target.is_none_or(|(a, b)| (a..=b).contains(&port)))
            });
            writes && public && !known.contains(&id)
        })
    }
}
