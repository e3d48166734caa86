//! Credentials that nobody shows or demands.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::engines::alloy::flow::Flow;

/// The rule.
pub(in crate::engines::alloy) static RULE: Rule = Rule {
    id: "alloy-auth-unwired",
    aliases: &[],
    summary: "an `otelcol.auth` component that no client and no server uses",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("auth_unwired.md"),
};

/// Every `otelcol.auth.*` whose handler nobody names.
pub(in crate::engines::alloy) fn run(flow: &Flow<'_, '_>, findings: &mut Findings) {
    for (id, part) in flow.components().filter(|(_, p)| p.name.starts_with("otelcol.auth.")) {
        if part.blurred || flow.is_broken(id) || flow.used_by(id).next().is_some() {
            continue;
        }
        let title = flow.title(id);
        let message = format!("nobody uses {title}: no credentials are shown or demanded for it");
        let help = format!("set `auth = {}.handler` in a `client`, `grpc` or `http` block", title.trim_matches('`'));
        let mut found = flow.found(&RULE, flow.header(id), message).help(help);
        if !flow.is_whole(id) {
            found = found.severity(Severity::Info).note("other files of its folder were not read");
        }
        findings.push(found);
    }
}
