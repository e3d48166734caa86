//! A dashboard of the second schema where a file provider reads the first one.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::engines::grafana::board::load;
use crate::tree::VersionFrom;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "dash-schema-too-new",
    aliases: &[],
    summary: "a provisioned dashboard is of a schema that this Grafana does not read from files",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("schema_too_new.md"),
};

/// A dashboard of the second schema that a provider of a Grafana before 13 loads: its title does not stand where the reader
/// looks (`createDashboardJSON` of `grafana/grafana pkg/services/provisioning/dashboards` at 12.3.3).
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let Some(root) = ctx.artifact.data().and_then(|d| d.root()) else { return };
    let Some(version) = root.entry("apiVersion").filter(|_| root.get("spec").is_some()) else { return };
    if root.get("title").is_some() {
        return;
    }
    for loader in load::loaders(ctx.tree, ctx.artifact) {
        let service = ctx.tree.service(loader.service);
        let grafana = ctx.artifact.version.as_ref().filter(|(_, from)| matches!(from, VersionFrom::Image(_)));
        let Some((release, _)) = grafana.filter(|(v, _)| v.major < 13) else { continue };
        let name = version.value.scalar().unwrap_or_default();
        let message = format!("`{}` runs Grafana {release}, whose file provider does not read `{name}`", service.name);
        let diagnostic = Diagnostic::new(&RULE, version.value.inner(), message)
            .label(loader.path, "loaded from there")
            .note("it looks for `title` at the top of the file, finds none and leaves the file out")
            .help("export the dashboard in the classic form");
        findings.push(diagnostic);
        return;
    }
}
