//! A link between data sources to one that does not exist.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::Linked;
use crate::symbol::{DatasourceUse, Import};

use super::uid_help;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "gf-ds-ref-unresolved",
    aliases: &["gf-ds-uid-missing"],
    summary: "a data source links to one that is not provisioned, so the link is silently missing",
    tier: Tier::C,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("ds_ref_unresolved.md"),
};

/// Every such reference.
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    let loaded = linked.tree.services.iter().any(|s| s.engine == Some("grafana"));
    for (owner, import) in &linked.symbols.imports {
        let Import::Datasource(reference) = import else { continue };
        let DatasourceUse::Link(key) = &reference.by else { continue };
        // Of two data sources of another tree that tree's own check tells.
        if owner.artifact.is_some_and(|id| linked.tree.is_symbols(id)) {
            continue;
        }
        let grafana = linked.index.grafana(linked.tree, *owner);
        if !grafana.is_known() || grafana.resolve(&reference.uid).is_some() {
            continue;
        }
        let (place, help) = uid_help(linked, grafana, &reference.uid, reference.kind.as_deref());
        let message = format!("`{key}` names `{}`, and no data source has that uid or name", reference.uid);
        let mut diagnostic = Diagnostic::new(&RULE, reference.span, message).help(help);
        if let Some(place) = place {
            diagnostic = diagnostic.label(place, "a data source that is provisioned");
        }
        if key == "alertmanagerUid" {
            // Only where alerts are managed from: nothing else hangs on it.
            diagnostic = diagnostic.severity(Severity::Warning);
        }
        if owner.service.is_none() {
            // Nothing is known to load the file, or the Grafana that does is not here.
            diagnostic = diagnostic.severity(if loaded { Severity::Info } else { Severity::Warning });
        }
        findings.push(diagnostic);
    }
}
