//! A provisioning file that is read as one of version 0.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::parse::Node;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "gf-provisioning-no-version",
    aliases: &[],
    summary: "without `apiVersion` a provisioning file is read in its oldest form, which drops most keys",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("provisioning_no_version.md"),
};

/// Keys that the oldest form spells otherwise (`grafana/grafana pkg/services/provisioning/datasources/types.go`).
const DROPPED: [&str; 8] = [
    "isDefault",
    "orgId",
    "jsonData",
    "secureJsonData",
    "basicAuth",
    "basicAuthUser",
    "withCredentials",
    "deleteDatasources",
];

/// A file of data sources without a version that has keys which are lost, or one of providers, whose oldest form is a list.
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let Some(root) = ctx.artifact.data().and_then(|d| d.root()) else { return };
    let version = root.get("apiVersion").filter(|v| !v.is_null());
    if version.is_some_and(|v| v.as_i64() != Some(0)) {
        return;
    }
    if let Some(providers) = root.entry("providers").filter(|p| p.value.items().next().is_some()) {
        let message =
            "without `apiVersion: 1` Grafana reads the oldest form of this file, which is a list: it does not start";
        findings
            .push(Diagnostic::new(&RULE, providers.key.span(), message).help("add `apiVersion: 1` as the first line"));
        return;
    }
    let sources = root.get("datasources").into_iter().flat_map(Node::items).flat_map(|d| d.entries());
    let lost: Vec<_> = sources.filter(|e| DROPPED.contains(&e.name())).collect();
    let Some(first) = lost.first() else { return };
    let message =
        format!("without `apiVersion: 1` Grafana reads the oldest form of this file, which has no `{}`", first.name());
    let mut diagnostic = Diagnostic::new(&RULE, first.key.span(), message)
        .note("the key is dropped without an error; the log has one line on an outdated format")
        .help("add `apiVersion: 1` as the first line");
    for other in lost.iter().skip(1).take(7) {
        diagnostic = diagnostic.label(other.key.span(), "dropped, too");
    }
    findings.push(diagnostic);
}
