//! Snippets per application: the environment its SDKs read, and what to install in its language.

use std::collections::HashSet;

use minijinja::{Environment, context};

use crate::emitter::{Emitted, Mode, header};
use crate::spec::{Application, Language};
use crate::stack::{Host, HostRole, Role, Stack, port};

/// Texts per language.
const SNIPPETS: [(Language, &str); 8] = [
    (Language::Node, include_str!("snippets/node.md")),
    (Language::Python, include_str!("snippets/python.md")),
    (Language::Java, include_str!("snippets/java.md")),
    (Language::Go, include_str!("snippets/go.md")),
    (Language::Dotnet, include_str!("snippets/dotnet.md")),
    (Language::Ruby, include_str!("snippets/ruby.md")),
    (Language::Rust, include_str!("snippets/rust.md")),
    (Language::Other, include_str!("snippets/other.md")),
];

/// Writes `instrumentation/<service>/` on the host where applications run.
pub fn emit(stack: &Stack, host: &Host, _: &dyn Fn(&str) -> String) -> Vec<Emitted> {
    if host.role == HostRole::Gateway {
        return Vec::new();
    }
    let mut folders = HashSet::new();
    let mut files = Vec::new();
    for application in &stack.applications {
        let folder = folder(&application.name.value, &mut folders);
        let file = |name: &str, kind, content| Emitted {
            path: host.path(&format!("instrumentation/{folder}/{name}")),
            kind,
            engine: None,
            mode: Mode::Public,
            content,
        };
        files.push(file("otel.env", "instrumentation", environment(stack, host, application)));
        files.push(file("README.md", "instrumentation", readme(stack, host, application)));
    }
    files
}

/// A folder name of lower-case letters, digits, `.`, `_`, `-`; numbered where two services would share one.
fn folder(name: &str, taken: &mut HashSet<String>) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '_' | '-') { c.to_ascii_lowercase() } else { '-' };
    let plain: String = name.chars().take(64).map(safe).collect();
    let mut candidate = plain.clone();
    let mut number = 2;
    while !taken.insert(candidate.clone()) {
        candidate = format!("{plain}-{number}");
        number += 1;
    }
    candidate
}

/// The Alloy that applications dial.
fn collector(host: &Host) -> &'static str {
    host.nodes.iter().find(|n| matches!(n.role, Role::Agent | Role::Collector)).map_or("alloy", |n| n.service)
}

fn environment(stack: &Stack, host: &Host, application: &Application) -> String {
    let alloy = collector(host);
    let namespace = application.namespace.as_ref().map_or(stack.name.as_str(), |n| &n.value);
    let mut attributes = format!("service.namespace={}", escape(namespace));
    if let Some(environment) = &stack.environment {
        attributes.push_str(&format!(",deployment.environment.name={}", escape(environment)));
    }
    let traces = if stack.node(Role::Traces).is_some() { "otlp" } else { "none" };
    let mut out = header("#");
    let mut line = |name: &str, value: &str| out.push_str(&format!("{name}={value}\n"));
    line("OTEL_SERVICE_NAME", &quote(&application.name.value));
    line("OTEL_RESOURCE_ATTRIBUTES", &quote(&attributes));
    line("OTEL_EXPORTER_OTLP_ENDPOINT", &format!("http://{alloy}:{}", port::OTLP_HTTP));
    line("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf");
    line("OTEL_TRACES_EXPORTER", traces);
    line("OTEL_METRICS_EXPORTER", "otlp");
    line("OTEL_LOGS_EXPORTER", "none");
    line("OTEL_METRIC_EXPORT_INTERVAL", &(stack.pipeline.scrape_interval * 1000).to_string());
    if stack.node(Role::Profiles).is_some() {
        line("PYROSCOPE_APPLICATION_NAME", &quote(&application.name.value));
        line("PYROSCOPE_SERVER_ADDRESS", &format!("http://{alloy}:{}", port::PROFILES));
    }
    out
}

/// Percent-encodes what separates attributes (OpenTelemetry specification, `OTEL_RESOURCE_ATTRIBUTES` follows W3C Baggage).
fn escape(value: &str) -> String {
    let mut out = String::new();
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/' | b':') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// Single quotes where an env file would read something into the value.
fn quote(value: &str) -> String {
    let plain =
        value.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ':' | '=' | ',' | '%'));
    if plain { value.to_owned() } else { format!("'{}'", value.replace('\'', "")) }
}

fn readme(stack: &Stack, host: &Host, application: &Application) -> String {
    let language = application.language.as_ref().map_or(Language::Other, |l| l.value);
    let template = SNIPPETS.iter().find(|(l, _)| *l == language).map_or("", |(_, t)| t);
    let mut environment = Environment::new();
    environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
    let context = context! {
        service => application.name.value.as_str(),
        collector => collector(host),
        network => format!("{}_apps", stack.name),
        profiles => stack.node(Role::Profiles).is_some(),
        profiles_port => port::PROFILES,
        otlp_port => port::OTLP_HTTP,
    };
    // Every template is rendered by a test with these very values.
    let rendered = environment.render_str(template, context).unwrap_or_default();
    format!("<!-- Written by vispyr from vispyr.toml. -->\n{rendered}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_a_snippet_that_renders() {
        for (name, language) in Language::ALL {
            let template = SNIPPETS.iter().find(|(l, _)| *l == language).map(|(_, t)| *t);
            let mut environment = Environment::new();
            environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
            for profiles in [true, false] {
                let context = context! {
                    service => "checkout", collector => "alloy", network => "shop_apps", profiles,
                    profiles_port => 4040, otlp_port => 4318,
                };
                let text = environment.render_str(template.unwrap_or_default(), context);
                assert!(text.as_ref().is_ok_and(|t| t.contains("checkout")), "{name}: {text:?}");
            }
        }
    }

    #[test]
    fn folders_are_safe_and_distinct() {
        let mut taken = HashSet::new();
        assert_eq!(folder("../Checkout", &mut taken), "---checkout");
        assert_eq!(folder("a b", &mut taken), "a-b");
        assert_eq!(folder("a/b", &mut taken), "a-b-2");
    }
}
