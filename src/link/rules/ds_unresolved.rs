//! A dashboard that asks a data source that does not exist.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::Linked;
use crate::parse::Node;
use crate::source::Span;
use crate::symbol::{DatasourceUse, Import};
use crate::tree::Tree;

use super::uid_help;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "dash-ds-unresolved",
    aliases: &[],
    summary: "a dashboard asks a data source that is not provisioned, so its panels stay empty",
    tier: Tier::C,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("ds_unresolved.md"),
};

/// Every such reference, once per dashboard and uid.
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    for (owner, import) in &linked.symbols.imports {
        let Import::Datasource(reference) = import else { continue };
        let DatasourceUse::Dashboard(by) = &reference.by else { continue };
        let stray = linked.is_stray(*owner);
        let grafana = if stray { linked.index.abroad() } else { linked.index.grafana(linked.tree, *owner) };
        if !grafana.is_known() || grafana.resolve(&reference.uid).is_some() {
            continue;
        }
        let (place, help) = uid_help(linked, grafana, &reference.uid, reference.kind.as_deref());
        let message = format!("{by} asks `{}`, and no data source has that uid or name", reference.uid);
        let mut diagnostic = Diagnostic::new(&RULE, reference.span, message).help(help);
        if let Some((span, file)) = unmounted(linked.tree, &reference.uid) {
            diagnostic = diagnostic
                .label(span, "it stands here, in a file that no service mounts")
                .help(format!("mount `{file}` where Grafana reads its data sources"));
        } else if let Some(place) = place {
            diagnostic = diagnostic.label(place, "a data source that is provisioned");
        }
        findings.push(diagnostic);
    }
}

/// The data source of that uid or name in a file that no service mounts.
fn unmounted<'a>(tree: &'a Tree, uid: &str) -> Option<(Span, &'a str)> {
    let files = tree.of_kind("grafana-datasources").filter(|(_, a)| a.uses.is_empty());
    let mut sources = files.flat_map(|(_, a)| {
        let root = a.data().and_then(|d| d.root()).and_then(|r| r.get("datasources"));
        root.into_iter().flat_map(Node::items).map(move |node| (a, node))
    });
    sources.find_map(|(file, node)| {
        let named = |key| node.get(key).filter(|n| n.scalar() == Some(uid));
        Some((named("uid").or_else(|| named("name"))?.span(), file.path.as_str()))
    })
}
