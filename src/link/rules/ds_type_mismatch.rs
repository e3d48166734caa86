//! A data source of one type whose URL leads to a server of another.

use std::collections::HashSet;

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::{Fault, Linked};
use crate::parse::Node;
use crate::source::Span;

use super::{engine, sources};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "gf-ds-type-mismatch",
    aliases: &[],
    summary: "a data source is of another type than the server behind its URL",
    tier: Tier::C,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("ds_type_mismatch.md"),
};

/// Types, with the engines that answer what they ask.
const TYPES: [(&str, &[&str]); 6] = [
    ("prometheus", &["prometheus", "mimir"]),
    ("loki", &["loki"]),
    ("tempo", &["tempo"]),
    ("grafana-pyroscope-datasource", &["pyroscope"]),
    ("phlare", &["pyroscope"]),
    ("alertmanager", &["alertmanager", "mimir"]),
];

/// A data source, its type, and the engine that answers none of it.
struct Mismatch<'a> {
    asked: sources::Sourced<'a>,
    kind: Node<'a>,
    name: &'static str,
    runs: &'static str,
}

fn mismatches<'a>(linked: &Linked<'a>) -> Vec<Mismatch<'a>> {
    // What does not get there at all is told as that; that nothing there takes such a path is what is told here.
    let told = linked.faults.iter().filter(|f| !matches!(f.fault, Fault::Path { .. }));
    let faulty: HashSet<_> = told.map(|f| f.url.span).collect();
    let mismatch = |asked: sources::Sourced<'a>| {
        let service = linked.tree.service(asked.to);
        let (kind, runs) = (asked.node.get("type")?, service.engine?);
        let (name, fitting) = TYPES.iter().find(|(t, _)| kind.scalar() == Some(t))?;
        let known = TYPES.iter().any(|(_, engines)| engines.contains(&runs));
        if !known || fitting.contains(&runs) || faulty.contains(&asked.url.span) || is_like(&asked, name, runs) {
            return None;
        }
        let open = linked.open_ports(asked.to);
        let arrives = asked.url.port.is_some_and(|p| open.contains(&p));
        arrives.then_some(Mismatch { asked, kind, name, runs })
    };
    sources::asked(linked).into_iter().filter_map(mismatch).collect()
}

/// The URLs that are told of here.
pub(super) fn told(linked: &Linked<'_>) -> HashSet<Span> {
    mismatches(linked).iter().map(|m| m.asked.url.span).collect()
}

/// Every such data source.
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    for Mismatch { asked, kind, name, runs } in mismatches(linked) {
        let service = linked.tree.service(asked.to);
        let message = format!(
            "data source `{}` is of type `{name}`, and `{}` is {}",
            asked.name(),
            service.name,
            engine(service)
        );
        let at = service.image_span();
        let right: Vec<&str> =
            TYPES.iter().filter(|(_, e)| e.contains(&runs)).map(|(t, _)| *t).filter(|t| *t != "phlare").collect();
        let diagnostic = Diagnostic::new(&RULE, kind.inner(), message)
            .label(asked.url.span, "asked here")
            .label(at, format!("{} runs here", engine(service)))
            .help(format!("write the type `{}`, or the URL of another service", right.join("` or `")))
            .note("it answers none of the queries of that type: every panel of the source fails");
        findings.push(diagnostic);
    }
}

/// Loki answers part of Prometheus' API below `/loki`, which some ask it at for alerts.
fn is_like(asked: &sources::Sourced<'_>, kind: &str, runs: &str) -> bool {
    let url = asked.node.get("url").and_then(Node::scalar).unwrap_or_default();
    kind == "prometheus" && runs == "loki" && url.trim_end_matches('/').ends_with("/loki")
}
