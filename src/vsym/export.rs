//! A linked tree → a symbol file.

use std::collections::BTreeMap;

use super::model::{
    Accepts, Asked, Auth, Called, Contents, Datasource, Listener, Metric, MetricType, Named, Port, Read,
};
use super::model::{Service, Transport, Wanted};
use crate::catalogue;
use crate::source::{LineIndex, SourceId, Span};
use crate::symbol::{self, Bind, Credentials, DatasourceUse, Export, FamilyType, Import, Owner, Protocol, Symbols};
use crate::tree::{Network, Tree, path};

/// A part of a path that is longer may be a token.
const LONGEST_WORD: usize = 32;

/// What a tree offers and needs. Paths are told from `root`. `open` = others may write series of the families that the
/// tree's own makers make.
pub fn export(tree: &Tree, symbols: &Symbols, open: bool, root: &str) -> Contents {
    let mut places = Places { tree, root, lines: BTreeMap::new() };
    let mut out = Contents::new();
    services(&mut places, &mut out);
    let own = |owner: &Owner| owner.artifact.is_none_or(|id| !tree.is_symbols(id));
    for (owner, export) in symbols.exports.iter().filter(|(o, _)| own(o)) {
        let service = owner.service.map(|id| tree.service(id).name.clone());
        match export {
            Export::Listener(listener) => out.listeners.push(self::listener(listener, service, &mut places)),
            Export::Datasource(source) => out.datasources.push(Datasource {
                uid: source.uid.clone(),
                name: source.name.clone(),
                kind: source.kind.clone(),
                at: places.at(source.span),
            }),
            Export::Metric(family) => out.metrics.push(Metric {
                name: family.name.clone(),
                kind: kind(family.kind),
                labels: family.labels.as_ref().map(|l| l.iter().cloned().collect()),
                namespace: family.namespace.clone().filter(|_| !open),
                by: Some(family.producer.clone()),
                at: places.at(family.span),
            }),
            Export::OpenMetrics { prefix } => out.open.push(prefix.clone()),
            Export::OpenDatasources => out.open_datasources = true,
            Export::Named(named) => out.names.push(Named {
                thing: named.thing.name().to_owned(),
                name: named.name.clone(),
                at: places.at(named.span),
            }),
            Export::AllMetrics { .. } | Export::AllNamed { .. } => {}
        }
    }
    for (owner, import) in symbols.imports.iter().filter(|(o, _)| own(o)) {
        let service = owner.service.map(|id| tree.service(id).name.clone());
        match import {
            Import::Url(url) => out.calls.push(called(url, service, &mut places)),
            Import::Datasource(reference) => {
                let (by, link) = match &reference.by {
                    DatasourceUse::Link(key) => (key, true),
                    DatasourceUse::Dashboard(by) => (by, false),
                };
                out.asks.push(Asked {
                    datasource: reference.uid.clone(),
                    kind: reference.kind.clone(),
                    by: by.clone(),
                    link,
                    at: places.at(reference.span),
                });
            }
            Import::Metric(asked) => out.reads.push(Read {
                metric: asked.name.clone(),
                by: asked.by.clone(),
                datasource: asked.datasource.clone(),
                or: asked.alternatives.clone(),
                at: places.at(asked.span),
            }),
            Import::Named(wanted) => out.wants.push(Wanted {
                thing: wanted.thing.name().to_owned(),
                name: wanted.name.clone(),
                by: wanted.by.clone(),
                at: places.at(wanted.span),
            }),
            // A path in a container is nobody else's.
            Import::Path(_) => {}
        }
    }
    out
}

/// Services; several of one name (variants of a file, other projects) become one.
fn services(places: &mut Places<'_>, out: &mut Contents) {
    let tree = places.tree;
    let mut all: BTreeMap<&str, Service> = BTreeMap::new();
    for service in tree.services.iter().filter(|s| !tree.is_symbols(s.artifact)) {
        let at = places.at(service.span);
        let one = all.entry(&service.name).or_insert_with(|| Service { at, ..Service::default() });
        one.name.clone_from(&service.name);
        one.aliases.extend(service.names.iter().cloned());
        match &service.network {
            Network::Named(named) => {
                for (name, aliases) in named {
                    one.networks.push(name.clone());
                    one.aliases.extend(aliases.iter().cloned());
                }
            }
            Network::Host => one.network = Some("host".to_owned()),
            Network::Service(name) => one.network = Some(format!("service:{name}")),
            Network::Other => one.network = Some("other".to_owned()),
        }
        one.ports.extend(service.ports.iter().map(|p| Port {
            host: p.published,
            container: p.target,
            address: p.host_ip.clone(),
            udp: p.udp,
        }));
        one.engine = one.engine.take().or(service.engine.map(str::to_owned));
        one.version = one.version.take().or(service.version.map(|v| v.to_string()));
    }
    out.services = all.into_values().collect();
    for service in &mut out.services {
        service.aliases.retain(|a| *a != service.name);
        for list in [&mut service.aliases, &mut service.networks] {
            list.sort();
            list.dedup();
        }
        service.ports.sort();
        service.ports.dedup();
    }
}

fn kind(kind: FamilyType) -> Option<MetricType> {
    Some(match kind {
        FamilyType::Counter => MetricType::Counter,
        FamilyType::Gauge => MetricType::Gauge,
        FamilyType::Histogram => MetricType::Histogram,
        FamilyType::NativeHistogram => MetricType::NativeHistogram,
        FamilyType::Summary => MetricType::Summary,
        FamilyType::Unknown => return None,
    })
}

fn listener(listener: &symbol::Listener, service: Option<String>, places: &mut Places<'_>) -> Listener {
    let accepts = |a: &symbol::Accepts| Accepts {
        protocol: a.protocol.name().to_owned(),
        paths: a.paths.clone(),
        missing_flag: a.missing_flag.clone(),
    };
    Listener {
        service,
        name: listener.name.clone(),
        port: listener.port,
        bind: listener.bind.as_ref().map(|bind| match bind {
            Bind::All => "*".to_owned(),
            Bind::Loopback => "loopback".to_owned(),
            Bind::Host(host) => host.clone(),
        }),
        transport: match listener.transport {
            catalogue::Transport::Http => Transport::Http,
            catalogue::Transport::Grpc => Transport::Grpc,
            catalogue::Transport::HttpGrpc => Transport::Both,
        },
        tls: listener.tls,
        auth: listener.auth.as_ref().map(auth),
        accepts: listener.accepts.as_ref().map(|all| all.iter().map(accepts).collect()),
        at: places.at(listener.origin.span()),
    }
}

fn called(url: &symbol::Url, service: Option<String>, places: &mut Places<'_>) -> Called {
    // The path of a webhook is its secret; those of APIs are words.
    let plain = |paths: &&Vec<String>| url.protocol != Protocol::Http && paths.iter().all(|p| is_plain(p));
    Called {
        service,
        by: url.sender.clone(),
        protocol: url.protocol.name().to_owned(),
        host: url.host.clone(),
        port: url.port,
        paths: url.paths.as_ref().filter(plain).cloned(),
        tls: url.tls,
        auth: url.credentials.as_ref().map(auth),
        signals: url.signals.iter().map(|s| s.name().to_owned()).collect(),
        at: places.at(url.span),
    }
}

fn auth(credentials: &Credentials) -> Auth {
    match credentials {
        Credentials::None => Auth::None,
        Credentials::Bearer(_) => Auth::Bearer,
        Credentials::Basic { .. } => Auth::Basic,
        Credentials::Other(_) => Auth::Other,
    }
}

/// Whether every part of a path is a word in lower case or a version of an API: a token is neither.
fn is_plain(path: &str) -> bool {
    path.split('/').all(|part| {
        let version =
            part.strip_prefix('v').is_some_and(|n| n.len() < 8 && n.starts_with(|c: char| c.is_ascii_digit()));
        let word = |c: char| c.is_ascii_lowercase() || matches!(c, '-' | '_' | '.');
        part.len() <= LONGEST_WORD && (version || part.chars().all(word))
    })
}

/// Spans → `path:line`.
struct Places<'a> {
    tree: &'a Tree,
    root: &'a str,
    lines: BTreeMap<SourceId, LineIndex>,
}

impl Places<'_> {
    fn at(&mut self, span: Span) -> Option<String> {
        let source = self.tree.sources.get(span.source);
        let lines = self.lines.entry(span.source).or_insert_with(|| LineIndex::new(&source.text));
        let shown = path::below(&source.path, self.root).filter(|p| !p.is_empty()).unwrap_or(&source.path);
        Some(format!("{shown}:{}", lines.line(span.start)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_apis_are_told_and_tokens_are_not() {
        for plain in ["", "/", "/api/v1/write", "/v1/traces", "/opentelemetry.proto/x", "/prometheus/api/v1/otlp"] {
            assert!(is_plain(plain), "{plain}");
        }
        for token in ["/T024BE7LD/B03", "/a1b2c3", "/v1/0123456789abcdef0123", "/%2Fx", "/v12345678901", "/X"] {
            assert!(!is_plain(token), "{token}");
        }
    }
}
