//! Unit tests of rules: what `promtool test rules` refuses before it compares anything
//! (cmd/promtool/unittest.go, promql/parser/generated_parser.y `series_description`, promql/parser/lex.go
//! `lexValueSequence`@v2.40.7 to v3.14.0).

use std::collections::HashMap;

use super::rulefile::{self, Process};
use super::rules::invalid::RULE;
use crate::conform::{Judge, When};
use crate::lang::promql::{self, MatchOp, NodeKind, Options};
use crate::parse::Node;

/// Looks at a whole file.
pub(super) fn file(judge: &mut Judge<'_>, root: Node<'_>) {
    let mut seen = HashMap::new();
    for name in root.get("group_eval_order").into_iter().flat_map(Node::items) {
        let Some(text) = name.scalar() else { continue };
        if let Some(first) = seen.insert(text, name.span()) {
            judge
                .tell(&RULE, name.span(), When::Always, format!("`group_eval_order` names `{text}` twice"))
                .label(first, "first here")
                .help("delete one of the two");
        }
    }
    // Features are flags of promtool, which no file tells.
    let process = Process { features: None };
    for test in root.get("tests").into_iter().flat_map(Node::items) {
        for input in test.get("input_series").into_iter().flat_map(Node::items).filter(|i| i.is_map()) {
            if let Some(name) = input.get("series") {
                series(judge, name, "series");
            }
            if let Some(list) = input.get("values") {
                values(judge, list);
            }
        }
        for case in test.get("promql_expr_test").into_iter().flat_map(Node::items).filter(|c| c.is_map()) {
            if let Some(expr) = case.get("expr").filter(|e| e.scalar().is_some_and(|t| !t.is_empty())) {
                rulefile::expression(judge, expr, &process);
            }
            for sample in case.get("exp_samples").into_iter().flat_map(Node::items) {
                if let Some(labels) = sample.get("labels") {
                    series(judge, labels, "labels");
                }
            }
        }
        for case in test.get("alert_rule_test").into_iter().flat_map(Node::items).filter(|c| c.is_map()) {
            if case.get("alertname").is_none_or(|n| n.is_null() || n.scalar() == Some("")) {
                let at = case.entries().first().map_or(case.span(), |e| e.key.span());
                judge.tell(&RULE, at, When::Always, "this test of an alert has no `alertname`").help("write it");
            }
        }
    }
}

/// A series as tests write it: a name and labels with `=` only.
fn series(judge: &mut Judge<'_>, node: Node<'_>, key: &str) {
    let Some(text) = node.text().filter(|t| t.value().starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'))
    else {
        return;
    };
    let value = text.value();
    match promql::parse(value, Options::EXPERIMENTAL) {
        Ok(query) => match &query[query.root()].kind {
            NodeKind::Selector(selector) => {
                let odd = selector.matchers.iter().find(|m| m.op != MatchOp::Equal);
                if let Some(odd) = odd {
                    judge
                        .tell(
                            &RULE,
                            text.span(odd.range.clone()),
                            When::Always,
                            format!("`{key}` takes labels with `=` only"),
                        )
                        .help("a series has one value of each label");
                }
            }
            _ => {
                judge
                    .tell(&RULE, node.span(), When::Always, format!("`{key}` must be one series, and is a query"))
                    .help("write a name and labels, as in `up{job=\"a\"}`");
            }
        },
        Err(errors) => {
            // A series may have names that no query takes without quotes, so only what cannot be taken apart is told.
            if let Some(error) =
                errors.iter().find(|e| e.certain && value.contains('{') && !value.trim_end().ends_with('}'))
            {
                judge.tell(&RULE, node.span(), When::Always, format!("`{key}` is no series: {}", error.message));
            }
        }
    }
}

/// The samples of a series.
fn values(judge: &mut Judge<'_>, node: Node<'_>) {
    let Some(text) = node.text().filter(|t| !t.value().contains("{{")) else { return };
    let value = text.value();
    let mut at = 0;
    for word in value.split([' ', '\t', '\n', '\r']) {
        let start = at;
        at += word.len() + 1;
        if word.is_empty() || is_samples(word) {
            continue;
        }
        judge
            .tell(
                &RULE,
                text.span(start..start + word.len()),
                When::Always,
                format!("`{word}` is no notation of samples"),
            )
            .help("write numbers, `_` and `stale` with blanks between them, or `0+1x5`");
        return;
    }
}

/// `_`, `_x5`, `stale`, `1`, `1x5`, `1+2x5`.
fn is_samples(word: &str) -> bool {
    let count = |rest: &str| rest.strip_prefix('x').is_some_and(|n| is_digits(n) && n.parse::<u64>().is_ok());
    if let Some(rest) = word.strip_prefix('_') {
        return rest.is_empty() || count(rest);
    }
    let Some(rest) = word.strip_prefix("stale").or_else(|| number(word, true)) else { return false };
    if rest.is_empty() || count(rest) {
        return true;
    }
    rest.starts_with(['+', '-']) && number(rest, true).is_some_and(count)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// What follows a number; hexadecimal ones are none here.
fn number(text: &str, signed: bool) -> Option<&str> {
    let bare = if signed { text.strip_prefix(['+', '-']).unwrap_or(text) } else { text };
    for name in ["inf", "nan"] {
        if bare.get(..3).is_some_and(|b| b.eq_ignore_ascii_case(name)) {
            return Some(&bare[3..]);
        }
    }
    let digits = |text: &str| text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '_').len();
    let mut end = digits(bare);
    if bare[end..].starts_with('.') {
        end += 1 + digits(&bare[end + 1..]);
    }
    if end == 0 || &bare[..end] == "." || bare.starts_with('_') {
        return None;
    }
    if bare[end..].starts_with(['e', 'E']) {
        let power = bare[end + 1..].strip_prefix(['+', '-']).unwrap_or(&bare[end + 1..]);
        let length = digits(power);
        if length == 0 {
            return None;
        }
        end = bare.len() - power.len() + length;
    }
    Some(&bare[end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_written_so() {
        for good in [
            "1", "-1", "+1.5", ".5", "1e3", "1e-3x4", "0+1x5", "-5-5x3", "_", "_x3", "stale", "stalex2", "NaN", "Inf",
            "-Inf", "1x0", "0x5",
        ] {
            assert!(is_samples(good), "{good}");
        }
        for bad in
            ["x5", "1x", "1+x5", "1+1", "a", "1,", "0,", "_y", "1x5x5", "--1", "1x5.5", "staled", "0xAFx3", "1e", "."]
        {
            assert!(!is_samples(bad), "{bad}");
        }
    }
}
