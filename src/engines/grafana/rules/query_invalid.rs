//! A query that its data source refuses.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::engines::grafana::board::{Ask, Board, expr};
use crate::lang::traceql::Release;
use crate::parse::{Node, Text};
use crate::tree::Tree;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "dash-query-invalid",
    aliases: &[],
    summary: "a query of a dashboard does not parse, whatever its variables hold",
    tier: Tier::B,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("query_invalid.md"),
};

/// Every such query.
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let Some(board) = Board::loaded(ctx.tree, ctx.artifact) else { return };
    let metricsql = speaks_metricsql(ctx.tree, ctx.tree.sources.text(ctx.artifact.source));
    let release = tempo(ctx.tree);
    for ask in board.asks() {
        match ask.kind.as_deref() {
            Some("prometheus") if !metricsql => {
                if let Some(text) = ask.text("expr") {
                    tell(&ask.by, &text, "PromQL", expr::promql(text.value()), findings);
                }
            }
            Some("loki") => {
                if let Some(text) = ask.text("expr") {
                    tell(&ask.by, &text, "LogQL", expr::logql(text.value()), findings);
                }
            }
            // Of the other types the front end makes a query of its own fields.
            Some("tempo") if ask.fields.get("queryType").and_then(Node::scalar) == Some("traceql") => {
                if let Some(text) = ask.text("query") {
                    trace(&ask, &text, release, findings);
                }
            }
            // Other data sources have languages that are not read here.
            _ => {}
        }
    }
    for (by, kind, text) in board.variable_queries() {
        let part = expr::variable(text.value()).filter(|_| kind == "prometheus" && !metricsql);
        let Some(part) = part else { continue };
        let Some(mut fault) = text.value().get(part.clone()).and_then(expr::promql) else { continue };
        fault.range = fault.range.start + part.start..fault.range.end + part.start;
        tell(&by, &text, "PromQL", Some(fault), findings);
    }
}

fn tell(by: &str, text: &Text<'_>, language: &str, fault: Option<expr::Fault>, findings: &mut Findings) {
    let Some(fault) = fault else { return };
    let message = format!("{by} asks what is no {language}: {}", fault.message);
    let mut diagnostic = Diagnostic::new(&RULE, text.span(fault.range), message);
    diagnostic.help = fault.help;
    findings.push(diagnostic);
}

/// What the newest Tempo refuses is an error; what only the one of this stack refuses is a warning, for the data source may
/// be another.
fn trace(ask: &Ask<'_>, text: &Text<'_>, release: Option<Release>, findings: &mut Findings) {
    let newest = expr::traceql(text.value(), Release::NEWEST);
    if newest.is_some() {
        return tell(&ask.by, text, "TraceQL", newest, findings);
    }
    let Some((release, fault)) = release.and_then(|r| Some((r, expr::traceql(text.value(), r)?))) else { return };
    let message = format!("{} asks what Tempo {release}, which runs here, does not take: {}", ask.by, fault.message);
    let mut diagnostic = Diagnostic::new(&RULE, text.span(fault.range), message).severity(Severity::Warning);
    diagnostic.help = fault.help;
    findings.push(diagnostic);
}

/// The release of the only Tempo of a tree.
fn tempo(tree: &Tree) -> Option<Release> {
    let mut services = tree.services.iter().filter(|s| s.engine == Some("tempo"));
    let only = services.next().filter(|_| services.next().is_none())?;
    let version = only.version?;
    let release = Release(version.major, version.minor);
    (release >= Release(2, 3) && release <= Release::NEWEST).then_some(release)
}

/// Whether queries of the Prometheus type may go to VictoriaMetrics, whose MetricsQL takes more than PromQL does.
pub(super) fn speaks_metricsql(tree: &Tree, text: &str) -> bool {
    let said = || {
        let text = text.to_ascii_lowercase();
        text.contains("victoria") || text.contains("metricsql")
    };
    let named = || ["victoria", "vmagent", "vmalert"].into_iter().any(|word| tree.names(word));
    tree.runs("victoria") || named() || said()
}
