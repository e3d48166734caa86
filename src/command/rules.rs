//! `vispyr rules`: every rule there is.

use serde::Serialize;

use crate::diagnostic::{FixKind, Rule, Tier};
use crate::{engines, link, report};

use super::args::{ListFormat, Rules};
use super::{Exit, Failure, Streams};

#[derive(Serialize)]
struct Row {
    id: &'static str,
    aliases: &'static [&'static str],
    tier: &'static str,
    severity: &'static str,
    kinds: Vec<&'static str>,
    since: &'static str,
    fix: &'static str,
    summary: &'static str,
}

/// The kinds a rule reads; none for rules that look at files of several engines.
fn kinds(rule: &Rule) -> Vec<&'static str> {
    let on_files = engines::ALL.iter().flat_map(|e| e.rules).filter(|r| r.rule.id == rule.id);
    let mut kinds: Vec<&'static str> = on_files.flat_map(|r| r.kinds.iter().copied()).collect();
    let whole = engines::ALL.iter().filter(|e| e.check.is_some_and(|c| c.rules.iter().any(|r| r.id == rule.id)));
    kinds.extend(whole.flat_map(|e| e.kinds).map(|k| k.name));
    if crate::spec::RULES.iter().any(|r| r.id == rule.id) {
        kinds.push(crate::tree::SPEC.name);
    }
    debug_assert!(kinds.is_empty() || !link::rules::ALL.iter().any(|r| r.rule.id == rule.id));
    kinds
}

pub(super) fn run(args: &Rules, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    let rows: Vec<Row> = crate::check::rules()
        .into_iter()
        .map(|rule| Row {
            id: rule.id,
            aliases: rule.aliases,
            tier: match rule.tier {
                Tier::A => "A",
                Tier::B => "B",
                Tier::C => "C",
            },
            severity: report::severity(rule.severity),
            kinds: kinds(rule),
            since: rule.since,
            fix: match rule.fix {
                FixKind::None => "none",
                FixKind::Safe => "safe",
                FixKind::Unsafe => "unsafe",
            },
            summary: rule.summary,
        })
        .collect();
    match args.format {
        ListFormat::Json => {
            let text = serde_json::to_string_pretty(&rows).unwrap_or_default();
            writeln!(streams.out, "{text}")?;
        }
        ListFormat::Text => {
            let width = rows.iter().map(|r| r.id.len()).max().unwrap_or_default();
            for row in rows {
                writeln!(streams.out, "{:width$}  {}  {:7}  {}", row.id, row.tier, row.severity, row.summary)?;
            }
        }
    }
    Ok(Exit::Clean)
}
