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

/// What asks for plugins, and how it is spoken of.
struct Asker {
    /// How the ids of such plugins end.
    ends: &'static str,
    needs: &'static str,
    loads: &'static str,
    says: &'static str,
}

const PANEL: Asker =
    Asker { ends: "-panel", needs: "this panel needs", loads: "loads this dashboard", says: "the panel says" };

const SOURCE: Asker = Asker {
    ends: "-datasource",
    needs: "this data source needs",
    loads: "reads this file",
    says: "every query of it says",
};

/// Each such plugin once per file.
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let (asker, kinds, loader): (_, Vec<Node<'_>>, _) = match Board::of(ctx.artifact) {
        Some(board) => {
            let loader = load::loaders(ctx.tree, ctx.artifact).into_iter().next().map(|l| l.service);
            (PANEL, board.panels().into_iter().filter_map(|p| p.kind).collect(), loader)
        }
        None => {
            let root = ctx.artifact.data().and_then(|d| d.root());
            let sources = root.and_then(|r| r.get("datasources")).into_iter().flat_map(Node::items);
            let mut users = ctx.artifact.uses.iter().map(|u| u.service);
            let loader = users.find(|id| ctx.tree.service(*id).engine == Some("grafana"));
            (SOURCE, sources.filter_map(|source| source.get("type")).collect(), loader)
        }
    };
    let foreign = |n: &Node<'_>| n.scalar().is_some_and(|id| id.ends_with(asker.ends) && !plugins::is_core(id));
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
        let message = format!("`{}` is not told to install `{id}`, which {}", service.name, asker.needs);
        let diagnostic = Diagnostic::new(&RULE, node.inner(), message)
            .label(service.span, asker.loads)
            .note(format!("unless somebody installs it by hand, {} that its plugin was not found", asker.says))
            .help(format!("add `{id}` to `GF_PLUGINS_PREINSTALL`, or before 12 to `GF_INSTALL_PLUGINS`"));
        findings.push(diagnostic);
    }
}
