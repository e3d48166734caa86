//! What services of unknown images are told to dial: the URLs in their environment.
//!
//! Whether a program reads a variable is not known, so only two kinds count: those that OpenTelemetry's and Pyroscope's
//! own libraries read, and URLs whose host is a service here.

use std::collections::{BTreeSet, HashSet};

use crate::address::{self, Client, Written};
use crate::engine::{Instance, Say};
use crate::symbol::{Import, Protocol, Signal, Url};
use crate::tree::{EnvVar, ProjectId, Service, Tree};

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

/// Reads the symbols of an instance: the services that its files declare.
pub fn symbols(instance: &Instance<'_>, say: &mut Say<'_>) {
    let before = say.service;
    let mut own: Vec<_> = instance.files.iter().flat_map(|(file, _)| instance.tree.declared_by(*file)).collect();
    own.sort_unstable_by_key(|(id, _)| *id);
    let mut names = None;
    for (id, service) in own {
        if service.engine.is_some() || disabled(service) {
            continue;
        }
        say.service = Some(id);
        let ports: BTreeSet<&str> =
            service.environment.iter().map(|v| v.name.as_str()).filter(|n| n.contains("PORT")).collect();
        // Of two of one name the later one counts.
        let mut seen = HashSet::new();
        for var in service.environment.iter().rev().filter(|v| seen.insert(v.name.as_str())) {
            if let Some(url) = library(service, var) {
                say.import(Some(service.artifact), Import::Url(url));
                continue;
            }
            let Some(mut url) = dialled(service, var) else { continue };
            let names = names.get_or_insert_with(|| names_of(instance.tree));
            if !names.contains(&(service.project, url.host.as_str())) {
                continue;
            }
            if !written(var) && (!var.name.ends_with("_URL") || has_port(&ports, &var.name)) {
                // The port stands elsewhere.
                url.port = None;
            }
            say.import(Some(service.artifact), Import::Url(url));
        }
    }
    say.service = before;
}

fn disabled(service: &Service) -> bool {
    let off = |v: &EnvVar| v.value.as_deref().is_some_and(|v| v.eq_ignore_ascii_case("true"));
    service.env("OTEL_SDK_DISABLED").is_some_and(off)
}

fn said<'s>(service: &'s Service, name: &str) -> Option<&'s str> {
    service.env(name)?.value.as_deref().map(str::trim).filter(|v| !v.is_empty())
}

/// What a library dials because of a variable of its own.
fn library(service: &Service, var: &EnvVar) -> Option<Url> {
    let value = var.value.as_deref()?;
    let name = var.name.as_str();
    if name == PROFILES {
        let mut url = dialled_as(service, var, Protocol::ProfilePush, vec![Signal::Profiles], &["/ingest"])?;
        url.port = url.port.filter(|_| written(var));
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
    let own_protocol = own.and_then(|(_, _, protocol, ..)| said(service, protocol));
    let protocol = match own_protocol.or_else(|| said(service, "OTEL_EXPORTER_OTLP_PROTOCOL")) {
        Some("grpc") => Protocol::OtlpGrpc,
        Some(text) if text.starts_with("http/") => Protocol::OtlpHttp,
        None if path || own.is_some() && port == Some(4318) => Protocol::OtlpHttp,
        _ => Protocol::Http,
    };
    let (signals, paths): (Vec<Signal>, Vec<&str>) = match own {
        Some((signal, ..)) => (vec![*signal], Vec::new()),
        None => {
            // Only what is asked for by name is certainly sent there.
            let sent = SIGNALS.iter().filter(|(_, endpoint, _, exporter, _)| {
                said(service, endpoint).is_none()
                    && said(service, exporter).is_some_and(|e| e.split(',').any(|e| e.trim() == "otlp"))
            });
            sent.map(|(signal, .., path)| (*signal, *path)).unzip()
        }
    };
    let appended: &[&str] = if paths.is_empty() && own.is_none() { &["/v1/traces"] } else { &paths };
    let mut url = dialled_as(service, var, protocol, signals, appended)?;
    if own.is_none() && paths.is_empty() && !path {
        url.paths = None;
    }
    // Over HTTP a URL without a port is one of the scheme's port (open-telemetry/opentelemetry-go
    // exporters/otlp/otlptrace/otlptracehttp/internal/otlpconfig/envconfig.go@381987a48b4d takes its host as it is); over gRPC
    // each language has a default of its own.
    if !written(var) && protocol != Protocol::OtlpHttp {
        url.port = None;
    }
    Some(url)
}

/// The URL of a variable of any program.
fn dialled(service: &Service, var: &EnvVar) -> Option<Url> {
    var.value.as_deref().filter(|v| v.starts_with("http://") || v.starts_with("https://"))?;
    dialled_as(service, var, Protocol::Http, Vec::new(), &[])
}

fn dialled_as(
    service: &Service,
    var: &EnvVar,
    protocol: Protocol,
    signals: Vec<Signal>,
    appended: &[&str],
) -> Option<Url> {
    let value = var.value.as_deref()?;
    let text = Written::Flat(value.to_owned(), var.span);
    let mut client = Client::new(format!("`{}` of `{}`", var.name, service.name), protocol, &signals, appended);
    // Headers may stand in a variable of their own.
    client.credentials = (None, None);
    if !value.contains("://") {
        // gRPC takes `host:port`; whether it then speaks TLS is up to other variables and the language.
        address::split(value)?.port?;
        client.tls = Some((None, var.span));
    }
    address::url(&text, client)
}

/// Whether a port is written in the URL of a variable.
fn written(var: &EnvVar) -> bool {
    var.value.as_deref().and_then(address::split).is_some_and(|parts| parts.port.is_some())
}

/// What the services of each project answer to.
fn names_of(tree: &Tree) -> HashSet<(ProjectId, &str)> {
    let names = tree
        .services
        .iter()
        .flat_map(|s| std::iter::once(&s.name).chain(&s.names).map(move |name| (s.project, name.as_str())));
    names.collect()
}

/// Whether another variable of the same subject names a port: `LOKI_URL` and `LOKI_PORT`.
fn has_port(ports: &BTreeSet<&str>, name: &str) -> bool {
    let subject = name.trim_end_matches("_URL");
    ports.range(subject..).next().is_some_and(|port| port.starts_with(subject))
}
