//! Components that share their work with nobody.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::engines::alloy::flow::Flow;

/// The rule.
pub(in crate::engines::alloy) static RULE: Rule = Rule {
    id: "alloy-clustering-off",
    aliases: &[],
    summary: "a component shares its work in a cluster that the process does not join",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("clustering_off.md"),
};

/// Every `clustering { enabled = true }` in a process that is known not to join a cluster (grafana/alloy
/// internal/alloycli/cmd_run.go `cluster.enabled`@v1.0.0, @v1.19.0-rc.3).
pub(in crate::engines::alloy) fn run(flow: &Flow<'_, '_>, findings: &mut Findings) {
    let Some(service) = flow.service().filter(|_| flow.program.run) else { return };
    if service.build || service.args().is_none_or(|args| args.iter().any(|a| a.open)) {
        return;
    }
    if service.flag("cluster.enabled").is_some_and(|(arg, value)| !arg.text.contains('=') || value != "false") {
        return;
    }
    for (id, part) in flow.components() {
        let Some(block) = part.body().block("clustering") else { continue };
        let Some(enabled) = block.body().attr("enabled").filter(|a| a.value().as_bool() == Some(true)) else {
            continue;
        };
        let message =
            format!("{} shares its targets with a cluster, and `{}` joins none", flow.title(id), service.name);
        let found = flow
            .found(&RULE, flow.file(id).span(enabled.range()), message)
            .label(service.span, "runs without `--cluster.enabled`")
            .note("several of these processes all scrape the same targets")
            .help("add `--cluster.enabled=true` to the command, or remove the block");
        findings.push(found);
    }
}
