//! A provisioned alert rule that looks at series, of which nobody made one value.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::engines::grafana::alerts::{self, Condition, Value};
use crate::engines::grafana::board::known::Known;
use crate::parse::Node;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "gf-alert-not-reduced",
    aliases: &[],
    summary: "the condition of a provisioned alert rule is a series and no value, so the rule never fires",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("alert_not_reduced.md"),
};

/// Every such rule. A range that holds a single point gets through, hence a warning (`grafana/grafana
/// pkg/services/ngalert/eval/eval.go@0015b06b9b0d` `evaluateExecutionResult`).
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let known = Known::of_users(ctx.tree, ctx.artifact);
    for rule in alerts::rules(ctx.artifact) {
        let title = rule.get("title").and_then(Node::scalar).unwrap_or_default();
        let Some(condition) = rule.get("condition") else { continue };
        let Some(name) = condition.scalar() else { continue };
        let Value::Series(query) = Condition::of(rule).value(name, &known) else { continue };
        let id = query.get("refId").and_then(Node::scalar).unwrap_or_default();
        let Some(text) = query.at(&["model", "expr"]) else { continue };
        let help = match alerts::kind(query, &known) {
            Some("loki") => "write `queryType: instant` in its model",
            _ => "write `instant: true` in its model",
        };
        findings.push(
            Diagnostic::new(
                &RULE,
                text.inner(),
                format!("alert `{title}` is held to the series of `{id}`, not to one value"),
            )
            .label(condition.inner(), "the condition")
            .help(format!("{help}, or reduce it first: an expression of `type: reduce` with `reducer: last`"))
            .note("every evaluation ends with \"looks like time series data, only reduced data can be alerted on\""),
        );
    }
}
