//! Stages that read what a later one extracts.

use std::collections::HashMap;

use vispyr_alloy::{Block, Body, ExprKind};

use crate::diagnostic::{FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::engines::alloy::flow::{Flow, PartId};
use crate::source::Span;

/// The rule.
pub(in crate::engines::alloy) static RULE: Rule = Rule {
    id: "alloy-loki-stage-order",
    aliases: &[],
    summary: "a stage reads a value that a later stage extracts",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("loki_stage_order.md"),
};

/// Nesting of `stage.match` is followed no deeper.
const DEPTH: u32 = 20;

/// What the stages of a pipeline do with extracted values, in order.
#[derive(Default)]
struct Steps<'a> {
    /// Values by the first stage that extracts them.
    made: HashMap<String, (u32, Block<'a>)>,
    /// Values that stages read, with the stage and the place.
    read: Vec<(u32, String, Span)>,
    next: u32,
}

/// Every `loki.process` by itself. A value may also be a label that lines bring along: only one that a later stage of the
/// same pipeline extracts, and no earlier one, is out of order for certain.
pub(in crate::engines::alloy) fn run(flow: &Flow<'_, '_>, findings: &mut Findings) {
    for (id, part) in flow.components().filter(|(_, p)| p.name == "loki.process") {
        let mut steps = Steps::default();
        walk(flow, id, part.body(), &mut steps, 0);
        for (at, key, span) in steps.read {
            let Some((_, block)) = steps.made.get(&key).filter(|(made, _)| *made > at) else { continue };
            let message = format!("`{key}` is read here, and extracted by a stage that comes later");
            let found = flow.found(&RULE, span, message).label(flow.block(id, block), format!("extracts `{key}`"));
            findings.push(found.help("move the stage that extracts it in front"));
        }
    }
}

fn walk<'a>(flow: &Flow<'_, 'a>, id: PartId, body: Body<'a>, steps: &mut Steps<'a>, depth: u32) {
    if depth > DEPTH {
        return;
    }
    for block in body.all_blocks() {
        let name = block.name();
        let at = steps.next;
        steps.next += 1;
        let inner = block.body();
        let mut read = |key: String, range| steps.read.push((at, key, flow.file(id).span(range)));
        match &*name {
            "stage.labels" | "stage.structured_metadata" => {
                for (key, source, range) in pairs(inner, "values") {
                    read(if source.is_empty() { key } else { source }, range);
                }
            }
            "stage.timestamp" | "stage.output" | "stage.json" | "stage.logfmt" | "stage.regex" | "stage.pattern" => {
                let source = inner.attr("source");
                if let Some((text, range)) = source.and_then(|a| Some((a.value().as_str()?, a.value().range()))) {
                    read(text.into_owned(), range);
                }
            }
            "stage.match" => walk(flow, id, inner, steps, depth + 1),
            _ => {}
        }
        for key in made(&name, inner) {
            steps.made.entry(key).or_insert((at, block));
        }
    }
}

/// Values that a stage extracts (grafana/alloy internal/component/loki/process/stages@v1.0.0, @v1.19.0-rc.3).
fn made(name: &str, body: Body<'_>) -> Vec<String> {
    let text = |attribute: &str| body.attr(attribute).and_then(|a| a.value().as_str()).unwrap_or_default();
    match name {
        "stage.json" => pairs(body, "expressions").into_iter().map(|p| p.0).collect(),
        "stage.logfmt" => pairs(body, "mapping").into_iter().map(|p| p.0).collect(),
        "stage.regex" | "stage.replace" => groups(&text("expression")),
        "stage.pattern" => captures(&text("pattern")),
        "stage.template" => vec![text("source").into_owned()],
        "stage.cri" => ["flags", "stream", "content", "time"].map(str::to_owned).to_vec(),
        "stage.docker" => ["stream", "output", "timestamp"].map(str::to_owned).to_vec(),
        _ => Vec::new(),
    }
}

/// Keys and values of a literal object; values that are not literal are skipped.
fn pairs(body: Body<'_>, attribute: &str) -> Vec<(String, String, std::ops::Range<u32>)> {
    let Some(attribute) = body.attr(attribute) else { return Vec::new() };
    let ExprKind::Object(fields) = attribute.value().unparen().kind() else { return Vec::new() };
    let pair = |f: vispyr_alloy::Field<'_>| {
        let value = f.value().unparen();
        let text = if matches!(value.kind(), ExprKind::Null) { String::new() } else { value.as_str()?.into_owned() };
        Some((f.name().to_owned(), text, f.name_range()))
    };
    fields.iter().filter_map(pair).collect()
}

/// Names of the groups of a regular expression.
fn groups(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("(?") {
        let rest = text[at + 2..].trim_start_matches('P');
        let Some(name) = rest.strip_prefix('<').and_then(|r| r.split('>').next()) else { continue };
        if !name.is_empty() && !name.starts_with(['=', '!']) {
            found.push(name.to_owned());
        }
    }
    found
}

/// Names of the captures of a pattern: `<ip> - <_>`.
fn captures(text: &str) -> Vec<String> {
    let ends = text.split('<').skip(1).filter_map(|t| Some(t.split_once('>')?.0));
    ends.filter(|n| *n != "_").map(str::to_owned).collect()
}
