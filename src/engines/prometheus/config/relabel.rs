//! Relabelling: which fields an action takes (model/relabel/relabel.go `Config.Validate`@v2.40.7 to v3.14.0).

use super::is_utf8;
use crate::conform::read::{filled, is_label, items, there, word};
use crate::conform::{Judge, When};
use crate::engines::prometheus::rules::relabel_invalid::RULE;
use crate::parse::Node;

/// What the action is when none is written.
const DEFAULT_ACTION: &str = "replace";

/// What the replacement is when none is written.
const DEFAULT_REPLACEMENT: &str = "$1";

/// Rules of one list. `utf8` is what names the config asks for; `None` = cannot be known.
pub(super) fn rules(judge: &mut Judge<'_>, map: Node<'_>, key: &str, utf8: Option<bool>) {
    for rule in items(map, key) {
        if rule.is_null() {
            judge
                .tell(&RULE, rule.span(), When::Always, format!("a rule of `{key}` is empty"))
                .help("delete the item, or write a rule");
        } else if rule.is_map() {
            one(judge, rule, utf8);
        }
    }
}

/// Whether what a target is called may be another after relabelling, or the target is dropped.
pub(super) fn moves(map: Node<'_>, key: &str) -> bool {
    items(map, key).any(|rule| {
        let action = word(rule, "action", DEFAULT_ACTION).unwrap_or_default().to_lowercase();
        let target = word(rule, "target_label", "").unwrap_or_default();
        let writes = matches!(action.as_str(), "replace" | "hashmod" | "lowercase" | "uppercase");
        !writes || target == "__address__" || target.contains('$')
    })
}

fn one(judge: &mut Judge<'_>, rule: Node<'_>, utf8: Option<bool>) {
    let Some(action) = word(rule, "action", DEFAULT_ACTION) else { return };
    let action = action.to_lowercase();
    let at = |key: &str| rule.get(key).map_or_else(|| first(rule), Node::span);
    let place = at("action");
    let (Some(target), Some(replacement)) =
        (word(rule, "target_label", ""), word(rule, "replacement", DEFAULT_REPLACEMENT))
    else {
        return;
    };
    let sources = items(rule, "source_labels").map(|n| (n, n.scalar().unwrap_or_default()));
    for (node, name) in sources {
        if !is_label(name, is_utf8(judge)) && (name.is_empty() || utf8 != Some(true)) {
            let when = if name.is_empty() { When::Always } else { When::Sometimes };
            let message = format!("`source_labels` cannot hold `{name}`: it is no name of a label");
            judge.tell(&RULE, node.span(), when, message);
        }
    }
    match action.as_str() {
        "" => {
            judge.tell(&RULE, place, When::Always, "the action is empty").help("write `action: replace`, or none");
            return;
        }
        "replace" | "keep" | "drop" | "hashmod" | "labelmap" | "labeldrop" | "labelkeep" | "lowercase"
        | "uppercase" => {}
        "keepequal" | "dropequal" if judge.since(2, 41) => {}
        // What is no action at all is told by the catalogue.
        _ => return,
    }
    let modulus = rule.get("modulus").and_then(Node::as_i64).unwrap_or(0);
    if action == "hashmod" && modulus == 0 {
        judge
            .tell(&RULE, at("modulus"), When::Always, "`action: hashmod` needs a `modulus` that is not 0")
            .help("write `modulus:` and the number of parts");
    }
    let equal = matches!(action.as_str(), "keepequal" | "dropequal");
    let case = matches!(action.as_str(), "lowercase" | "uppercase");
    let targets = equal || case || matches!(action.as_str(), "replace" | "hashmod");
    if targets && target.is_empty() {
        judge
            .tell(&RULE, at("target_label"), When::Always, format!("`action: {action}` needs a `target_label`"))
            .help("write `target_label:` and the label that is written");
        return;
    }
    if targets {
        target_label(judge, rule, &action, target, utf8);
    }
    if (equal || case) && replacement != DEFAULT_REPLACEMENT {
        let message = format!("`action: {action}` takes no `replacement`");
        judge.tell(&RULE, key(rule, "replacement"), When::Always, message).help("delete it");
    }
    if action == "labelmap" && !named(judge, replacement, utf8) {
        let message =
            format!("`replacement` cannot be `{replacement}` for `action: labelmap`: it is no name of a label");
        let when = if replacement.is_empty() { When::Always } else { When::Sometimes };
        judge.tell(&RULE, at("replacement"), when, message);
    }
    if equal {
        others(judge, rule, &action, &["regex", "modulus", "separator"], "`source_labels` and `target_label`");
    }
    if matches!(action.as_str(), "labeldrop" | "labelkeep") {
        let fields = ["source_labels", "target_label", "modulus", "separator", "replacement"];
        others(judge, rule, &action, &fields, "`regex`");
    }
}

fn target_label(judge: &mut Judge<'_>, rule: Node<'_>, action: &str, target: &str, utf8: Option<bool>) {
    let fits = match action {
        "hashmod" => is_label(target, is_utf8(judge)),
        "replace" if target.contains('$') => named(judge, target, utf8),
        // Before 2.50 groups may stand in the target of any of these.
        _ if !judge.since(2, 50) => with_groups(target),
        _ => is_label(target, is_utf8(judge)),
    };
    // In names of the old kind the config itself may ask for these.
    let legacy = utf8 == Some(false) && is_utf8(judge) && action_takes_legacy(action, target);
    if !fits || legacy {
        let message = format!("`target_label` cannot be `{target}` for `action: {action}`");
        judge
            .tell(&RULE, rule.get("target_label").map_or(rule.span(), Node::span), When::Sometimes, message)
            .help("a label's name has letters, digits and `_`, and does not begin with a digit");
    }
}

/// Whether a config that asks for old names refuses the target.
fn action_takes_legacy(action: &str, target: &str) -> bool {
    if action == "replace" && target.contains('$') { !with_groups(target) } else { !is_label(target, false) }
}

/// Whether a text with `$1` or `${1}` in it makes a label's name: since 3.2 any does where names are UTF-8.
fn named(judge: &Judge<'_>, text: &str, utf8: Option<bool>) -> bool {
    if text.is_empty() {
        return false;
    }
    if judge.since(3, 2) && utf8 != Some(false) { true } else { with_groups(text) }
}

/// `^(?:(?:[a-zA-Z_]|\$(?:\{\w+\}|\w+))+\w*)+$`, `relabelTargetLegacy`: a digit never comes first.
fn with_groups(text: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut rest = text;
    let mut begun = false;
    while let Some(c) = rest.chars().next() {
        if c == '$' {
            let after = &rest[1..];
            let inside = after.strip_prefix('{');
            let name = inside.unwrap_or(after);
            let end = name.find(|c| !word(c)).unwrap_or(name.len());
            if end == 0 {
                return false;
            }
            rest = &name[end..];
            if inside.is_some() {
                let Some(after) = rest.strip_prefix('}') else { return false };
                rest = after;
            }
        } else if word(c) && (begun || !c.is_ascii_digit()) {
            rest = &rest[1..];
        } else {
            return false;
        }
        begun = true;
    }
    begun
}

/// Fields that an action does not take beside its own.
fn others(judge: &mut Judge<'_>, rule: Node<'_>, action: &str, fields: &[&str], own: &str) {
    for field in fields {
        let set = match *field {
            "source_labels" => there(rule, field),
            "modulus" => there(rule, field).filter(|n| n.as_i64() != Some(0)),
            "separator" => rule.get(field).filter(|n| n.is_null() || n.scalar().is_some_and(|t| t != ";")),
            "replacement" => rule.get(field).filter(|n| n.is_null() || n.scalar().is_some_and(|t| t != "$1")),
            // Expressions are compared by identity: any that is written is another one.
            "regex" => rule.get(field),
            _ => filled(rule, field),
        };
        if set.is_some() {
            let message = format!("`action: {action}` takes {own} only, no `{field}`");
            judge.tell(&RULE, key(rule, field), When::Always, message).help("delete it");
        }
    }
}

/// The key of a field.
fn key(rule: Node<'_>, name: &str) -> crate::source::Span {
    rule.entry(name).map_or_else(|| first(rule), |e| e.key.span())
}

/// The first key of a rule, where something is missing.
fn first(rule: Node<'_>) -> crate::source::Span {
    rule.entries().first().map_or(rule.span(), |e| e.key.span())
}

#[cfg(test)]
mod tests {
    use super::with_groups;

    #[test]
    fn names_with_groups_are_those_of_the_engine() {
        for good in ["a", "_", "a1", "$1", "${1}", "a_${1}_b", "${a}9", "$1$2", "label_$1"] {
            assert!(with_groups(good), "{good}");
        }
        for bad in ["", "1", "a.b", "$", "${", "${}", "a-$1", "${1", "a$-"] {
            assert!(!with_groups(bad), "{bad}");
        }
    }
}
