//! Placeholders of an export that only the import dialog fills in.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::engines::grafana::board::{Board, load};
use crate::parse::{Node, Type};
use crate::source::Span;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "dash-inputs",
    aliases: &[],
    summary: "a provisioned dashboard asks a data source that only the import dialog would choose",
    tier: Tier::C,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("inputs.md"),
};

/// Each placeholder, where it stands first.
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let Some(board) = Board::of(ctx.artifact) else { return };
    let Some(inputs) = board.root.get("__inputs").filter(|n| n.is_seq()) else { return };
    let Some(loader) = load::loaders(ctx.tree, ctx.artifact).into_iter().next() else { return };
    let names = board.names();
    // Of what a variable is to have chosen Grafana takes the first data source that there is, where it is none
    // (grafana/scenes packages/scenes/src/variables/variants/MultiValueVariable.ts `getStateUpdateGivenNewOptions`@ac1dec6d).
    let sources = board.variables().into_iter().filter(|v| v.get("type").and_then(Node::scalar) == Some("datasource"));
    let chosen: Vec<Span> =
        sources.flat_map(|v| [v.get("current"), v.get("options")]).flatten().map(Node::span).collect();
    for input in inputs.items() {
        let Some(name) = input.get("name").and_then(Node::scalar).filter(|n| !names.contains(n)) else { continue };
        let placeholder = format!("${{{name}}}");
        let doc = board.root.document();
        let asks = |n: &Node<'_>| n.value_type() == Type::String && n.scalar() == Some(placeholder.as_str());
        let used =
            doc.nodes().find(|n| asks(n) && !chosen.iter().any(|c| c.start <= n.span().start && n.span().end <= c.end));
        let Some(used) = used else { continue };
        let service = &ctx.tree.service(loader.service).name;
        let message =
            format!("`{placeholder}` is filled in by the import dialog alone, and `{service}` loads this file itself");
        let diagnostic = Diagnostic::new(&RULE, used.inner(), message).label(loader.path, "loaded from there");
        // Others than data sources are constants.
        let source = input.get("type").and_then(Node::scalar).is_none_or(|t| t == "datasource");
        let diagnostic = if source {
            diagnostic
                .note(format!("Grafana says that the data source `{placeholder}` was not found"))
                .help(format!("add a variable `{name}` of the type `datasource`, or write the uid of the data source"))
        } else {
            diagnostic
                .note("the placeholder stays in the dashboard as it is")
                .help(format!("add a variable `{name}` of the type `constant`, or write the value itself"))
        };
        findings.push(diagnostic);
    }
}
