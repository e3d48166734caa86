//! A dashboard in a wrapping that file provisioning does not open.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::engines::grafana::board::load;
use crate::parse::Node;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "dash-invalid-json",
    aliases: &[],
    summary: "a provisioned dashboard stands inside of another object, so Grafana does not load it",
    tier: Tier::B,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("invalid_json.md"),
};

/// A file with a wrapped dashboard that a provider loads. What has no title at its top is refused (`createDashboardJSON` of
/// `grafana/grafana pkg/services/provisioning/dashboards` at 12.3.3).
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let Some(root) = ctx.artifact.data().and_then(|d| d.root()) else { return };
    let Some(inner) = root.entry("dashboard") else { return untitled(ctx, root, findings) };
    let Some(loader) = load::loaders(ctx.tree, ctx.artifact).into_iter().next() else { return };
    let service = &ctx.tree.service(loader.service).name;
    let message =
        format!("`{service}` does not load this file: the dashboard stands below `dashboard`, not at the top");
    let diagnostic = Diagnostic::new(&RULE, inner.key.span(), message)
        .label(loader.path, "loaded from there")
        .note("Grafana finds no title in it; the log has one line on that")
        .help("keep only the object below `dashboard`");
    findings.push(diagnostic);
}

/// A dashboard without a title of its own.
fn untitled(ctx: &FileCtx<'_>, root: Node<'_>, findings: &mut Findings) {
    let title = root.get("title");
    let said = title.is_some_and(|t| !t.is_null() && t.scalar() != Some(""));
    // One of the API is read otherwise.
    if said || root.get("apiVersion").is_some() {
        return;
    }
    let Some(loader) = load::loaders(ctx.tree, ctx.artifact).into_iter().next() else { return };
    let Some(span) = title.map(Node::span).or_else(|| root.own_entries().next().map(|e| e.key.span())) else { return };
    let service = &ctx.tree.service(loader.service).name;
    let diagnostic = Diagnostic::new(&RULE, span, format!("`{service}` does not load this file: it has no title"))
        .label(loader.path, "loaded from there")
        .note("the log has one line on that")
        .help("write a `title`");
    findings.push(diagnostic);
}
