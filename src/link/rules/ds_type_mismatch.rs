//! A data source of one type whose URL leads to a server of another.

use std::collections::HashSet;

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::Linked;
use crate::parse::Node;

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

/// Every such data source.
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    // What does not get there at all is told as that.
    let faulty: HashSet<_> = linked.faults.iter().map(|f| f.url.span).collect();
    for asked in sources::asked(linked) {
        let service = linked.tree.service(asked.to);
        let (Some(kind), Some(runs)) = (asked.node.get("type"), service.engine) else { continue };
        let Some((name, fitting)) = TYPES.iter().find(|(t, _)| kind.scalar() == Some(t)) else { continue };
        let known = TYPES.iter().any(|(_, engines)| engines.contains(&runs));
        if !known || fitting.contains(&runs) || faulty.contains(&asked.url.span) || is_like(&asked, name, runs) {
            continue;
        }
        let open = linked.open_ports(asked.to);
        if !asked.url.port.is_some_and(|p| open.contains(&p)) {
            continue;
        }
        let message = format!(
            "data source `{}` is of type `{name}`, and `{}` is {}",
            asked.name(),
            service.name,
            engine(service)
        );
        let at = service.image.as_ref().map_or(service.span, |i| i.span);
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
fn is_like(asked: &sources::Asked<'_>, kind: &str, runs: &str) -> bool {
    let url = asked.node.get("url").and_then(Node::scalar).unwrap_or_default();
    kind == "prometheus" && runs == "loki" && url.trim_end_matches('/').ends_with("/loki")
}
