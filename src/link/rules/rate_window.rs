//! A panel looks at a range in which the scrapes of a metric leave less than two samples.

use super::range_too_short::{is_paced, narrow, time, told};
use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::lang::quantity::prometheus_duration;
use crate::link::Linked;
use crate::link::flow::{Flows, queries_of};
use crate::parse::{Document, Node};
use crate::source::Span;
use crate::tree::Artifact;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "dash-rate-window",
    aliases: &[],
    summary: "a panel takes the rate of a range that is too short for the interval of the scrapes",
    tier: Tier::C,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("rate_window.md"),
};

/// What Grafana takes for the interval of the scrapes where a data source does not tell
/// (grafana/grafana pkg/promlib/models/query.go `calculateRateInterval`@00aaabde125f).
const DEFAULT: u64 = 15_000;

pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    narrow(linked, &RULE, is_shown, "the panel is empty", findings);
    interval(linked, findings);
}

fn is_shown(artifact: &Artifact) -> bool {
    !artifact.uses.is_empty() && matches!(artifact.kind.name, "grafana-dashboard" | "grafana-dashboard-v2")
}

/// A dashboard or a query with an interval of its own: what `$__rate_interval` is there hangs on it.
fn has_own_interval(text: &str) -> bool {
    let mut rest = text;
    while let Some(at) = rest.find("\"interval\"") {
        rest = &rest[at + "\"interval\"".len()..];
        let value = rest.trim_start().strip_prefix(':').map_or("", str::trim_start);
        if value.starts_with('"') && !value.starts_with("\"\"") {
            return true;
        }
    }
    false
}

/// `$__rate_interval` is at least four times what the data source says of the scrapes.
fn interval(linked: &Linked<'_>, findings: &mut Findings) {
    let Some((source, said)) = source(linked) else { return };
    if !is_paced(linked) {
        return;
    }
    let Some(mut flows) = Flows::of(linked).filter(|f| f.slowest() >= Some(4 * said)) else { return };
    let plain = |a: &Artifact| is_shown(a) && !has_own_interval(linked.tree.sources.text(a.source));
    let least = 4 * said;
    let mut panels = 0;
    let mut first = None;
    let may = |query: &str| query.contains("__rate_interval");
    queries_of(linked, plain, may, |asked, _, selection| {
        let Some(window) = selection.window.filter(|_| selection.selector.edges.is_none()) else { return };
        let written = asked.query().get(window.range.clone()).unwrap_or_default().trim();
        if !matches!(written, "$__rate_interval" | "${__rate_interval}") {
            return;
        }
        let Some(metric) = flows.metric(selection) else { return };
        let Some(fastest) = flows.fastest(metric, &selection.selector.matchers) else { return };
        if least <= fastest.pace.millis {
            panels += 1;
            first = first.or(Some((asked.span(window.range.clone()), fastest.pace)));
        }
    });
    let Some((asked, pace)) = first else { return };
    let message = format!(
        "`$__rate_interval` is {} where a short time is shown, and what {} is {}: those panels are empty",
        time(least),
        if panels == 1 { "one query asks for".to_owned() } else { format!("{panels} queries ask for") },
        told(pace),
    );
    findings.push(
        Diagnostic::new(&RULE, source, message)
            .severity(Severity::Warning)
            .here(format!("taken to be scraped every {}", time(said)))
            .label(pace.span, told(pace))
            .label(asked, "asked for here")
            .help(format!("write `timeInterval: {}` under `jsonData` of the data source", time(pace.millis))),
    );
}

/// The only Prometheus that Grafana asks, and what it is told about its scrapes.
fn source(linked: &Linked<'_>) -> Option<(Span, u64)> {
    let files = linked.tree.of_kind("grafana-datasources").filter(|(_, a)| !a.uses.is_empty());
    let roots = files.filter_map(|(_, a)| a.data().and_then(Document::root));
    let all = roots.flat_map(|r| r.get("datasources").into_iter().flat_map(Node::items));
    let mut all = all.filter(|s| s.get("type").and_then(Node::scalar) == Some("prometheus"));
    let (Some(only), None) = (all.next(), all.next()) else { return None };
    match only.at(&["jsonData", "timeInterval"]).filter(|n| n.scalar() != Some("")) {
        Some(node) => {
            let millis = prometheus_duration(node.scalar()?).ok().filter(|ms| *ms > 0)?;
            Some((node.inner(), millis))
        }
        None => Some((only.get("name")?.inner(), DEFAULT)),
    }
}
