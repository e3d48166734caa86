//! A provisioned alert rule whose value is zero when it is to fire.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::engines::grafana::alerts::{self, Condition, Value};
use crate::engines::grafana::board::known::Known;
use crate::lang::promql::{self, NodeKind, Options, Outcome};
use crate::parse::Node;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "gf-alert-zero-normal",
    aliases: &[],
    summary: "a provisioned alert rule compares with zero and keeps the value, which is normal then",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("alert_zero_normal.md"),
};

/// Every such rule: zero is normal, anything else fires (`grafana/grafana pkg/services/ngalert/eval/eval.go@0015b06b9b0d`
/// `evaluateExecutionResult`).
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let known = Known::of_users(ctx.tree, ctx.artifact);
    for rule in alerts::rules(ctx.artifact) {
        let title = rule.get("title").and_then(Node::scalar).unwrap_or_default();
        let Some((condition, name)) = rule.get("condition").and_then(|c| Some((c, c.scalar()?))) else { continue };
        let Value::Raw(query) = Condition::of(rule).value(name, &known) else { continue };
        if alerts::kind(query, &known) != Some("prometheus") {
            continue;
        }
        let Some(text) = alerts::expression(query) else { continue };
        if !keeps_zero(text.value()) {
            continue;
        }
        findings.push(
            Diagnostic::new(
                &RULE,
                text.span(0..text.value().len()),
                format!("alert `{title}` is normal when this query finds something: the value that it keeps is 0"),
            )
            .label(condition.inner(), "the condition")
            .help("leave `== 0` away and compare in an expression of `type: threshold`, or write `== bool 0`")
            .note("Grafana takes 0 for normal and any other value for an alert; where nothing is 0, it finds no data"),
        );
    }
}

/// Whether all that a query gives is zero: `x == 0`.
fn keeps_zero(text: &str) -> bool {
    let Outcome::Parsed(query) = promql::parse_template(text, Options::EXPERIMENTAL) else { return false };
    let NodeKind::Binary { operator, matching, left, right } = &query[query.root()].kind else { return false };
    let zero = |id: promql::NodeId| matches!(query[id].kind, NodeKind::Number(n) if n == 0.0);
    operator.symbol == "==" && !matching.bool_modifier && zero(*left) != zero(*right)
}
