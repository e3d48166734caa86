//! Panels of plugins that nobody installs.

use std::collections::HashSet;

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::engines::grafana::board::{Board, load};
use crate::engines::grafana::plugins;
use crate::parse::Node;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "gf-plugin-not-installed",
    aliases: &[],
    summary: "a provisioned dashboard has a panel of a plugin that its Grafana is not told to install",
    tier: Tier::C,
    severity: Severity::Info,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("plugin_not_installed.md"),
};

/// Each such plugin once per file.
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let Some(board) = Board::of(ctx.artifact) else { return };
    let kinds = board.panels().into_iter().filter_map(|p| p.kind);
    // Ids of plugins end with what they are.
    let foreign = |n: &Node<'_>| n.scalar().is_some_and(|t| t.ends_with("-panel") && !plugins::is_core_panel(t));
    let foreign: Vec<Node<'_>> = kinds.filter(foreign).collect();
    if foreign.is_empty() {
        return;
    }
    let Some(loader) = load::loaders(ctx.tree, ctx.artifact).into_iter().next() else { return };
    let service = ctx.tree.service(loader.service);
    let ini = ctx.tree.of_kind("grafana-ini").find(|(_, a)| !a.used_by(loader.service).is_empty());
    let ini = ini.map(|(_, a)| ctx.tree.sources.text(a.source));
    let mut told = HashSet::new();
    for node in foreign {
        let id = node.scalar().unwrap_or_default();
        let gone = ctx.artifact.version.as_ref().is_some_and(|(v, _)| plugins::gone(id, false, *v).is_some());
        if gone || !told.insert(id) || !plugins::lacks(service, ini, id) {
            continue;
        }
        let message = format!("`{}` is not told to install `{id}`, which this panel needs", service.name);
        let diagnostic = Diagnostic::new(&RULE, node.inner(), message)
            .label(service.span, "loads this dashboard")
            .note("unless somebody installs it by hand, the panel says that its plugin was not found")
            .help(format!("add `{id}` to `GF_PLUGINS_PREINSTALL`, or before 12 to `GF_INSTALL_PLUGINS`"));
        findings.push(diagnostic);
    }
}
