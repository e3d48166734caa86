//! Grafana in which everybody is an administrator.

use super::grafana_login::{Login, reached};
use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "sec-anonymous-admin",
    aliases: &[],
    summary: "Grafana is published, and takes everybody who is not logged in for an administrator",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("anonymous_admin.md"),
};

/// Each Grafana of the file.
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    for (id, service) in ctx.tree.declared_by(ctx.id) {
        let Some((place, how)) = reached(service).filter(|_| service.engine == Some("grafana")) else { continue };
        let login = Login::of(ctx.tree, id);
        let Some((enabled, role)) = login.anonymous_admin() else { continue };
        let message = "everybody who reaches Grafana is an administrator of it, without a login";
        let diagnostic = Diagnostic::new(&RULE, role, message)
            .here("the role of those who are not logged in")
            .label(enabled, "who are let in here")
            .label(place, how)
            .help("set `GF_AUTH_ANONYMOUS_ORG_ROLE` to `Viewer`, or publish on `127.0.0.1:`")
            .note("an administrator changes and deletes dashboards, alerts and data sources");
        findings.push(diagnostic);
    }
}
