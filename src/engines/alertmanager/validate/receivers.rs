//! Receivers: what each way to tell people needs, in its own block or in `global`
//! (prometheus/alertmanager config/config.go `Config.UnmarshalYAML`, config/notifiers.go, notify/*/config.go@v0.26.0 to v0.34.0).

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::super::rules::receiver_invalid::RULE;
use super::message;
use crate::catalogue::Version;
use crate::conform::client::several;
use crate::conform::read::{filled, first, is_true, items, key, there, word};
use crate::conform::{Judge, When};
use crate::parse::Node;
use crate::source::Span;

/// From which release to which.
type Range = (Version, Option<Version>);

const fn since(minor: u16) -> Range {
    (Version::new(0, minor, 0), None)
}

const fn between(minor: u16, until: u16) -> Range {
    (Version::new(0, minor, 0), Some(Version::new(0, until, 0)))
}

/// A list of a receiver.
struct Kind {
    name: &'static str,
    /// One of these must be set, in the block or else, where there are some, in `global`.
    needs: &'static [(Range, &'static [&'static str], &'static [&'static str])],
    /// At most one of two.
    pairs: &'static [(Range, &'static str, &'static str)],
    /// Whether an empty block is refused as such; others are as if nothing stood in them.
    empty: bool,
}

const NO: &[&str] = &[];
const WEBHOOK: &[&str] = &["webhook_url", "webhook_url_file"];

const KINDS: &[Kind] = &[
    Kind {
        name: "webhook_configs",
        needs: &[(since(26), &["url", "url_file"], NO)],
        pairs: &[(since(26), "url", "url_file")],
        empty: true,
    },
    Kind {
        name: "email_configs",
        needs: &[
            (since(26), &["to"], NO),
            (since(26), &["smarthost"], &["smtp_smarthost"]),
            (since(26), &["from"], &["smtp_from"]),
        ],
        pairs: &[],
        empty: true,
    },
    Kind {
        name: "slack_configs",
        needs: &[],
        pairs: &[(since(26), "api_url", "api_url_file"), (since(30), "app_token", "app_token_file")],
        empty: false,
    },
    Kind {
        name: "pagerduty_configs",
        needs: &[(since(26), &["routing_key", "service_key", "routing_key_file", "service_key_file"], NO)],
        pairs: &[(since(26), "routing_key", "routing_key_file"), (since(26), "service_key", "service_key_file")],
        empty: true,
    },
    Kind {
        name: "incidentio_configs",
        needs: &[(since(29), &["url", "url_file"], NO)],
        pairs: &[(since(29), "url", "url_file"), (since(29), "alert_source_token", "alert_source_token_file")],
        empty: true,
    },
    Kind {
        name: "opsgenie_configs",
        needs: &[(since(26), &["api_key", "api_key_file"], &["opsgenie_api_key", "opsgenie_api_key_file"])],
        pairs: &[(since(26), "api_key", "api_key_file")],
        empty: false,
    },
    Kind {
        name: "wechat_configs",
        needs: &[
            (between(26, 31), &["api_secret"], &["wechat_api_secret"]),
            (since(31), &["api_secret", "api_secret_file"], &["wechat_api_secret", "wechat_api_secret_file"]),
            (since(26), &["corp_id"], &["wechat_api_corp_id"]),
        ],
        pairs: &[(since(31), "api_secret", "api_secret_file")],
        empty: false,
    },
    Kind {
        name: "pushover_configs",
        needs: &[(since(26), &["user_key", "user_key_file"], NO), (since(26), &["token", "token_file"], NO)],
        pairs: &[(since(26), "user_key", "user_key_file"), (since(26), "token", "token_file")],
        empty: true,
    },
    Kind {
        name: "victorops_configs",
        needs: &[
            (since(26), &["routing_key"], NO),
            (since(26), &["api_key", "api_key_file"], &["victorops_api_key", "victorops_api_key_file"]),
        ],
        pairs: &[(since(26), "api_key", "api_key_file")],
        empty: true,
    },
    Kind { name: "sns_configs", needs: &[], pairs: &[], empty: true },
    Kind {
        name: "telegram_configs",
        needs: &[
            (between(26, 31), &["bot_token", "bot_token_file"], NO),
            (since(31), &["bot_token", "bot_token_file"], &["telegram_bot_token", "telegram_bot_token_file"]),
        ],
        pairs: &[(since(26), "bot_token", "bot_token_file")],
        empty: true,
    },
    Kind {
        name: "discord_configs",
        needs: &[(between(26, 27), &["webhook_url"], NO), (since(27), WEBHOOK, NO)],
        pairs: &[(since(27), "webhook_url", "webhook_url_file")],
        empty: true,
    },
    Kind { name: "webex_configs", needs: &[(since(26), &["room_id"], NO)], pairs: &[], empty: true },
    Kind {
        name: "msteams_configs",
        needs: &[(between(26, 27), &["webhook_url"], NO), (since(27), WEBHOOK, NO)],
        pairs: &[(since(27), "webhook_url", "webhook_url_file")],
        empty: true,
    },
    Kind {
        name: "msteamsv2_configs",
        needs: &[(since(28), WEBHOOK, NO)],
        pairs: &[(since(28), "webhook_url", "webhook_url_file")],
        empty: true,
    },
    Kind {
        name: "jira_configs",
        needs: &[
            (since(28), &["project"], NO),
            (since(28), &["issue_type"], NO),
            (since(28), &["api_url"], &["jira_api_url"]),
        ],
        pairs: &[],
        empty: true,
    },
    Kind {
        name: "rocketchat_configs",
        needs: &[
            (since(28), &["token_id", "token_id_file"], &["rocketchat_token_id", "rocketchat_token_id_file"]),
            (since(28), &["token", "token_file"], &["rocketchat_token", "rocketchat_token_file"]),
        ],
        pairs: &[(since(28), "token", "token_file"), (since(28), "token_id", "token_id_file")],
        empty: false,
    },
    Kind {
        name: "mattermost_configs",
        needs: &[
            (between(30, 32), WEBHOOK, NO),
            (since(32), WEBHOOK, &["mattermost_webhook_url", "mattermost_webhook_url_file"]),
        ],
        pairs: &[(since(30), "webhook_url", "webhook_url_file")],
        empty: true,
    },
];

/// Looks at all receivers; gives their names.
pub(super) fn receivers<'d>(judge: &mut Judge<'_>, root: Node<'d>) -> BTreeMap<&'d str, Span> {
    let global = there(root, "global").filter(|g| g.is_map());
    let mut names: BTreeMap<&str, Span> = BTreeMap::new();
    for receiver in items(root, "receivers").filter(|r| r.is_map()) {
        match filled(receiver, "name") {
            Some(name) => {
                let text = name.scalar().unwrap_or_default();
                match names.entry(text) {
                    Entry::Occupied(before) => {
                        judge
                            .tell(&RULE, name.span(), When::Always, format!("two receivers are named `{text}`"))
                            .label(*before.get(), "the other one")
                            .help("give each its own name; one receiver may hold several ways to tell");
                    }
                    Entry::Vacant(place) => {
                        place.insert(name.span());
                    }
                }
                label(judge, receiver, text);
            }
            None if word(receiver, "name", "") == Some("") => {
                judge
                    .tell(&RULE, first(receiver), When::Always, "this receiver has no `name`")
                    .help("write `name:` and what routes call it");
            }
            None => {}
        }
        for kind in KINDS {
            for block in items(receiver, kind.name) {
                self::block(judge, kind, block, global);
            }
        }
    }
    names
}

/// Labels of a receiver hold its own name, or none.
fn label(judge: &mut Judge<'_>, receiver: Node<'_>, name: &str) {
    if !judge.since(0, 33) {
        return;
    }
    if let Some(node) = there(receiver, "labels").and_then(|l| there(l, "name"))
        && node.scalar().is_some_and(|t| t != name)
    {
        judge
            .tell(&RULE, node.span(), When::Sometimes, format!("the label `name` must be `{name}`, as the receiver is"))
            .help("delete it: Alertmanager sets it");
    }
}

fn holds(version: Version, (from, until): Range) -> bool {
    version >= from && until.is_none_or(|u| version < u)
}

fn block(judge: &mut Judge<'_>, kind: &Kind, block: Node<'_>, global: Option<Node<'_>>) {
    if block.is_null() {
        // Before 0.32 the process dies of it, whatever it is.
        if kind.empty || !judge.since(0, 32) {
            judge.tell(&RULE, block.span(), When::Sometimes, format!("an item of `{}` is empty", kind.name));
            return;
        }
    } else if !block.is_map() {
        return;
    }
    let version = judge.version;
    for (_, one, other) in kind.pairs.iter().filter(|(range, ..)| holds(version, *range)) {
        if filled(block, one).is_some() && filled(block, other).is_some() {
            several(judge, &RULE, block, one, other, "sources of one value");
        }
    }
    for (_, own, shared) in kind.needs.iter().filter(|(range, ..)| holds(version, *range)) {
        // What is there and no text is told elsewhere.
        let has = |map: Node<'_>, names: &[&str]| names.iter().any(|n| word(map, n, "") != Some(""));
        if has(block, own) || global.is_some_and(|g| has(g, shared)) {
            continue;
        }
        let all: Vec<_> = own.iter().map(|n| format!("`{n}`")).collect();
        let told = judge.tell(
            &RULE,
            place(block, own),
            When::Sometimes,
            format!("`{}` lacks {}", kind.name, all.join(" or ")),
        );
        if let [shared, ..] = shared {
            told.help(format!("write it here, or `global.{shared}` for all receivers"));
        }
    }
    match kind.name {
        "slack_configs" => slack(judge, block, global),
        "sns_configs" => sns(judge, block),
        "telegram_configs" => telegram(judge, block),
        "webex_configs" => webex(judge, block),
        "incidentio_configs" => incidentio(judge, block),
        "pushover_configs" if judge.since(0, 29) && ["html", "monospace"].iter().all(|k| is_true(block, k)) => {
            several(judge, &RULE, block, "html", "monospace", "formats of one text");
        }
        _ => {}
    }
    message::message(judge, kind.name, block);
}

/// The place of the first of these that is written, though empty; that of the block where none is.
fn place(block: Node<'_>, names: &[&str]) -> Span {
    names.iter().find_map(|n| block.entry(n)).map_or_else(|| first(block), |e| e.key.span())
}

/// Slack takes a webhook, or since 0.30 the token of an app.
fn slack(judge: &mut Judge<'_>, block: Node<'_>, global: Option<Node<'_>>) {
    let find = |map: Node<'_>, names: [&'static str; 2]| names.into_iter().find(|n| word(map, n, "") != Some(""));
    let urls = ["api_url", "api_url_file"];
    let own = find(block, urls);
    let shared = global.and_then(|g| find(g, ["slack_api_url", "slack_api_url_file"]));
    let apps = judge.since(0, 30);
    let token = find(block, ["app_token", "app_token_file"]).filter(|_| apps);
    let authorized = |map: Node<'_>| there(map, "http_config").is_some_and(|c| there(c, "authorization").is_some());
    let from_global = global.and_then(|g| find(g, ["slack_app_token", "slack_app_token_file"])).is_some();
    let inherits = apps && from_global && !authorized(block) && word(block, "api_url", "") == Some("");
    if let (Some(url), Some(token)) = (own, token) {
        several(judge, &RULE, block, url, token, "ways to reach Slack");
    }
    if own.is_none() && shared.is_none() && token.is_none() && !inherits {
        let message = if apps {
            "`slack_configs` has neither `api_url` nor `app_token`, and `global` neither"
        } else {
            "`slack_configs` lacks `api_url`"
        };
        judge
            .tell(&RULE, place(block, &urls), When::Sometimes, message)
            .help("write it here, or `global.slack_api_url` for all receivers");
    }
    let config = if there(block, "http_config").is_some() { Some(block) } else { global };
    if (token.is_some() || inherits) && config.is_some_and(authorized) {
        let span = config.and_then(|c| c.entry("http_config")).map_or_else(|| first(block), |e| e.key.span());
        judge
            .tell(
                &RULE,
                span,
                When::Sometimes,
                "`http_config.authorization` and a token of Slack are two ways to log in",
            )
            .help("remove one of the two");
    }
}

/// Where a message goes: to one place. All three are taken as well, as the engine counts.
fn sns(judge: &mut Judge<'_>, block: Node<'_>) {
    let names = ["target_arn", "topic_arn", "phone_number"];
    let Some(texts) = names.iter().map(|n| word(block, n, "")).collect::<Option<Vec<_>>>() else { return };
    if texts.iter().filter(|t| t.is_empty()).count() % 2 == 1 {
        judge
            .tell(&RULE, place(block, &names), When::Always, "`sns_configs` names not one place to send to")
            .help("write one of `target_arn`, `topic_arn`, `phone_number`");
    }
    if let Some(sigv4) = there(block, "sigv4").filter(|s| s.is_map()) {
        let (access, secret) = (filled(sigv4, "access_key"), filled(sigv4, "secret_key"));
        if access.is_some() != secret.is_some() {
            let span = access.or(secret).map_or(sigv4.span(), Node::span);
            judge.tell(&RULE, span, When::Always, "`sigv4` needs both `access_key` and `secret_key`, or neither");
        }
    }
}

fn telegram(judge: &mut Judge<'_>, block: Node<'_>) {
    let id = there(block, "chat_id").filter(|n| n.as_i64() != Some(0));
    let file = filled(block, "chat_id_file").filter(|_| judge.since(0, 31));
    match (id, file) {
        (None, None) => {
            judge.tell(&RULE, place(block, &["chat_id"]), When::Always, "`telegram_configs` lacks `chat_id`");
        }
        (Some(_), Some(_)) => several(judge, &RULE, block, "chat_id", "chat_id_file", "sources of one value"),
        _ => {}
    }
}

fn webex(judge: &mut Judge<'_>, block: Node<'_>) {
    if there(block, "http_config").and_then(|c| there(c, "authorization")).is_none() {
        judge
            .tell(&RULE, key(block, "http_config"), When::Always, "`webex_configs` lacks `http_config.authorization`")
            .help("write `http_config: {authorization: {credentials: …}}` with the token of a bot");
    }
}

fn incidentio(judge: &mut Judge<'_>, block: Node<'_>) {
    let Some(config) = there(block, "http_config").filter(|c| c.is_map()) else { return };
    let authorized = there(config, "authorization").is_some();
    let token = ["alert_source_token", "alert_source_token_file"].into_iter().find(|t| filled(block, t).is_some());
    match (authorized, token) {
        (true, Some(token)) => {
            several(judge, &RULE, block, token, "http_config", "ways to log in");
        }
        (false, None) => {
            judge
                .tell(&RULE, key(block, "http_config"), When::Always, "`incidentio_configs` has no way to log in")
                .help("write `alert_source_token`, or `http_config.authorization`");
        }
        _ => {}
    }
}
