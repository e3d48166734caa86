//! Files of targets: a list of groups, in YAML (strict) or JSON (without unknown fields)
//! (discovery/file/file.go `readFile`, discovery/targetgroup/targetgroup.go@v2.40.7 to v3.14.0).

use super::CONFIG;
use super::config::is_utf8;
use super::rules::{invalid_value, unknown_key};
use crate::conform::read::is_label;
use crate::conform::{Judge, When};
use crate::parse::{Node, Type};
use crate::tree::{Artifact, Format, Tree, path};

/// What a group holds.
const KEYS: [&str; 2] = ["targets", "labels"];

/// Whether a config of the tree names the file: only then it is one of targets for certain.
pub(super) fn is_named(tree: &Tree, file: &Artifact) -> bool {
    let name = path::name(&file.path);
    tree.of_kind(CONFIG.name).filter_map(|(_, a)| a.data()?.root()).any(|root| {
        let mut files = patterns(root).filter_map(Node::scalar);
        files.any(|pattern| path::fits(path::name(pattern), name) == Some(true))
    })
}

/// The files of targets that a config names.
pub(super) fn patterns(root: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    let jobs = root.get("scrape_configs").into_iter().flat_map(Node::items);
    let managers = root.at(&["alerting", "alertmanagers"]).into_iter().flat_map(Node::items);
    let lists = jobs.chain(managers).filter_map(|j| j.get("file_sd_configs")).flat_map(Node::items);
    lists.filter_map(|l| l.get("files")).flat_map(Node::items)
}

/// Looks at the groups of a file.
pub(super) fn file(judge: &mut Judge<'_>, root: Node<'_>, format: Format) {
    if format != Format::Json {
        for twice in root.document().duplicates() {
            judge
                .tell(&invalid_value::RULE, twice.span, When::Always, "this key stands twice")
                .label(twice.first, "first here")
                .help("remove one of the two");
        }
    }
    if root.is_null() {
        return;
    }
    if !root.is_seq() {
        judge
            .tell(&invalid_value::RULE, root.span(), When::Always, "a file of targets is a list of groups")
            .help("begin each group with `- targets:`");
        return;
    }
    for group in root.items() {
        if group.is_null() {
            judge.tell(&invalid_value::RULE, group.span(), When::Always, "this group is empty").help("delete it");
            continue;
        }
        if !group.is_map() {
            judge
                .tell(&invalid_value::RULE, group.span(), When::Always, "a group of targets must be a map")
                .help("write `targets:` and a list");
            continue;
        }
        one(judge, group, format);
    }
}

fn one(judge: &mut Judge<'_>, group: Node<'_>, format: Format) {
    let json = format == Format::Json;
    // Go's reader of JSON takes keys in any case.
    let is = |name: &str, key: &str| name == key || json && name.eq_ignore_ascii_case(key);
    for entry in group.entries() {
        let name = entry.name();
        if !KEYS.iter().any(|key| is(name, key)) {
            judge
                .tell(
                    &unknown_key::RULE,
                    entry.key.span(),
                    When::Always,
                    format!("`{name}` is no key of a group of targets"),
                )
                .help("a group has `targets` and `labels`; what is to be known of its targets are labels");
        }
        if is(name, "targets") {
            targets(judge, entry.value, json);
        } else if is(name, "labels") {
            labels(judge, entry.value, json);
        }
    }
}

/// Whether a value can be the text that is wanted: JSON takes only texts, YAML every scalar.
fn is_text(node: Node<'_>, json: bool) -> bool {
    node.is_null() || node.scalar().is_some() && (!json || node.value_type() == Type::String)
}

fn targets(judge: &mut Judge<'_>, list: Node<'_>, json: bool) {
    if list.is_null() {
        return;
    }
    if !list.is_seq() {
        judge
            .tell(&invalid_value::RULE, list.span(), When::Always, "`targets` must be a list")
            .help("write `[host:port]`");
        return;
    }
    for target in list.items().filter(|t| !is_text(*t, json)) {
        judge
            .tell(&invalid_value::RULE, target.span(), When::Always, "a target must be a text")
            .help("write `host:port`");
    }
}

fn labels(judge: &mut Judge<'_>, map: Node<'_>, json: bool) {
    if map.is_null() {
        return;
    }
    if !map.is_map() {
        judge
            .tell(&invalid_value::RULE, map.span(), When::Always, "`labels` must be a map")
            .help("write `name: value`");
        return;
    }
    for entry in map.entries() {
        let name = entry.name();
        if !is_label(name, is_utf8(judge)) {
            let when = if name.is_empty() { When::Always } else { When::Sometimes };
            judge
                .tell(&invalid_value::RULE, entry.key.span(), when, format!("`{name}` is no name of a label"))
                .help("a name has letters, digits and `_`, and does not begin with a digit");
        }
        if !is_text(entry.value, json) {
            judge
                .tell(
                    &invalid_value::RULE,
                    entry.value.span(),
                    When::Always,
                    format!("the label `{name}` must be a text"),
                )
                .help("write it in quotes");
        }
    }
}
