//! A dashboard that asks a data source that does not exist.

use std::collections::HashMap;

use crate::diagnostic::{Diagnostic, FixKind, Label, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::Linked;
use crate::parse::Node;
use crate::source::{SourceId, Span};
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

/// Others that ask the same, of which the place is shown.
const SHOWN: usize = 3;

/// Every such uid, once per dashboard.
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    let mut told: HashMap<(SourceId, &str), (usize, usize)> = HashMap::new();
    for (owner, import) in &linked.symbols.imports {
        let Import::Datasource(reference) = import else { continue };
        let DatasourceUse::Dashboard(by) = &reference.by else { continue };
        let stray = linked.is_stray(*owner);
        let grafana = if stray { linked.index.abroad() } else { linked.index.grafana(linked.tree, *owner) };
        if !grafana.is_known() || grafana.resolve(&reference.uid).is_some() {
            continue;
        }
        let key = (reference.span.source, reference.uid.as_str());
        if let Some((first, more)) = told.get_mut(&key) {
            *more += 1;
            if let Some(first) = findings.all.get_mut(*first).filter(|_| *more <= SHOWN) {
                first.labels.push(Label { span: reference.span, text: format!("so does {by}") });
            }
            continue;
        }
        told.insert(key, (findings.all.len(), 0));
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
    for (first, more) in told.into_values().filter(|(_, more)| *more > SHOWN) {
        if let Some(first) = findings.all.get_mut(first) {
            first.notes.push(format!("{} more places of this dashboard ask it", more - SHOWN));
        }
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
