//! Components that nobody sends to, fetches from or hears of.

use std::collections::HashSet;

use vispyr_alloy::Block;

use crate::diagnostic::{FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::engines::alloy::flow::{Carries, Flow, Part, PartId, lists_nobody, receiver};
use crate::engines::alloy::program::FileId;

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
    for (id, part) in flow.components() {
        if part.blurred || flow.is_broken(id) {
            continue;
        }
        if let Some(lack) = lack(flow, id, part) {
            let complete = if flow.program.run { !complete.is_empty() } else { complete.contains(&part.node.file) };
            unused(flow, id, part, lack, complete, findings);
        } else if let Some((span, what)) = sends_to_nobody(flow, id, part) {
            let message = format!("{} sends to nobody: {what}", flow.title(id));
            let help = "list a receiver there, or remove the component";
            findings.push(flow.found(&RULE, span, message).help(help));
        }
    }
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

fn unused(flow: &Flow<'_, '_>, id: PartId, part: &Part<'_, '_>, lack: Lack, complete: bool, findings: &mut Findings) {
    let title = flow.title(id);
    let exporter = part.name.starts_with("prometheus.exporter.");
    let (message, help) = match lack {
        Lack::Feed => {
            let export = part.root.and_then(|r| r.exports()?.fields().find(|f| receiver(f.ty()).is_some()));
            let export = export.map_or("receiver", |f| f.name());
            let whole = format!("{}.{export}", title.trim_matches('`'));
            (
                format!("nothing sends to {title}"),
                format!("name `{whole}` where data is to go there, or remove the component"),
            )
        }
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
fn sends_to_nobody(
    flow: &Flow<'_, '_>,
    id: PartId,
    part: &Part<'_, '_>,
) -> Option<(crate::source::Span, &'static str)> {
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
