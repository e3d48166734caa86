//! An engine's container that is made to run as root.

use crate::catalogue::{self, Version};
use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::parse::{Document, Node};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "compose-user-root",
    aliases: &[],
    summary: "an engine runs as root although its image has a user of its own",
    tier: Tier::C,
    severity: Severity::Info,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("user_root.md"),
};

/// Every service of an engine with `user: root`.
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    for (_, service) in ctx.tree.declared_by(ctx.id) {
        let Some(user) = service.user.as_deref() else { continue };
        let (name, group) = user.split_once(':').unwrap_or((user, ""));
        if !["0", "root"].contains(&name) || !["", "0", "root"].contains(&group) {
            continue;
        }
        let Some(facts) = service.engine.and_then(catalogue::engine) else { continue };
        let tag = service.image.as_ref().and_then(|i| i.tag.as_deref()).unwrap_or_default();
        let version = service.version.unwrap_or_else(|| facts.newest());
        let Some(own) = facts.image(version, Version::suffix(tag)).and_then(|i| i.user) else { continue };
        let Some(span) = place(ctx, &service.name) else { continue };
        let message = format!("{} runs as root; its image has user {own}", facts.title);
        findings.push(
            Diagnostic::new(&RULE, span, message)
                .help(format!(
                    "drop `user`, and mount a named volume: it takes over the owner {own} of the image's folder"
                ))
                .note("whoever breaks out of the process is root in the container"),
        );
    }
}

/// Where the user is written in this file.
fn place(ctx: &FileCtx<'_>, service: &str) -> Option<crate::source::Span> {
    let root = ctx.artifact.data().and_then(Document::root)?;
    root.at(&["services", service, "user"]).map(Node::span)
}
