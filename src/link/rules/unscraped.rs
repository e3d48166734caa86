//! What queries read of programs that nobody scrapes, told once per file and kind of programs, and of rules that nobody has.

use std::collections::{BTreeMap, HashSet};

use crate::diagnostic::{Diagnostic, Rule};
use crate::engine::Findings;
use crate::link::Linked;
use crate::link::flow::{Flows, Kind, begins, queries_of, recorded};
use crate::source::{SourceId, Span};
use crate::symbol::Protocol;
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
    let mut names: Vec<&str> = recorded.iter().copied().collect();
    names.sort_unstable();
    names.truncate(COMPARED);
    let mut lost: BTreeMap<(SourceId, &str), Lost> = BTreeMap::new();
    let (mut told, mut unrecorded) = (HashSet::new(), Vec::new());
    let may = |query: &str| !recorded.is_empty() && query.contains(':') || begins().any(|begin| query.contains(begin));
    queries_of(linked, of, may, |asked, _, selection| {
        let Some(metric) = selection.metric().filter(|m| !m.dynamic) else { return };
        let name = metric.value.as_str();
        if selection.asks_absence() || recorded.contains(name) {
            return;
        }
        let span = asked.span(metric.range.clone());
        if name.contains(':') {
            if told.insert((span.source, name.to_owned()))
                && let Some(near) = renamed(linked, &names, name)
            {
                let message = format!("{}: no rule records it", says(name));
                let help = format!("did you mean `{near}`, which a rule records?");
                unrecorded.push(Diagnostic::new(rule, span, message).help(help));
            }
            return;
        }
        let Some(kind) = flows.unmade(name) else { return };
        let first = || Lost { kind, span, name: name.to_owned(), more: 0 };
        let found = lost.entry((span.source, kind.title())).or_insert_with(first);
        found.more += usize::from(found.span != span);
    });
    findings.all.append(&mut unrecorded);
    for ((_, title), lost) in lost {
        let message = format!("{}: it is a metric of {title}, and nothing here scrapes one", says(&lost.name));
        let mut told = Diagnostic::new(rule, lost.span, message);
        if lost.more > 0 {
            let queries = if lost.more == 1 { "query of this file reads" } else { "queries of this file read" };
            told = told.note(format!("{} more {queries} metrics of {title}", lost.more));
        }
        let rest = if others == 0 { String::new() } else { format!(" and {others} more") };
        told = told.label(job.span, format!("all that is scraped: {}{rest}", job.maker));
        told = match linked.tree.services().find(|(_, s)| lost.kind.is_of(s)) {
            Some((id, service)) => {
                let listener = linked.index.namespace(id).taking(Protocol::Scrape, None);
                let port = listener.and_then(|l| l.port).map_or(String::new(), |port| format!(":{port}"));
                told.label(service.span, "here is one")
                    .help(format!("scrape it: add a job for `{}{port}`", service.name))
            }
            None => told.help(format!("run {title} and scrape it, or take the queries out")),
        };
        findings.push(told);
    }
}

/// The recorded name that was meant: one that differs by a slip, or only in what is behind the last colon.
fn renamed<'r>(linked: &Linked<'_>, recorded: &[&'r str], name: &str) -> Option<&'r str> {
    let begin = |name: &str| name.rfind(':').filter(|at| name[..*at].contains(':'));
    let same = |other: &str| begin(name).is_some_and(|at| begin(other) == Some(at) && other[..at] == name[..at]);
    let slip = recorded.iter().find(|other| linked.index.near.is_slip(name, other));
    slip.or_else(|| recorded.iter().find(|other| same(other))).copied()
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
