//! What fields of a config must mean together for Alertmanager to load it
//! (prometheus/alertmanager config/config.go@v0.26.0 to v0.34.0). Names and types are the catalogue's.

mod matchers;
mod message;
mod receivers;
mod routes;
mod templates;
mod times;

use super::rules::{invalid_value, no_integration, receiver_invalid};
use crate::conform::client::{self, Since};
use crate::conform::read::{filled, items, key, there, word};
use crate::conform::{Judge, Settings, When};
use crate::engine::Instance;
use crate::parse::{Entry, Node};

/// How texts with matchers and labels are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// As always before 0.27.
    Classic,
    /// As always before or as UTF-8, whichever can.
    Both,
    /// As UTF-8.
    Strict,
}

/// Looks at one config.
pub(super) fn config(judge: &mut Judge<'_>, settings: &Settings<'_>, instance: &Instance<'_>) {
    // What a script puts in before is not known.
    if instance.files.iter().any(|(_, file)| instance.tree.fills(file)) {
        return;
    }
    let root = settings.root;
    // The library as go.mod names it: v0.44.0, v0.46.0 in 0.27, v0.61.0 in 0.28, v0.67.4 in 0.30.
    let since = Since {
        environment: true,
        inline: true,
        secret_required: !judge.since(0, 28),
        username_file: judge.since(0, 27),
        references: judge.since(0, 28),
        signed: judge.since(0, 30),
    };
    let mode = mode(judge, settings);
    clients(judge, root, since);
    global(judge, root);
    tracing(judge, root);
    let names = receivers::receivers(judge, root);
    if instance.service.is_some() {
        deaf(judge, root);
    }
    if !instance.files.iter().any(|(_, file)| instance.tree.fills(file)) {
        templates::receivers(judge, root);
    }
    let times = times::intervals(judge, root);
    routes::routes(judge, root, mode, &names, &times);
    routes::inhibitions(judge, root, mode);
}

/// Receivers of which none has a way to tell anybody.
fn deaf(judge: &mut Judge<'_>, root: Node<'_>) {
    let tells = |entry: &Entry<'_>| entry.name().ends_with("_configs") && entry.value.items().next().is_some();
    let mut receivers = items(root, "receivers").peekable();
    let Some(first) = receivers.peek().copied() else { return };
    // What is merged in, or no list, is not known.
    let open = |r: &Node<'_>| !r.is_map() || r.get("<<").is_some();
    if receivers.any(|r| open(&r) || r.entries().iter().any(tells)) {
        return;
    }
    let named = |text: &str| items(root, "receivers").any(|r| r.get("name").and_then(Node::scalar) == Some(text));
    // One that is not there is told for what it is.
    let Some(root) = root.at(&["route", "receiver"]).filter(|to| to.scalar().is_some_and(named)) else { return };
    judge
        .tell(&no_integration::RULE, root.span(), When::Always, "no receiver tells anybody: every alert ends here")
        .label(first.span(), "a name alone")
        .help("give a receiver `webhook_configs`, `email_configs`, or another way to tell people")
        .note("Alertmanager takes alerts, shows them on its own page, and logs nothing");
}

/// Flags decide how the parser is chosen (prometheus/alertmanager matcher/compat/parse.go@v0.27.0, v0.34.0).
fn mode(judge: &Judge<'_>, settings: &Settings<'_>) -> Mode {
    if !judge.since(0, 27) {
        return Mode::Classic;
    }
    match settings.flag("enable-feature") {
        Some(words) if words.split(',').any(|w| w == "classic-mode") => Mode::Classic,
        Some(words) if words.split(',').any(|w| w == "utf8-strict-mode") => Mode::Strict,
        _ => Mode::Both,
    }
}

/// Every `http_config`.
fn clients(judge: &mut Judge<'_>, root: Node<'_>, since: Since) {
    let all = items(root, "receivers").flat_map(|r| r.entries()).flat_map(|e| e.value.items());
    let global = root.get("global");
    for map in all.chain(global).filter_map(|m| there(m, "http_config")).filter(|c| c.is_map()) {
        client::client(judge, &invalid_value::RULE, map, since);
    }
}

/// Traces go to an address (prometheus/alertmanager tracing/config.go@v0.30.0, v0.34.0).
fn tracing(judge: &mut Judge<'_>, root: Node<'_>) {
    let Some(tracing) = there(root, "tracing").filter(|t| t.is_map()) else { return };
    if word(tracing, "endpoint", "") == Some("") {
        judge
            .tell(&invalid_value::RULE, key(root, "tracing"), When::Always, "`tracing` lacks `endpoint`")
            .help("write `endpoint:` and the address that takes OTLP");
    }
    if let Some(node) = filled(tracing, "compression").filter(|n| n.scalar() != Some("gzip")) {
        judge.tell(&invalid_value::RULE, node.span(), When::Always, "`compression` can only be `gzip`");
    }
}

/// Values of `global` that stand twice: in the file, and in one of their own (config/config.go `Config.UnmarshalYAML`).
fn global(judge: &mut Judge<'_>, root: Node<'_>) {
    const PAIRS: [(&str, (u16, u16)); 11] = [
        ("slack_api_url", (0, 26)),
        ("slack_app_token", (0, 30)),
        ("opsgenie_api_key", (0, 26)),
        ("victorops_api_key", (0, 26)),
        ("telegram_bot_token", (0, 31)),
        ("smtp_auth_password", (0, 26)),
        ("smtp_auth_secret", (0, 31)),
        ("rocketchat_token", (0, 28)),
        ("rocketchat_token_id", (0, 28)),
        ("wechat_api_secret", (0, 31)),
        ("mattermost_webhook_url", (0, 32)),
    ];
    let Some(global) = there(root, "global").filter(|g| g.is_map()) else { return };
    for (name, (major, minor)) in PAIRS {
        let file = format!("{name}_file");
        if judge.since(major, minor) && filled(global, name).is_some() && filled(global, &file).is_some() {
            client::several(judge, &receiver_invalid::RULE, global, name, &file, "sources of one value");
        }
    }
    let first = |names: [&'static str; 2]| names.into_iter().find(|n| filled(global, n).is_some());
    let token = first(["slack_app_token", "slack_app_token_file"]);
    let url = first(["slack_api_url", "slack_api_url_file"]);
    if let (true, Some(token), Some(url)) = (judge.since(0, 30), token, url) {
        let app = filled(global, "slack_app_url").and_then(Node::scalar);
        let app = app.unwrap_or("https://slack.com/api/chat.postMessage");
        let same = filled(global, "slack_api_url").and_then(Node::scalar) == Some(app);
        if !same {
            client::several(judge, &receiver_invalid::RULE, global, token, url, "ways to reach Slack");
        }
    }
}
