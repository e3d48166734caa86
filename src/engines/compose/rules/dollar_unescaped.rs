//! A dollar sign that was meant for the container.

use super::super::variables::{self, Elsewhere, Unset};
use crate::diagnostic::{Diagnostic, Fix, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::parse::{Document, Node};
use crate::source::{Edit, Span};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "compose-dollar-unescaped",
    aliases: &[],
    summary: "compose replaces a `$` that was meant for the container",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::Unsafe,
    since: "0.1.0",
    page: include_str!("dollar_unescaped.md"),
};

/// Starts of hashed passwords (`crypt(5)`, Apache's `htpasswd`).
const HASHES: [&str; 7] = ["$apr1$", "$2a$", "$2b$", "$2y$", "$1$", "$5$", "$6$"];

/// Every reference that nothing here sets and that the container would.
pub(in crate::engines::compose) fn tell(ctx: &FileCtx<'_>, unset: &[Unset], findings: &mut Findings) {
    let elsewhere = Elsewhere::of(ctx);
    for one in unset {
        if one.required || !meant_inside(ctx, one) {
            continue;
        }
        // What another file sets is the same inside and outside.
        if variables::is_command(&one.path) && !is_scripts(&one.name) && elsewhere.may_set(&one.name) {
            continue;
        }
        let message = format!("compose replaces `${}` before the container sees it", one.name);
        let start = Span::new(one.span.source, one.span.start as usize..one.span.start as usize);
        let edit = Edit { span: start, text: "$".to_owned() };
        findings.push(
            Diagnostic::new(&RULE, one.span, message)
                .help("write `$$`, which becomes one `$`")
                .note("nothing here sets the variable, so it becomes empty")
                .fix(Fix { title: "double the dollar sign".to_owned(), safe: false, edits: vec![edit] }),
        );
    }
}

/// Whether a reference belongs to the container: it stands in a command, and the service gives its container that variable or
/// its name is one that only a script has; or it is part of a hashed password.
pub(super) fn meant_inside(ctx: &FileCtx<'_>, one: &Unset) -> bool {
    if variables::is_command(&one.path) {
        return is_scripts(&one.name) || gives(ctx, &one.path, &one.name);
    }
    hashed(ctx.tree.sources.text(one.span.source), one.span.start as usize)
}

/// Whether only a script has a variable of that name.
fn is_scripts(name: &str) -> bool {
    name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_' || b.is_ascii_digit())
}

/// Whether a service gives its container a variable with a value that compose does not take from the same one.
fn gives(ctx: &FileCtx<'_>, at: &[String], name: &str) -> bool {
    let Some(root) = ctx.artifact.data().and_then(Document::root) else { return false };
    let [section, service, ..] = at else { return false };
    let Some(environment) = root.at(&[section, service, "environment"]) else { return false };
    let own = |value: &str| {
        let mut taken = value.match_indices('$').map(|(at, _)| value[at + 1..].trim_start_matches('{'));
        // With a default it is another one.
        !taken.any(|t| {
            t.strip_prefix(name)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['}', '?']) || rest.starts_with(":?"))
        })
    };
    let is = |item: Node<'_>| item.scalar().and_then(|t| t.split_once('=')).is_some_and(|(n, v)| n == name && own(v));
    environment.get(name).is_some_and(|v| !v.is_null() && v.scalar().is_some_and(own)) || environment.items().any(is)
}

/// Whether the start of a hash stands before a place, in the same word.
fn hashed(text: &str, at: usize) -> bool {
    let before = &text[..at];
    let word = before.rfind(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',')).map_or(0, |n| n + 1);
    let rest = &text[word..text.len().min(at + 8)];
    HASHES.iter().any(|h| rest.find(h).is_some_and(|n| word + n <= at))
}
