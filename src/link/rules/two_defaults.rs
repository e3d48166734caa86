//! Two default data sources in one organisation.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::Linked;
use crate::symbol::{Datasource, Owner};

use super::same_grafana;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "gf-two-defaults",
    aliases: &[],
    summary: "two data sources of one organisation are the default one, so Grafana refuses to provision them",
    tier: Tier::C,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("two_defaults.md"),
};

/// Every default after the first.
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    let all: Vec<(Owner, &Datasource)> = linked.symbols.datasources().collect();
    for (at, (owner, source)) in all.iter().enumerate() {
        let Some(span) = source.default else { continue };
        // The same source in two files is one: the later definition counts.
        let rival = all[..at].iter().find(|(o, d)| {
            let other = d.name != source.name && d.uid != source.uid;
            d.default.is_some() && d.org == source.org && other && same_grafana(linked, *o, *owner)
        });
        let Some(first) = rival.and_then(|(_, d)| Some((d, d.default?))) else { continue };
        let message = format!(
            "`{}` is a second default data source beside `{}`: Grafana provisions none",
            source.name, first.0.name
        );
        let mut diagnostic = Diagnostic::new(&RULE, span, message)
            .label(first.1, "the first one")
            .help("keep `isDefault: true` at one of them");
        if owner.service.is_none() {
            diagnostic = diagnostic.severity(Severity::Info);
        }
        findings.push(diagnostic);
    }
}
