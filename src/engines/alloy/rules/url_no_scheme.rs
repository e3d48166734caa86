//! URLs that no HTTP client can dial.

use vispyr_alloy::Attribute;

use crate::address;
use crate::diagnostic::{FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::engines::alloy::flow::{Carries, Flow, PartId};
use crate::symbol::Signal;

/// The rule.
pub(in crate::engines::alloy) static RULE: Rule = Rule {
    id: "alloy-url-no-scheme",
    aliases: &[],
    summary: "a URL for an HTTP client has no scheme",
    tier: Tier::C,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("url_no_scheme.md"),
};

/// Attributes that an HTTP client dials as they are written: component, block (empty = none), attribute (grafana/alloy
/// internal/component/{prometheus/remotewrite,loki/write,pyroscope/write,otelcol/exporter/otlphttp}@v1.0.0, @v1.11.3,
/// @v1.19.0-rc.3). An endpoint of gRPC needs no scheme.
const DIALLED: [(&str, &str, &[&str]); 4] = [
    ("loki.write", "endpoint", &["url"]),
    ("prometheus.remote_write", "endpoint", &["url"]),
    ("pyroscope.write", "endpoint", &["url"]),
    ("otelcol.exporter.otlphttp", "client", &["endpoint"]),
];

/// Those of the component itself, by signal. What has one does not go to the common address.
const BY_SIGNAL: [(&str, Signal); 3] =
    [("logs_endpoint", Signal::Logs), ("metrics_endpoint", Signal::Metrics), ("traces_endpoint", Signal::Traces)];

/// Every such attribute.
pub(in crate::engines::alloy) fn run(flow: &Flow<'_, '_>, findings: &mut Findings) {
    for (id, part) in flow.components() {
        let Some((name, block, attributes)) = DIALLED.iter().find(|d| d.0 == part.name) else { continue };
        if *name == "otelcol.exporter.otlphttp" && !dials_common(flow, id, findings) {
            continue;
        }
        for block in part.body().blocks(block) {
            for attribute in block.body().attrs().filter(|a| attributes.contains(&a.name().name())) {
                look(flow, id, attribute, findings);
            }
        }
    }
}

/// Looks at the addresses by signal, and tells whether the common one is certainly dialled.
fn dials_common(flow: &Flow<'_, '_>, id: PartId, findings: &mut Findings) -> bool {
    let mut own = Vec::new();
    for (name, signal) in BY_SIGNAL {
        if let Some(attribute) = flow.part(id).body().attr(name) {
            own.push(signal);
            look(flow, id, attribute, findings);
        }
    }
    let rest = |c: Carries| matches!(c, Carries::Data(Some(signal)) if !own.contains(&signal));
    own.is_empty() || flow.used_by(id).any(|e| rest(e.carries))
}

fn look(flow: &Flow<'_, '_>, id: PartId, attribute: Attribute<'_>, findings: &mut Findings) {
    let Some(text) = attribute.value().as_str() else { return };
    // What is no address is no URL without a scheme, but something else: a placeholder, or a mistake of another kind.
    if text.contains("://") || address::split(&text).is_none_or(|p| p.scheme.is_some()) {
        return;
    }
    let message = format!("`{text}` has no scheme: the HTTP client of {} sends nothing there", flow.title(id));
    let found = flow
        .found(&RULE, flow.file(id).span(attribute.value().range()), message)
        .help(format!("write `http://{text}`, or `https://` where TLS is spoken"));
    findings.push(flow.asleep(id, found));
}
