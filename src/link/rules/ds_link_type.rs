//! A link of a data source to another that holds nothing of what is sought there.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::Linked;
use crate::symbol::{DatasourceUse, Import};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "gf-ds-link-type",
    aliases: &[],
    summary: "a link or the service map of traces names a data source that holds nothing of what is sought there",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("ds_link_type.md"),
};

/// A link, and what it needs at its end.
pub(super) struct Link {
    /// The key that names the other source.
    pub key: &'static str,
    /// What follows it, for messages: `the service map is read from`.
    pub leads: &'static str,
    /// What is wrong with the other end: `holds none`.
    pub lacks: &'static str,
    /// Types of sources that surely have nothing of it.
    pub without: &'static [&'static str],
    /// The type that is mostly meant.
    pub right: &'static str,
}

/// Sources that answer no PromQL; other types than these may stand for a store of metrics.
const NO_METRICS: &[&str] = &["loki", "tempo", "jaeger", "zipkin", "grafana-pyroscope-datasource", "alertmanager"];

/// Sources that hold no logs.
const NO_LOGS: &[&str] = &["prometheus", "tempo", "jaeger", "zipkin", "grafana-pyroscope-datasource", "alertmanager"];

const LINKS: [Link; 6] = [
    Link {
        key: "serviceMap.datasourceUid",
        leads: "the service map is read from",
        lacks: "holds no metrics: the map stays empty",
        without: NO_METRICS,
        right: "prometheus",
    },
    Link {
        key: "tracesToMetrics.datasourceUid",
        leads: "traces link to metrics in",
        lacks: "holds none",
        without: NO_METRICS,
        right: "prometheus",
    },
    Link {
        key: "tracesToLogs.datasourceUid",
        leads: "traces link to logs in",
        lacks: "holds none",
        without: NO_LOGS,
        right: "loki",
    },
    Link {
        key: "tracesToLogsV2.datasourceUid",
        leads: "traces link to logs in",
        lacks: "holds none",
        without: NO_LOGS,
        right: "loki",
    },
    Link {
        key: "derivedFields.datasourceUid",
        leads: "traces of log lines are sought in",
        lacks: "holds none",
        without: &["prometheus", "alertmanager"],
        right: "tempo",
    },
    Link {
        key: "lokiSearch.datasourceUid",
        leads: "traces are sought by logs in",
        lacks: "holds none",
        without: NO_LOGS,
        right: "loki",
    },
];

/// Every such link.
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    for link in &LINKS {
        findings.all.extend(misled(linked, &RULE, link));
    }
}

/// What names a source of the wrong type.
pub(super) fn misled(linked: &Linked<'_>, rule: &'static Rule, link: &Link) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (owner, import) in &linked.symbols.imports {
        let Import::Datasource(reference) = import else { continue };
        let meant = reference.kind.as_deref() == Some(link.right);
        if !meant || !matches!(&reference.by, DatasourceUse::Link(key) if key == link.key) {
            continue;
        }
        let grafana = linked.index.grafana(linked.tree, *owner);
        let to = grafana.resolve(&reference.uid).filter(|d| link.without.contains(&d.kind.as_str()));
        let Some(to) = to else { continue };
        let message = format!("{} `{}`, which {}", link.leads, to.name, link.lacks);
        let mut diagnostic =
            Diagnostic::new(rule, reference.span, message).label(to.span, format!("a source of type `{}`", to.kind));
        diagnostic.help = Some(match grafana.only(link.right) {
            Some(right) => format!("write `{}`, the uid of `{}`", right.uid, right.name),
            None => format!("name the uid of a source of type `{}`", link.right),
        });
        found.push(diagnostic);
    }
    found
}
