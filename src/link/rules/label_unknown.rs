//! A query asks for a job that nobody scrapes.

use std::collections::{BTreeMap, HashMap};

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::lang::promql::MatchOp;
use crate::link::Linked;
use crate::link::flow::{Flows, Test, queries};
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

/// So many jobs are compared with expressions, for all queries together.
const COMPARED: usize = 50_000;

/// So many jobs are named in a message.
const NAMED: usize = 6;

pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    let Some(flows) = Flows::of(linked) else { return };
    let Some(jobs) = flows.jobs().filter(|j| !j.is_empty()) else { return };
    let mut left = COMPARED;
    let mut met: HashMap<(MatchOp, String), bool> = HashMap::new();
    queries(linked, "job", |asked, _, selection| {
        let Some(metric) = flows.metric(selection).filter(|m| !flows.is_special(m)) else { return };
        let wanted = |op| matches!(op, MatchOp::Equal | MatchOp::Regex);
        let of_job = selection.selector.matchers.iter().filter(|m| m.label.value == "job" && wanted(m.op));
        for matcher in of_job.filter(|m| m.matches_empty() == Some(false)) {
            let wanted = &matcher.value.value;
            let made = *met.entry((matcher.op, wanted.clone())).or_insert_with(|| match Test::of(matcher) {
                Some(_) if matcher.op == MatchOp::Equal => jobs.contains_key(wanted),
                Some(test) if jobs.len() <= left => {
                    left -= jobs.len();
                    jobs.keys().any(|job| test.passes(job) != Some(false))
                }
                _ => true,
            });
            if made {
                continue;
            }
            let message = format!("no series of `{metric}` has the job `{wanted}`: nothing is scraped under that name");
            let near = linked.index.near.nearest(wanted, jobs.keys().map(String::as_str));
            let mut diagnostic = Diagnostic::new(&RULE, asked.span(matcher.value.range.clone()), message);
            if let Some((name, span)) = near.and_then(|n| jobs.get_key_value(n)) {
                diagnostic =
                    diagnostic.label(*span, format!("the job `{name}`")).help(format!("did you mean `{name}`?"));
            } else {
                diagnostic = listed(diagnostic, &jobs);
            }
            findings.push(diagnostic);
        }
    });
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
