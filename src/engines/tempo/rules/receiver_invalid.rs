//! A receiver that Tempo is not built with.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::near::Near;
use crate::parse::{Entry, Node};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "tempo-receiver-invalid",
    aliases: &[],
    summary: "a receiver that this version of Tempo does not have",
    tier: Tier::B,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("receiver_invalid.md"),
};

/// Receivers with the first release without them (grafana/tempo modules/distributor/receiver/shim.go@v2.3.1 to v3.0.3).
const RECEIVERS: [(&str, Option<(u16, u16)>); 5] =
    [("otlp", None), ("jaeger", None), ("zipkin", None), ("kafka", None), ("opencensus", Some((3, 0)))];

/// What those take that listen for several protocols: keys, and protocols, each with settings of its own or nothing (grafana/tempo
/// vendor/go.opentelemetry.io/collector/receiver/otlpreceiver/config.go,
/// vendor/github.com/open-telemetry/opentelemetry-collector-contrib/receiver/jaegerreceiver/config.go@v2.3.1, v2.8.4, v3.0.3).
const PROTOCOLS: [(&str, &[&str], &[&str]); 2] = [
    ("otlp", &["protocols"], &["grpc", "http"]),
    ("jaeger", &["protocols", "remote_sampling"], &["grpc", "thrift_http", "thrift_binary", "thrift_compact"]),
];

/// Tells of what is none of these.
fn protocols(receiver: Entry<'_>, ty: &str, findings: &mut Findings) {
    let Some((_, keys, names)) = PROTOCOLS.iter().find(|p| p.0 == ty) else { return };
    let place = format!("distributor.receivers.{}", receiver.name());
    let below = receiver.value.get("protocols");
    let levels = [(Some(receiver.value), *keys, place.clone()), (below, *names, format!("{place}.protocols"))];
    for (node, known, place) in levels {
        for entry in node.into_iter().flat_map(|n| n.entries()) {
            let name = entry.name();
            let path = format!("{place}.{name}");
            if name.contains('$') || entry.key.is_tagged() {
                continue;
            }
            if !known.contains(&name) {
                let near = Near::default().nearest(name, known.iter().copied());
                let all: Vec<_> = known.iter().map(|k| format!("`{k}`")).collect();
                let help = near.map_or(format!("it takes {}", all.join(", ")), |n| format!("did you mean `{n}`?"));
                let message = format!("`{name}` is no key of `{place}`");
                findings.push(Diagnostic::new(&RULE, entry.key.span(), message).help(help).note(NOTE));
            } else if is_no_map(entry.value) {
                let message = format!("`{path}` must be a map, or nothing");
                findings.push(Diagnostic::new(&RULE, entry.value.span(), message).note(NOTE));
            }
        }
    }
}

/// Whether something stands there that is no map, and no variable that could become one.
fn is_no_map(node: Node<'_>) -> bool {
    let list = node.is_seq() && node.items().next().is_some();
    !node.is_tagged()
        && (list || node.scalar().is_some_and(|text| !text.is_empty() && !text.contains('$')) && !node.is_null())
}

const NOTE: &str = "Tempo does not start with it, and `-config.verify` does not say so";

pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let Some(all) = super::root(ctx).and_then(|r| r.at(&["distributor", "receivers"])) else { return };
    for entry in all.entries() {
        // `otlp/second` is a second receiver of the type.
        let name = entry.name();
        let ty = name.split('/').next().unwrap_or_default();
        if ty.contains("${") {
            continue;
        }
        let known = RECEIVERS.iter().find(|(n, _)| *n == ty);
        let found = match known {
            Some((_, Some((major, minor)))) if super::since(ctx, *major, *minor).is_some() => {
                let message = format!("Tempo has no receiver `{ty}` since {major}.{minor}");
                super::weighed(ctx, Diagnostic::new(&RULE, entry.key.span(), message))
                    .help("its senders must speak OTLP")
            }
            Some(_) => {
                protocols(entry, ty, findings);
                continue;
            }
            None => {
                let message = format!("`{ty}` is no receiver that Tempo is built with");
                let near = Near::default().nearest(ty, RECEIVERS.iter().map(|(n, _)| *n));
                let help = near.map_or("it has `otlp`, `jaeger`, `zipkin`, `kafka`".to_owned(), |n| {
                    format!("did you mean `{n}`?")
                });
                Diagnostic::new(&RULE, entry.key.span(), message).help(help)
            }
        };
        findings.push(found.note(NOTE));
    }
}
