//! Labels with a value of its own for every request.

use std::collections::HashSet;

use vispyr_alloy::{Block, ExprKind};

use crate::diagnostic::{FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::engines::alloy::flow::{Flow, Part, PartId};

/// The rule.
pub(in crate::engines::alloy) static RULE: Rule = Rule {
    id: "alloy-high-cardinality-label",
    aliases: &[],
    summary: "a label has another value for every request",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("high_cardinality_label.md"),
};

/// Names of values that are another one for every request, user or session, without case and separators.
const UNIQUE: [&str; 13] = [
    "correlationid",
    "messageid",
    "reqid",
    "requestid",
    "sessionid",
    "spanid",
    "traceid",
    "transactionid",
    "userid",
    "useremail",
    "httpurl",
    "urlfull",
    "urlquery",
];

/// Stages that take a label away again.
const TAKES_AWAY: [&str; 3] = ["stage.label_drop", "stage.label_keep", "stage.structured_metadata"];

/// Labels of log lines and dimensions of span metrics.
pub(in crate::engines::alloy) fn run(flow: &Flow<'_, '_>, findings: &mut Findings) {
    for (id, part) in flow.components() {
        match part.name {
            "loki.process" => labels(flow, id, part, findings),
            "otelcol.connector.spanmetrics" => dimensions(flow, id, part, findings),
            _ => {}
        }
    }
}

fn is_unique(name: &str) -> bool {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    UNIQUE.contains(&plain.as_str())
}

fn labels(flow: &Flow<'_, '_>, id: PartId, part: &Part<'_, '_>, findings: &mut Findings) {
    // From the last stage to the first: what a later one takes away is no label of the lines that leave.
    let mut gone: HashSet<String> = HashSet::new();
    for block in part.body().descendant_blocks().iter().rev() {
        let stage = block.name();
        if TAKES_AWAY.contains(&&*stage) {
            match taken(block) {
                Some(names) => gone.extend(names),
                None => return,
            }
        }
        let Some(values) = block.body().attr("values").filter(|_| stage == "stage.labels") else { continue };
        let ExprKind::Object(fields) = values.value().unparen().kind() else { continue };
        for field in fields.iter().filter(|f| is_unique(f.name()) && !gone.contains(f.name())) {
            let name = field.name();
            let message =
                format!("the label `{name}` has another value for every request: each makes a stream of its own");
            let found = flow.found(&RULE, flow.file(id).span(field.name_range()), message);
            findings
                .push(found.help(format!("put `{name}` into `stage.structured_metadata`, or leave it in the line")));
        }
    }
}

/// The labels that a stage takes away; `None` = not known which, or all but some.
fn taken(block: &Block<'_>) -> Option<Vec<String>> {
    if block.name() == "stage.label_keep" || block.body().attr("regex").is_some() {
        return None;
    }
    match block.body().attr("values")?.value().unparen().kind() {
        ExprKind::Array(items) => items.iter().map(|i| Some(i.as_str()?.into_owned())).collect(),
        ExprKind::Object(fields) => Some(
            fields
                .iter()
                .flat_map(|f| [Some(f.name().to_owned()), f.value().as_str().map(|s| s.into_owned())])
                .flatten()
                .collect(),
        ),
        _ => None,
    }
}

fn dimensions(flow: &Flow<'_, '_>, id: PartId, part: &Part<'_, '_>, findings: &mut Findings) {
    for block in part.body().blocks("dimension") {
        let Some(attribute) = block.body().attr("name") else { continue };
        let Some(name) = attribute.value().as_str().filter(|n| is_unique(n)) else { continue };
        let message =
            format!("the dimension `{name}` has another value for every request: each makes series of its own");
        let found = flow.found(&RULE, flow.file(id).span(attribute.value().range()), message);
        findings.push(found.help("leave it to the traces"));
    }
}
