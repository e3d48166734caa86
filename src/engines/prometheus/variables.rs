//! `${X}` in a config that nothing replaces: Prometheus expands external labels only (config/config.go `Load`@v3.14.0, behind
//! the feature `expand-external-labels` before 3.0).

use super::rules::env_not_expanded::RULE;
use crate::conform::variables::{variable, written};
use crate::conform::{Judge, When};
use crate::engine::Asked;
use crate::parse::Node;
use crate::source::Span;

/// Looks at the values of a config; `mounted` when the process reads the very file. No flag mends them all, so each is told.
pub(super) fn config(judge: &mut Judge<'_>, root: Node<'_>, mounted: bool, labels_too: bool) {
    for (name, span) in written(root, if labels_too { "" } else { "external_labels" }) {
        judge
            .tell(&RULE, span, When::Always, format!("`${{{name}}}` stays as it is: Prometheus expands no variables here"))
            .help("write the value, read it from a file (`password_file`, `credentials_file`), or fill the file in before it is mounted")
            .sure(mounted);
    }
}

/// Looks at what a rule that a process reads selects and how it is labelled: what is not put in is looked for as it is written
/// (model/rulefmt/rulefmt.go `ParseFile`@v2.40.7, @v3.14.0).
pub(super) fn rules(judge: &mut Judge<'_>, root: Node<'_>) {
    let groups = root.get("groups").into_iter().flat_map(Node::items);
    for rule in groups.filter_map(|g| g.get("rules")).flat_map(Node::items) {
        for (name, span) in rule.get("labels").into_iter().flat_map(|labels| written(labels, "")) {
            stays(judge, span, name, "alerts and series have it as it is");
        }
        let text = rule.get("expr").filter(|e| !e.is_alias()).and_then(Node::text);
        let Some(asked) = text.filter(|t| t.value().contains("${")).map(|t| Asked::whole(t, false)) else { continue };
        let Some(query) = asked.parse() else { continue };
        query.selections(|selection| {
            for matcher in &selection.selector.matchers {
                if let Some(name) = variable(&matcher.value.value) {
                    stays(judge, asked.span(matcher.value.range.clone()), name, "no series has it");
                }
            }
        });
    }
}

fn stays(judge: &mut Judge<'_>, span: Span, name: &str, what: &str) {
    judge
        .fact(
            &RULE,
            span,
            When::Always,
            format!("`${{{name}}}` stays as it is: Prometheus expands no variables in rules"),
        )
        .note(format!("it is a part of the value: {what}"))
        .help("write the value, or fill the file in before it is mounted");
}
