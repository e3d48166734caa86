//! A symbol file in a tree → services and symbols, each with its place in that file.

use std::collections::{HashMap, HashSet};

use super::model::{self, Auth, Contents, Transport};
use crate::catalogue;
use crate::parse::Node;
use crate::source::{SourceId, Span};
use crate::symbol::{
    Accepts, Bind, Credentials, Datasource, DatasourceRef, DatasourceUse, Export, FamilyType, Import, Listener,
    MetricFamily, MetricRef, NameRef, Named, Origin, Owner, Protocol, SecretSource, Signal, Symbols, Thing, Url,
};
use crate::tree::{Artifact, ArtifactId, Network, Port, ProjectId, SYMBOLS, Service, Tree};

/// A symbol file as its two readers have it: the values, and where they stand.
struct File<'a> {
    id: ArtifactId,
    artifact: &'a Artifact,
    contents: Contents,
}

/// All that can be read: what cannot was told before.
fn files(tree: &Tree) -> impl Iterator<Item = File<'_>> {
    tree.artifacts().filter(|(_, a)| a.kind.name == SYMBOLS.name).filter_map(|(id, artifact)| {
        let contents = Contents::read(tree.sources.text(artifact.source)).ok()?;
        Some(File { id, artifact, contents })
    })
}

impl<'a> File<'a> {
    /// The entries of a list, in order.
    fn entries(&self, list: &str) -> impl Iterator<Item = Node<'a>> + use<'a> {
        let root = self.artifact.data().and_then(|d| d.root());
        root.and_then(|r| r.get(list)).into_iter().flat_map(Node::items)
    }
}

/// Where the value of a key stands, else the whole symbol.
fn place(entry: Node<'_>, key: &str) -> Span {
    entry.get(key).map_or(entry.span(), Node::inner)
}

/// The services of all symbol files. Each file is a project of its own; none of them is an engine whose files could be
/// here.
pub fn services(tree: &Tree) -> Vec<Service> {
    let mut all = Vec::new();
    for (n, file) in files(tree).enumerate() {
        let mut seen = HashSet::new();
        for (service, entry) in file.contents.services.iter().zip(file.entries("services")) {
            if seen.insert(&service.name) {
                // Projects of deployments count up from 0.
                all.push(self::service(service, entry, file.id, ProjectId(u32::MAX - n as u32)));
            }
        }
    }
    all
}

fn service(told: &model::Service, entry: Node<'_>, artifact: ArtifactId, project: ProjectId) -> Service {
    let span = place(entry, "name");
    let network = match told.network.as_deref() {
        None => Network::Named(told.networks.iter().map(|n| (n.clone(), Vec::new())).collect()),
        Some("host") => Network::Host,
        Some(other) => match other.strip_prefix("service:") {
            Some(name) => Network::Service(name.to_owned()),
            None => Network::Other,
        },
    };
    let ordered = |range: &(u16, u16)| range.0 <= range.1;
    let port = |p: &model::Port| Port {
        on_node: false,
        host_ip: p.address.clone(),
        published: p.host.filter(ordered),
        target: p.container.filter(ordered),
        udp: p.udp,
        span: place(entry, "ports"),
    };
    Service {
        name: told.name.clone(),
        span,
        artifact,
        project,
        image: None,
        build: false,
        built_from: None,
        engine: None,
        version: None,
        entrypoint: None,
        command: None,
        environment: Vec::new(),
        environment_open: true,
        ports: told.ports.iter().map(port).collect(),
        network,
        names: told.aliases.clone(),
        extra_hosts: Vec::new(),
        mounts: Vec::new(),
        mounts_open: true,
        depends_on: Vec::new(),
        log_url: None,
        healthcheck: None,
        user: None,
        working_dir: None,
        has_groups: true,
        is_privileged: true,
        profiles: Vec::new(),
        replicas: None,
        memory_bound: true,
        inline: Vec::new(),
        writes_only: false,
    }
}

/// Says what all symbol files say.
pub fn say(tree: &Tree, symbols: &mut Symbols) {
    for file in files(tree) {
        let names: HashMap<&str, _> = tree.declared_by(file.id).map(|(id, s)| (s.name.as_str(), id)).collect();
        let owner = |service: Option<&String>| Owner {
            artifact: Some(file.id),
            service: service.and_then(|name| names.get(name.as_str()).copied()),
        };
        let mut export = |owner: Owner, export: Export| symbols.exports.push((owner, export));
        let complete = file.contents.complete.iter().zip(file.entries("complete"));
        for (prefix, node) in complete {
            export(owner(None), Export::AllMetrics { prefix: prefix.clone(), span: node.inner() });
        }
        for prefix in &file.contents.open {
            export(owner(None), Export::OpenMetrics { prefix: prefix.clone() });
        }
        if file.contents.open_datasources {
            export(owner(None), Export::OpenDatasources);
        }
        for (told, entry) in file.contents.listeners.iter().zip(file.entries("listeners")) {
            let owner = owner(told.service.as_ref());
            if owner.service.is_some() {
                export(owner, Export::Listener(listener(told, entry)));
            }
        }
        for (told, entry) in file.contents.datasources.iter().zip(file.entries("datasources")) {
            let source = Datasource {
                uid: told.uid.clone(),
                uid_written: true,
                name: told.name.clone(),
                kind: told.kind.clone(),
                org: 1,
                default: None,
                span: place(entry, "uid"),
            };
            export(owner(None), Export::Datasource(source));
        }
        let path = &file.artifact.path;
        for (told, entry) in file.contents.metrics.iter().zip(file.entries("metrics")) {
            export(owner(None), Export::Metric(family(told, entry, path)));
        }
        let kinds = file.contents.complete_names.iter().zip(file.entries("complete_names"));
        for (thing, node) in kinds.filter_map(|(name, node)| Some((Thing::named(name)?, node))) {
            export(owner(None), Export::AllNamed { thing, span: node.inner() });
        }
        // Things of a kind that a later release may know are passed over.
        for (told, entry) in file.contents.names.iter().zip(file.entries("names")) {
            if let Some(thing) = Thing::named(&told.thing) {
                let named = Named { thing, name: told.name.clone(), span: place(entry, "name") };
                export(owner(None), Export::Named(named));
            }
        }
        let mut import = |owner: Owner, import: Import| symbols.imports.push((owner, import));
        for (told, entry) in file.contents.wants.iter().zip(file.entries("wants")) {
            if let Some(thing) = Thing::named(&told.thing) {
                let (name, by) = (told.name.clone(), told.by.clone());
                import(owner(None), Import::Named(NameRef { thing, name, span: place(entry, "name"), by }));
            }
        }
        for (told, entry) in file.contents.calls.iter().zip(file.entries("calls")) {
            if let Some(url) = url(told, entry) {
                import(owner(told.service.as_ref()), Import::Url(url));
            }
        }
        for (told, entry) in file.contents.asks.iter().zip(file.entries("asks")) {
            let by = if told.link { DatasourceUse::Link } else { DatasourceUse::Dashboard };
            let reference = DatasourceRef {
                uid: told.datasource.clone(),
                span: place(entry, "datasource"),
                by: by(told.by.clone()),
                kind: told.kind.clone(),
            };
            import(owner(None), Import::Datasource(reference));
        }
        for (told, entry) in file.contents.reads.iter().zip(file.entries("reads")) {
            let asked = MetricRef {
                name: told.metric.clone(),
                span: place(entry, "metric"),
                datasource: told.datasource.clone(),
                by: told.by.clone(),
                alternatives: told.or.clone(),
            };
            import(owner(None), Import::Metric(asked));
        }
    }
}

fn listener(told: &model::Listener, entry: Node<'_>) -> Listener {
    let accepts = |a: &model::Accepts| {
        Some(Accepts {
            protocol: Protocol::named(&a.protocol)?,
            paths: a.paths.clone(),
            missing_flag: a.missing_flag.clone(),
        })
    };
    Listener {
        name: told.name.clone(),
        port: told.port,
        bind: told.bind.as_deref().map(|bind| match bind {
            "*" => Bind::All,
            "loopback" => Bind::Loopback,
            host => Bind::Host(host.to_owned()),
        }),
        transport: match told.transport {
            Transport::Http => catalogue::Transport::Http,
            Transport::Grpc => catalogue::Transport::Grpc,
            Transport::Both => catalogue::Transport::HttpGrpc,
        },
        tls: told.tls,
        auth: told.auth.map(credentials),
        auth_span: entry.get("auth").map(Node::inner),
        any_origin: None,
        // A protocol of a later release: what else is taken cannot be known then.
        accepts: told.accepts.as_ref().and_then(|all| all.iter().map(accepts).collect()),
        origin: Origin::Written(place(entry, if told.port.is_some() { "port" } else { "name" })),
    }
}

fn credentials(auth: Auth) -> Credentials {
    match auth {
        Auth::None => Credentials::None,
        Auth::Bearer => Credentials::Bearer(SecretSource::Unknown),
        Auth::Basic => Credentials::Basic { user: None, password: SecretSource::Unknown },
        Auth::Other => Credentials::Other("another kind".to_owned()),
    }
}

fn family(told: &model::Metric, entry: Node<'_>, path: &str) -> MetricFamily {
    MetricFamily {
        name: told.name.clone(),
        kind: match told.kind {
            Some(model::MetricType::Counter) => FamilyType::Counter,
            Some(model::MetricType::Gauge) => FamilyType::Gauge,
            Some(model::MetricType::Histogram) => FamilyType::Histogram,
            Some(model::MetricType::NativeHistogram) => FamilyType::NativeHistogram,
            Some(model::MetricType::Summary) => FamilyType::Summary,
            None => FamilyType::Unknown,
        },
        labels: told.labels.as_ref().map(|l| l.iter().cloned().collect()),
        namespace: told.namespace.clone(),
        producer: told.by.clone().unwrap_or_else(|| format!("what `{path}` tells of")),
        span: place(entry, "name"),
    }
}

fn url(told: &model::Called, entry: Node<'_>) -> Option<Url> {
    Some(Url {
        span: place(entry, "host"),
        sender: told.by.clone(),
        protocol: Protocol::named(&told.protocol)?,
        signals: told.signals.iter().filter_map(|s| Signal::named(s)).collect(),
        tls: told.tls,
        tls_span: place(entry, "tls"),
        host: told.host.clone(),
        host_span: place(entry, "host"),
        port: told.port,
        port_span: place(entry, "port"),
        paths: told.paths.clone(),
        path_span: place(entry, "paths"),
        credentials: told.auth.map(credentials),
        credentials_span: place(entry, "auth"),
        extras: Vec::new(),
        unverified: None,
        sampled: None,
        handed: Vec::new(),
        listed: false,
    })
}

/// Where symbols of symbol files come from in their own tree.
#[derive(Debug, Default)]
pub struct Origins<'a> {
    files: HashSet<SourceId>,
    /// By file and start of the symbol: its end, and `path:line`.
    all: Vec<((SourceId, u32), u32, &'a str)>,
}

impl<'a> Origins<'a> {
    /// Of all symbol files of a tree.
    pub fn of(tree: &'a Tree) -> Self {
        let mut origins = Self::default();
        for (_, artifact) in tree.of_kind(SYMBOLS.name) {
            origins.files.insert(artifact.source);
            let root = artifact.data().and_then(|d| d.root());
            let lists = root.into_iter().flat_map(|r| r.own_entries()).flat_map(|list| list.value.items());
            for entry in lists.filter(|e| e.is_map()) {
                if let Some(at) = entry.get("at").and_then(Node::scalar) {
                    let span = entry.span();
                    origins.all.push(((span.source, span.start), span.end, at));
                }
            }
        }
        origins.all.sort_unstable();
        origins
    }

    /// Whether there is no symbol file.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Whether a place lies in a symbol file.
    pub fn tells(&self, span: Span) -> bool {
        self.files.contains(&span.source)
    }

    /// `path:line` of what stands there.
    pub fn at(&self, span: Span) -> Option<&'a str> {
        let after = self.all.partition_point(|(start, ..)| *start <= (span.source, span.start));
        let ((source, _), end, at) = self.all.get(after.checked_sub(1)?)?;
        (*source == span.source && span.end <= *end).then_some(*at)
    }
}
