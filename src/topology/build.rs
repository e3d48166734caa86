//! The graph from linked symbols: each symbol is looked at once, names are looked up.

use std::collections::{HashMap, HashSet};

use super::{Edge, EdgeId, Node, NodeId, NodeKind, Pull, State, Topology, Way, said, words};
use crate::diagnostic::Diagnostic;
use crate::link::{Fault, Linked, Resolution, is_taken, rules, spoken};
use crate::source::Span;
use crate::symbol::{Datasource, Entry, Listener, Owner, Protocol, Role, Signal, StageId, Symbols, Url};
use crate::tree::{ArtifactId, ServiceId};

/// Readers of one group that an edge names.
const NAMED: usize = 8;

pub(super) fn build<'a>(linked: &'a Linked<'a>, findings: &'a [Diagnostic]) -> Topology<'a> {
    let mut builder = Builder::new(linked, findings);
    builder.passages();
    builder.urls();
    builder.readers();
    let Builder { nodes, edges, .. } = builder;
    let (mut out, mut into) = (vec![Vec::new(); nodes.len()], vec![Vec::new(); nodes.len()]);
    for (id, edge) in (0..).zip(&edges) {
        out[edge.from as usize].push(id as EdgeId);
        into[edge.to as usize].push(id as EdgeId);
    }
    let mut first: HashMap<&str, ArtifactId> = HashMap::new();
    let mut shared = HashSet::new();
    for service in &linked.tree.services {
        if *first.entry(&service.name).or_insert(service.artifact) != service.artifact {
            shared.insert(service.name.as_str());
        }
    }
    Topology { linked, findings, nodes, edges, out, into, shared }
}

/// A way into a stage.
struct Door<'a> {
    stage: StageId,
    paths: Option<&'a [String]>,
}

struct Builder<'a> {
    linked: &'a Linked<'a>,
    symbols: &'a Symbols,
    nodes: Vec<Node>,
    edges: Vec<Edge<'a>>,
    /// Stages by process and name, in the order of the text.
    named: HashMap<(Option<ServiceId>, &'a str), Vec<StageId>>,
    /// Doors of listeners, by process and name.
    doors: HashMap<(ServiceId, &'a str), Vec<Door<'a>>>,
    /// Stages that every listener of a process leads to.
    open: HashMap<ServiceId, Vec<StageId>>,
    /// Signals that each stage passes on; `None` = not all of them are known.
    passed: Vec<Option<Vec<Signal>>>,
    services: HashMap<ServiceId, NodeId>,
    outside: HashMap<&'a str, NodeId>,
    /// Data sources, by who they are and by process and sender.
    sources: HashMap<*const Datasource, NodeId>,
    senders: HashMap<(Option<ServiceId>, String), NodeId>,
    /// Findings of rules on links, by the places that they name.
    told: HashMap<Span, usize>,
}

impl<'a> Builder<'a> {
    fn new(linked: &'a Linked<'a>, findings: &'a [Diagnostic]) -> Self {
        let symbols = linked.symbols;
        let mut told = HashMap::new();
        for (at, found) in findings.iter().enumerate() {
            if rules::ALL.iter().any(|r| r.rule.id == found.rule.id) {
                for label in std::iter::once(&found.primary).chain(&found.labels) {
                    told.entry(label.span).or_insert(at);
                }
            }
        }
        let mut builder = Self {
            linked,
            symbols,
            nodes: Vec::new(),
            edges: Vec::new(),
            named: HashMap::new(),
            doors: HashMap::new(),
            open: HashMap::new(),
            passed: vec![Some(Vec::new()); symbols.stages.len()],
            services: HashMap::new(),
            outside: HashMap::new(),
            sources: HashMap::new(),
            senders: HashMap::new(),
            told,
        };
        builder.stages();
        builder.datasources();
        builder
    }

    /// The first nodes are the stages, in their order.
    fn stages(&mut self) {
        for (at, (owner, stage)) in (0..).zip(&self.symbols.stages) {
            self.nodes.push(Node {
                kind: NodeKind::Stage(stage.role),
                name: stage.name.clone(),
                service: owner.service,
                span: Some(stage.span),
                signals: stage.signals.clone(),
            });
            let id = StageId(at);
            self.named.entry((owner.service, &stage.name)).or_default().push(id);
            let Some(service) = owner.service else { continue };
            self.doors.entry((service, &stage.name)).or_default().push(Door { stage: id, paths: None });
            for entry in &stage.entries {
                match entry {
                    Entry::Any => self.open.entry(service).or_default().push(id),
                    Entry::Listener { name, paths } => {
                        let door = Door { stage: id, paths: paths.as_deref() };
                        self.doors.entry((service, name)).or_default().push(door);
                    }
                }
            }
        }
        for passage in &self.symbols.passages {
            let known = &mut self.passed[passage.from.0 as usize];
            match passage.signal {
                None => *known = None,
                Some(signal) => {
                    if let Some(passed) = known.as_mut().filter(|p| !p.contains(&signal)) {
                        passed.push(signal);
                        passed.sort();
                    }
                }
            }
        }
    }

    fn datasources(&mut self) {
        for (owner, source) in self.symbols.datasources() {
            let id = self.add(Node {
                kind: NodeKind::Datasource,
                name: format!("data source `{}`", source.name),
                service: owner.service,
                span: Some(source.span),
                signals: kept_by(&source.kind).into_iter().collect(),
            });
            self.sources.insert(std::ptr::from_ref(source), id);
            self.senders.entry((owner.service, self.nodes[id as usize].name.clone())).or_insert(id);
        }
    }

    fn add(&mut self, node: Node) -> NodeId {
        self.nodes.push(node);
        self.nodes.len() as NodeId - 1
    }

    fn service(&mut self, id: ServiceId) -> NodeId {
        if let Some(node) = self.services.get(&id) {
            return *node;
        }
        let service = self.linked.tree.service(id);
        let node = self.add(Node {
            kind: NodeKind::Service,
            name: format!("`{}`", service.name),
            service: Some(id),
            span: Some(service.span),
            signals: Vec::new(),
        });
        self.services.insert(id, node);
        node
    }

    fn outsider(&mut self, host: &'a str) -> NodeId {
        if let Some(node) = self.outside.get(host) {
            return *node;
        }
        let name = format!("`{host}`");
        let node = self.add(Node { kind: NodeKind::Outside, name, service: None, span: None, signals: Vec::new() });
        self.outside.insert(host, node);
        node
    }

    fn passages(&mut self) {
        for passage in &self.symbols.passages {
            self.edges.push(Edge {
                from: passage.from.0,
                to: passage.to.0,
                signals: passage.signal.into_iter().collect(),
                way: Way::Inside,
                state: State::Fine,
                span: passage.span,
                end: None,
            });
        }
    }

    /// Who dials a URL: of several stages of one name, the one around it.
    fn sender(&mut self, owner: Owner, url: &'a Url) -> Option<NodeId> {
        if let Some(stages) = self.named.get(&(owner.service, url.sender.as_str())) {
            let key = |s: &StageId| {
                let span = self.symbols.stages[s.0 as usize].1.span;
                (span.source, span.start)
            };
            let after = stages.partition_point(|s| key(s) <= (url.span.source, url.span.start));
            return stages.get(after.saturating_sub(1)).map(|s| s.0);
        }
        if let Some(node) = self.senders.get(&(owner.service, url.sender.clone())) {
            return Some(*node);
        }
        owner.service.map(|id| self.service(id))
    }

    fn urls(&mut self) {
        let linked = self.linked;
        for (at, (owner, url, resolution)) in linked.urls.iter().enumerate() {
            let Some(from) = self.sender(*owner, url) else { continue };
            let pull = match self.nodes[from as usize].kind {
                NodeKind::Datasource => Pull::Query,
                // What makes data and dials somebody has them from there.
                NodeKind::Stage(Role::Source) => Pull::Scrape,
                _ => Pull::No,
            };
            let dial = Dial { from, url, pull };
            let finding = linked.fault_of[at].map(|f| &linked.faults[f]);
            let broken = finding.map(|f| State::Broken(said(linked, url, &f.fault), self.found(url)));
            let reached = &linked.reached[at];
            let own = reached.iter().any(|(id, _)| self.is_own(*owner, *id));
            for (to, listener) in reached {
                if !own || self.is_own(*owner, *to) {
                    self.arrive(&dial, *to, listener, broken.clone());
                }
            }
            if !reached.is_empty() {
                continue;
            }
            match (finding, broken) {
                (Some(finding), Some(broken)) => {
                    let to = match finding.fault {
                        Fault::Host { .. } => self.outsider(&url.host),
                        Fault::Localhost { to, meant } => self.meant(meant.map_or(to, |(to, _)| to), &dial),
                        Fault::Unreachable { to }
                        | Fault::Port { to, .. }
                        | Fault::Published { to, .. }
                        | Fault::Path { to, .. }
                        | Fault::Flag { to, .. }
                        | Fault::Loopback { to, .. }
                        | Fault::Tls { to, .. }
                        | Fault::Auth { to, .. } => self.meant(to, &dial),
                    };
                    let unknown = matches!(self.nodes[to as usize].kind, NodeKind::Service | NodeKind::Outside);
                    if !(unknown && self.is_a_call(&dial)) {
                        self.dial(&dial, to, None, broken, url.signals.clone());
                    }
                }
                _ => self.astray(&dial, *owner, resolution),
            }
        }
    }

    /// The finding that a rule told of a URL.
    fn found(&self, url: &Url) -> Option<usize> {
        let places = [url.host_span, url.port_span, url.path_span, url.tls_span, url.credentials_span, url.span];
        places.iter().find_map(|p| self.told.get(p).copied())
    }

    /// A URL that leads to nobody who is known.
    fn astray(&mut self, dial: &Dial<'a>, owner: Owner, resolution: &Resolution) {
        if self.is_a_call(dial) {
            return;
        }
        let url = dial.url;
        let why = |text: &str| State::Unknown(text.to_owned());
        let (to, state) = match resolution {
            Resolution::Services(to) | Resolution::Published(to) => {
                let own = to.iter().find(|id| self.is_own(owner, **id));
                let Some(to) = own.or(to.first()) else { return };
                let known = self.linked.tree.service(*to).engine.is_some();
                let why = if known { "its port is not known" } else { "what it listens to is not known" };
                (self.meant(*to, dial), State::Unknown(why.to_owned()))
            }
            Resolution::Itself => {
                let Some(id) = owner.service else { return };
                (self.meant(id, dial), why("which of its own ports that is, is not known"))
            }
            Resolution::Host => (self.outsider(&url.host), why("it lies on the host, outside of these files")),
            Resolution::External => (self.outsider(&url.host), why("it lies outside of these files")),
            _ => (self.outsider(&url.host), why("who answers to that name is not known")),
        };
        self.dial(dial, to, None, state, url.signals.clone());
    }

    /// Whether a service lies in the sender's own file: of variants of one service, that is the one meant.
    fn is_own(&self, owner: Owner, id: ServiceId) -> bool {
        let file = |s: ServiceId| self.linked.tree.service(s).artifact;
        owner.service.is_some_and(|own| file(own) == file(id))
    }

    /// Whether an application dials for reasons of its own: nothing says that it sends signals there.
    fn is_a_call(&self, dial: &Dial<'_>) -> bool {
        dial.url.signals.is_empty() && self.nodes[dial.from as usize].kind == NodeKind::Service
    }

    /// The node of a service that a URL was meant for.
    fn meant(&mut self, id: ServiceId, dial: &Dial<'a>) -> NodeId {
        let url = dial.url;
        let stages = self.open.get(&id).filter(|_| dial.pull != Pull::Scrape).into_iter().flatten();
        let fits = |s: &&StageId| {
            let kept = &self.symbols.stages[s.0 as usize].1.signals;
            url.signals.is_empty() || kept.is_empty() || kept.iter().any(|k| url.signals.contains(k))
        };
        match stages.into_iter().find(fits) {
            Some(stage) => stage.0,
            None => self.service(id),
        }
    }

    /// A URL that reaches a listener: edges to the stages behind it.
    fn arrive(&mut self, dial: &Dial<'a>, to: ServiceId, listener: &'a Listener, broken: Option<State>) {
        let url = dial.url;
        let doors = self.doors.get(&(to, listener.name.as_str())).into_iter().flatten();
        let taken = |d: &&Door<'_>| match (d.paths, &url.paths) {
            (Some(paths), Some(asked)) => asked.iter().any(|a| is_taken(paths, a)),
            _ => true,
        };
        let mut stages: Vec<StageId> = doors.filter(taken).map(|d| d.stage).collect();
        stages.extend(self.open.get(&to).into_iter().flatten());
        stages.sort_unstable();
        stages.dedup();
        let protocol = spoken(url, listener);
        // What is scraped are the process's own.
        if stages.is_empty() || dial.pull == Pull::Scrape {
            if self.is_a_call(dial) && broken.is_none() {
                return;
            }
            let node = self.service(to);
            let state = broken.unwrap_or(State::Fine);
            self.dial(dial, node, Some((to, listener)), state, url.signals.clone());
            return;
        }
        for stage in stages {
            let taken = self.taken(stage, protocol);
            // An application says what it may send: what is not taken there, it most likely does not.
            let from_app = self.nodes[dial.from as usize].kind == NodeKind::Service;
            let any = url.signals.is_empty();
            let signals: Vec<Signal> = match (any, taken.is_empty()) {
                (true, _) if dial.pull == Pull::Query => self.nodes[stage.0 as usize].signals.clone(),
                (true, _) => taken.clone(),
                (false, true) => url.signals.clone(),
                (false, false) => url.signals.iter().copied().filter(|s| taken.contains(s)).collect(),
            };
            let left: Vec<Signal> = url.signals.iter().copied().filter(|s| !signals.contains(s)).collect();
            let state = match &broken {
                Some(broken) => broken.clone(),
                None if any && from_app && protocol == Protocol::Http => {
                    State::Unknown("whether it sends or asks is not known".to_owned())
                }
                None => State::Fine,
            };
            if !signals.is_empty() || any {
                self.dial(dial, stage.0, Some((to, listener)), state, signals);
            }
            if !left.is_empty() && !from_app {
                let why = format!("{} takes no {}", self.nodes[stage.0 as usize].name, words(&left));
                self.dial(dial, stage.0, Some((to, listener)), State::Broken(why, None), left);
            }
        }
    }

    /// Signals that a stage takes by a protocol, where that is known.
    fn taken(&self, stage: StageId, protocol: Protocol) -> Vec<Signal> {
        let own = &self.symbols.stages[stage.0 as usize].1;
        let all = match own.role {
            Role::Store => own.signals.clone(),
            Role::Source => self.passed[stage.0 as usize].clone().unwrap_or_default(),
            _ => Vec::new(),
        };
        let only = match protocol {
            Protocol::RemoteWrite | Protocol::Scrape => Some(Signal::Metrics),
            Protocol::ProfilePush => Some(Signal::Profiles),
            _ => None,
        };
        match only {
            Some(only) if all.is_empty() || all.contains(&only) => vec![only],
            _ => all,
        }
    }

    /// An edge in the direction of the data.
    fn dial(
        &mut self,
        dial: &Dial<'a>,
        other: NodeId,
        at: Option<(ServiceId, &'a Listener)>,
        state: State,
        mut signals: Vec<Signal>,
    ) {
        let url = dial.url;
        let server = at.map(|(id, _)| id).or(self.nodes[other as usize].service);
        let listener = at.map(|(_, l)| l);
        let end = listener.map(|l| l.origin.span()).or(self.nodes[other as usize].span);
        let (from, to) = if dial.pull == Pull::No { (dial.from, other) } else { (other, dial.from) };
        if signals.is_empty() && dial.pull == Pull::Query {
            signals = self.nodes[dial.from as usize].signals.clone();
        }
        let way = Way::Dialled { url, listener, server, pull: dial.pull };
        self.edges.push(Edge { from, to, signals, way, state, span: url.span, end });
    }

    fn readers(&mut self) {
        let linked = self.linked;
        let mut groups: HashMap<(Option<ArtifactId>, &'a str), NodeId> = HashMap::new();
        let mut reads: HashMap<(NodeId, NodeId), usize> = HashMap::new();
        for (owner, reader) in &self.symbols.readers {
            for source in linked.meant(*owner, &reader.asked) {
                let Some(to) = self.sources.get(&std::ptr::from_ref(source)).copied() else { continue };
                let from = match groups.get(&(owner.artifact, reader.group.as_str())) {
                    Some(node) => *node,
                    None => {
                        let node = self.add(Node {
                            kind: NodeKind::Reader,
                            name: reader.group.clone(),
                            service: owner.service,
                            span: Some(reader.span),
                            signals: Vec::new(),
                        });
                        groups.insert((owner.artifact, &reader.group), node);
                        node
                    }
                };
                match reads.get(&(from, to)) {
                    Some(at) => {
                        if let Way::Reads { by, count } = &mut self.edges[*at].way {
                            *count += 1;
                            if by.len() < NAMED {
                                by.push(&reader.by);
                            }
                        }
                    }
                    None => {
                        reads.insert((from, to), self.edges.len());
                        let way = Way::Reads { by: vec![&reader.by], count: 1 };
                        let end = self.nodes[to as usize].span;
                        let signals = self.nodes[to as usize].signals.clone();
                        let (from, to, state) = (to, from, State::Fine);
                        self.edges.push(Edge { from, to, signals, way, state, span: reader.span, end });
                    }
                }
            }
        }
    }
}

/// One who dials.
struct Dial<'a> {
    from: NodeId,
    url: &'a Url,
    pull: Pull,
}

/// What servers keep that a plugin of Grafana asks (npm `@grafana/data` 13.2.3; `grafana/grafana
/// public/app/plugins/datasource/*/plugin.json`).
fn kept_by(plugin: &str) -> Option<Signal> {
    Some(match plugin {
        "prometheus" => Signal::Metrics,
        "tempo" | "jaeger" | "zipkin" => Signal::Traces,
        "grafana-pyroscope-datasource" | "phlare" => Signal::Profiles,
        "loki" => Signal::Logs,
        _ => return None,
    })
}
