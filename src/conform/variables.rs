//! `${X}` in a config that nothing replaces, for engines that do so only when a flag asks for it.

use std::collections::BTreeMap;

use super::judge::{Judge, Told, When};
use super::settings::Settings;
use crate::diagnostic::Rule;
use crate::engine::Instance;
use crate::parse::Node;
use crate::source::Span;
use crate::tree::Service;

/// Keys whose text may hold `${group}` (prometheus/prometheus model/relabel/relabel.go@v3.14.0).
const GROUPS: [&str; 3] = ["replacement", "target_label", "regex"];

/// Nodes that are looked at in one file.
const NODES: u32 = 200_000;

/// Places that one message shows.
const SHOWN: usize = 5;

/// Tells of variables in a config whose process is known, and known not to have the flag: once, for one flag mends all.
pub fn unexpanded(
    judge: &mut Judge<'_>,
    rule: &'static Rule,
    settings: &Settings<'_>,
    instance: &Instance<'_>,
    flag: &str,
) {
    let Some((_, service)) = instance.service.filter(|_| !settings.is_expanded()) else { return };
    let found = written(settings.root, "");
    let Some(((name, span), others)) = found.split_first() else { return };
    let title = judge.title();
    let rest = match others.len() {
        0 => "stays as it is".to_owned(),
        1 => "and one other stay as they are".to_owned(),
        more => format!("and {more} others stay as they are"),
    };
    let told = judge.fact(rule, *span, When::Always, format!("`${{{name}}}` {rest}: {title} runs without `-{flag}`"));
    let told = told.label(service.command_span(), "run without it");
    beside(told, others.iter().map(|(_, span)| *span), "nor is this one replaced")
        .help(format!("run it with `-{flag}=true`, and put `{name}` into its environment"));
}

/// Tells of values that are a variable without braces, which is never replaced (grafana/loki
/// vendor/github.com/drone/envsubst/parse/parse.go, scan.go@v3.5.0: `${` alone begins one): once.
pub fn unbraced(
    judge: &mut Judge<'_>,
    rule: &'static Rule,
    settings: &Settings<'_>,
    instance: &Instance<'_>,
    flag: &str,
) {
    let Some((_, service)) = instance.service else { return };
    let mut found: Vec<(&str, Span)> = Vec::new();
    each(settings.root, "", |node, text| found.extend(whole(text).map(|name| (name, node.span()))));
    found.sort_by_key(|(_, span)| span.start);
    let Some(((name, span), others)) = found.split_first() else { return };
    let title = judge.title();
    let message = format!("`${name}` stays as it is: {title} replaces `${{{name}}}` alone");
    let told = judge.fact(rule, *span, When::Always, message).label(service.command_span(), "reads it");
    beside(told, others.iter().map(|(_, span)| *span), "nor is this one replaced")
        .help(format!("write `${{{name}}}`, and run it with `-{flag}=true`"));
}

/// The same at other places.
fn beside<'f>(told: Told<'f>, others: impl Iterator<Item = Span>, text: &str) -> Told<'f> {
    others.take(SHOWN).fold(told, |told, span| told.label(span, text))
}

/// The name in capitals of a text that is `$NAME` and nothing else.
fn whole(text: &str) -> Option<&str> {
    let name = text.strip_prefix('$')?;
    let capitals = name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    (capitals && name.len() > 2 && name.starts_with(|c: char| c.is_ascii_uppercase())).then_some(name)
}

/// Tells of variables that a process replaces and its service does not pass: each once, unless a default stands behind it.
pub fn unset(judge: &mut Judge<'_>, rule: &'static Rule, settings: &Settings<'_>, instance: &Instance<'_>, flag: &str) {
    let Some((_, service)) = instance.service.filter(|(_, s)| !s.build && !s.environment_open) else { return };
    let open = service.args().is_none_or(|args| args.iter().any(|a| a.open));
    if open || service.flag(flag).is_none_or(|(_, value)| value == "false") {
        return;
    }
    let mut found: BTreeMap<&str, Vec<Span>> = BTreeMap::new();
    each(settings.root, "", |node, text| {
        for name in bare(text) {
            found.entry(name).or_default().push(node.span());
        }
    });
    for (name, mut spans) in found {
        spans.sort_by_key(|span| span.start);
        let Some((first, others)) =
            spans.split_first().filter(|_| !Service::has_of_itself(name) && service.env(name).is_none())
        else {
            continue;
        };
        let message = format!("`{}` passes no `{name}`: {} reads the empty text", service.name, judge.title());
        let told = judge.fact(rule, *first, When::Always, message).label(service.span, "runs it");
        beside(told, others.iter().copied(), "read here, too")
            .help(format!("add `{name}` to its `environment`, or write a default behind it"));
    }
}

/// The names in capitals of all `${NAME}` of a text.
fn bare(text: &str) -> impl Iterator<Item = &str> {
    text.split("${").skip(1).filter_map(|rest| {
        let name = rest.split_once('}')?.0;
        let capitals = name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
        (capitals && name.starts_with(|c: char| c.is_ascii_uppercase())).then_some(name)
    })
}

/// Names of variables in the values of a config, with the values they stand in, in the order of the file. What lies below the
/// key `but` is left out.
pub fn written<'d>(root: Node<'d>, but: &str) -> Vec<(&'d str, Span)> {
    let mut found = Vec::new();
    each(root, but, |node, text| found.extend(variable(text).map(|name| (name, node.span()))));
    found.sort_by_key(|(_, span)| span.start);
    found
}

/// Every value of a config, but for those below the key `but` and those of groups.
fn each<'d>(root: Node<'d>, but: &str, mut look: impl FnMut(Node<'d>, &'d str)) {
    let mut stack = vec![root];
    let mut visited = 0u32;
    while let Some(node) = stack.pop() {
        visited += 1;
        if visited > NODES {
            break;
        }
        stack.extend(node.items());
        for entry in node.own_entries() {
            if entry.name() != but && !GROUPS.contains(&entry.name()) && !entry.value.is_alias() {
                stack.push(entry.value);
            }
        }
        if let Some(text) = node.scalar() {
            look(node, text);
        }
    }
}

/// The name of the first `${NAME}` of a text, written as names of the environment are.
pub fn variable(text: &str) -> Option<&str> {
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        rest = &rest[at + 2..];
        let end = rest.find(['}', ':', '-'])?;
        let name = &rest[..end];
        let fits = name.starts_with(|c: char| c.is_ascii_uppercase() || c == '_')
            && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
        if fits {
            return Some(name);
        }
    }
    None
}
