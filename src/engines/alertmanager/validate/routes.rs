//! Routes and inhibition (prometheus/alertmanager config/config.go `Config.UnmarshalYAML`, `Route.UnmarshalYAML`,
//! `InhibitRule.UnmarshalYAML`@v0.26.0 to v0.34.0).

use std::collections::{BTreeMap, HashSet};

use super::super::rules::{matcher_invalid, receiver_undefined, route_invalid, time_undefined};
use super::{Mode, matchers};
use crate::conform::read::{filled, first, is_true, items, key, legacy_label, milliseconds, there};
use crate::conform::{Judge, When};
use crate::near::Near;
use crate::parse::Node;
use crate::source::Span;

/// Names and where they are defined.
type Names<'d> = BTreeMap<&'d str, Span>;

/// Looks at the tree of routes.
pub(super) fn routes(judge: &mut Judge<'_>, root: Node<'_>, mode: Mode, receivers: &Names<'_>, times: &Names<'_>) {
    let Some(route) = there(root, "route") else {
        if root.is_map() {
            judge
                .tell(
                    &route_invalid::RULE,
                    root.get("route").map_or(first(root), |_| key(root, "route")),
                    When::Always,
                    "there is no `route`",
                )
                .help("write `route:` with the `receiver` that takes what no other route does");
        }
        return;
    };
    if !route.is_map() {
        return;
    }
    top(judge, root, route);
    let mut stack = vec![route];
    let near = Near::default();
    // A route that several aliases lead to is looked at once.
    let mut seen = HashSet::new();
    while let Some(route) = stack.pop() {
        if !seen.insert(route.resolved().id()) {
            continue;
        }
        if let Some(name) = filled(route, "receiver") {
            undefined(judge, name, receivers, &near);
        }
        for list in ["active_time_intervals", "mute_time_intervals"] {
            for name in items(route, list) {
                let Some(text) = name.scalar().filter(|t| !times.contains_key(t)) else { continue };
                let near = near.nearest(text, times.keys().copied());
                let message = format!("no time interval is named `{text}`");
                let told = judge.tell(&time_undefined::RULE, name.span(), When::Always, message);
                told.help(
                    near.map_or_else(
                        || "define it below `time_intervals`".to_owned(),
                        |n| format!("did you mean `{n}`?"),
                    ),
                );
            }
        }
        one(judge, route, mode);
        stack.extend(items(route, "routes").filter(|r| r.is_map()));
    }
}

fn undefined(judge: &mut Judge<'_>, name: Node<'_>, receivers: &Names<'_>, near: &Near) {
    let Some(text) = name.scalar().filter(|t| !receivers.contains_key(t)) else { return };
    let near = near.nearest(text, receivers.keys().copied());
    judge
        .tell(&receiver_undefined::RULE, name.span(), When::Always, format!("no receiver is named `{text}`"))
        .help(near.map_or_else(|| "define it below `receivers`".to_owned(), |n| format!("did you mean `{n}`?")));
}

/// The root takes everything, always.
fn top(judge: &mut Judge<'_>, root: Node<'_>, route: Node<'_>) {
    if route.get("receiver").is_none_or(|r| r.is_null() || r.scalar() == Some("")) {
        judge
            .tell(&route_invalid::RULE, key(root, "route"), When::Always, "the root route has no `receiver`")
            .help("write `receiver:` and one that takes what no other route does");
    }
    for field in ["match", "match_re", "matchers", "mute_time_intervals", "active_time_intervals"] {
        let Some(node) = there(route, field) else { continue };
        if node.items().len() > 0 || !node.entries().is_empty() {
            judge
                .tell(
                    &route_invalid::RULE,
                    key(route, field),
                    When::Always,
                    format!("the root route cannot have `{field}`: it takes every alert"),
                )
                .help("move it to a route below `routes`");
        }
    }
    if is_true(route, "continue") {
        judge
            .tell(&route_invalid::RULE, key(route, "continue"), When::Always, "the root route cannot `continue`")
            .help("delete it");
    }
}

fn one(judge: &mut Judge<'_>, route: Node<'_>, mode: Mode) {
    labels(judge, route, "match");
    labels(judge, route, "match_re");
    list(judge, route, "matchers", mode);
    if judge.since(0, 34) {
        for entry in there(route, "labels").into_iter().flat_map(Node::entries) {
            if !matchers::is_label(entry.name(), mode) {
                no_label(judge, entry.key, entry.name());
            }
        }
    }
    group_by(judge, route, mode);
    for field in ["group_interval", "repeat_interval"] {
        if let Some(node) = there(route, field).filter(|n| milliseconds(*n) == Some(0)) {
            judge
                .tell(&route_invalid::RULE, node.span(), When::Always, format!("`{field}` cannot be zero"))
                .help("delete it to inherit that of the route above");
        }
    }
}

fn group_by(judge: &mut Judge<'_>, route: Node<'_>, mode: Mode) {
    let mut names = HashSet::new();
    let mut all = None;
    for item in items(route, "group_by") {
        let text = if item.is_null() { Some("") } else { item.scalar() };
        let Some(text) = text else { continue };
        if text == "..." {
            all = Some(item);
        } else if !matchers::is_label(text, mode) {
            no_label(judge, item, text);
        } else if !names.insert(text) {
            judge
                .tell(&route_invalid::RULE, item.span(), When::Always, format!("`group_by` holds `{text}` twice"))
                .help("delete one of the two");
        }
    }
    if let Some(all) = all.filter(|_| !names.is_empty()) {
        judge
            .tell(
                &route_invalid::RULE,
                all.span(),
                When::Always,
                "`...` stands for all labels, and others stand beside it",
            )
            .help("write `group_by: [...]` alone");
    }
}

fn no_label(judge: &mut Judge<'_>, node: Node<'_>, name: &str) {
    let message = match name {
        "" => "an empty text is no name of a label".to_owned(),
        _ => format!("`{name}` is no name of a label"),
    };
    judge
        .tell(&matcher_invalid::RULE, node.span(), When::Sometimes, message)
        .help("letters, digits and underscores, and no digit first");
}

/// Keys of the older matchers are names of the old kind in every mode.
fn labels(judge: &mut Judge<'_>, map: Node<'_>, field: &str) {
    for entry in there(map, field).filter(|n| n.is_map()).into_iter().flat_map(Node::entries) {
        if !legacy_label(entry.name()) {
            no_label(judge, entry.key, entry.name());
        } else if field.ends_with("_re") && entry.value.is_null() {
            let message = format!("`{}` has no expression", entry.name());
            judge.tell(&matcher_invalid::RULE, entry.key.span(), When::Always, message);
        }
    }
}

/// A list of matchers.
fn list(judge: &mut Judge<'_>, map: Node<'_>, field: &str, mode: Mode) {
    for item in items(map, field) {
        if let Some(text) = item.scalar().filter(|_| !item.is_null())
            && let Some(why) = matchers::refused(text, mode)
        {
            judge
                .tell(&matcher_invalid::RULE, item.span(), When::Sometimes, format!("`{field}` cannot be read: {why}"))
                .help("write matchers as `severity=\"page\"`, `job=~\"a|b\"`");
        }
    }
}

/// What silences what.
pub(super) fn inhibitions(judge: &mut Judge<'_>, root: Node<'_>, mode: Mode) {
    for rule in items(root, "inhibit_rules").filter(|r| r.is_map()) {
        for side in ["source", "target"] {
            labels(judge, rule, &format!("{side}_match"));
            labels(judge, rule, &format!("{side}_match_re"));
            list(judge, rule, &format!("{side}_matchers"), mode);
        }
        // Only the old kind of names before 0.28.
        let mode = if judge.since(0, 28) { mode } else { Mode::Classic };
        for item in items(rule, "equal") {
            if let Some(text) = item.scalar().filter(|t| !item.is_null() && !matchers::is_label(t, mode)) {
                no_label(judge, item, text);
            }
        }
    }
}
