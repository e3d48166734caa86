//! Servers built from Grafana's dskit: one config file that one flag names, one HTTP and one gRPC server, flags that win over
//! the file. What such engines share; which they are, their own folders say.

mod reloaded;

pub use crate::conform::replaced::{EXPAND_FLAG, Syntax, Variables};
pub use reloaded::{Places, Reloaded, reads, tenants};

use crate::address::{self, Client, Written};
use crate::catalogue::{self, Facts, Version};
use crate::conform::bounds::{self, Bound, Limit};
use crate::conform::{Judge, Settings};
use crate::diagnostic::Rule;
use crate::engine::{Instance, Say};
use crate::parse::Node;
use crate::source::Span;
use crate::symbol::{
    Accepts, Bind, Entry, Export, Import, Listener, Origin, PathRead, Protocol, Role, Signal, Stage, Url,
};
use crate::tree::{Arg, Service, path};

/// The flag that names the config file, without dashes.
pub const CONFIG_FLAG: &str = "config.file";

/// The listener over which the parts of such a server call each other: it takes nothing that is sent from outside.
pub const INTERNAL: &str = "grpc";

/// Flags that move what is served to other paths, without dashes (grafana/dskit server/server.go; grafana/mimir
/// pkg/api/api.go@00b4b54d6101; grafana/pyroscope pkg/api/api.go@v2.2.1).
const MOVING: [&str; 4] =
    ["server.path-prefix", "http.prometheus-http-prefix", "http.alertmanager-http-prefix", "api.base-url"];

const PORT: Limit = Limit::Within(0, 65_535);

/// Where such a server listens (grafana/dskit server/server.go `newServer`: Go's `net.Listen`).
const PORTS: &[Bound] = &[
    Bound { path: &["server", "http_listen_port"], flag: "server.http-listen-port", held: &[], limit: PORT },
    Bound { path: &["server", "grpc_listen_port"], flag: "server.grpc-listen-port", held: &[], limit: PORT },
];

/// Tells of ports that are none.
pub fn ports(judge: &mut Judge<'_>, settings: &Settings<'_>, rule: &'static Rule) {
    bounds::check(judge, settings, rule, PORTS);
}

/// Where a ruler sends alerts, if that is one URL: the path of the API comes behind its own (grafana/loki
/// pkg/ruler/base/notifier.go@v3.7.6; Mimir's is of the same descent).
pub fn alerts(ruler: Node<'_>, sender: &str, variables: Variables<'_>) -> Option<Url> {
    let text = variables.replaced(ruler.get("alertmanager_url")?.text()?)?;
    if text.value().contains(',') {
        return None;
    }
    let mut client = Client::new(sender, Protocol::Alerts, &[], &["/api/v2/alerts"]);
    // What is shown may stand in flags.
    client.credentials = (None, None);
    address::url(&text, client)
}

/// Where such servers name an object store: the key that chooses it, if there is one, and that of its endpoint (grafana/tempo
/// tempodb/backend/s3/config.go@v2.9.5; grafana/loki pkg/storage/chunk/client/aws/s3_storage_client.go, pkg/loki/common/common.go@v3.5.0;
/// grafana/mimir pkg/storage/bucket/client.go@mimir-2.10.0, mimir-3.0.2; grafana/pyroscope pkg/objstore/client/config.go,
/// pkg/objstore/providers/s3/config.go@v1.21.1). Where there is none, periods of Loki's schema choose.
const STORES: [(&[&str], &[&str]); 5] = [
    (&["storage", "trace", "backend"], &["storage", "trace", "s3", "endpoint"]),
    (&["storage", "backend"], &["storage", "s3", "endpoint"]),
    (&["common", "storage", "backend"], &["common", "storage", "s3", "endpoint"]),
    (&["blocks_storage", "backend"], &["blocks_storage", "s3", "endpoint"]),
    (&["common", "storage", "backend"], &["storage_config", "aws", "endpoint"]),
];

/// What chooses such a store.
const S3: [&str; 2] = ["s3", "aws"];

/// The object stores that a config names.
pub fn stores(root: Node<'_>, title: &str, variables: Variables<'_>) -> Vec<Url> {
    let named = |(chosen, endpoint): &(&[&str], &[&str])| {
        let is = |node: Node<'_>| {
            let text = node.text().and_then(|text| variables.replaced(text));
            text.is_some_and(|text| S3.contains(&text.value()))
        };
        let periods = || root.at(&["schema_config", "configs"]).into_iter().flat_map(Node::items);
        let used = root.at(chosen).map_or_else(|| periods().filter_map(|p| p.get("object_store")).any(is), is);
        let text = variables.replaced(root.at(endpoint).filter(|_| used)?.text()?)?;
        address::server(&text, format!("{title}'s object store"), Protocol::Http)
    };
    STORES.iter().filter_map(named).collect()
}

/// Where the parts of such servers name each other, by HTTP or gRPC (grafana/loki pkg/loki/common/common.go, pkg/querier/worker/worker.go,
/// pkg/lokifrontend/config.go, pkg/lokifrontend/frontend/v2/frontend.go, pkg/indexgateway/client.go@v3.5.0; grafana/tempo
/// modules/querier/worker/worker.go, modules/querier/config.go@v2.8.1).
const PARTS: [&[&str]; 10] = [
    &["common", "compactor_address"],
    &["common", "compactor_grpc_address"],
    &["frontend_worker", "frontend_address"],
    &["frontend_worker", "scheduler_address"],
    &["querier", "frontend_worker", "frontend_address"],
    &["frontend", "scheduler_address"],
    &["frontend", "downstream_url"],
    &["frontend", "tail_proxy_url"],
    &["storage_config", "boltdb_shipper", "index_gateway_client", "server_address"],
    &["storage_config", "tsdb_shipper", "index_gateway_client", "server_address"],
];

/// The flag that names members of the cluster, without dashes; it may be given more than once.
const JOIN_FLAG: &str = "memberlist.join";

/// The servers that such a server is made up of together with others: parts that it asks, and members of its cluster
/// (grafana/dskit kv/memberlist/memberlist_client.go@v0.0.0-20250703125411-00229f5b510c).
pub fn peers(root: Option<Node<'_>>, title: &str, variables: Variables<'_>) -> Vec<Url> {
    let parts = PARTS.iter().filter_map(|keys| {
        let text = variables.replaced(root?.at(keys)?.text()?)?;
        let key = keys.last().copied().unwrap_or_default();
        address::server(&text, format!("{title}'s `{key}`"), Protocol::Http)
    });
    // The port of the others is not read here.
    let joined = |text: &Written<'_>| {
        let url = address::server(text, format!("{title}'s memberlist"), Protocol::Gossip)?;
        Some(Url { port: None, ..url })
    };
    let members = root.and_then(|root| root.at(&["memberlist", "join_members"])).into_iter().flat_map(Node::items);
    let members = members.filter_map(|member| joined(&variables.replaced(member.text()?)?));
    let flags = variables.service.map(|service| service.flags(JOIN_FLAG)).unwrap_or_default();
    let flagged = flags.into_iter().filter(|(arg, _)| !arg.open);
    let flagged = flagged.filter_map(|(arg, value)| joined(&Written::Flat(value, arg.span)));
    parts.chain(members).chain(flagged).collect()
}

/// Such an engine.
#[derive(Debug)]
pub struct Server {
    /// `loki`.
    pub engine: &'static str,
    /// Its kind of config file, by name.
    pub kind: &'static str,
    /// The file that the image's own command names; `None` = it names none.
    pub config: Option<&'static str>,
    /// Where it names the limits of tenants, if it has any.
    pub limits: Option<&'static Places>,
    /// Keys of the file that move what it serves to other paths.
    pub prefixes: &'static [&'static [&'static str]],
    /// How variables are written in the file.
    pub syntax: Syntax,
    /// Whether the flag that names the config is found behind a word too.
    pub config_behind_words: bool,
}

impl Server {
    /// What names the config.
    fn config_flag<'s>(&self, service: &'s Service) -> Option<(&'s Arg, String)> {
        if self.config_behind_words { service.flag(CONFIG_FLAG) } else { service.leading_flag(CONFIG_FLAG) }
    }

    /// Variables in the config of a service.
    pub fn variables<'s>(&self, service: &'s Service) -> Variables<'s> {
        Variables { service: Some(service), syntax: self.syntax }
    }

    /// Whether a service reads that path as its config.
    pub fn reads(&self, service: &Service, at: &str) -> bool {
        match self.config_flag(service) {
            Some((arg, _)) if arg.open => false,
            // Loki and Mimir take the first of several that is there.
            Some((_, value)) => value.split(',').any(|one| service.path("/", one.trim()) == at),
            None => self.config == Some(at),
        }
    }

    /// The ports of an instance and the file that it reads.
    pub fn symbols(&self, instance: &Instance<'_>, say: &mut Say<'_>) {
        let Some((_, service)) = instance.service else { return };
        self.config_read(service, say);
        let version = instance.version.as_ref().map(|(v, _)| *v);
        let files = instance.read(self.kind, |at| self.reads(service, at));
        let config = files.first();
        let root = config.and_then(|(_, a)| a.data()).and_then(|d| d.root());
        let artifact = config.map(|(id, _)| *id);
        let Some((facts, version)) = catalogue::engine(self.engine).zip(version) else { return };
        let variables = self.variables(service);
        let stores = root.into_iter().flat_map(|root| stores(root, facts.title, variables));
        for url in stores.chain(peers(root, facts.title, variables)) {
            say.import(artifact, Import::Url(url));
        }
        let known = service.args().is_some() && !(config.is_none() && self.has_own_config(service));
        let files = self.limits.into_iter().flat_map(|places| reloaded::reads(places, root, variables));
        files.into_iter().for_each(|read| say.import(artifact, Import::Path(read)));
        for fact in facts.listeners.iter().filter(|l| l.range.holds(version)) {
            let written = root.and_then(|r| r.at(&fact.key.split('.').collect::<Vec<_>>()));
            let flag = fact.flag.trim_start_matches('-');
            let flagged = service.leading_flag(flag).filter(|_| !flag.is_empty());
            if !fact.always && written.is_none() && flagged.is_none() {
                continue;
            }
            let mut listener = Listener {
                port: known.then_some(fact.port),
                accepts: accepts(facts, fact.name, version),
                ..Listener::recorded(fact, facts.title, service.image_span())
            };
            if let Some(node) = written {
                listener.origin = Origin::Written(node.span());
                let text = node.text().and_then(|text| self.variables(service).replaced(text));
                listener.port = text.and_then(|text| port(text.value()));
            }
            // Flags are read last and win (grafana/dskit has no say in it: grafana/loki pkg/util/cfg/dynamic.go@v3.7.6,
            // grafana/pyroscope pkg/cfg@v2.2.1).
            if let Some((arg, value)) = flagged {
                listener.origin = Origin::Written(arg.span);
                listener.port = if arg.open { None } else { port(&value) };
            }
            if fact.name == "http" {
                self.http(root, &mut listener);
                if MOVING.iter().any(|flag| service.leading_flag(flag).is_some()) {
                    listener.accepts = None;
                }
            }
            // The same server's addresses (grafana/dskit server/server.go `RegisterFlags`).
            if let Some((arg, host)) = service.leading_flag(&format!("server.{}-listen-address", fact.name)) {
                listener.bind = if arg.open { None } else { address::bind(&host) };
                if listener.bind == Some(Bind::Loopback) {
                    listener.origin = Origin::Written(arg.span);
                }
            }
            say.export(artifact, Export::Listener(listener));
        }
    }

    /// What happens to data inside: all that comes is kept.
    pub fn flows(&self, instance: &Instance<'_>, signal: Signal, say: &mut Say<'_>) {
        let files = instance.read(self.kind, |at| instance.service.is_some_and(|(_, s)| self.reads(s, at)));
        let place = instance.service.map(|(_, s)| s.image_span());
        let Some(span) = place.or_else(|| files.first().map(|(_, a)| Span::file(a.source))) else { return };
        let name = catalogue::engine(self.engine).map_or(self.engine, |f| f.title).to_owned();
        let stage = Stage { name, role: Role::Store, signals: vec![signal], span, entries: vec![Entry::Any] };
        say.stage(files.first().map(|(id, _)| *id), stage);
    }

    /// What the file says about the HTTP server beside its port.
    fn http(&self, root: Option<Node<'_>>, listener: &mut Listener) {
        let Some(root) = root else { return };
        if let Some(host) = root.at(&["server", "http_listen_address"]).and_then(Node::scalar) {
            listener.bind = address::bind(host);
        }
        if let Some(settings) = root.at(&["server", "http_tls_config"]) {
            listener.tls = address::dskit_tls(settings);
        }
        if self.prefixes.iter().any(|keys| root.at(keys).is_some()) {
            listener.accepts = None;
        }
    }

    /// Whether a config file that is not in the tree may decide.
    fn has_own_config(&self, service: &Service) -> bool {
        // The image's own may be named by hand.
        let own =
            |(arg, value): (&Arg, String)| !arg.open && self.config.is_some_and(|own| service.path("/", &value) == own);
        let named = self.config_flag(service).is_some_and(|flag| !own(flag));
        let mounted = |p: &str| service.mounts.iter().any(|m| path::below(p, &m.target).is_some());
        let replaced = service.command.is_some() && self.config_flag(service).is_none();
        service.mounts_open || named || !replaced && self.config.is_some_and(mounted)
    }

    /// The file that it reads.
    fn config_read(&self, service: &Service, say: &mut Say<'_>) {
        if service.args().is_none() {
            return;
        }
        let (path, origin) = match self.config_flag(service) {
            Some((arg, value)) if arg.open || value.contains(',') => return,
            Some((arg, value)) => (value, Origin::Written(arg.span)),
            // A command without the flag replaces the image's one: then no file is read at all.
            None if service.command.is_some() => return,
            None => {
                let image = service.image_span();
                let Some(config) = self.config else { return };
                (config.to_owned(), Origin::Default(image))
            }
        };
        let path = service.path("/", &path);
        say.import(None, Import::Path(PathRead::config(path, origin)));
    }
}

/// A port, or an address that ends in one.
fn port(text: &str) -> Option<u16> {
    text.parse().ok().or_else(|| address::listen(text).1)
}

/// What a listener takes; `None` where nothing of it is recorded.
fn accepts(facts: &Facts, listener: &str, version: Version) -> Option<Vec<Accepts>> {
    let recorded = facts.endpoints.iter().any(|e| e.listener == listener);
    (recorded || listener == INTERNAL).then(|| Accepts::recorded(facts, listener, version))
}
