//! A query asks for a job that nobody scrapes.

use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::lang::promql::MatchOp;
use crate::link::Linked;
use crate::link::flow::{Flows, Look, Reading};
use crate::source::Span;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "dash-label-unknown",
    aliases: &[],
    summary: "a query asks for a `job` that no series has",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("label_unknown.md"),
};

/// So many jobs are named in a message.
const NAMED: usize = 6;

/// Looks at a selector.
pub(super) static LOOK: Look = Look { wanted: |linked| !linked.symbols.series.is_empty(), run: look };

fn look(linked: &Linked<'_>, flows: &mut Flows<'_>, reading: &Reading<'_, '_>, findings: &mut Findings) {
    let Some(metric) = flows.metric(reading.selection).filter(|m| !flows.is_special(m)) else { return };
    let Some(jobs) = flows.jobs() else { return };
    let wanted = |op| matches!(op, MatchOp::Equal | MatchOp::Regex);
    let matchers = &reading.selection.selector.matchers;
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

fn listed(diagnostic: Diagnostic, jobs: &BTreeMap<String, Span>) -> Diagnostic {
    let mut names: Vec<String> = jobs.keys().filter(|j| !j.is_empty()).take(NAMED).map(|j| format!("`{j}`")).collect();
    if jobs.len() > NAMED {
        names.push("…".into());
    }
    let diagnostic = match jobs.values().next() {
        Some(span) => diagnostic.label(*span, "a job that there is"),
        None => diagnostic,
    };
    diagnostic.help(format!("name a job that there is: {}", names.join(", ")))
}
