//! A quantile of a histogram that has lost its buckets.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::engines::grafana::board::Board;
use crate::lang::promql::{NodeId, NodeKind, Options, Outcome, Query, parse_template};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "dash-le-label-missing",
    aliases: &[],
    summary: "a quantile is taken of buckets that were summed without `le`",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("le_label_missing.md"),
};

/// The label of a bucket's bound: that of Prometheus, and that of VictoriaMetrics' own histograms
/// (VictoriaMetrics/VictoriaMetrics app/vmselect/promql/transform.go `vmrangeBucketsToLE`@v1.150.0).
const BOUNDS: [&str; 2] = ["le", "vmrange"];

/// Every such quantile.
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let Some(board) = Board::loaded(ctx.tree, ctx.artifact) else { return };
    for ask in board.asks() {
        let Some(text) = ask.text("expr").filter(|_| ask.kind.as_deref() == Some("prometheus")) else { continue };
        let Outcome::Parsed(query) = parse_template(text.value(), Options::EXPERIMENTAL) else { continue };
        for (_, node) in query.nodes() {
            let NodeKind::Call { function, args } = &node.kind else { continue };
            let Some(inner) = args.get(1).filter(|_| function.value == "histogram_quantile") else { continue };
            if let Some(at) = lost(&query, *inner) {
                let message = format!("{} takes a quantile of buckets that are summed without `le`", ask.by);
                let diagnostic = Diagnostic::new(&RULE, text.span(query[at].range.clone()), message)
                    .note("without the bounds of the buckets the result is empty")
                    .help("add `le` to `by (…)`");
                findings.push(diagnostic);
            }
        }
    }
}

/// The aggregation that drops `le` of classic buckets.
fn lost(query: &Query, mut at: NodeId) -> Option<NodeId> {
    while let NodeKind::Paren(inner) = &query[at].kind {
        at = *inner;
    }
    let NodeKind::Aggregation { grouping, inner, operator, .. } = &query[at].kind else { return None };
    if !matches!(operator.value.as_str(), "sum" | "avg" | "max" | "min") || operator.dynamic {
        return None;
    }
    let kept = match grouping {
        None => false,
        Some(grouping) if grouping.labels.iter().any(|l| l.dynamic) => true,
        Some(grouping) => grouping.labels.iter().any(|l| BOUNDS.contains(&l.value.as_str())) != grouping.without,
    };
    (!kept && has_buckets(query, *inner)).then_some(at)
}

/// Whether all that is selected below are classic buckets: native histograms have no `le`.
fn has_buckets(query: &Query, root: NodeId) -> bool {
    let (mut waiting, mut found) = (vec![root], false);
    while let Some(id) = waiting.pop() {
        match &query[id].kind {
            NodeKind::Selector(selector) => match &selector.name {
                Some(name) if !name.dynamic && name.value.ends_with("_bucket") => found = true,
                _ => return false,
            },
            // An aggregation inside may have made the label anew.
            NodeKind::Call { function, .. } if function.value.starts_with("label_") => return false,
            kind => waiting.extend(kind.children()),
        }
    }
    found
}
