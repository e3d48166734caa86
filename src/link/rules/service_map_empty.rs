//! A service map that is drawn from series which nobody makes.

use std::cell::LazyCell;

use super::sources;
use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::engines::tempo::overrides::processors;
use crate::link::Linked;
use crate::parse::Node;
use crate::symbol::Export;
use crate::tree::{Service, has_word};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "gf-service-map-empty",
    aliases: &[],
    summary: "a data source of traces draws a service map from series that nobody in the stack makes",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("service_map_empty.md"),
};

/// How the names begin (grafana/tempo modules/generator/processor/servicegraphs/servicegraphs.go@v3.0.3).
const SERIES: &str = "traces_service_graph_";

/// Words in configs of Alloy that may make them.
const MAKERS: [&str; 4] = ["servicegraph", "beyla", "import.", "remotecfg"];

/// Every such data source, where no part of the stack is unknown that may make the series.
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    // Looks through whole texts, for what few stacks ask.
    let made = LazyCell::new(|| linked.has_foreign_collector() || makes(linked));
    for asked in sources::asked(linked) {
        let service = linked.tree.service(asked.to);
        let traces = asked.node.get("type").and_then(Node::scalar) == Some("tempo");
        let Some(map) = asked.node.at(&["jsonData", "serviceMap", "datasourceUid"]).filter(|_| traces) else {
            continue;
        };
        if service.engine != Some("tempo") || service.build || map.scalar().is_none_or(str::is_empty) {
            continue;
        }
        if *made {
            return;
        }
        let files = linked.index.files(asked.to).iter().map(|id| linked.tree.artifact(*id));
        let mut configs = files.filter(|a| a.kind.name == "tempo-config");
        let (Some(config), None) = (configs.next(), configs.next()) else { continue };
        let Some(root) = config.data().and_then(|d| d.root()) else { continue };
        let known = processors(linked.tree, config).and_then(|all| all.first().copied());
        let (place, what) = match known {
            Some(node) => (node.span(), "`service-graphs` is not among its processors"),
            None => (root.span(), "this Tempo has no metrics generator"),
        };
        let message = "the service map stays empty: nobody in the stack makes the series that it is drawn from";
        findings.push(
            Diagnostic::new(&RULE, map.inner(), message)
                .label(place, what)
                .note(format!("they are called `{SERIES}…`, and come of a `servicegraph` connector or of Tempo's `service-graphs`"))
                .help(
                    "give Tempo a `metrics_generator` with a `remote_write`, and name `service-graphs` among its processors; or \
                     leave `serviceMap` out",
                ),
        );
    }
}

/// Words in names of services that may make them, whatever their image is.
const COLLECTORS: [&str; 4] = ["otel", "collector", "beyla", "alloy"];

/// Whether a processor may make such series; `local-blocks` does not.
fn is_maker(processor: Node<'_>) -> bool {
    processor.scalar().is_none_or(|name| name.contains("service-graphs") || name.contains('$'))
}

/// Whether something in the tree may make such series.
fn makes(linked: &Linked<'_>) -> bool {
    let unread = |s: &Service| s.engine.is_none() && has_word(&s.name, &COLLECTORS);
    if linked.tree.services.iter().any(unread) {
        return true;
    }
    let told = |e: &Export| match e {
        Export::Metric(family) => family.name.starts_with(SERIES),
        Export::OpenMetrics { prefix } => !prefix.is_empty() && SERIES.starts_with(prefix.as_str()),
        _ => false,
    };
    linked.symbols.exports.iter().any(|(_, e)| told(e))
        || linked.tree.artifacts.iter().any(|artifact| {
            let text = linked.tree.sources.text(artifact.source);
            match artifact.kind.engine {
                // What is read with a config counts with that. Another rule tells of a generator that makes nothing.
                "tempo" if artifact.kind.name == "tempo-config" => {
                    let Some(all) = processors(linked.tree, artifact) else { return true };
                    let mut named = all.into_iter().flat_map(Node::items).peekable();
                    let known = named.peek().is_some() && !named.any(is_maker);
                    !known && text.contains("metrics_generator")
                }
                "alloy" => MAKERS.iter().any(|word| text.contains(word)),
                _ => false,
            }
        })
}
