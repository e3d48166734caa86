//! Templates in receivers, which are read when there is something to tell: the config loads with a broken one, and every
//! notification of that receiver fails (prometheus/alertmanager notify/*/*.go, notify/util.go `TmplText`@v0.26.0, v0.34.0).

use super::super::rules::template_invalid::RULE;
use crate::catalogue::Version;
use crate::conform::read::items;
use crate::conform::{Judge, When};
use crate::lang::template::{self, Names};
use crate::parse::Node;

/// Functions of templates (template/template.go `DefaultFuncs`@v0.26.0, v0.27.0, v0.28.1, v0.32.1, v0.33.1, v0.34.0), each with
/// the minor release before which none has it.
const FUNCTIONS: [(&str, u16); 23] = [
    ("append", 29),
    ("date", 28),
    ("dict", 29),
    ("humanizeDuration", 28),
    ("join", 0),
    ("list", 29),
    ("match", 0),
    ("mustToDate", 34),
    ("now", 33),
    ("reReplaceAll", 0),
    ("routeLabels", 34),
    ("safeHtml", 0),
    ("safeUrl", 29),
    ("since", 28),
    ("stringSlice", 0),
    ("title", 0),
    ("toDate", 34),
    ("toJson", 29),
    ("toLower", 0),
    ("toUpper", 0),
    ("trimSpace", 0),
    ("tz", 28),
    ("urlUnescape", 29),
];

/// Keys whose text is a template in every receiver that has them.
const KEYS: [&str; 26] = [
    "channel",
    "client",
    "client_url",
    "color",
    "content",
    "description",
    "details",
    "entity",
    "fallback",
    "footer",
    "headers",
    "html",
    "message",
    "note",
    "pretext",
    "priority",
    "source",
    "state_message",
    "subject",
    "summary",
    "tags",
    "text",
    "title",
    "title_link",
    "username",
    "value",
];

/// Texts that are looked at in one config.
const TEXTS: u32 = 10_000;

/// Looks at all of them.
pub(super) fn receivers(judge: &mut Judge<'_>, root: Node<'_>) {
    let mut left = TEXTS;
    for receiver in items(root, "receivers") {
        let name = receiver.get("name").and_then(Node::scalar).unwrap_or_default();
        for list in receiver.entries().iter().filter(|e| e.name().ends_with("_configs")) {
            let mut waiting: Vec<(Node<'_>, bool)> = list.value.items().map(|i| (i, false)).collect();
            while let Some((node, inside)) = waiting.pop() {
                if left == 0 {
                    return;
                }
                left -= 1;
                waiting.extend(node.items().map(|item| (item, inside)));
                for entry in node.own_entries().filter(|e| e.name() != "http_config" && !e.value.is_alias()) {
                    waiting.push((entry.value, inside || KEYS.contains(&entry.name())));
                }
                if inside {
                    one(judge, node, name);
                }
            }
        }
    }
}

fn one(judge: &mut Judge<'_>, node: Node<'_>, receiver: &str) {
    let has = |since: u16| judge.version >= Version::new(0, since, 0);
    let known: Vec<&str> = FUNCTIONS.iter().filter(|(_, since)| has(*since)).map(|f| f.0).collect();
    let Some(text) = node.text().filter(|t| t.value().contains("{{")) else { return };
    let Err(error) = template::check(text.value(), Names { functions: &[&known], variables: &[] }) else { return };
    let since = error.unknown.as_deref().and_then(|name| FUNCTIONS.iter().find(|(known, _)| *known == name));
    let when = if since.is_some() { When::Sometimes } else { When::Always };
    let place = if error.range.is_empty() { node.span() } else { text.span(error.range) };
    let told = judge.tell(&RULE, place, when, format!("this template is broken: {}", error.message));
    let told = told.note(format!("the config loads, and every notification of `{receiver}` fails"));
    match (since, error.unknown.as_deref()) {
        (Some((_, since)), _) => _ = told.help(format!("that function is not in releases before 0.{since}")),
        // Rules have these, and only they do.
        (None, Some("$labels" | "$value")) => {
            _ = told.help("write `.CommonLabels` or, within `range .Alerts`, `.Labels`")
        }
        _ => {}
    }
}
