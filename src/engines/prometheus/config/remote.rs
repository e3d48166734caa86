//! Remote write and read (config/config.go `RemoteWriteConfig`, `RemoteReadConfig`, `QueueConfig`).

use std::collections::HashMap;

use super::client::{client, several};
use super::discovery::labels;
use super::relabel;
use crate::conform::read::{duration, filled, first, items, key, there, word};
use crate::conform::{Judge, When, client};
use crate::engines::prometheus::rules::invalid_value::RULE;
use crate::parse::Node;

pub(super) fn write(judge: &mut Judge<'_>, root: Node<'_>, utf8: Option<bool>) {
    each(judge, root, "remote_write", &mut |judge, writer| {
        relabel::rules(judge, writer, "write_relabel_configs", utf8);
        let others = ["sigv4", "azuread", "google_iam"].into_iter().filter(|k| there(writer, k).is_some());
        let blocks = ["basic_auth", "authorization", "oauth2"].into_iter().filter(|k| there(writer, k).is_some());
        let bearer = ["bearer_token", "bearer_token_file"].into_iter().filter(|k| filled(writer, k).is_some());
        let all: Vec<&str> = blocks.chain(bearer).chain(others).collect();
        if let [first, second, ..] = all[..] {
            several(judge, writer, first, second, "ways to log in");
        }
        sigv4(judge, writer);
        azure(judge, writer);
        if let Some(node) = writer.get("protobuf_message").filter(|_| judge.since(2, 54))
            && let Some(text) = node.scalar().or(node.is_null().then_some(""))
            && !["prometheus.WriteRequest", "io.prometheus.write.v2.Request"].contains(&text)
        {
            judge
                .tell(&RULE, node.span(), When::Sometimes, format!("`protobuf_message` cannot be `{text}`"))
                .help("`prometheus.WriteRequest` or `io.prometheus.write.v2.Request`");
        }
        if judge.since(3, 12) {
            queue(judge, writer);
        }
    });
}

pub(super) fn read(judge: &mut Judge<'_>, root: Node<'_>) {
    each(judge, root, "remote_read", &mut |judge, reader| labels(judge, reader, "required_matchers"));
}

/// What both have.
fn each<'d>(judge: &mut Judge<'_>, root: Node<'d>, list: &str, more: &mut dyn FnMut(&mut Judge<'_>, Node<'d>)) {
    let mut names: HashMap<&str, Node<'_>> = HashMap::new();
    for remote in items(root, list) {
        if remote.is_null() {
            judge
                .tell(&RULE, remote.span(), When::Always, format!("an item of `{list}` is empty"))
                .help("delete the item, or write its `url`");
            continue;
        }
        if !remote.is_map() {
            continue;
        }
        if remote.get("url").is_none_or(Node::is_null) {
            judge
                .tell(&RULE, first(remote), When::Always, format!("`{list}` needs a `url`"))
                .help("write `url:` and where to");
        }
        if let Some(node) = filled(remote, "name")
            && let Some(before) = names.insert(node.scalar().unwrap_or_default(), node)
        {
            let message = format!("two items of `{list}` are named `{}`", node.scalar().unwrap_or_default());
            judge.tell(&RULE, node.span(), When::Always, message).label(before.span(), "the first one");
        }
        headers(judge, remote);
        client(judge, remote);
        more(judge, remote);
    }
}

/// Headers of one's own.
pub(super) fn headers(judge: &mut Judge<'_>, map: Node<'_>) {
    client::headers(judge, &RULE, map);
}

/// prometheus/sigv4 sigv4_config.go `Validate`@v0.4.1, prometheus/common sigv4/sigv4_config.go@v0.37.1.
pub(super) fn sigv4(judge: &mut Judge<'_>, map: Node<'_>) {
    let Some(sigv4) = there(map, "sigv4").filter(|n| n.is_map()) else { return };
    let (access, secret) = (filled(sigv4, "access_key"), filled(sigv4, "secret_key"));
    let lone = match (access, secret) {
        (Some(_), None) => ("access_key", "secret_key"),
        (None, Some(_)) => ("secret_key", "access_key"),
        _ => return,
    };
    let message = format!("`sigv4` has `{}` without `{}`", lone.0, lone.1);
    judge.tell(&RULE, key(sigv4, lone.0), When::Always, message).help("write both, or none");
}

/// storage/remote/azuread/azuread.go `Validate`@v2.45.0 to v3.14.0.
fn azure(judge: &mut Judge<'_>, writer: Node<'_>) {
    let Some(entry) = writer.entry("azuread").filter(|e| e.value.is_map()) else { return };
    let azure = entry.value;
    let known = ["managed_identity", "workload_identity", "oauth", "sdk", "certificate"];
    let given: Vec<&str> = known.into_iter().filter(|k| there(azure, k).is_some()).collect();
    match given[..] {
        [] => {
            judge
                .tell(&RULE, entry.key.span(), When::Always, "`azuread` names no way to log in")
                .help("write `managed_identity`, `oauth` or `sdk`");
        }
        [_] => {}
        [first, second, ..] => several(judge, azure, first, second, "ways to log in"),
    }
    if let Some(cloud) = filled(azure, "cloud")
        && !cloud.scalar().is_some_and(|c| ["AzurePublic", "AzureChina", "AzureGovernment"].contains(&c))
    {
        judge
            .tell(&RULE, cloud.span(), When::Always, "`cloud` is none of Azure's")
            .help("one of `AzurePublic`, `AzureChina`, `AzureGovernment`");
    }
    if let Some(oauth) = there(azure, "oauth").filter(|n| n.is_map()) {
        for field in ["client_id", "client_secret", "tenant_id"] {
            if word(oauth, field, "") == Some("") {
                judge.tell(&RULE, key(azure, "oauth"), When::Always, format!("`oauth` of `azuread` lacks `{field}`"));
            }
        }
    }
}

/// `QueueConfig.Validate`, since 3.12.
fn queue(judge: &mut Judge<'_>, writer: Node<'_>) {
    let Some(queue) = there(writer, "queue_config").filter(|n| n.is_map()) else { return };
    let number = |field: &str, default: i64| match queue.get(field) {
        None => Some(default),
        Some(node) if node.is_null() => Some(0),
        Some(node) => node.as_i64(),
    };
    for (field, default) in [("max_shards", 50), ("min_shards", 1), ("max_samples_per_send", 2000), ("capacity", 10000)]
    {
        if number(field, default).is_some_and(|n| n <= 0) {
            let at = queue.get(field).map_or(queue.span(), Node::span);
            judge.tell(&RULE, at, When::Sometimes, format!("`{field}` must be positive"));
        }
    }
    if let (Some(least), Some(most)) = (number("min_shards", 1), number("max_shards", 50))
        && least > most
        && most > 0
    {
        let at = if queue.get("min_shards").is_some() { "min_shards" } else { "max_shards" };
        let message = format!("`min_shards` {least} is more than `max_shards` {most}");
        judge.tell(&RULE, key(queue, at), When::Sometimes, message);
    }
    let backoff =
        |field: &str, default: u64| if queue.get(field).is_none() { Some(default) } else { duration(queue, field) };
    if let (Some(least), Some(most)) = (backoff("min_backoff", 30), backoff("max_backoff", 5_000))
        && most < least
    {
        let at = if queue.get("max_backoff").is_some() { "max_backoff" } else { "min_backoff" };
        judge.tell(&RULE, key(queue, at), When::Sometimes, "`max_backoff` is shorter than `min_backoff`");
    }
}
