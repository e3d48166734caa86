//! What programs of unknown images are told to dial: URLs in their environment and in their commands; where exporters listen.
//!
//! Whether a program reads a variable or a flag is not known, so only two kinds count: what OpenTelemetry's and Pyroscope's
//! own libraries read, and addresses of services here.

mod exporter;
mod settings;

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::address::{self, Client, Written};
use crate::engine::{Instance, Say};
use crate::near::Near;
use crate::symbol::{Export, Import, Protocol, Signal, Url};
use crate::tree::{ProjectId, Service, Tree};

use settings::{Setting, Settings};

/// Read by SDKs and agents of OpenTelemetry, by signal
/// (`open-telemetry/opentelemetry-specification specification/protocol/exporter.md@1377f53b2bc0`): a base to which the
/// path of each signal is added, and per signal one that is used as it is.
const BASE: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";

/// A signal with its endpoint, protocol, exporter and path.
const SIGNALS: [(Signal, &str, &str, &str, &str); 3] = [
    (
        Signal::Traces,
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
        "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
        "OTEL_TRACES_EXPORTER",
        "/v1/traces",
    ),
    (
        Signal::Metrics,
        "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
        "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL",
        "OTEL_METRICS_EXPORTER",
        "/v1/metrics",
    ),
    (
        Signal::Logs,
        "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT",
        "OTEL_EXPORTER_OTLP_LOGS_PROTOCOL",
        "OTEL_LOGS_EXPORTER",
        "/v1/logs",
    ),
];

/// Read by Pyroscope's libraries (npm `@pyroscope/nodejs` 0.6.4), which append `/ingest`.
const PROFILES: &str = "PYROSCOPE_SERVER_ADDRESS";

/// What a client asks of a server by a path that is that API's alone.
const APIS: [(&str, Protocol); 6] = [
    ("/loki/api/v1/push", Protocol::LogPush),
    ("/api/v1/write", Protocol::RemoteWrite),
    ("/api/v1/push", Protocol::RemoteWrite),
    ("/v1/traces", Protocol::OtlpHttp),
    ("/v1/metrics", Protocol::OtlpHttp),
    ("/v1/logs", Protocol::OtlpHttp),
];

/// Reads the symbols of an instance: the services that its files declare.
pub fn symbols(instance: &Instance<'_>, say: &mut Say<'_>) {
    let before = say.service;
    let mut own: Vec<_> = instance.files.iter().flat_map(|(file, _)| instance.tree.declared_by(*file)).collect();
    own.sort_unstable_by_key(|(id, _)| *id);
    let mut names = None;
    for (id, service) in own {
        say.service = Some(id);
        for listener in exporter::listeners(service) {
            say.export(None, Export::Listener(listener));
        }
        let settings = Settings::of(service);
        if service.engine.is_some() || settings.says("OTEL_SDK_DISABLED", |v| v.eq_ignore_ascii_case("true")) {
            continue;
        }
        let ports: BTreeSet<&str> =
            service.environment.iter().map(|v| v.name.as_str()).filter(|n| n.contains("PORT")).collect();
        for setting in settings.all() {
            let url = match library(service, &settings, setting) {
                Some(url) => Some(url),
                None => called(service, setting, &ports)
                    .filter(|url| names.get_or_insert_with(|| Names::of(instance.tree)).mean(service.project, url)),
            };
            if let Some(url) = url {
                say.import(Some(service.artifact), Import::Url(url));
            }
        }
    }
    say.service = before;
}

/// What a library dials because of a variable of its own.
fn library(service: &Service, settings: &Settings<'_>, setting: &Setting<'_>) -> Option<Url> {
    let value = setting.value;
    let name = setting.name.as_ref();
    if name == PROFILES {
        let mut url = dialled(service, setting, Protocol::ProfilePush, vec![Signal::Profiles], &["/ingest"])?;
        url.port = url.port.filter(|_| setting.has_port());
        return Some(url);
    }
    let own = SIGNALS.iter().find(|(_, endpoint, ..)| *endpoint == name);
    if name != BASE && own.is_none() {
        return None;
    }
    let port = address::split(value).and_then(|parts| value[parts.port?].parse::<u16>().ok());
    let ends = |path: &str| SIGNALS.iter().any(|(.., end)| path.trim_end_matches('/').ends_with(end));
    let path = address::split(value).is_some_and(|parts| ends(&value[parts.path]));
    // Without a word on the protocol each language has a default of its own.
    let own_protocol = own.and_then(|(_, _, protocol, ..)| settings.said(protocol));
    let protocol = match own_protocol.or_else(|| settings.said("OTEL_EXPORTER_OTLP_PROTOCOL")) {
        Some("grpc") => Protocol::OtlpGrpc,
        Some(text) if text.starts_with("http/") => Protocol::OtlpHttp,
        None if path || own.is_some() && port == Some(4318) => Protocol::OtlpHttp,
        _ => Protocol::Otlp,
    };
    let (signals, paths): (Vec<Signal>, Vec<&str>) = match own {
        Some((signal, ..)) => (vec![*signal], Vec::new()),
        None => {
            // Only what is asked for by name is certainly sent there.
            let sent = SIGNALS.iter().filter(|(_, endpoint, _, exporter, _)| {
                settings.said(endpoint).is_none()
                    && settings.says(exporter, |e| e.split(',').any(|e| e.trim() == "otlp"))
            });
            sent.map(|(signal, .., path)| (*signal, *path)).unzip()
        }
    };
    let appended: &[&str] = if paths.is_empty() && own.is_none() { &["/v1/traces"] } else { &paths };
    let mut url = dialled(service, setting, protocol, signals, appended)?;
    if own.is_none() && paths.is_empty() && !path {
        url.paths = None;
    }
    // Over HTTP a URL without a port is one of the scheme's port (open-telemetry/opentelemetry-go
    // exporters/otlp/otlptrace/otlptracehttp/internal/otlpconfig/envconfig.go@381987a48b4d takes its host as it is); over gRPC
    // each language has a default of its own.
    if !setting.has_port() && protocol != Protocol::OtlpHttp {
        url.port = None;
    }
    Some(url)
}

/// The URL of a variable or a flag of any program. `ports` are the variables that name ports.
fn called(service: &Service, setting: &Setting<'_>, ports: &BTreeSet<&str>) -> Option<Url> {
    let otlp = !setting.is_variable && setting.name.contains("otlp");
    if !otlp && !setting.value.starts_with("http://") && !setting.value.starts_with("https://") {
        return None;
    }
    let path = address::split(setting.value).map(|parts| setting.value[parts.path].trim_end_matches('/'))?;
    let by_path = APIS.iter().find(|(end, _)| path.ends_with(end)).map(|(_, protocol)| *protocol);
    let protocol = by_path.unwrap_or(if otlp { Protocol::Otlp } else { Protocol::Http });
    let mut url = dialled(service, setting, protocol, Vec::new(), &[])?;
    if setting.is_variable && !setting.has_port() && (!setting.name.ends_with("_URL") || has_port(ports, &setting.name))
    {
        // The port stands elsewhere.
        url.port = None;
    }
    Some(url)
}

fn dialled(
    service: &Service,
    setting: &Setting<'_>,
    protocol: Protocol,
    signals: Vec<Signal>,
    appended: &[&str],
) -> Option<Url> {
    let text = Written::Flat(setting.value.to_owned(), setting.span);
    let mut client = Client::new(format!("{} of `{}`", setting.title, service.name), protocol, &signals, appended);
    // Headers may stand in a variable of their own.
    client.credentials = (None, None);
    if !setting.value.contains("://") {
        // gRPC takes `host:port`; whether it then speaks TLS is up to other variables and the language.
        address::split(setting.value)?.port?;
        client.tls = Some((None, setting.span));
    }
    address::url(&text, client)
}

/// What the services of each project answer to.
#[derive(Default)]
struct Names<'t> {
    /// By the lengths of names.
    all: HashMap<(ProjectId, usize), HashSet<&'t str>>,
    near: Near,
}

impl<'t> Names<'t> {
    fn of(tree: &'t Tree) -> Self {
        let mut names = Self::default();
        for service in &tree.services {
            for name in std::iter::once(&service.name).chain(&service.names) {
                names.all.entry((service.project, name.len())).or_default().insert(name);
            }
        }
        names
    }

    /// Whether a URL leads to a service, or would but for a letter, where it is sure what is sent there.
    fn mean(&self, project: ProjectId, url: &Url) -> bool {
        let (host, length) = (url.host.as_str(), url.host.len());
        let of = |length: usize| self.all.get(&(project, length));
        if of(length).is_some_and(|names| names.contains(host)) {
            return true;
        }
        // Of more of them than a person wrote no two are held against each other.
        let is_slip = |name: &&str| name.len() > 3 && self.near.is_slip(name, host);
        let near = || (length.saturating_sub(1)..=length + 1).filter_map(of).flatten();
        url.protocol != Protocol::Http && near().take_while(|_| !self.near.is_spent()).any(is_slip)
    }
}

/// Whether another variable of the same subject names a port: `LOKI_URL` and `LOKI_PORT`.
fn has_port(ports: &BTreeSet<&str>, name: &str) -> bool {
    let subject = name.trim_end_matches("_URL");
    ports.range(subject..).next().is_some_and(|port| port.starts_with(subject))
}
