//! Queries of dashboards, each read by the reader of its data source.

use std::ops::Range;

use crate::lang::promql::template::{Place, mask};
use crate::lang::promql::{Options, Outcome, parse_template};
use crate::lang::{logql, re2, traceql};

/// Why a query is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::engines::grafana) struct Fault {
    /// Bytes of the query.
    pub(in crate::engines::grafana) range: Range<usize>,
    /// Why.
    pub(in crate::engines::grafana) message: String,
    /// What to do.
    pub(in crate::engines::grafana) help: Option<String>,
}

/// What is wrong with a query of PromQL whatever its variables hold.
pub(in crate::engines::grafana) fn promql(text: &str) -> Option<Fault> {
    let Outcome::Refused(errors) = parse_template(text, Options::EXPERIMENTAL) else { return None };
    let first = errors.into_iter().next()?;
    Some(Fault { range: first.range, message: first.message, help: first.help })
}

/// What is wrong with a query of LogQL whatever its variables hold.
pub(in crate::engines::grafana) fn logql(text: &str) -> Option<Fault> {
    let masked = mask(text);
    let error = logql::parse(&masked.text, re2::Go::NEWEST).err()?;
    if error.kind == logql::Kind::Unread {
        return None;
    }
    // A variable that stands outside of strings may be any part of a query, so only what stands before it is sure; one in
    // a pattern may mend it, and one in a selector may be what narrows it down.
    let unsure = masked.holes.iter().any(|hole| match hole.place {
        Place::Bare => hole.range.start <= error.span.end || error.kind != logql::Kind::Syntax,
        Place::Text => error.kind != logql::Kind::Syntax,
        Place::Duration => hole.range.start <= error.span.end && error.span.start <= hole.range.end,
    });
    (!unsure).then_some(Fault { range: error.span, message: error.message, help: error.help })
}

/// What is wrong with a query of TraceQL whatever its variables hold. A trace id is no query.
pub(in crate::engines::grafana) fn traceql(text: &str, release: traceql::Release) -> Option<Fault> {
    let is_id = text.trim().chars().all(|c| c.is_ascii_alphanumeric());
    let masked = mask(text);
    let error = traceql::parse(&masked.text, release).err().filter(|_| !is_id)?;
    let unsure = masked.holes.iter().any(|hole| match hole.place {
        Place::Text => error.kind == traceql::Kind::Meaning,
        _ => hole.range.start <= error.span.end || error.kind == traceql::Kind::Meaning,
    });
    let unread = error.kind == traceql::Kind::Unread;
    (!unsure && !unread).then_some(Fault { range: error.span, message: error.message, help: error.help })
}

/// The part of a variable's query that is PromQL: what stands between the brackets of `query_result(…)`, and before the last
/// comma of `label_values(…, label)`. Other forms hold none (`grafana/grafana packages/grafana-prometheus/src/migrations/variableMigration.ts`
/// at 12.3.3).
pub(in crate::engines::grafana) fn variable(text: &str) -> Option<Range<usize>> {
    let inner = |name: &str| {
        let end = text.trim_end().strip_suffix(')')?.len();
        let start = name.len();
        (text.starts_with(name) && start <= end).then_some(start..end)
    };
    if let Some(range) = inner("query_result(") {
        return Some(range);
    }
    let range = inner("label_values(")?;
    let comma = text[range.clone()].rfind(',')?;
    let part = range.start..range.start + comma;
    (!text[part.clone()].trim().is_empty()).then_some(part)
}
