//! What services of unknown images are told to dial: the URLs in their environment.
//!
//! Whether a program reads a variable is not known, so only two kinds count: those that OpenTelemetry's and Pyroscope's
//! own libraries read, and URLs whose host is a service here.

use crate::address::{self, Client, Written};
use crate::engine::{Instance, Say};
use crate::symbol::{Import, Protocol, Url};
use crate::tree::{EnvVar, Service, Tree};

/// Read by SDKs and agents (open-telemetry/opentelemetry-specification `specification/protocol/exporter.md`;
/// grafana/pyroscope-java `agent/src/main/java/io/pyroscope/javaagent/config/Config.java`).
const LIBRARIES: [&str; 6] = [
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
    "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT",
    "PYROSCOPE_SERVER_ADDRESS",
    "OTEL_PYROSCOPE_SERVER_ADDRESS",
];

/// Reads the symbols of an instance: the services that its files declare.
pub fn symbols(instance: &Instance<'_>, say: &mut Say<'_>) {
    let before = say.service;
    for (id, service) in instance.tree.services() {
        let declared = instance.files.iter().any(|(file, _)| *file == service.artifact);
        if !declared || service.engine.is_some() || disabled(service) {
            continue;
        }
        say.service = Some(id);
        for var in &service.environment {
            // Of two of one name the later one counts.
            let last = service.env(&var.name).is_some_and(|v| std::ptr::eq(v, var));
            if let Some(url) = dialled(instance.tree, service, var).filter(|_| last) {
                say.import(Some(service.artifact), Import::Url(url));
            }
        }
    }
    say.service = before;
}

fn disabled(service: &Service) -> bool {
    let off = |v: &EnvVar| v.value.as_deref().is_some_and(|v| v.eq_ignore_ascii_case("true"));
    service.env("OTEL_SDK_DISABLED").is_some_and(off)
}

fn dialled(tree: &Tree, service: &Service, var: &EnvVar) -> Option<Url> {
    let value = var.value.as_deref().filter(|v| v.starts_with("http://") || v.starts_with("https://"))?;
    let library = LIBRARIES.contains(&var.name.as_str());
    let text = Written::Flat(value.to_owned(), var.span);
    let mut client = Client::new(format!("`{}` of `{}`", var.name, service.name), Protocol::Http, &[], &[]);
    // Headers may stand in a variable of their own.
    client.credentials = (None, None);
    let mut url = address::url(&text, client)?;
    if !library && !is_service(tree, service, &url.host) {
        return None;
    }
    let written = address::split(value).is_some_and(|parts| parts.port.is_some());
    if !written && (library || !var.name.ends_with("_URL") || has_port(service, &var.name)) {
        // The library has a default of its own, or the port stands elsewhere.
        url.port = None;
    }
    Some(url)
}

fn is_service(tree: &Tree, service: &Service, host: &str) -> bool {
    let named = |s: &Service| s.name == host || s.names.iter().any(|n| n == host);
    tree.services.iter().any(|s| s.project == service.project && named(s))
}

/// Whether another variable of the same subject names a port: `LOKI_URL` and `LOKI_PORT`.
fn has_port(service: &Service, name: &str) -> bool {
    let subject = name.trim_end_matches("_URL");
    service.environment.iter().any(|v| v.name.starts_with(subject) && v.name.contains("PORT"))
}
