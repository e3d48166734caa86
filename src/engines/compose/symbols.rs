//! What services of unknown images are told to dial: the URLs in their environment.
//!
//! Whether a program reads a variable is not known, so only two kinds count: those that OpenTelemetry's and Pyroscope's
//! own libraries read, and URLs whose host is a service here.

use std::collections::{BTreeSet, HashSet};

use crate::address::{self, Client, Written};
use crate::engine::{Instance, Say};
use crate::symbol::{Import, Protocol, Signal, Url};
use crate::tree::{EnvVar, ProjectId, Service, Tree};

/// Read by SDKs and agents, with the signals that they may send there (npm `@opentelemetry/otlp-exporter-base` 0.223.1 and `@pyroscope/nodejs` 0.6.4 read them under
/// these names).
const LIBRARIES: [(&str, &[Signal]); 5] = [
    ("OTEL_EXPORTER_OTLP_ENDPOINT", &[Signal::Metrics, Signal::Traces, Signal::Logs]),
    ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", &[Signal::Traces]),
    ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", &[Signal::Metrics]),
    ("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", &[Signal::Logs]),
    ("PYROSCOPE_SERVER_ADDRESS", &[Signal::Profiles]),
];

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
            let Some((library, mut url)) = dialled(service, var) else { continue };
            let names = names.get_or_insert_with(|| names_of(instance.tree));
            if !library && !names.contains(&(service.project, url.host.as_str())) {
                continue;
            }
            if !written(var) && (library || !var.name.ends_with("_URL") || has_port(&ports, &var.name)) {
                // The library has a default of its own, or the port stands elsewhere.
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

/// The URL of a variable, and whether a library reads it.
fn dialled(service: &Service, var: &EnvVar) -> Option<(bool, Url)> {
    let value = var.value.as_deref().filter(|v| v.starts_with("http://") || v.starts_with("https://"))?;
    let library = LIBRARIES.iter().find(|(name, _)| *name == var.name);
    let signals = library.map_or(&[][..], |(_, signals)| *signals);
    let text = Written::Flat(value.to_owned(), var.span);
    let mut client = Client::new(format!("`{}` of `{}`", var.name, service.name), Protocol::Http, signals, &[]);
    // Headers may stand in a variable of their own.
    client.credentials = (None, None);
    Some((library.is_some(), address::url(&text, client)?))
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
