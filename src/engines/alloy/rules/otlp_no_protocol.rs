//! OTLP receivers that open no port.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::engines::alloy::flow::Flow;

/// The rule.
pub(in crate::engines::alloy) static RULE: Rule = Rule {
    id: "alloy-otlp-no-protocol",
    aliases: &[],
    summary: "an OTLP receiver without a protocol opens no port",
    tier: Tier::C,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("otlp_no_protocol.md"),
};

/// Every `otelcol.receiver.otlp` without `grpc` and `http` (grafana/alloy
/// internal/component/otelcol/receiver/otlp/otlp.go `Convert`@v1.0.0, @v1.11.3, @v1.19.0-rc.3: a server per block, and no
/// check that there is one).
pub(in crate::engines::alloy) fn run(flow: &Flow<'_, '_>, findings: &mut Findings) {
    for (id, part) in flow.components().filter(|(_, p)| p.name == "otelcol.receiver.otlp") {
        if flow.is_broken(id) || ["grpc", "http"].iter().any(|b| part.body().block(b).is_some()) {
            continue;
        }
        let message = format!("{} opens no port: it has neither a `grpc` nor an `http` block", flow.title(id));
        let found =
            flow.found(&RULE, flow.header(id), message).help("add `grpc { }` for port 4317, `http { }` for port 4318");
        findings.push(flow.asleep(id, found));
    }
}
