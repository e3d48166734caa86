//! A quantile of a histogram that has lost its buckets.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::engines::grafana::board::Board;
use crate::lang::promql::bounds::lost;
use crate::lang::promql::{Options, Outcome, parse_template};

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

/// Every such quantile.
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let Some(board) = Board::loaded(ctx.tree, ctx.artifact) else { return };
    for ask in board.asks() {
        let Some(text) = ask.text("expr").filter(|_| ask.kind.as_deref() == Some("prometheus")) else { continue };
        let Outcome::Parsed(query) = parse_template(text.value(), Options::EXPERIMENTAL) else { continue };
        for at in lost(&query) {
            let message = format!("{} takes a quantile of buckets that are summed without `le`", ask.by);
            let diagnostic = Diagnostic::new(&RULE, text.span(query[at].range.clone()), message)
                .note("without the bounds of the buckets the result is empty")
                .help("add `le` to `by (…)`");
            findings.push(diagnostic);
        }
    }
}
