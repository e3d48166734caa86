//! Layouts of times that are those of another language.

use vispyr_alloy::Body;

use crate::diagnostic::{FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::engines::alloy::flow::{Flow, PartId};

/// The rule.
pub(in crate::engines::alloy) static RULE: Rule = Rule {
    id: "alloy-timestamp-layout",
    aliases: &[],
    summary: "`stage.timestamp` has a layout that no time fits, since it is not one of Go's",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("timestamp_layout.md"),
};

/// Nesting of `stage.match` is followed no deeper.
const DEPTH: u32 = 20;

/// Names that stand for a layout (grafana/alloy internal/component/loki/process/stages/util.go `convertDateLayout`@v1.0.0,
/// @v1.18.1).
const NAMES: [&str; 14] = [
    "ANSIC",
    "RFC1123",
    "RFC1123Z",
    "RFC3339",
    "RFC3339Nano",
    "RFC822",
    "RFC822Z",
    "RFC850",
    "RubyDate",
    "Unix",
    "UnixDate",
    "UnixMs",
    "UnixNs",
    "UnixUs",
];

/// What an example of an epoch is called, by its digits before the dot.
const EPOCHS: [(usize, &str); 4] = [(10, "Unix"), (13, "UnixMs"), (16, "UnixUs"), (19, "UnixNs")];

/// Every such layout of a `loki.process`.
pub(in crate::engines::alloy) fn run(flow: &Flow<'_, '_>, findings: &mut Findings) {
    for (id, part) in flow.components().filter(|(_, p)| p.name == "loki.process") {
        walk(flow, id, part.body(), findings, 0);
    }
}

fn walk(flow: &Flow<'_, '_>, id: PartId, body: Body<'_>, findings: &mut Findings, depth: u32) {
    if depth > DEPTH {
        return;
    }
    for block in body.all_blocks() {
        let inner = block.body();
        match &*block.name() {
            "stage.match" => walk(flow, id, inner, findings, depth + 1),
            // Another layout may fit.
            "stage.timestamp" if inner.attr("fallback_formats").is_none() => {
                let Some(format) = inner.attr("format") else { continue };
                let Some(text) = format.value().as_str() else { continue };
                let Some(help) = meant(&text) else { continue };
                let message = format!("no time fits the layout `{text}`");
                let found = flow
                    .found(&RULE, flow.file(id).span(format.value().range()), message)
                    .note("the stage fails on every line: each gets the time of the line before it, or that at which it is read")
                    .help(help);
                findings.push(flow.asleep(id, found));
            }
            _ => {}
        }
    }
}

/// What to write in place of a layout that surely is none of Go's (golang/go src/time/format.go@go1.26.0 `nextStdChunk`: digits and names
/// stand for the parts of a time, and anything else for itself).
fn meant(text: &str) -> Option<String> {
    if text.is_empty() || NAMES.contains(&text) {
        return None;
    }
    let by_name = NAMES.iter().find(|name| name.eq_ignore_ascii_case(text));
    let whole = text.split(['.', ',']).next().unwrap_or_default();
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    let number = digits(whole) && text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b','));
    // `0102150405` is a layout, with month and day.
    let epoch = EPOCHS.iter().find(|(length, _)| number && whole.len() == *length && !text.contains("0102"));
    match (by_name, epoch) {
        (Some(name), _) | (None, Some((_, name))) => Some(format!("write `{name}`")),
        (None, None) if foreign(text) => Some(
            "write the layout as the time `2006-01-02 15:04:05` would look in it, or a name such as `RFC3339` or `UnixMs`"
                .to_owned(),
        ),
        _ => None,
    }
}

/// Whether a layout has the letters of other languages, the name of a standard, or no digit at all: of a time Go then reads nothing but names.
fn foreign(text: &str) -> bool {
    let directive =
        text.split('%').skip(1).any(|rest| rest.starts_with(['Y', 'y', 'm', 'd', 'H', 'M', 'S', 's', 'F', 'T', 'b']));
    let iso = text.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("iso"));
    directive
        || iso
        || ["YYYY", "yyyy"].iter().any(|year| text.contains(year))
        || !text.bytes().any(|b| b.is_ascii_digit())
}
