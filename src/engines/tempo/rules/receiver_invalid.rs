//! A receiver that Tempo is not built with.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::near::Near;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "tempo-receiver-invalid",
    aliases: &[],
    summary: "a receiver that this version of Tempo does not have",
    tier: Tier::B,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("receiver_invalid.md"),
};

/// Receivers with the first release without them (grafana/tempo modules/distributor/receiver/shim.go@v2.3.1 to v3.0.3).
const RECEIVERS: [(&str, Option<(u16, u16)>); 5] =
    [("otlp", None), ("jaeger", None), ("zipkin", None), ("kafka", None), ("opencensus", Some((3, 0)))];

pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let Some(all) = super::root(ctx).and_then(|r| r.at(&["distributor", "receivers"])) else { return };
    for entry in all.entries() {
        // `otlp/second` is a second receiver of the type.
        let name = entry.name();
        let ty = name.split('/').next().unwrap_or_default();
        if ty.contains("${") {
            continue;
        }
        let known = RECEIVERS.iter().find(|(n, _)| *n == ty);
        let found = match known {
            Some((_, Some((major, minor)))) if super::since(ctx, *major, *minor).is_some() => {
                let message = format!("Tempo has no receiver `{ty}` since {major}.{minor}");
                super::weighed(ctx, Diagnostic::new(&RULE, entry.key.span(), message))
                    .help("its senders must speak OTLP")
            }
            Some(_) => continue,
            None => {
                let message = format!("`{ty}` is no receiver that Tempo is built with");
                let near = Near::default().nearest(ty, RECEIVERS.iter().map(|(n, _)| *n));
                let help = near.map_or("it has `otlp`, `jaeger`, `zipkin`, `kafka`".to_owned(), |n| {
                    format!("did you mean `{n}`?")
                });
                Diagnostic::new(&RULE, entry.key.span(), message).help(help)
            }
        };
        findings.push(found.note("Tempo does not start with it, and `-config.verify` does not say so"));
    }
}
