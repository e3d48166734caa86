//! A query of a provisioned alert rule that its data source refuses.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::engines::grafana::alerts;
use crate::engines::grafana::board::expr;
use crate::engines::grafana::board::known::Known;
use crate::parse::{Node, Text};

use super::query_invalid::speaks_metricsql;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "gf-alert-query-invalid",
    aliases: &[],
    summary: "a query of a provisioned alert rule does not parse, so the rule never fires",
    tier: Tier::B,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("alert_query_invalid.md"),
};

/// Every such query. What a model holds is stored as it stands, and nothing but macros is filled in later (`grafana/grafana
/// pkg/services/provisioning/alerting/rules_types.go@0085cf867127` `mapToModel`).
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let known = Known::of_users(ctx.tree, ctx.artifact);
    let metricsql = speaks_metricsql(ctx.tree, ctx.tree.sources.text(ctx.artifact.source));
    for rule in alerts::rules(ctx.artifact) {
        let title = rule.get("title").and_then(Node::scalar).unwrap_or_default();
        for query in rule.get("data").into_iter().flat_map(Node::items) {
            let Some(text) = alerts::expression(query) else { continue };
            let (language, fault) = match alerts::kind(query, &known) {
                Some("prometheus") if !metricsql => ("PromQL", expr::promql(text.value())),
                Some("loki") => ("LogQL", expr::logql(text.value())),
                _ => continue,
            };
            if let Some(fault) = fault {
                findings.push(told(title, &text, language, fault));
            }
        }
    }
}

fn told(title: &str, text: &Text<'_>, language: &str, fault: expr::Fault) -> Diagnostic {
    let message = format!("alert `{title}` asks what is no {language}: {}", fault.message);
    let mut diagnostic = Diagnostic::new(&RULE, text.span(fault.range), message)
        .note("every evaluation of the rule fails, and its state becomes that of `execErrState`");
    diagnostic.help = fault.help;
    diagnostic
}
