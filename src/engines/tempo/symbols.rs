//! What Tempo says to others: its ports, the receivers it opens, where its generator writes and what it makes.

use super::RELOADED;
use crate::address;
use crate::catalogue::{self, Facts, Version};
use crate::dskit::{self, INTERNAL, Syntax, Variables};
use crate::engine::{Instance, Say};
use crate::labels::{End, Names, Series};
use crate::parse::Node;
use crate::symbol::{Accepts, Credentials, Export, Import, Listener, Origin, PathRead, Protocol};
use crate::tree::{Artifact, ArtifactId, Service};

const ENGINE: &str = "tempo";

/// Reads the symbols of an instance.
pub fn symbols(instance: &Instance<'_>, say: &mut Say<'_>) {
    let file = read(instance);
    let root = file.and_then(|(_, a)| a.data()).and_then(|d| d.root());
    let version = instance.version.as_ref().map(|(v, _)| *v);
    if let Some((_, service)) = instance.service {
        reads(service, say);
        let peers = dskit::peers(root, "Tempo", variables(Some(service)));
        peers.into_iter().for_each(|url| say.import(file.map(|(id, _)| id), Import::Url(url)));
        if let Some((facts, version)) = catalogue::engine(ENGINE).zip(version) {
            let server = Server { service, root, file: file.map(|(id, _)| id), facts, version };
            server.listeners(say);
        }
    }
    if let (Some((id, config)), Some(root)) = (file, root) {
        let variables = variables(instance.service.map(|(_, s)| s));
        generator(id, root, variables, say);
        super::series::say(instance, (id, config), root, version, say);
        caches(id, root, variables, say);
        let limits = dskit::reads(RELOADED.places, Some(root), variables);
        limits.into_iter().for_each(|read| say.import(Some(id), Import::Path(read)));
        dskit::stores(root, "Tempo", variables).into_iter().for_each(|url| say.import(Some(id), Import::Url(url)));
    }
}

/// Variables in the config of a service (grafana/tempo cmd/tempo/main.go@v3.0.3).
fn variables(service: Option<&Service>) -> Variables<'_> {
    Variables { service, syntax: Syntax::Envsubst }
}

/// The config of an instance.
pub(super) fn read<'a>(instance: &Instance<'a>) -> Option<(ArtifactId, &'a Artifact)> {
    let config = instance.service.and_then(|(_, s)| s.flag("config.file").map(|(_, v)| s.path("/", &v)));
    instance.read("tempo-config", |at| config.as_deref() == Some(at)).first().copied()
}

/// Where its generator writes.
pub(super) fn writers(root: Node<'_>) -> Vec<Node<'_>> {
    root.at(&["metrics_generator", "storage", "remote_write"]).into_iter().flat_map(Node::items).collect()
}

/// The cache servers that it asks.
fn caches(id: ArtifactId, root: Node<'_>, variables: Variables<'_>, say: &mut Say<'_>) {
    for cache in root.at(&["cache", "caches"]).into_iter().flat_map(Node::items) {
        let host = cache.at(&["memcached", "host"]).or_else(|| cache.at(&["memcached", "addresses"]));
        let text = host.or_else(|| cache.at(&["redis", "endpoint"])).and_then(Node::text);
        let Some(text) = text.and_then(|text| variables.replaced(text)) else { continue };
        if text.value().contains(',') {
            continue;
        }
        let url = address::server(&text, "Tempo's cache", Protocol::Http);
        url.into_iter().for_each(|u| say.import(Some(id), Import::Url(u)));
    }
}

struct Server<'a> {
    service: &'a Service,
    root: Option<Node<'a>>,
    file: Option<ArtifactId>,
    facts: &'static Facts,
    version: Version,
}

impl Server<'_> {
    fn listeners(&self, say: &mut Say<'_>) {
        let known = self.service.args().is_some() && (self.root.is_some() || !self.has_own_config());
        let receivers = self.root.and_then(|r| r.at(&["distributor", "receivers"]));
        let target = self.service.flag("target").map(|(a, v)| if a.open { String::new() } else { v });
        let target = target.or_else(|| self.root?.get("target")?.scalar().map(str::to_owned));
        // Only the distributor opens receivers; `all` and `scalable-single-binary` have one.
        let distributor = target.as_deref().is_none_or(|t| {
            t.split(',').any(|t| matches!(t.trim(), "" | "all" | "scalable-single-binary" | "distributor"))
        });
        let receives = receivers.is_some_and(|r| !r.entries().is_empty());
        for fact in self.facts.listeners.iter().filter(|l| l.range.holds(self.version)) {
            let keys: Vec<&str> = fact.key.split('.').collect();
            let at_receiver = fact.key.starts_with("distributor.receivers.");
            if at_receiver {
                let block = &keys[..keys.len() - 1];
                let present = if receives {
                    self.root.and_then(|r| r.at(block))
                } else if fact.fallback {
                    receivers
                } else {
                    None
                };
                let opened = if receives { self.opened(block) } else { fact.fallback };
                if !distributor || !opened {
                    continue;
                }
                let mut listener = self.listener(fact, known);
                listener.name = format!("Tempo's {} receiver", fact.name.replace('-', "/"));
                if let Some(entry) = self.entry(block).filter(|_| receives) {
                    listener.origin = Origin::Default(entry);
                }
                if let Some(node) = present.filter(|_| receives) {
                    self.receiver(node, &mut listener);
                }
                say.export(self.file, Export::Listener(listener));
            } else {
                let written = self.root.and_then(|r| r.at(&keys));
                let mut listener = self.listener(fact, known);
                if let Some(node) = written {
                    listener.origin = Origin::Written(node.span());
                    let text = node.text().and_then(|text| variables(Some(self.service)).replaced(text));
                    listener.port = text.and_then(|text| text.value().parse().ok());
                }
                let flag = fact.flag.trim_start_matches('-');
                // A flag wins over the file (`grafana/tempo cmd/tempo/main.go@v3.0.3`: flags are read last).
                if let Some((arg, value)) = self.service.flag(flag).filter(|_| !flag.is_empty()) {
                    listener.origin = Origin::Written(arg.span);
                    listener.port = if arg.open { None } else { value.parse().ok() };
                }
                if fact.name == "http" {
                    self.http(&mut listener);
                }
                say.export(self.file, Export::Listener(listener));
            }
        }
        // Receivers that are not in the catalogue may open ports of their own.
        for entry in receivers.map(Node::entries).unwrap_or_default() {
            if !matches!(entry.name(), "otlp" | "jaeger" | "zipkin" | "opencensus" | "kafka") {
                let mut listener = self.open();
                listener.origin = Origin::Written(entry.key.span());
                say.export(self.file, Export::Listener(listener));
            }
        }
    }

    /// Whether a receiver's block is written, even if nothing stands in it.
    fn opened(&self, block: &[&str]) -> bool {
        self.entry(block).is_some()
    }

    fn entry(&self, block: &[&str]) -> Option<crate::source::Span> {
        let (last, above) = block.split_last()?;
        Some(self.root?.at(above)?.entry(last)?.key.span())
    }

    fn listener(&self, fact: &catalogue::Listener, known: bool) -> Listener {
        let accepts = Accepts::recorded(self.facts, fact.name, self.version);
        Listener {
            port: known.then_some(fact.port),
            // What other receivers take is not recorded; over the internal port comes nothing that is.
            accepts: (!accepts.is_empty() || fact.name == INTERNAL).then_some(accepts),
            ..Listener::recorded(fact, "Tempo", self.service.image_span())
        }
    }

    /// A port of which nothing is known.
    fn open(&self) -> Listener {
        Listener {
            name: "Tempo".into(),
            port: None,
            bind: None,
            transport: catalogue::Transport::Http,
            tls: Some(false),
            auth: Some(Credentials::None),
            auth_span: None,
            any_origin: None,
            accepts: None,
            origin: Origin::Default(self.service.image_span()),
        }
    }

    /// `endpoint`, `tls` and `auth` of a receiver's protocol.
    fn receiver(&self, node: Node<'_>, listener: &mut Listener) {
        if let Some(endpoint) = node.get("endpoint").filter(|n| !n.is_null()) {
            let text = endpoint.text().and_then(|text| variables(Some(self.service)).replaced(text));
            (listener.bind, listener.port) = text.map_or((None, None), |text| address::listen(text.value()));
            listener.origin = Origin::Written(endpoint.inner());
        }
        if node.get("transport").is_some() {
            listener.port = None;
        }
        if node.get("tls").is_some() {
            listener.tls = Some(true);
        }
        if node.get("auth").is_some() {
            listener.auth = None;
        }
        let origins = node.at(&["cors", "allowed_origins"]);
        let any = |n: Node<'_>| n.items().any(|i| i.scalar().is_some_and(address::is_any_origin));
        listener.any_origin = origins.filter(|n| any(*n)).map(Node::span);
        if node.get("traces_url_path").is_some() {
            listener.accepts = None;
        }
    }

    fn http(&self, listener: &mut Listener) {
        let Some(root) = self.root else { return };
        if let Some(host) = root.at(&["server", "http_listen_address"]).and_then(Node::scalar) {
            listener.bind = address::bind(host);
        }
        if let Some(settings) = root.at(&["server", "http_tls_config"]) {
            listener.tls = address::dskit_tls(settings);
        }
        if root.get("http_api_prefix").is_some() || root.at(&["server", "http_path_prefix"]).is_some() {
            listener.accepts = None;
        }
    }

    /// Whether a config file that is not in the tree may decide.
    fn has_own_config(&self) -> bool {
        self.service.mounts_open || self.service.flag("config.file").is_some()
    }
}

fn reads(service: &Service, say: &mut Say<'_>) {
    let Some((arg, value)) = service.flag("config.file") else { return };
    if arg.open || service.args().is_none() {
        return;
    }
    let origin = Origin::Written(arg.span);
    say.import(None, Import::Path(PathRead::config(service.path("/", &value), origin)));
}

/// Where the metrics generator writes.
fn generator(id: ArtifactId, root: Node<'_>, variables: Variables<'_>, say: &mut Say<'_>) {
    let writers = writers(root);
    for writer in &writers {
        let Some(text) = writer.get("url").and_then(Node::text) else { continue };
        // Its processors name all series so (`grafana/tempo modules/generator/processor/@v3.0.3`).
        let series = Series::open("Tempo's metrics generator", writer.span(), Vec::new(), End::Url(text.whole()));
        say.series(Some(id), Series { names: Names::Prefix("traces_"), ..series });
        let url = address::remote_write(*writer, "Tempo's metrics generator", |text| variables.replaced(text));
        url.into_iter().for_each(|u| say.import(Some(id), Import::Url(u)));
    }
}
