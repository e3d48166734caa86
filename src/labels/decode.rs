//! A list of rules as YAML has it (prometheus/prometheus model/relabel/relabel.go@v3.14.0), which other engines embed.

use std::sync::Arc;

use super::{Action, Regex, Rule, Step};
use crate::parse::Node;
use crate::source::Span;

/// The steps of a list, each with its place. `utf8` is whether any text is the name of a label; `None` = unknown.
#[must_use]
pub fn steps(list: Option<Node<'_>>, utf8: Option<bool>) -> Vec<(Step, Span)> {
    let Some(list) = list.filter(|l| !l.is_null()) else { return Vec::new() };
    if list.items().len() == 0 && !list.is_map() && list.scalar().is_some() {
        return vec![(Step::Unknown, list.span())];
    }
    list.items().map(|node| (step(node, utf8).map_or(Step::Unknown, Step::Rule), node.span())).collect()
}

fn step(node: Node<'_>, utf8: Option<bool>) -> Option<Rule> {
    // What is written but no text is not known.
    let word = |key: &str, fallback: &'static str| match node.get(key) {
        Some(value) => value.scalar().filter(|_| !value.is_null()).map(str::to_owned),
        None => Some(fallback.to_owned()),
    };
    let action = Action::named(&word("action", "replace")?)?;
    let regex = Arc::new(Regex::new(&word("regex", "(.*)")?)?);
    let mut rule = Rule::new(action, regex);
    rule.separator = word("separator", ";")?;
    rule.target = word("target_label", "")?;
    rule.replacement = word("replacement", "$1")?;
    rule.modulus = word("modulus", "0")?.parse().ok()?;
    rule.utf8 = utf8;
    if let Some(sources) = node.get("source_labels").filter(|n| !n.is_null()) {
        let names: Option<Vec<String>> = sources.items().map(|n| n.scalar().map(str::to_owned)).collect();
        rule.sources = names?;
    }
    if !rule.is_complete() || is_filled_in(&rule) {
        return None;
    }
    Some(rule)
}

/// Whether something else than the engine fills in texts first: a variable or a template where no group has that name.
fn is_filled_in(rule: &Rule) -> bool {
    let template = [rule.regex.text(), &rule.replacement, &rule.target].iter().any(|t| t.contains("{{"));
    let shell = [&rule.replacement, &rule.target].into_iter().any(|text| {
        text.split("${").skip(1).filter_map(|rest| rest.split_once('}')).any(|(name, _)| {
            let named = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
            named && !rule.regex.text().contains(&format!("<{name}>"))
        })
    });
    template || shell
}
