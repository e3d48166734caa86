//! What messages hold (prometheus/alertmanager config/notifiers.go, notify/*/config.go@v0.26.0 to v0.34.0).

use std::collections::HashSet;

use super::super::rules::{invalid_value, receiver_invalid};
use crate::conform::read::{filled, first, is_true, items, key, there, word};
use crate::conform::{Judge, When};
use crate::parse::Node;

/// Looks at a block of a receiver.
pub(super) fn message(judge: &mut Judge<'_>, kind: &str, block: Node<'_>) {
    match kind {
        "email_configs" => email(judge, block),
        "slack_configs" => slack(judge, block),
        "mattermost_configs" => {
            for attachment in items(block, "attachments") {
                fields(judge, attachment);
            }
            fields(judge, block);
        }
        "wechat_configs" => words(judge, block, "message_type", &["text", "markdown"]),
        "telegram_configs" => words(judge, block, "parse_mode", &["Markdown", "MarkdownV2", "HTML"]),
        "jira_configs" if judge.since(0, 29) => words(judge, block, "api_type", &["auto", "cloud", "datacenter"]),
        "opsgenie_configs" => opsgenie(judge, block),
        "victorops_configs" => victorops(judge, block),
        _ => {}
    }
}

/// A text that takes few words; none is one as well.
fn words(judge: &mut Judge<'_>, block: Node<'_>, field: &str, words: &[&str]) {
    if let Some(node) = filled(block, field)
        && let Some(text) = node.scalar().filter(|t| !words.contains(t))
    {
        let all: Vec<_> = words.iter().map(|w| format!("`{w}`")).collect();
        judge
            .tell(&invalid_value::RULE, node.span(), When::Sometimes, format!("`{field}` cannot be `{text}`"))
            .help(format!("one of {}", all.join(", ")));
    }
}

fn email(judge: &mut Judge<'_>, block: Node<'_>) {
    let mut seen = HashSet::new();
    let headers = there(block, "headers").filter(|h| h.is_map()).map_or(Vec::new(), Node::entries);
    for entry in &headers {
        let name = entry.name().to_lowercase();
        if !seen.insert(name) {
            let message = format!("the header `{}` stands twice", entry.name());
            judge
                .tell(&receiver_invalid::RULE, entry.key.span(), When::Always, message)
                .help("upper and lower case are the same here");
        }
    }
    let Some(threading) = there(block, "threading").filter(|t| judge.since(0, 30) && is_true(*t, "enabled")) else {
        return;
    };
    for entry in headers.iter().filter(|e| ["references", "in-reply-to"].contains(&e.name().to_lowercase().as_str())) {
        let message = format!("`threading` sets the header `{}` itself", entry.name());
        judge.tell(&receiver_invalid::RULE, entry.key.span(), When::Sometimes, message).help("remove one of the two");
    }
    let by = word(threading, "thread_by_date", "");
    if judge.since(0, 31) && by.is_some_and(|b| b != "none" && b != "daily") {
        judge
            .tell(
                &invalid_value::RULE,
                key(threading, "thread_by_date"),
                When::Sometimes,
                "`thread_by_date` must be `none` or `daily`",
            )
            .help("write one of the two");
    }
}

/// A field that must not be empty.
fn need(judge: &mut Judge<'_>, map: Node<'_>, what: &str, names: &[&str]) {
    if names.iter().all(|n| word(map, n, "") == Some("")) {
        let all: Vec<_> = names.iter().map(|n| format!("`{n}`")).collect();
        let place = names.iter().find_map(|n| map.entry(n)).map_or_else(|| first(map), |e| e.key.span());
        judge.tell(&receiver_invalid::RULE, place, When::Always, format!("{what} lacks {}", all.join(" or ")));
    }
}

fn fields(judge: &mut Judge<'_>, block: Node<'_>) {
    for field in items(block, "fields").filter(|f| f.is_map()) {
        need(judge, field, "a field", &["title"]);
        need(judge, field, "a field", &["value"]);
    }
}

fn slack(judge: &mut Judge<'_>, block: Node<'_>) {
    fields(judge, block);
    for action in items(block, "actions").filter(|a| a.is_map()) {
        for names in [&["type"][..], &["text"], &["url", "name"]] {
            need(judge, action, "an action", names);
        }
        // The question is dropped where a link is.
        if let Some(confirm) = there(action, "confirm").filter(|c| c.is_map()) {
            need(judge, confirm, "`confirm`", &["text"]);
        }
    }
    let bot = filled(block, "api_url").and_then(Node::scalar) == Some("https://slack.com/api/chat.postMessage");
    if judge.since(0, 32) && is_true(block, "update_message") && !bot && filled(block, "api_url").is_some() {
        judge
            .tell(
                &receiver_invalid::RULE,
                key(block, "update_message"),
                When::Sometimes,
                "`update_message` needs the API of bots",
            )
            .help("write `api_url: https://slack.com/api/chat.postMessage`");
    }
}

fn opsgenie(judge: &mut Judge<'_>, block: Node<'_>) {
    const TYPES: [&str; 5] = ["team", "teams", "user", "escalation", "schedule"];
    for responder in items(block, "responders").filter(|r| r.is_map()) {
        need(judge, responder, "a responder", &["id", "username", "name"]);
        let Some(text) = word(responder, "type", "").filter(|t| !t.contains("{{")) else { continue };
        if !TYPES.contains(&text.to_lowercase().as_str()) {
            let place = responder.get("type").filter(|n| !n.is_null()).map_or_else(|| first(responder), Node::span);
            judge
                .tell(&invalid_value::RULE, place, When::Always, format!("`type` cannot be `{text}`"))
                .help("one of `team`, `teams`, `user`, `escalation`, `schedule`");
        }
    }
}

fn victorops(judge: &mut Judge<'_>, block: Node<'_>) {
    const RESERVED: [&str; 7] = [
        "routing_key",
        "message_type",
        "state_message",
        "entity_display_name",
        "monitoring_tool",
        "entity_id",
        "entity_state",
    ];
    for entry in there(block, "custom_fields").filter(|f| f.is_map()).into_iter().flat_map(Node::entries) {
        if RESERVED.contains(&entry.name()) {
            let message = format!("`custom_fields` cannot set `{}`", entry.name());
            judge.tell(&receiver_invalid::RULE, entry.key.span(), When::Always, message);
        }
    }
}
