//! Panels and data sources of plugins that nobody installs.

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
    summary: "a provisioned panel or data source is of a plugin that its Grafana is not told to install",
    tier: Tier::C,
    severity: Severity::Info,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("plugin_not_installed.md"),
};

/// Each such plugin once per file.
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let (kinds, loader, what) = match Board::of(ctx.artifact) {
        Some(board) => {
            let kinds: Vec<Node<'_>> = board.panels().into_iter().filter_map(|p| p.kind).collect();
            (kinds, load::loaders(ctx.tree, ctx.artifact).into_iter().next().map(|l| l.service), "panel")
        }
        None => {
            let root = ctx.artifact.data().and_then(|d| d.root());
            let sources = root.and_then(|r| r.get("datasources")).into_iter().flat_map(Node::items);
            let loader = ctx.artifact.uses.iter().map(|u| u.service);
            let loader = loader.into_iter().find(|id| ctx.tree.service(*id).engine == Some("grafana"));
            (sources.filter_map(|source| source.get("type")).collect(), loader, "datasource")
        }
    };
    // Ids of plugins end with what they are.
    let named = |id: &str| id.strip_suffix(what).is_some_and(|rest| rest.ends_with('-'));
    let foreign = |n: &Node<'_>| n.scalar().is_some_and(|id| named(id) && !plugins::is_core(id));
    let foreign: Vec<Node<'_>> = kinds.into_iter().filter(foreign).collect();
    let Some(loader) = loader.filter(|_| !foreign.is_empty()) else { return };
    let service = ctx.tree.service(loader);
    let ini = ctx.tree.of_kind("grafana-ini").find(|(_, a)| !a.used_by(loader).is_empty());
    let ini = ini.map(|(_, a)| ctx.tree.sources.text(a.source));
    let mut told = HashSet::new();
    for node in foreign {
        let id = node.scalar().unwrap_or_default();
        let gone = ctx.artifact.version.as_ref().is_some_and(|(v, _)| plugins::gone(id, false, *v).is_some());
        if gone || !told.insert(id) || !plugins::lacks(service, ini, id) {
            continue;
        }
        let (needed, loads, says) = match what {
            "panel" => ("this panel needs", "loads this dashboard", "the panel says"),
            _ => ("this data source needs", "reads this file", "every query of it says"),
        };
        let message = format!("`{}` is not told to install `{id}`, which {needed}", service.name);
        let diagnostic = Diagnostic::new(&RULE, node.inner(), message)
            .label(service.span, loads)
            .note(format!("unless somebody installs it by hand, {says} that its plugin was not found"))
            .help(format!("add `{id}` to `GF_PLUGINS_PREINSTALL`, or before 12 to `GF_INSTALL_PLUGINS`"));
        findings.push(diagnostic);
    }
}
