//! A name in `processors` that makes nothing.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::dskit::tenants;
use crate::engine::{FileCtx, Findings};
use crate::engines::tempo::overrides::Limits;
use crate::engines::tempo::{CONFIG, OVERRIDES};
use crate::near::Near;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "tempo-processor-unknown",
    aliases: &[],
    summary: "a processor of the metrics generator that this version of Tempo does not have",
    tier: Tier::C,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("processor_unknown.md"),
};

/// Processors with the releases that have them, as (major, minor): first, and first without (grafana/tempo
/// modules/generator/instance.go, modules/generator/processor@v2.3.1 to v3.0.3).
const PROCESSORS: [(&str, Option<(u16, u16)>); 7] = [
    ("span-metrics", None),
    ("service-graphs", None),
    ("host-info", None),
    ("span-metrics-latency", None),
    ("span-metrics-count", None),
    ("span-metrics-size", None),
    ("local-blocks", Some((3, 0))),
];

pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let Some(root) = super::root(ctx) else { return };
    let defaults = Limits::defaults(root).filter(|_| *ctx.artifact.kind == CONFIG);
    let own = tenants(root).filter(|_| *ctx.artifact.kind == OVERRIDES);
    let own = own.map(|t| Limits { node: t.value, tenant: Some(t.key.span()) });
    for list in defaults.into_iter().chain(own).filter_map(|limits| limits.processors()) {
        // A set is written as a list, or as the keys of a map.
        let keys = list.own_entries().map(|e| e.key);
        for node in list.items().chain(keys) {
            let Some(name) = node.scalar().filter(|n| !n.contains("${")) else { continue };
            let known = PROCESSORS.iter().find(|(n, _)| *n == name);
            let found = match known {
                Some((_, Some((major, minor)))) if super::since(ctx, *major, *minor).is_some() => {
                    let message = format!("Tempo has no processor `{name}` since {major}.{minor}");
                    super::weighed(ctx, Diagnostic::new(&RULE, node.span(), message))
                        .help("delete it: the live store does its work")
                }
                Some(_) => continue,
                None => {
                    let near = Near::default().nearest(name, PROCESSORS.iter().map(|(n, _)| *n));
                    let help = near.map_or("it has `span-metrics`, `service-graphs`, `host-info`".to_owned(), |n| {
                        format!("did you mean `{n}`?")
                    });
                    Diagnostic::new(&RULE, node.span(), format!("`{name}` is no processor of the metrics generator"))
                        .help(help)
                }
            };
            findings.push(found.note("the generator logs an error for each tenant and makes no series"));
        }
    }
}
