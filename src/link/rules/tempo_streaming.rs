//! A data source that streams from a Tempo which was not told to.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::Linked;
use crate::parse::Node;

use super::{engine, sources};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "gf-tempo-streaming",
    aliases: &[],
    summary: "a data source streams from a Tempo that was not told to stream over its HTTP port",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("tempo_streaming.md"),
};

/// The key of Tempo's config; no flag stands for it (`grafana/tempo cmd/tempo/app/config.go@v2.3.0, v3.0.3`).
const KEY: &str = "stream_over_http_enabled";

/// Every such data source.
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    for asked in sources::asked(linked) {
        let service = linked.tree.service(asked.to);
        if service.engine != Some("tempo") || asked.node.get("type").and_then(Node::scalar) != Some("tempo") {
            continue;
        }
        let streams = asked.node.at(&["jsonData", "streamingEnabled"]).into_iter().flat_map(Node::entries);
        let Some(on) = streams.into_iter().find(|e| e.value.as_bool() == Some(true)) else { continue };
        let files = linked.index.files(asked.to).iter().map(|id| linked.tree.artifact(*id));
        let mut configs = files.filter(|a| a.kind.name == "tempo-config");
        let (Some(config), None) = (configs.next(), configs.next()) else { continue };
        let Some(root) = config.data().and_then(|d| d.root()) else { continue };
        let set = root.entry(KEY);
        if set.is_some_and(|e| e.value.as_bool() != Some(false)) {
            continue;
        }
        let message =
            format!("data source `{}` streams, and {} does not: `{KEY}` is not `true`", asked.name(), engine(service));
        let server = root.entry("server").map_or(root.span(), |e| e.key.span());
        let place = set.map_or(server, |e| e.value.span());
        let diagnostic = Diagnostic::new(&RULE, on.key.span().to(on.value.span()), message)
            .label(place, "the config of Tempo")
            .help(format!("write `{KEY}: true` in the config of Tempo, or turn `{}` off", on.name()))
            .note("Grafana streams over gRPC through the port of the URL, which answers plain HTTP alone: the search fails");
        findings.push(diagnostic);
    }
}
