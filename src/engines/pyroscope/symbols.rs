//! What Pyroscope says to others: its ports and what it takes there.

use crate::address;
use crate::catalogue::{self, Version};
use crate::engine::{Instance, Say};
use crate::parse::Node;
use crate::symbol::{Accepts, Bind, Credentials, Export, Import, Listener, Origin, PathRead, Protocol};
use crate::tree::{Service, path};

const ENGINE: &str = "pyroscope";

/// Config path of the image (`grafana/pyroscope cmd/pyroscope/Dockerfile@v2.2.1`).
const CONFIG: &str = "/etc/pyroscope/config.yaml";

/// Reads the symbols of an instance.
pub fn symbols(instance: &Instance<'_>, say: &mut Say<'_>) {
    let Some((_, service)) = instance.service else { return };
    reads(service, say);
    let version = instance.version.as_ref().map(|(v, _)| *v);
    let named = service.flag("config.file").map_or(CONFIG.to_owned(), |(_, v)| path::join("/", &v));
    let files = instance.read("pyroscope-config", |at| at == named);
    let config = files.first();
    let root = config.and_then(|(_, a)| a.data()).and_then(|d| d.root());
    let artifact = config.map(|(id, _)| *id);
    let facts = catalogue::engine(ENGINE);
    let Some((facts, version)) = facts.zip(version) else { return };
    let known = service.args().is_some() && !(config.is_none() && has_own_config(service));
    for fact in facts.listeners.iter().filter(|l| l.range.holds(version)) {
        let written = root.and_then(|r| r.at(&fact.key.split('.').collect::<Vec<_>>()));
        // The admin server opens only in a mode of its own.
        if !fact.always && written.is_none() && service.flag(fact.flag.trim_start_matches('-')).is_none() {
            continue;
        }
        let image = service.image.as_ref().map_or(service.span, |i| i.span);
        let mut listener = Listener {
            name: "Pyroscope".into(),
            port: known.then_some(fact.port),
            bind: Some(if fact.loopback { Bind::Loopback } else { Bind::All }),
            transport: fact.transport,
            tls: Some(false),
            auth: Some(Credentials::None),
            auth_span: None,
            accepts: Some(accepts(facts, fact.name, version)),
            origin: Origin::Default(image),
        };
        if let Some(node) = written {
            listener.origin = Origin::Written(node.span());
            listener.port = port(node.scalar().unwrap_or_default());
        }
        let flag = fact.flag.trim_start_matches('-');
        // A flag wins over the file (`grafana/pyroscope pkg/cfg@v2.2.1`: flags are read last).
        if let Some((arg, value)) = service.flag(flag).filter(|_| !flag.is_empty()) {
            listener.origin = Origin::Written(arg.span);
            listener.port = if arg.open { None } else { port(&value) };
        }
        if fact.name == "http" {
            own_server(root, &mut listener);
        }
        say.export(artifact, Export::Listener(listener));
    }
}

/// A port, or an address that ends in one.
fn port(text: &str) -> Option<u16> {
    text.parse().ok().or_else(|| address::listen(text).1)
}

/// What the file says about the HTTP server beside its port.
fn own_server(root: Option<Node<'_>>, listener: &mut Listener) {
    let Some(root) = root else { return };
    if let Some(host) = root.at(&["server", "http_listen_address"]).and_then(Node::scalar) {
        listener.bind = address::bind(host);
    }
    if let Some(settings) = root.at(&["server", "http_tls_config"]) {
        listener.tls = address::dskit_tls(settings);
    }
    if root.at(&["api", "base-url"]).is_some() || root.at(&["server", "http_path_prefix"]).is_some() {
        listener.accepts = None;
    }
}

fn accepts(facts: &catalogue::Facts, listener: &str, version: Version) -> Vec<Accepts> {
    let here = facts.endpoints.iter().filter(|e| e.listener == listener && e.range.holds(version));
    here.filter_map(|e| {
        Some(Accepts {
            protocol: Protocol::named(e.protocol)?,
            paths: e.paths.iter().map(|p| (*p).to_owned()).collect(),
            missing_flag: None,
        })
    })
    .collect()
}

/// Whether a config file that is not in the tree may decide.
fn has_own_config(service: &Service) -> bool {
    let named = service.flag("config.file").is_some();
    let mounted = |p: &str| service.mounts.iter().any(|m| path::below(p, &m.target).is_some());
    service.mounts_open || named || service.command.is_none() && mounted(CONFIG)
}

fn reads(service: &Service, say: &mut Say<'_>) {
    if service.args().is_none() {
        return;
    }
    let config = match service.flag("config.file") {
        Some((arg, _)) if arg.open => return,
        Some((arg, value)) => (value, Origin::Written(arg.span)),
        // A command without the flag replaces the image's one: then no file is read at all.
        None if service.command.is_some() => return,
        None => {
            let image = service.image.as_ref().map_or(service.span, |i| i.span);
            (CONFIG.to_owned(), Origin::Default(image))
        }
    };
    let (path, origin) = (path::join("/", &config.0), config.1);
    say.import(None, Import::Path(PathRead { path, origin, what: "config", folder: false, required: true }));
}
