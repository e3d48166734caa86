//! A rule looks at a range in which the scrapes of a metric leave less than two samples.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::labels::Pace;
use crate::lang::promql::{MatchOp, Matcher, Selection};
use crate::lang::quantity::prometheus_duration;
use crate::link::Linked;
use crate::link::flow::{Fastest, Flows, queries_of};
use crate::tree::Artifact;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "rules-range-too-short",
    aliases: &[],
    summary: "a rule takes the rate of a range that is too short for the interval of the scrapes",
    tier: Tier::C,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("range_too_short.md"),
};

/// Functions that make nothing of a single sample (prometheus/prometheus promql/functions.go `extrapolatedRate`,
/// `instantValue`, `funcDeriv`, `funcPredictLinear`, `funcDoubleExponentialSmoothing`@v3.14.0).
const OF_TWO: [&str; 9] = [
    "rate",
    "increase",
    "delta",
    "irate",
    "idelta",
    "deriv",
    "predict_linear",
    "holt_winters",
    "double_exponential_smoothing",
];

pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    let of = |a: &Artifact| a.kind.name == "prometheus-rules" && !a.uses.is_empty();
    narrow(linked, &RULE, of, "the rule never has a result", findings);
    let of = |a: &Artifact| a.kind.name == "grafana-alerting" && !a.uses.is_empty();
    narrow(linked, &RULE, of, "the alert never fires", findings);
}

/// Tells every range that is written out and holds less than two samples.
pub(super) fn narrow(
    linked: &Linked<'_>,
    rule: &'static Rule,
    of: impl Fn(&Artifact) -> bool,
    consequence: &str,
    findings: &mut Findings,
) {
    let Some(mut flows) = Some(linked).filter(|l| is_paced(l)).and_then(Flows::of_some) else { return };
    let Some(slowest) = flows.slowest() else { return };
    let may = |query: &str| has_short(query, 2 * slowest);
    // Once per query.
    let mut last = None;
    queries_of(linked, of, may, |asked, _, selection| {
        let Some(function) = selection.enclosing.last().filter(|e| OF_TWO.contains(&e.name.value.as_str())) else {
            return;
        };
        // Such ranges take what lies beside them as well.
        let Some(window) = selection.window.filter(|_| selection.selector.edges.is_none()) else { return };
        let (Some(seconds), Some(metric)) = (window.seconds, flows.metric(selection)) else { return };
        let Some(Fastest { series, pace, sure }) = flows.fastest(metric, &selection.selector.matchers) else { return };
        if !flows.is_closed() && !names_job(selection) && !flows.is_scraped(metric) {
            return;
        }
        let query = Some(asked.span(0..1));
        if last == query {
            return;
        }
        let range = seconds * 1000.0;
        let every = pace.millis as f64;
        if range >= 2.0 * every {
            return;
        }
        last = query;
        let (function, often) = (&function.name.value, time(pace.millis));
        // From 3.0 on the range is open at its left, and before its two ends hardly ever both meet a scrape.
        let never = range <= every;
        let (held, consequence, severity) = match never {
            true => ("one at most", consequence, rule.severity),
            false => ("them only at times", "what comes of it has gaps", Severity::Warning),
        };
        let severity = if sure && flows.is_sealed() { severity } else { Severity::Warning };
        let message = format!(
            "`{function}` needs two samples, and `{metric}` is scraped every {often}: {} hold {held}, so {consequence}",
            time(range as u64)
        );
        let said = if pace.written { "" } else { ", since nothing else is said" };
        let mut diagnostic = Diagnostic::new(rule, asked.span(window.range.clone()), message)
            .severity(severity)
            .label(pace.span, format!("scraped every {often}{said}"))
            .help(format!("write `{}` or more, so that a scrape may fail", time(4 * pace.millis)));
        if pace.written {
            diagnostic =
                diagnostic.label(series.span, format!("of all that may make it {} is the fastest", series.maker));
        }
        findings.push(diagnostic);
    });
}

/// Whether a range that is written out in a query may be shorter than that: most are not, and need not be taken apart.
fn has_short(query: &str, millis: u64) -> bool {
    let ranges = query.split('[').skip(1).map(|rest| rest.split([']', ':']).next().unwrap_or_default().trim());
    let mut written = ranges.filter(|r| r.starts_with(|c: char| c.is_ascii_digit()));
    written.any(|range| prometheus_duration(range).map_or(true, |ms| ms < millis))
}

/// Whether a selector means the series of a scrape alone: they bear its job.
fn names_job(selection: &Selection<'_, '_>) -> bool {
    let named = |m: &Matcher| m.label.value == "job" && !m.value.dynamic && m.matches_empty() == Some(false);
    let wanted = |m: &Matcher| matches!(m.op, MatchOp::Equal | MatchOp::Regex);
    selection.selector.matchers.iter().any(|m| named(m) && wanted(m))
}

/// Whether it is known how often some series get samples, and no store fills the gaps between them.
pub(super) fn is_paced(linked: &Linked<'_>) -> bool {
    // With the time at which a counter began one sample is enough (promql/functions.go `extrapolatedRate`@v3.14.0).
    let mut words = linked.tree.services.iter().filter_map(|s| s.args()).flatten();
    let paced = linked.symbols.series.iter().any(|(_, s)| s.pace.is_some());
    paced && !words.any(|a| a.text.contains("start-timestamps"))
}

/// As it is written in PromQL.
pub(super) fn time(millis: u64) -> String {
    match millis {
        ms if ms % 3_600_000 == 0 => format!("{}h", ms / 3_600_000),
        ms if ms % 60_000 == 0 => format!("{}m", ms / 60_000),
        ms if ms % 1000 == 0 => format!("{}s", ms / 1000),
        ms => format!("{ms}ms"),
    }
}

/// How long a pace is told to be.
pub(super) fn told(pace: Pace) -> String {
    format!("scraped every {}", time(pace.millis))
}
