//! Variables in provisioning files that the service does not pass.

use std::collections::HashSet;

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::parse::{Node, Text};
use crate::tree::Service;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "gf-env-unset",
    aliases: &[],
    summary: "a data source or a contact point reads a variable that the service does not pass, so it is empty",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("env_unset.md"),
};

/// Nodes of one data source that are looked at.
const NODES: usize = 10_000;

/// Each variable of a file once.
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let Some(root) = ctx.artifact.data().and_then(|d| d.root()) else { return };
    let services = ctx.artifact.uses.iter().map(|u| ctx.tree.service(u.service));
    let readers: Vec<&Service> = services.filter(|s| s.engine == Some("grafana")).collect();
    let Some(first) = readers.first() else { return };
    // What compose holds it fills in itself, with defaults.
    let inline = ctx.tree.sources.get(ctx.artifact.source).path != ctx.artifact.path;
    // One reader whose variables are all known; a shell may set what it likes.
    let known = |s: &&Service| !s.environment_open && !s.build && s.args().is_some();
    let whole = Some(first).filter(|s| readers.len() == 1 && known(s));
    let mut told = HashSet::new();
    // What contact points are set to is expanded since 9.1.7 (grafana/grafana#55666).
    let receivers = root.get("contactPoints").into_iter().flat_map(Node::items).filter_map(|p| p.get("receivers"));
    let settings = receivers.flat_map(Node::items).filter_map(|r| r.get("settings"));
    for source in root.get("datasources").into_iter().flat_map(Node::items).chain(settings) {
        let mut waiting: Vec<Node<'_>> = vec![source];
        let mut left = NODES;
        while let Some(node) = waiting.pop().filter(|_| left > 0) {
            left -= 1;
            waiting.extend(node.items().rev());
            waiting.extend(node.entries().into_iter().rev().map(|e| e.value));
            let Some(text) = node.as_str().and_then(|_| node.text()) else { continue };
            for (range, default) in defaults(&text).filter(|_| !inline) {
                let (written, name) = (&text.value()[range.clone()], &text.value()[range.start + 2..default]);
                if told.insert(written.to_owned()) {
                    let message = format!("Grafana knows no defaults: `{written}` is the empty text");
                    findings.push(Diagnostic::new(&RULE, text.span(range), message).label(first.span, "runs it").help(
                        format!("write `${{{name}}}`, and let the service pass `{name}` with a value of its own"),
                    ));
                }
            }
            let Some(service) = whole else { continue };
            for (range, name) in variables(&text) {
                // The image has paths of its own (grafana/grafana Dockerfile@78515af65f03).
                if Service::has_of_itself(name) || name.starts_with("GF_PATHS_") || service.env(name).is_some() {
                    continue;
                }
                if told.insert(name.to_owned()) {
                    let message = format!("`{}` passes no `{name}`: the empty text is read", service.name);
                    let diagnostic =
                        Diagnostic::new(&RULE, text.span(range), message).label(service.span, "runs it").help(format!(
                            "add `{name}` to its environment; write `$$` for a dollar that is meant as such"
                        ));
                    findings.push(diagnostic);
                }
            }
        }
    }
}

/// References as a shell writes them with a default or a condition, each with where that begins: to Go's `os.Expand` all
/// between the braces is the name.
fn defaults<'t>(text: &'t Text<'_>) -> impl Iterator<Item = (std::ops::Range<usize>, usize)> + 't {
    let value = text.value();
    value.match_indices("${").filter_map(move |(at, _)| {
        let doubled = value[..at].bytes().rev().take_while(|b| *b == b'$').count() % 2 == 1;
        let rest = &value[at + 2..];
        let end = rest.find('}')?;
        let name = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))?;
        let marked = [":-", ":=", ":?", ":+", "-", "="].iter().any(|mark| rest[name..].starts_with(mark));
        (!doubled && name > 0 && name < end && marked).then_some((at..at + 2 + end + 1, at + 2 + name))
    })
}

/// The names in capitals that a text reads: `$NAME`, `${NAME}`, `$__env{NAME}`. Others are told elsewhere.
fn variables<'t>(text: &Text<'t>) -> Vec<(std::ops::Range<usize>, &'t str)> {
    let (value, mut found, mut at) = (text.value(), Vec::new(), 0);
    for part in value.split("$$") {
        for (dollar, _) in part.match_indices('$') {
            let rest = &part[dollar + 1..];
            let (open, rest) = match rest.strip_prefix("__env{").or_else(|| rest.strip_prefix('{')) {
                Some(inner) => (true, inner),
                None => (false, rest),
            };
            let end =
                rest.find(|c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')).unwrap_or(rest.len());
            let name = &rest[..end];
            let after = rest[end..].chars().next();
            let whole = if open { after == Some('}') } else { !after.is_some_and(char::is_alphanumeric) };
            if whole && name.len() > 1 && name.starts_with(|c: char| c.is_ascii_uppercase()) {
                let from = at + part.len() - rest.len();
                found.push((from..from + end, name));
            }
        }
        at += part.len() + 2;
    }
    found
}
