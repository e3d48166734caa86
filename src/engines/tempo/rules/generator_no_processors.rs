//! A generator that makes nothing.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::engines::tempo::overrides::{self, Limits};
use crate::parse::Node;
use crate::source::Span;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "tempo-generator-no-processors",
    aliases: &[],
    summary: "a metrics generator without processors: it makes no series",
    tier: Tier::C,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("generator_no_processors.md"),
};

/// How the names of its series begin (modules/generator/processor/servicegraphs/servicegraphs.go,
/// spanmetrics/spanmetrics.go@v3.0.3).
const SERIES: [&str; 2] = ["traces_service_graph_", "traces_spanmetrics_"];

pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let Some(root) = super::root(ctx) else { return };
    let Some(generator) = root.entry("metrics_generator") else { return };
    // One that writes nowhere is not meant to make anything.
    if generator.value.at(&["storage", "remote_write"]).is_none_or(|w| w.items().next().is_none()) {
        return;
    }
    let given = |n: &Node<'_>| n.items().next().is_some() || n.own_entries().next().is_some() || n.scalar().is_some();
    let Some(limits) = overrides::limits(ctx.tree, ctx.artifact) else { return };
    if limits.iter().filter_map(Limits::processors).any(|n| given(&n)) {
        return;
    }
    let tenant = limits.iter().find_map(|l| l.tenant);
    let place = if tenant.is_some() { "" } else { "overrides.defaults." };
    let mut found =
        Diagnostic::new(&RULE, generator.key.span(), "the metrics generator has no processors, and makes no series")
            .help(format!("write `{place}metrics_generator.processors: [service-graphs, span-metrics]`"))
            .note("nothing is logged: the service graph and every panel over span metrics stay empty");
    if let Some(tenant) = tenant {
        found = found.label(tenant, "these limits name none");
    }
    // Which tenants have them is decided here, and the others get nothing of them.
    if let Some(unused) = Limits::defaults(root).and_then(|l| l.processors()).filter(given) {
        found =
            found.label(unused.span(), "nobody has these: limits of tenants take the place of all that stands here");
    }
    if let Some((span, text)) = waiting(ctx) {
        found = found.label(span, text);
    }
    findings.push(found);
}

/// Who waits for its series: the service map of a data source, else a panel.
fn waiting(ctx: &FileCtx<'_>) -> Option<(Span, &'static str)> {
    let tree = ctx.tree;
    let roots = tree.of_kind("grafana-datasources").filter_map(|(_, a)| a.data()?.root());
    let mut sources = roots.flat_map(|r| r.get("datasources").into_iter().flat_map(Node::items));
    let map = sources.find_map(|s| s.at(&["jsonData", "serviceMap", "datasourceUid"]));
    if let Some(map) = map {
        return Some((map.inner(), "the service map is drawn from them"));
    }
    tree.of_kind("grafana-dashboard").find_map(|(_, a)| {
        let text = tree.sources.text(a.source);
        let name = SERIES.iter().find(|name| text.contains(**name))?;
        let start = text.find(name)?;
        Some((Span::new(a.source, start..start + name.len()), "asked for here"))
    })
}
