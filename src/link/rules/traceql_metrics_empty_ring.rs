//! A panel that asks Tempo 2.x for metrics of traces, where no generator keeps the spans that they are made of.

use std::collections::{HashMap, HashSet};

use crate::catalogue::Version;
use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::engines::grafana::queries::{Field, metrics_of_traces, questions};
use crate::link::Linked;
use crate::parse::Node;
use crate::source::{SourceId, Span};
use crate::tree::{Service, ServiceId};

use super::engine;
use super::kept::{Config, config, image};
use super::sources::{asked, shown_with};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "tempo-traceql-metrics-empty-ring",
    aliases: &[],
    summary: "a panel asks Tempo for metrics of traces, and no generator runs the `local-blocks` processor",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("traceql_metrics_empty_ring.md"),
};

/// Releases in which generators answer such queries, those of the last half hour: before, there are none; since 3.0 the live
/// store does (`grafana/tempo pkg/api/http.go, modules/querier/querier_query_range.go, modules/generator/instance.go
/// QueryRange@v2.4.0, v2.10.8`).
const SINCE: Version = Version::new(2, 4, 0);
const UNTIL: Version = Version::new(3, 0, 0);

/// The processor (`grafana/tempo modules/generator/processor/localblocks/config.go@v2.4.2, v2.10.8`).
const PROCESSOR: &str = "local-blocks";

/// Queries that are told of beside the first.
const SHOWN: usize = 7;

/// Every such Tempo, once per dashboard.
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    let tree = linked.tree;
    let lacking = lacking(linked);
    if lacking.is_empty() {
        return;
    }
    // What a source is found by: its uid, or its name without one.
    let place =
        |n: Node<'_>| n.get("uid").filter(|u| u.scalar() != Some("")).or_else(|| n.get("name")).map(Node::inner);
    let served: HashMap<Span, ServiceId> = asked(linked).iter().filter_map(|a| Some((place(a.node)?, a.to))).collect();
    for (id, artifact) in tree.artifacts() {
        let mut found: Option<(ServiceId, Diagnostic, usize)> = None;
        let mut grafana = None;
        for question in questions(artifact).into_iter().filter(|q| q.field == Field::Trace) {
            let Some(function) = metrics_of_traces(question.text.value()) else { continue };
            let Some(known) = *grafana.get_or_insert_with(|| shown_with(linked, id, artifact)) else { break };
            let source = match question.source {
                // A variable offers all sources of its type.
                Some(name) if name.contains('$') || name.contains("[[") => known.only("tempo"),
                Some(name) => known.resolve(name),
                None => known.default(),
            };
            let Some(to) = source.and_then(|s| served.get(&s.span)).copied() else { continue };
            let Some(place) = lacking.get(&to) else { continue };
            found = Some(match found.take() {
                None => {
                    let service = tree.service(to);
                    let message = format!(
                        "{} asks for `{function}` over traces, and {} runs no `{PROCESSOR}` processor to answer",
                        question.by,
                        engine(service)
                    );
                    let diagnostic = Diagnostic::new(&RULE, question.text.whole(), message)
                        .label(*place, "no processor of that name is on here")
                        .help(format!(
                            "add `{PROCESSOR}` to `overrides.defaults.metrics_generator.processors`, and set `metrics_generator.traces_storage.path`"
                        ))
                        .note("what is recent comes from generators alone: the query fails with \"empty ring\" or \"localblocks processor not found\"");
                    (to, diagnostic, 0)
                }
                Some((first, diagnostic, more)) if first == to && more < SHOWN => {
                    (first, diagnostic.label(question.text.whole(), format!("so does {}", question.by)), more + 1)
                }
                Some(other) => other,
            });
        }
        findings.all.extend(found.map(|(_, diagnostic, _)| diagnostic));
    }
}

/// Every Tempo that surely has no such processor, nor another of its project, with the place where it would be named.
fn lacking(linked: &Linked<'_>) -> HashMap<ServiceId, Span> {
    let mut scanned: HashMap<SourceId, bool> = HashMap::new();
    let mut named = |root: Node<'_>| {
        let scan = || root.document().nodes().any(|n| n.scalar() == Some(PROCESSOR));
        *scanned.entry(root.span().source).or_insert_with(scan)
    };
    let (mut found, mut running) = (HashMap::new(), HashSet::new());
    for (id, service) in linked.tree.services().filter(|(_, s)| s.engine == Some("tempo")) {
        match place(linked, id, service, &mut named) {
            Some(place) => _ = found.insert(id, place),
            None => _ = running.insert(service.project),
        }
    }
    found.retain(|id, _| {
        let service = linked.tree.service(*id);
        !running.contains(&service.project) && service.version.is_some_and(|v| v >= SINCE && v < UNTIL)
    });
    found
}

fn place(
    linked: &Linked<'_>,
    id: ServiceId,
    service: &Service,
    named: &mut dyn FnMut(Node<'_>) -> bool,
) -> Option<Span> {
    let words = service.args()?;
    if service.mounts_open || words.iter().any(|w| w.open || w.text.contains(PROCESSOR)) {
        return None;
    }
    let Config::File(root) = config(linked, id, image(service)?)? else { return None };
    // Tenants with settings of their own, and spans that come by way of Kafka.
    let other = root.at(&["overrides", "per_tenant_override_config"]).or_else(|| root.get("ingest"));
    if other.is_some() || named(root) {
        return None;
    }
    let near = root.entry("overrides").or_else(|| root.entry("metrics_generator"));
    Some(near.map_or_else(|| service.command_span(), |e| e.key.span()))
}
