//! Files that a config names: credentials, certificates, templates.

use std::collections::BTreeSet;

use crate::address;
use crate::parse::Node;
use crate::symbol::{Lack, Origin, PathRead};
use crate::tree::{Inside, Service, Tree, path};

/// All of them, for a config at a path of its service.
pub(super) fn named(root: Node<'_>, config: &str, service: &Service, tree: &Tree) -> Vec<PathRead> {
    let mut reads = templates(root, config, service, tree);
    let mut routed = BTreeSet::new();
    root.get("route").into_iter().for_each(|route| receivers_of(route, &mut routed, DEPTH));
    for receiver in root.get("receivers").into_iter().flat_map(Node::items) {
        let used = receiver.get("name").and_then(Node::scalar).is_some_and(|name| routed.contains(name));
        reads.extend(secrets(receiver, used));
    }
    reads.extend(root.get("global").into_iter().flat_map(|global| secrets(global, false)));
    reads
}

/// Credentials and certificates of a receiver, or of all. A client whose certificates are not there keeps Alertmanager from its
/// start, where a route leads to its receiver (cmd/alertmanager/main.go@v0.26.0, app/reloader.go `reload`@v0.34.0); a mail server's,
/// and all credentials, are read with each notification (notify/email/email.go, notify/slack/slack.go@v0.26.0, @v0.34.0). Relative
/// paths start in the folder of the config only for some, and are left alone (config/config.go `resolveFilepaths`).
fn secrets(node: Node<'_>, used: bool) -> Vec<PathRead> {
    let named = |key: &str| address::client_file(key).or(key.ends_with("_file").then_some(PathRead::CREDENTIALS));
    let mails = node.get("email_configs").map(Node::span);
    let read = |file: address::NamedFile<'_>| {
        let at = file.node.scalar().filter(|at| at.starts_with('/'))?;
        let span = file.node.span();
        let mailed = mails
            .is_some_and(|mails| mails.source == span.source && mails.start <= span.start && span.end <= mails.end);
        let lack = match file.what == PathRead::CERTIFICATES && used && !mailed && !file.tokens {
            true => Lack::STOPS,
            false => Lack::fails("each notification that needs it fails"),
        };
        Some(PathRead::new(path::clean(at), Origin::Written(file.node.inner()), file.what).lacking(lack))
    };
    address::files(node, named).into_iter().filter_map(read).collect()
}

/// How deep routes are followed.
const DEPTH: u32 = 64;

/// The receivers to which a route and those below it lead.
fn receivers_of<'d>(route: Node<'d>, found: &mut BTreeSet<&'d str>, left: u32) {
    found.extend(route.get("receiver").and_then(Node::scalar));
    for below in route.get("routes").into_iter().flat_map(Node::items).filter(|r| left > 0 && !r.is_alias()) {
        receivers_of(below, found, left - 1);
    }
}

/// Templates, of which none is there while a receiver uses one. Without such a use nobody misses them: patterns that fit nothing
/// are legal (template/template.go `FromGlob`@v0.26.0, @v0.34.0).
fn templates(root: Node<'_>, config: &str, service: &Service, tree: &Tree) -> Vec<PathRead> {
    let Some(used) = root.get("receivers").and_then(own_template) else { return Vec::new() };
    let folder = path::folder(config);
    let named: Vec<(String, Node<'_>)> = root
        .get("templates")
        .into_iter()
        .flat_map(Node::items)
        .filter_map(|node| Some((path::join(folder, node.scalar().filter(|t| !t.is_empty())?), node)))
        .collect();
    let there = |(whole, _): &(String, Node<'_>)| {
        matches!(tree.inside(service, whole), Inside::File | Inside::Folder | Inside::Unknown)
    };
    if named.iter().any(there) {
        return Vec::new();
    }
    let then = format!("there is no template `{used}`: each notification that uses it fails");
    let lack = Lack { fatal: false, then: then.into() };
    let read = |(whole, node): (String, Node<'_>)| {
        PathRead::matching(whole, Origin::Written(node.inner()), "templates").lacking(lack.clone())
    };
    named.into_iter().map(read).collect()
}

/// A template that a receiver uses and Alertmanager does not have of itself: the names of those begin with `__`, or have
/// `.default.` in them (template/default.tmpl, template/email.tmpl@v0.26.0, @v0.34.0).
fn own_template(receivers: Node<'_>) -> Option<&str> {
    let mut stack = vec![receivers];
    let mut left = NODES;
    while let Some(node) = stack.pop() {
        left = left.checked_sub(1)?;
        stack.extend(node.items());
        stack.extend(node.own_entries().map(|e| e.value).filter(|v| !v.is_alias()));
        let mut names = node.scalar().into_iter().flat_map(template_names);
        if let Some(name) = names.find(|name| !name.starts_with("__") && !name.contains(".default.")) {
            return Some(name);
        }
    }
    None
}

/// Nodes of one file that are looked at for templates.
const NODES: u32 = 200_000;

/// The names in all `{{ template "NAME" . }}` of a text.
fn template_names(text: &str) -> impl Iterator<Item = &str> {
    text.split("{{").skip(1).filter_map(|rest| {
        let word = rest.trim_start_matches('-').trim_start().strip_prefix("template")?.trim_start();
        let quote = word.chars().next().filter(|c| matches!(c, '"' | '`'))?;
        word[1..].split_once(quote).map(|(name, _)| name)
    })
}
