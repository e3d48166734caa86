//! Links to traces that a data source never shows, or that ask for nothing.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::parse::Node;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "gf-link-empty",
    aliases: &[],
    summary: "a link to traces is never shown, or asks for nothing",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("link_empty.md"),
};

/// Every such link.
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let Some(root) = ctx.artifact.data().and_then(|d| d.root()) else { return };
    for source in root.get("datasources").into_iter().flat_map(Node::items) {
        let listed = |key: &str| source.at(&["jsonData", key]).into_iter().flat_map(Node::items).filter(|n| n.is_map());
        match source.get("type").and_then(Node::scalar) {
            Some("loki") => listed("derivedFields").for_each(|field| derived(field, findings)),
            Some("prometheus") => listed("exemplarTraceIdDestinations").for_each(|end| exemplar(end, findings)),
            _ => {}
        }
    }
}

/// A field of log lines: its value is what the first group of the pattern catches, and its `url` the query of a link to a data
/// source (grafana/grafana public/app/plugins/datasource/loki/getDerivedFields.ts@147fa1fea711).
fn derived(field: Node<'_>, findings: &mut Findings) {
    let text = |key: &str| field.get(key).filter(|n| n.scalar().is_some_and(|t| !t.is_empty()));
    let by_line = field.get("matcherType").is_none_or(|t| t.is_null() || t.scalar() == Some("regex"));
    if let Some(pattern) = text("matcherRegex").filter(|_| by_line)
        && pattern.scalar().is_some_and(|p| !p.contains("${") && !captures(p))
    {
        let message =
            "this pattern has no group in parentheses, and the value of the field is what the first one catches";
        findings.push(
            Diagnostic::new(&RULE, pattern.inner(), message)
                .note("no line of the logs ever shows the field, nor its link")
                .help("put what is the id of the trace in parentheses: `trace_id=(\\w+)`"),
        );
    }
    if let Some(uid) = text("datasourceUid").filter(|_| text("url").is_none()) {
        let message = "this link asks its data source for nothing: its query stands in `url`, which is missing";
        findings.push(
            Diagnostic::new(&RULE, uid.inner(), message)
                .note("Grafana opens the data source with an empty query")
                .help("write `url: \"$${__value.raw}\"` beside it"),
        );
    }
}

/// A link of exemplars, at the label that holds the id (grafana/grafana
/// packages/grafana-prometheus/src/result_transformer.ts `transformV2`@14c3d86d6387).
fn exemplar(end: Node<'_>, findings: &mut Findings) {
    if end.get("name").is_some_and(|n| n.scalar() != Some("")) {
        return;
    }
    let Some(first) = end.entries().into_iter().next() else { return };
    let message = "this link of exemplars names no label: `name` says which one holds the id of the trace";
    findings.push(
        Diagnostic::new(&RULE, first.key.span(), message)
            .note("no exemplar ever shows the link")
            .help("write `name: trace_id`, or what your applications call it"),
    );
}

/// Whether a regular expression of JavaScript has a group that catches.
fn captures(pattern: &str) -> bool {
    let mut class = false;
    let mut rest = pattern.char_indices();
    while let Some((at, c)) = rest.next() {
        match c {
            '\\' => drop(rest.next()),
            '[' => class = true,
            ']' => class = false,
            '(' if !class => {
                let after = &pattern[at + 1..];
                let named = after.starts_with("?<") && !after.starts_with("?<=") && !after.starts_with("?<!");
                if !after.starts_with('?') || named {
                    return true;
                }
            }
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::captures;

    #[test]
    fn groups_that_catch_are_told_from_others() {
        for pattern in [r"id=(\w+)", r"(?<id>\w+)", r"(?:a|b)=(\w+)", r"[(]x(y)"] {
            assert!(captures(pattern), "{pattern}");
        }
        for pattern in [r"id=\w+", r"\(id\)", r"(?:a|b)", r"[(]id[)]", r"(?=a)b", r"(?<=a)b"] {
            assert!(!captures(pattern), "{pattern}");
        }
    }
}
