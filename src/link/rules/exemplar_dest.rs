//! Exemplars that a data source shows and its store does not keep, or that lead to no store of traces.

use std::collections::HashSet;

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::Linked;
use crate::tree::ServiceId;

use super::{engine, features, sources};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "gf-exemplar-dest",
    aliases: &[],
    summary: "a data source links exemplars that its store does not keep, or to no store of traces",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("exemplar_dest.md"),
};

/// Types of sources that hold no traces.
const NO_TRACES: [&str; 5] = ["prometheus", "loki", "alertmanager", "grafana-pyroscope-datasource", "phlare"];

/// Every such data source.
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    for asked in sources::asked(linked) {
        let Some(list) = asked.node.at(&["jsonData", "exemplarTraceIdDestinations"]) else { continue };
        let mut ends = list.items().peekable();
        if ends.peek().is_none() {
            continue;
        }
        for end in ends {
            let uid = end.get("datasourceUid").and_then(|n| Some((n, n.scalar()?)));
            let grafana = linked.index.grafana(linked.tree, asked.owner);
            let Some((node, uid)) = uid else { continue };
            let Some(to) = grafana.resolve(uid).filter(|d| NO_TRACES.contains(&d.kind.as_str())) else { continue };
            let message = format!("exemplars of `{}` link to `{}`, which holds no traces", asked.name(), to.name);
            let diagnostic = Diagnostic::new(&RULE, node.inner(), message)
                .label(to.span, format!("a source of type `{}`", to.kind))
                .help("name the uid of the source of your traces");
            findings.push(diagnostic);
        }
        let service = linked.tree.service(asked.to);
        let Some(lack) = features::lacks_exemplars(linked.tree, asked.to) else { continue };
        let message =
            format!("data source `{}` links exemplars, and {} keeps none: {}", asked.name(), engine(service), lack.why);
        let key = asked.node.get("jsonData").and_then(|d| d.entry("exemplarTraceIdDestinations"));
        let at = key.map_or(list.span(), |e| e.key.span());
        let mut diagnostic = Diagnostic::new(&RULE, at, message).help(lack.help);
        if let Some((place, text)) = lack.place {
            diagnostic = diagnostic.label(place, text);
        }
        findings.push(diagnostic);
    }
}

/// Every store that keeps none while a data source links them.
pub(super) fn lacking(linked: &Linked<'_>) -> HashSet<ServiceId> {
    let links = |asked: &sources::Sourced<'_>| {
        let list = asked.node.at(&["jsonData", "exemplarTraceIdDestinations"]);
        list.is_some_and(|l| l.items().next().is_some())
    };
    let all = sources::asked(linked).into_iter().filter(links).map(|asked| asked.to);
    all.filter(|to| features::lacks_exemplars(linked.tree, *to).is_some()).collect()
}
