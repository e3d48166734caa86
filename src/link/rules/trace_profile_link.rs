//! A link from traces to profiles that leads to no store of profiles.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::Linked;
use crate::symbol::{DatasourceUse, Import};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "gf-trace-profile-link",
    aliases: &[],
    summary: "traces link to profiles in a data source that holds none",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("trace_profile_link.md"),
};

/// Types of sources that hold no profiles.
const NO_PROFILES: [&str; 6] = ["prometheus", "loki", "tempo", "jaeger", "zipkin", "alertmanager"];

/// Every such link.
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    for (owner, import) in &linked.symbols.imports {
        let Import::Datasource(reference) = import else { continue };
        let DatasourceUse::Link(key) = &reference.by else { continue };
        if key != "tracesToProfiles.datasourceUid" {
            continue;
        }
        let grafana = linked.index.grafana(linked.tree, *owner);
        let to = grafana.resolve(&reference.uid).filter(|d| NO_PROFILES.contains(&d.kind.as_str()));
        let Some(to) = to else { continue };
        let message = format!("traces link to profiles in `{}`, which holds none", to.name);
        let mut diagnostic =
            Diagnostic::new(&RULE, reference.span, message).label(to.span, format!("a source of type `{}`", to.kind));
        diagnostic.help = Some(match grafana.only("grafana-pyroscope-datasource") {
            Some(right) => format!("write `{}`, the uid of `{}`", right.uid, right.name),
            None => "name the uid of a source of type `grafana-pyroscope-datasource`".to_owned(),
        });
        findings.push(diagnostic);
    }
}
