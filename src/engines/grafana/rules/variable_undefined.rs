//! A variable that a dashboard asks with and does not define.

use std::collections::HashSet;

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::engines::grafana::board::{Ask, Board, load};
use crate::lang::promql::template::{Hole, Place, mask};
use crate::parse::Node;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "dash-variable-undefined",
    aliases: &[],
    summary: "a query uses a variable that the dashboard does not define",
    tier: Tier::C,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("variable_undefined.md"),
};

/// Variables of Grafana itself that carry no `__` (npm `@grafana/schema`, scenes `macros`).
const BUILT_IN: [&str; 3] = ["timeFilter", "interval", "interval_ms"];

/// Each undefined variable, where it is used first.
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let Some(board) = Board::loaded(ctx.tree, ctx.artifact) else { return };
    // What no provider loads may be a part that a generator completes: mixins add the variables to their parts.
    if load::loaders(ctx.tree, ctx.artifact).is_empty() {
        return;
    }
    let names = board.names();
    let mut told = HashSet::new();
    let asks = board.asks();
    for ask in &asks {
        findings.all.extend(source(&board, ask, &names, &mut told));
    }
    for ask in asks {
        let key = match ask.kind.as_deref() {
            Some("prometheus" | "loki") => "expr",
            Some("tempo") => "query",
            _ => continue,
        };
        let Some(text) = ask.text(key) else { continue };
        let value = text.value();
        for hole in mask(value).holes {
            let built_in = hole.name.starts_with("__") || BUILT_IN.contains(&hole.name.as_str());
            if built_in
                || names.contains(hole.name.as_str())
                || !counts(value, &hole)
                || !told.insert(hole.name.clone())
            {
                continue;
            }
            let message = format!("{} asks with `${}`, which the dashboard does not define", ask.by, hole.name);
            let diagnostic = Diagnostic::new(&RULE, text.span(hole.range), message)
                .note("Grafana leaves the text as it is, so the query finds nothing or does not parse")
                .help(format!("add the variable `{}` to the dashboard, or write a value", hole.name));
            findings.push(diagnostic);
        }
    }
}

/// A data source that is chosen by a variable which is not there.
fn source(board: &Board<'_>, ask: &Ask<'_>, names: &HashSet<&str>, told: &mut HashSet<String>) -> Option<Diagnostic> {
    let node = ask.source?;
    let node = if node.is_map() { node.get("uid")? } else { node };
    let text = node.scalar()?;
    let inner = text.strip_prefix("${").and_then(|t| t.strip_suffix('}')).or_else(|| text.strip_prefix('$'))?;
    let name = inner.split(':').next().filter(|n| !n.is_empty() && !n.contains(['$', '{', '.']))?;
    // No variable is called so: it is what the export of a dashboard made of the name of a data source.
    let is_name = name.chars().all(|c| c.is_alphanumeric() || c == '_');
    if !is_name && !text.starts_with("${") {
        return None;
    }
    // What the import dialog would fill in is told by another rule; it knows no names without braces (`grafana/grafana
    // pkg/services/dashboardimport/utils/dash_template_evaluator.go@acfb68268b9d`).
    let mut inputs = board.root.get("__inputs").into_iter().flat_map(Node::items);
    let asked_for = text.starts_with("${") && inputs.any(|i| i.get("name").and_then(Node::scalar) == Some(name));
    if name.starts_with("__") || names.contains(name) || asked_for || !told.insert(name.to_owned()) {
        return None;
    }
    let message = format!("{} asks the data source `{text}`, and the dashboard has no such variable", ask.by);
    let diagnostic = Diagnostic::new(&RULE, node.inner(), message)
        .note(format!("Grafana says that the data source `{text}` was not found"));
    Some(diagnostic.help(match is_name {
        true => format!("add a variable `{name}` of the type `datasource`, or write the uid of the data source"),
        false => "write the uid of the data source".to_owned(),
    }))
}

/// Whether what looks like a variable is one. In the replacement of `label_replace` and in templates of Loki `$x` means
/// something else, and so may a dollar inside a regular expression.
fn counts(query: &str, hole: &Hole) -> bool {
    if hole.name.chars().all(|c| c.is_ascii_digit()) {
        return false;
    }
    match hole.place {
        Place::Bare | Place::Duration => true,
        Place::Text => {
            let before = query[..hole.range.start].chars().next_back();
            let foreign = query.contains("label_replace") || query.contains("{{");
            !foreign && before.is_some_and(|c| matches!(c, '"' | '`' | '\''))
        }
    }
}
