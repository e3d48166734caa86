//! Two default data sources in one organisation.

use std::collections::HashMap;

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::Linked;
use crate::source::Span;
use crate::symbol::Datasource;
use crate::tree::{ServiceId, path};

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
    let mut first: HashMap<(Option<ServiceId>, String, i64), (&Datasource, Span)> = HashMap::new();
    for (owner, source) in linked.symbols.datasources() {
        let Some(span) = source.default else { continue };
        let folder = owner.artifact.filter(|_| owner.service.is_none());
        let folder = folder.map_or("", |id| path::folder(&linked.tree.artifact(id).path));
        let before = *first.entry((owner.service, folder.to_owned(), source.org)).or_insert((source, span));
        // One file that is read in two places stands once in each.
        if before.1 == span {
            continue;
        }
        let first = before;
        // Each entry counts, whatever it is called (grafana/grafana pkg/services/provisioning/datasources/config_reader.go
        // `validateDefaultUniqueness`@07b920c55a6c).
        let message = match first.0.name == source.name {
            true => {
                format!("`{}` is the default data source twice: Grafana counts two, and provisions none", source.name)
            }
            false => format!(
                "`{}` is a second default data source beside `{}`: Grafana provisions none",
                source.name, first.0.name
            ),
        };
        let mut diagnostic = Diagnostic::new(&RULE, span, message)
            .label(first.1, "the first one")
            .help("keep `isDefault: true` at one of them");
        if owner.service.is_none() {
            diagnostic = diagnostic.severity(Severity::Info);
        }
        findings.push(diagnostic);
    }
}
