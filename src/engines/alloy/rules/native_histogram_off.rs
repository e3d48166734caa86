//! Native histograms that are asked for and not scraped.

use vispyr_alloy::{Body, Expr, ExprKind};

use crate::catalogue::Version;
use crate::diagnostic::{FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::engines::alloy::flow::Flow;

/// The rule.
pub(in crate::engines::alloy) static RULE: Rule = Rule {
    id: "alloy-native-histogram-off",
    aliases: &[],
    summary: "a scrape is set up for native histograms and drops them",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("native_histogram_off.md"),
};

/// Since then asking for protobuf is not enough (grafana/alloy docs/sources/release-notes.md,
/// internal/component/prometheus/scrape/scrape.go@v1.11.0, the same @v1.19.0-rc.3).
const SINCE: Version = Version::new(1, 11, 0);

/// What says how native histograms are to be scraped, and nothing else.
const SHAPE: [&str; 2] = ["native_histogram_bucket_limit", "native_histogram_min_bucket_factor"];

/// Scrapes that were written for native histograms before they had to be turned on.
pub(in crate::engines::alloy) fn run(flow: &Flow<'_, '_>, findings: &mut Findings) {
    if flow.version < SINCE {
        return;
    }
    for (id, part) in flow.components().filter(|(_, p)| p.name == "prometheus.scrape") {
        let body = part.body();
        // Protobuf negotiation turns them on, as the attribute does.
        let said = ["scrape_native_histograms", "enable_protobuf_negotiation"];
        if said.iter().any(|name| body.attr(name).is_some()) {
            continue;
        }
        let Some(asked) = asked(body) else { continue };
        let message = format!("{} scrapes no native histograms: they have to be turned on", flow.title(id));
        let found = flow.found(&RULE, flow.file(id).span(asked.range()), message);
        let found = found.help("set `scrape_native_histograms = true`, or say `false` if classic ones are meant");
        findings.push(flow.weighed(found));
    }
}

/// Where native histograms are asked for: protobuf before all else, or a shape for them that is not that of no limit.
fn asked(body: Body<'_>) -> Option<Expr<'_>> {
    let protocols = body.attr("scrape_protocols").map(|a| a.value()).filter(|value| {
        let ExprKind::Array(items) = value.unparen().kind() else { return false };
        items.iter().next().is_some_and(|first| first.as_str().as_deref() == Some("PrometheusProto"))
    });
    let shape = || SHAPE.iter().find_map(|name| Some(body.attr(name)?.value()).filter(|v| v.as_i64() != Some(0)));
    protocols.or_else(shape)
}
