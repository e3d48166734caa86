//! Components that nobody sends to, fetches from or hears of.

use std::collections::{HashMap, HashSet};

use vispyr_alloy::Block;

use crate::catalogue::schema::{Type, TypeKind};
use crate::diagnostic::{FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::engines::alloy::flow::{Carries, Flow, Part, PartId, lists_nobody, receiver};
use crate::engines::alloy::program::{FileId, ScopeId};
use crate::source::Span;
use crate::symbol::Signal;

/// The rule.
pub(in crate::engines::alloy) static RULE: Rule = Rule {
    id: "alloy-component-unused",
    aliases: &[],
    summary: "a component that nobody sends to or fetches from, or that sends to nobody",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("component_unused.md"),
};

/// Components that only show what reaches them: one that nothing reaches is a leftover.
const SHOWN: [&str; 3] = ["loki.echo", "otelcol.exporter.debug", "otelcol.exporter.logging"];

/// Components whose targets are a by-product (grafana/alloy
/// internal/component/{beyla/ebpf,database_observability}@v1.19.0-rc.3).
const BY_PRODUCT: [&str; 2] = ["beyla.ebpf", "database_observability."];

/// Components that nobody feeds which are shown at one place that feeds nobody.
const ORPHANS: usize = 4;

/// Others that are looked at for one that was meant.
const RECEIVERS: usize = 20;

/// Receivers that clients of any kind send every signal to.
const OPEN: [&str; 2] = ["faro.receiver", "otelcol.receiver.otlp"];

/// What a receiver takes: one signal of its family, or what the Collector's components pass to each other.
type Takes = Option<Signal>;

/// What nobody does with a component.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lack {
    /// Send data to it.
    Feed,
    /// Fetch its targets.
    Targets,
    /// Use its relabelling rules.
    Rules,
}

/// Looks at every component.
pub(in crate::engines::alloy) fn run(flow: &Flow<'_, '_>, findings: &mut Findings) {
    let complete = complete(flow);
    let known = || flow.components().filter(|(id, part)| !part.blurred && !flow.is_broken(*id));
    let mut lacking = Vec::new();
    let mut idle = Vec::new();
    for (id, part) in known() {
        if let Some(lack) = lack(flow, id, part) {
            lacking.push((id, part, lack));
        } else if let Some(found) = sends_to_nobody(flow, id, part) {
            idle.push((id, part, found));
        }
    }
    let mut orphans: HashMap<(ScopeId, Takes), Vec<PartId>> = HashMap::new();
    for (id, part, _) in lacking.iter().filter(|(_, part, lack)| *lack == Lack::Feed && !SHOWN.contains(&part.name)) {
        if let Some(takes) = takes(part) {
            orphans.entry((part.scope, takes)).or_default().push(*id);
        }
    }
    let mut told = HashSet::new();
    for (id, part, (span, what)) in idle {
        let message = format!("{} sends to nobody: {what}", flow.title(id));
        let mut found = flow.found(&RULE, span, message);
        let meant = gives(part).and_then(|gives| orphans.get(&(part.scope, gives))).into_iter().flatten();
        let meant = meant.copied().take(RECEIVERS).filter(|o| fits(part, flow.part(*o)));
        let meant: Vec<PartId> = meant.take(ORPHANS).collect();
        let help = match meant.first() {
            Some(first) => format!("list `{}` there, or remove both", export(flow, *first)),
            None => "list a receiver there, or remove the component".to_owned(),
        };
        for orphan in meant {
            found = found.label(flow.header(orphan), "nothing sends here");
            told.insert(orphan);
        }
        findings.push(found.help(help));
    }
    let receivers = receivers(flow);
    for (id, part, lack) in lacking.into_iter().filter(|(id, ..)| !told.contains(id)) {
        let complete = if flow.program.run { !complete.is_empty() } else { complete.contains(&part.node.file) };
        unused(flow, id, part, lack, complete, &receivers, findings);
    }
}

/// What a component takes that others send to it.
fn takes(part: &Part<'_, '_>) -> Option<Takes> {
    part.root?.exports()?.fields().find_map(|f| receiver(f.ty()))
}

/// What those take to whom a component sends.
fn gives(part: &Part<'_, '_>) -> Option<Takes> {
    if part.sends.output {
        return Some(None);
    }
    let list: Type = part.root?.body()?.field("forward_to")?.ty();
    match list.kind() {
        TypeKind::List(inner) => receiver(inner),
        _ => None,
    }
}

/// Whether some signal that one gives the other takes, as far as it is known.
fn fits(from: &Part<'_, '_>, to: &Part<'_, '_>) -> bool {
    let gives = from.facts.and_then(|f| f.gives);
    let takes = to.facts.and_then(|f| f.takes);
    gives.zip(takes).is_none_or(|(gives, takes)| gives.iter().any(|s| takes.contains(s)))
}

/// `loki.write.default.receiver`.
fn export(flow: &Flow<'_, '_>, id: PartId) -> String {
    let export = flow.part(id).root.and_then(|r| r.exports()?.fields().find(|f| receiver(f.ty()).is_some()));
    format!("{}.{}", flow.title(id).trim_matches('`'), export.map_or("receiver", |f| f.name()))
}

/// Receivers that clients send every signal to.
fn receivers(flow: &Flow<'_, '_>) -> Vec<PartId> {
    let open = |(id, p): &(PartId, &Part<'_, '_>)| OPEN.contains(&p.name) && !flow.is_broken(*id);
    flow.components().filter(open).map(|(id, _)| id).take(RECEIVERS).collect()
}

/// The first of them in the same scope that leaves out a signal which a component takes: its `output`, and what it lacks.
fn leaves_out(flow: &Flow<'_, '_>, part: &Part<'_, '_>, receivers: &[PartId]) -> Option<(Span, String)> {
    let takes = part.facts?.takes?;
    receivers.iter().map(|id| (*id, flow.part(*id))).filter(|(_, p)| p.scope == part.scope).find_map(|(id, p)| {
        let output = p.body().block("output")?;
        let gives = p.facts?.gives?;
        let out = |s: &&Signal| gives.contains(s) && lists_nobody(output.body().attr(s.name()));
        let names: Vec<&str> = takes.iter().filter(out).map(|s| s.name()).collect();
        (!names.is_empty()).then(|| (flow.block(id, &output), format!("passes on no {}", names.join(" and "))))
    })
}

/// What a component offers that nobody uses; `None` when it offers nothing, or is used in any way.
fn lack(flow: &Flow<'_, '_>, id: PartId, part: &Part<'_, '_>) -> Option<Lack> {
    if flow.used_by(id).next().is_some() || BY_PRODUCT.iter().any(|b| part.name.starts_with(b)) {
        return None;
    }
    if part.offers.receivers {
        // A receiver of the Collector may be registered with an `input` that nothing is for (grafana/alloy
        // internal/component/otelcol/receiver/googlecloudpubsub/googlecloudpubsub.go@v1.19.0-rc.3).
        let idle = part.name.starts_with("otelcol.receiver.") && part.offers.input;
        return (!idle).then_some(Lack::Feed);
    }
    if part.offers.targets {
        return Some(Lack::Targets);
    }
    part.offers.rules.then_some(Lack::Rules)
}

fn unused(
    flow: &Flow<'_, '_>,
    id: PartId,
    part: &Part<'_, '_>,
    lack: Lack,
    complete: bool,
    receivers: &[PartId],
    findings: &mut Findings,
) {
    let title = flow.title(id);
    let exporter = part.name.starts_with("prometheus.exporter.");
    let (message, help) = match lack {
        Lack::Feed => (
            format!("nothing sends to {title}"),
            format!("name `{}` where data is to go there, or remove the component", export(flow, id)),
        ),
        Lack::Targets if exporter => {
            (format!("nothing scrapes {title}"), "give its `targets` to a `prometheus.scrape`, or remove it".to_owned())
        }
        Lack::Targets => (
            format!("nothing uses the targets of {title}"),
            "give them to what scrapes or tails, or remove it".to_owned(),
        ),
        Lack::Rules => (format!("nothing uses the rules of {title}"), "remove it, or name its `rules`".to_owned()),
    };
    let mut found = flow.found(&RULE, flow.header(id), message).help(help);
    if SHOWN.contains(&part.name) {
        found.severity = Severity::Info;
    } else if !complete {
        // A snippet, or a part of a config of which the rest is elsewhere.
        return;
    } else if !flow.is_whole(id) {
        found = found.severity(Severity::Info).note("other files of its folder were not read");
    }
    if let Some((span, text)) = leaves_out(flow, part, receivers).filter(|_| lack == Lack::Feed) {
        found = found.label(span, text);
    }
    if exporter {
        found = found.note("Alloy serves it under `/api/v0/component/` as well: another server may scrape it there");
    }
    findings.push(found);
}

/// The files that have a place where data begins, and send it on.
fn complete(flow: &Flow<'_, '_>) -> HashSet<FileId> {
    let begins = |(id, part): &(PartId, &Part<'_, '_>)| {
        !part.offers.receivers && flow.uses(*id).iter().any(|e| matches!(e.carries, Carries::Data(_)))
    };
    flow.components().filter(begins).map(|(_, part)| part.node.file).collect()
}

/// Where a component says to whom it sends, and names nobody.
fn sends_to_nobody(flow: &Flow<'_, '_>, id: PartId, part: &Part<'_, '_>) -> Option<(Span, &'static str)> {
    if !part.sends.forward_to && !part.sends.output {
        return None;
    }
    // Counters made of log lines are the purpose of some.
    if part.name == "loki.process" && part.body().descendant_blocks().iter().any(|b| b.name() == "stage.metrics") {
        return None;
    }
    // Tables of rules need nobody to send to: theirs is the export that is used.
    let fed = || flow.used_by(id).any(|e| matches!(e.carries, Carries::Data(_) | Carries::Unknown));
    if part.offers.receivers && !fed() {
        return None;
    }
    if part.sends.forward_to {
        let attribute = part.body().attr("forward_to").filter(|a| lists_nobody(Some(*a)))?;
        return Some((flow.file(id).span(attribute.range()), "what it takes is thrown away"));
    }
    let output = part.body().block("output").filter(|o| part.sends.output && names_nobody(o))?;
    Some((flow.block(id, &output), "what it takes is refused or thrown away"))
}

/// Whether an `output` lists nobody for any signal.
pub(super) fn names_nobody(output: &Block<'_>) -> bool {
    ["metrics", "traces", "logs"].iter().all(|s| lists_nobody(output.body().attr(s)))
}
