//! What queries read of programs that nobody scrapes, told once per file and kind of programs, and of rules that nobody has.

use std::collections::{BTreeMap, HashSet};

use crate::diagnostic::{Diagnostic, Rule};
use crate::engine::Findings;
use crate::link::Linked;
use crate::link::flow::{Flows, Kind, begins, queries_of, recorded};
use crate::source::{SourceId, Span};
use crate::tree::Artifact;

/// Tells every file that reads such metrics, where all that is scraped is known. `says`: what reads a metric, and what comes
/// of it.
pub(super) fn tell(
    linked: &Linked<'_>,
    rule: &'static Rule,
    of: impl Fn(&Artifact) -> bool,
    says: impl Fn(&str) -> String,
    findings: &mut Findings,
) {
    let Some(mut flows) = Flows::of(linked) else { return };
    let Some((job, others)) = flows.scrapes() else { return };
    let recorded = recorded(linked.tree);
    let mut lost: BTreeMap<(SourceId, &str), Lost> = BTreeMap::new();
    let (mut told, mut unrecorded) = (HashSet::new(), Vec::new());
    let may = |query: &str| query.contains(':') || begins().any(|begin| query.contains(begin));
    queries_of(linked, "", of, may, |asked, _, selection| {
        let Some(metric) = selection.metric().filter(|m| !m.dynamic) else { return };
        let name = metric.value.as_str();
        let negative = selection.inside("absent") || selection.inside("absent_over_time");
        if negative || recorded.contains(name) {
            return;
        }
        if name.contains(':') {
            let span = asked.span(metric.range.clone());
            if let Some(near) = renamed(linked, &recorded, name).filter(|_| told.insert((span.source, name.to_owned())))
            {
                let message = format!("{}: no rule records it", says(name));
                unrecorded.push(
                    Diagnostic::new(rule, span, message).help(format!("did you mean `{near}`, which a rule records?")),
                );
            }
            return;
        }
        let Some(kind) = flows.unmade(name) else { return };
        let span = asked.span(metric.range.clone());
        let first = || Lost { kind, span, name: name.to_owned(), more: 0 };
        let found = lost.entry((span.source, kind.title())).or_insert_with(first);
        found.more += usize::from(found.span != span);
    });
    findings.all.append(&mut unrecorded);
    for ((_, title), lost) in lost {
        let message = format!("{}: it is a metric of {title}, and nothing here scrapes one", says(&lost.name));
        let mut told = Diagnostic::new(rule, lost.span, message);
        if lost.more > 0 {
            let queries = if lost.more == 1 { "query" } else { "queries" };
            told = told.note(format!("so do {} more {queries} of this file", lost.more));
        }
        let rest = if others == 0 { String::new() } else { format!(" and {others} more") };
        told = told.label(job.span, format!("all that is scraped: {}{rest}", job.maker));
        let there = linked.tree.services.iter().find(|s| lost.kind.is_of(s));
        told = match there {
            Some(service) => told
                .label(service.span, "here is one")
                .help(format!("scrape `{}`: add a job with its port", service.name)),
            None => told.help(format!("run {title} and scrape it, or take the queries out")),
        };
        findings.push(told);
    }
}

/// The recorded name that was meant: one that differs by a slip, or only in what is behind the last colon.
fn renamed<'r>(linked: &Linked<'_>, recorded: &HashSet<&'r str>, name: &str) -> Option<&'r str> {
    let begin = |name: &'r str| name.rsplit_once(':').map(|(begin, _)| begin);
    let own = name.rsplit_once(':').map(|(begin, _)| begin).filter(|b| b.contains(':'));
    let mut all: Vec<&str> = recorded.iter().copied().take(COMPARED).collect();
    all.sort_unstable();
    let slip = all.iter().find(|other| linked.index.near.is_slip(name, other));
    slip.or_else(|| all.iter().find(|other| own.is_some() && begin(other) == own)).copied()
}

/// Recorded names that one is compared with.
const COMPARED: usize = 1_000;

/// The first query of a file that reads such a metric.
struct Lost {
    kind: Kind,
    span: Span,
    name: String,
    more: usize,
}
