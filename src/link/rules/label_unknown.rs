//! A query asks for a job that nobody scrapes, or for a label that nobody who makes the metric gives.

use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::lang::promql::{MatchOp, Name};
use crate::link::Linked;
use crate::link::flow::{Flows, Known, Look, Loss, Reading, once};
use crate::source::Span;
use crate::symbol::MetricFamily;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "dash-label-unknown",
    aliases: &[],
    summary: "a query asks for a `job`, or for a label, that no series of its metric has",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("label_unknown.md"),
};

/// So many names stand in a message.
const NAMED: usize = 6;

/// Looks at a selector.
pub(super) static LOOK: Look = Look { wanted: |linked| !linked.symbols.series.is_empty(), run: look };

fn look(linked: &Linked<'_>, known: &mut Known<'_>, reading: &Reading<'_, '_>, findings: &mut Findings) {
    of_families(linked, known, reading, findings);
    of_spans(known, reading, findings);
    let Some(flows) = known.flows() else { return };
    let Some(metric) = flows.metric(reading.selection).filter(|m| !flows.is_special(m)) else { return };
    let matchers = &reading.selection.selector.matchers;
    if metric == "up" && !flows.federates() {
        of_targets(flows, reading, findings);
    }
    let Some(jobs) = flows.jobs() else { return };
    let wanted = |op| matches!(op, MatchOp::Equal | MatchOp::Regex);
    let of_job = matchers.iter().filter(|m| m.label.value == "job" && wanted(m.op));
    for matcher in of_job.filter(|m| m.matches_empty() == Some(false)) {
        if jobs.meets(matcher) {
            continue;
        }
        let (wanted, jobs) = (&matcher.value.value, &jobs.all);
        let message = format!("no series of `{metric}` has the job `{wanted}`: nothing is scraped under that name");
        let near = linked.index.near.nearest(wanted, jobs.keys().map(String::as_str));
        let mut diagnostic = Diagnostic::new(&RULE, reading.asked.span(matcher.value.range.clone()), message);
        if let Some((name, span)) = near.and_then(|n| jobs.get_key_value(n)) {
            diagnostic = diagnostic.label(*span, format!("the job `{name}`")).help(format!("did you mean `{name}`?"));
        } else {
            diagnostic = listed(diagnostic, jobs);
        }
        findings.push(diagnostic);
    }
}

/// What a maker names itself has the labels that its config gives, and no others.
fn of_families(linked: &Linked<'_>, known: &Known<'_>, reading: &Reading<'_, '_>, findings: &mut Findings) {
    let selection = reading.selection;
    let Some(metric) = selection.metric().filter(|n| !n.dynamic) else { return };
    if selection.asks_absence() || selection.selector.opaque {
        return;
    }
    let lacks = |label: &str| known.families.without(&metric.value, label);
    let named = |n: &'_ Name| reading.asked.span(n.range.clone());
    let mut read: Vec<(&str, Span)> =
        reading.matched().map(|m| (m.label.value.as_str(), named(&m.label))).chain(reading.shown()).collect();
    for grouping in reading.grouped() {
        // Where some of them are there, the others may be meant for other stacks.
        let asked = || grouping.labels.iter().filter(|n| n.value != "le");
        if asked().all(|n| !n.dynamic && lacks(&n.value).is_some()) {
            read.extend(asked().map(|n| (n.value.as_str(), named(n))));
        }
    }
    for (name, span) in once(read) {
        let Some(family) = lacks(name) else { continue };
        let all = family.labels.iter().flatten().map(String::as_str).filter(|l| !l.starts_with("__"));
        let message = format!("no series of `{}` has the label `{name}`: {} gives none", metric.value, family.producer);
        let mut told =
            Diagnostic::new(&RULE, span, message).label(family.span, format!("{} is on here", family.producer));
        // `service_name` is what others call `service`, and an attribute is named with all that is before its dots.
        let part = all.clone().filter(|l| name.starts_with(l) || l.ends_with(name)).max_by_key(|l| l.len());
        told = match part.or_else(|| linked.index.near.nearest(name, all.clone())) {
            Some(near) => told.help(format!("did you mean `{near}`?")),
            None => told.help(format!("its labels are {}", quoted(all))),
        };
        findings.push(told);
    }
}

/// Labels of span metrics whose values are names of an enumeration, with what these begin with and what follows (grafana/tempo
/// modules/generator/processor/spanmetrics/spanmetrics.go@v2.9.5; open-telemetry/opentelemetry-collector-contrib
/// internal/coreinternal/traceutil/traceutil.go@v0.134.0).
const ENUMS: [(&str, &str, &[&str]); 2] = [
    ("status_code", "STATUS_CODE_", &["UNSET", "OK", "ERROR"]),
    ("span_kind", "SPAN_KIND_", &["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"]),
];

/// A value of such a label without what it begins with: no series has it.
fn of_spans(known: &Known<'_>, reading: &Reading<'_, '_>, findings: &mut Findings) {
    let Some(metric) = reading.selection.metric().filter(|n| !n.dynamic) else { return };
    // Only makers that count spans have a namespace.
    let makers = known.families.makers(&metric.value);
    let Some(maker) = makers.first().filter(|_| makers.iter().all(|m| m.namespace.is_some())) else { return };
    for matcher in reading.selection.selector.matchers.iter().filter(|m| !m.value.dynamic && !m.label.dynamic) {
        let Some((label, prefix, names)) = ENUMS.iter().find(|(label, ..)| matcher.label.value == *label) else {
            continue;
        };
        let given = |m: &&&MetricFamily| m.labels.as_ref().is_some_and(|l| l.contains(*label));
        let several = matches!(matcher.op, MatchOp::Regex | MatchOp::NotRegex);
        let value = matcher.value.value.as_str();
        let short = |text: &str| names.iter().find(|name| name.eq_ignore_ascii_case(text));
        let all: Option<Vec<_>> =
            if several { value.split('|').map(short).collect() } else { short(value).map(|n| vec![n]) };
        let Some(all) = all.filter(|_| makers.iter().any(|m| given(&m))) else { continue };
        let meant: Vec<String> = all.into_iter().map(|name| format!("{prefix}{name}")).collect();
        let message = format!("no series of `{}` has the `{label}` `{value}`", metric.value);
        let span = reading.asked.span(matcher.value.range.clone());
        findings.push(
            Diagnostic::new(&RULE, span, message)
                .label(maker.span, format!("{} is on here", maker.producer))
                .help(format!("write `{}`", meant.join("|"))),
        );
    }
}

/// Some names as a message lists them.
fn quoted<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let mut shown: Vec<String> = names.take(NAMED + 1).map(|n| format!("`{n}`")).collect();
    if shown.len() > NAMED {
        shown.truncate(NAMED);
        shown.push("…".into());
    }
    shown.join(", ")
}

/// `up` has the labels of targets and no others.
fn of_targets(flows: &mut Flows<'_>, reading: &Reading<'_, '_>, findings: &mut Findings) {
    let matchers = &reading.selection.selector.matchers;
    for matcher in reading.matched() {
        let label = &matcher.label.value;
        let Some(lost) = flows.label("up", label, matchers).filter(|l| l.how == Loss::Never) else { continue };
        let message = format!("no series of `up` has the label `{label}`: no target has it");
        let diagnostic = Diagnostic::new(&RULE, reading.asked.span(matcher.label.range.clone()), message)
            .label(lost.rule, format!("targets of {}", lost.series.maker))
            .help(format!("give the targets `{label}` under `labels:`, or do not ask for it"));
        findings.push(diagnostic);
    }
}

fn listed(diagnostic: Diagnostic, jobs: &BTreeMap<String, Span>) -> Diagnostic {
    let diagnostic = match jobs.values().next() {
        Some(span) => diagnostic.label(*span, "a job that there is"),
        None => diagnostic,
    };
    let names = jobs.keys().filter(|j| !j.is_empty()).map(String::as_str);
    diagnostic.help(format!("name a job that there is: {}", quoted(names)))
}
