//! Panels and data sources that this Grafana has no more.

use std::collections::HashSet;

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::engines::grafana::board::{Board, KINDS};
use crate::engines::grafana::plugins;
use crate::parse::Node;
use crate::tree::VersionFrom;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "gf-plugin-removed",
    aliases: &[],
    summary: "a panel or data source is of a type that this Grafana has no more",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("plugin_removed.md"),
};

/// Each such type once per file.
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let Some((version, from)) = ctx.artifact.version.as_ref() else { return };
    if from.is_assumed()
        || ctx.artifact.uses.is_empty() && !matches!(from, VersionFrom::Option | VersionFrom::Comment(_))
    {
        return;
    }
    let source = !KINDS.contains(&ctx.artifact.kind.name);
    let types: Vec<Node<'_>> = if source {
        let root = ctx.artifact.data().and_then(|d| d.root());
        let sources = root.and_then(|r| r.get("datasources")).into_iter().flat_map(Node::items);
        sources.filter_map(|d| d.get("type")).collect()
    } else {
        Board::of(ctx.artifact).map(|b| b.panels().into_iter().filter_map(|p| p.kind).collect()).unwrap_or_default()
    };
    let mut told = HashSet::new();
    for node in types {
        let Some(gone) = node.scalar().and_then(|t| plugins::gone(t, source, *version)) else { continue };
        if !told.insert(gone.id) {
            continue;
        }
        let what = if source { "data source" } else { "panel" };
        let message = format!("Grafana {version} has no {what} of the type `{}`", gone.id);
        let diagnostic = Diagnostic::new(&RULE, node.inner(), message)
            .note(format!("it was there before {}.{}", gone.since.0, gone.since.1))
            .help(gone.instead);
        findings.push(diagnostic);
    }
}
