//! Panels that ask the default data source, or any of a type, where there is none.

use std::collections::HashSet;

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{Findings, Instance};
use crate::engines::grafana::board::known::Source;
use crate::engines::grafana::board::{Ask, Board};
use crate::engines::grafana::symbols;
use crate::parse::Node;

/// The rule.
pub(in crate::engines::grafana) static RULE: Rule = Rule {
    id: "dash-ds-absent",
    aliases: &[],
    summary: "a panel asks the default data source, or any of a type, and none such is provisioned",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("ds_absent.md"),
};

/// Sources that Grafana brings itself.
const OWN: [&str; 5] = ["grafana", "mixed", "dashboard", "datasource", "__expr__"];

/// Once for each dashboard, and for each of its variables.
pub(in crate::engines::grafana) fn run(instance: &Instance<'_>, findings: &mut Findings) {
    let Some(sources) = symbols::whole(instance).filter(|s| !s.is_empty()) else { return };
    let default = sources.iter().any(|s| s.default);
    for (_, artifact) in symbols::shown(instance) {
        let Some(board) = Board::of(artifact).filter(|b| !b.second) else { continue };
        let asks = board.asks();
        if !default {
            findings.all.extend(nameless(&asks));
        }
        let mut told = HashSet::new();
        for ask in &asks {
            findings.all.extend(chosen(&board, ask, &sources, &mut told));
        }
    }
}

/// The first query of a dashboard that names no source, and asks something.
fn nameless(asks: &[Ask<'_>]) -> Option<Diagnostic> {
    let asked = |ask: &&Ask<'_>| {
        let unnamed = ask.source.is_none_or(|n| n.is_null() || n.scalar() == Some("default"));
        let own = ask.fields.get("datasource").is_none_or(Node::is_null);
        unnamed && own && ["expr", "query", "rawSql", "rawQuery"].iter().any(|key| ask.text(key).is_some())
    };
    let mut all = asks.iter().filter(asked);
    let first = all.next()?;
    let more = all.count();
    let at = first.source.filter(|n| !n.is_null()).unwrap_or(first.fields);
    let span = if at.is_map() { at.own_entries().next().map_or(at.span(), |e| e.key.span()) } else { at.inner() };
    let message = format!("{} asks the default data source, and none that is provisioned is the default", first.by);
    let mut diagnostic = Diagnostic::new(&RULE, span, message)
        .note("Grafana asks `-- Grafana --` then, which knows nothing of the query")
        .help("write `isDefault: true` at one of the data sources, or name one in the panel");
    if more > 0 {
        diagnostic = diagnostic.note(format!("so do {more} other queries of this dashboard"));
    }
    Some(diagnostic)
}

/// A source that a variable chooses among those of a type.
fn chosen(board: &Board<'_>, ask: &Ask<'_>, sources: &[Source], told: &mut HashSet<String>) -> Option<Diagnostic> {
    let node = ask.source?;
    let text = if node.is_map() { node.get("uid")? } else { node }.scalar()?;
    let name = text.strip_prefix("${").and_then(|t| t.strip_suffix('}')).or_else(|| text.strip_prefix('$'))?;
    let variable = board.variables().into_iter().find(|v| v.get("name").and_then(Node::scalar) == Some(name))?;
    if variable.get("type").and_then(Node::scalar) != Some("datasource") {
        return None;
    }
    let plugin = variable.get("query").filter(|n| n.as_str().is_some_and(|t| !t.is_empty() && !t.contains('$')))?;
    let kind = plugin.as_str()?;
    if OWN.contains(&kind)
        || sources.iter().any(|s| s.kind.is_empty() || alike(kind, &s.kind))
        || !told.insert(name.to_owned())
    {
        return None;
    }
    let message =
        format!("{} asks `{text}`, a data source of type `{kind}`, and none of that type is provisioned", ask.by);
    let mut listed: Vec<String> = sources.iter().take(8).map(|s| format!("`{}` is `{}`", s.name, s.kind)).collect();
    listed.dedup();
    Some(
        Diagnostic::new(&RULE, plugin.inner(), message)
            .note("the variable has nothing to choose from, and its panels stay empty")
            .help(format!("provision one, or write the type of one that is: {}", listed.join(", "))),
    )
}

/// Whether a variable of a type may offer a source of another: plugins have aliases, and those that speak Prometheus' language
/// count as it (grafana/grafana packages/grafana-data/src/utils/matchPluginId.ts@01296eea4b7c).
fn alike(wanted: &str, kind: &str) -> bool {
    let plain = |id: &str| {
        let id = id.strip_prefix("grafana-").unwrap_or(id);
        let id = id.strip_suffix("-datasource").unwrap_or(id);
        match id {
            "postgresql" => "postgres".to_owned(),
            "phlare" => "pyroscope".to_owned(),
            _ => id.to_owned(),
        }
    };
    let (wanted, kind) = (plain(wanted), plain(kind));
    wanted == kind || kind.contains(&wanted) || wanted.contains(&kind)
}
