//! Targets that name no container.

use vispyr_alloy::ExprKind;

use crate::diagnostic::{FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::engines::alloy::flow::Flow;

/// The rule.
pub(in crate::engines::alloy) static RULE: Rule = Rule {
    id: "alloy-docker-targets",
    aliases: &[],
    summary: "`loki.source.docker` is given targets that name no container, and skips them without a word",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("docker_targets.md"),
};

/// What it asks a target for; one without is passed over, which is logged for debugging alone (grafana/alloy
/// internal/component/loki/source/docker/docker.go `Update`@v1.0.0, @v1.11.3, @v1.18.1).
const ID: &str = "__meta_docker_container_id";

/// The first target of each component that is written out and lacks it.
pub(in crate::engines::alloy) fn run(flow: &Flow<'_, '_>, findings: &mut Findings) {
    for (id, part) in flow.components().filter(|(_, p)| p.name == "loki.source.docker") {
        let Some(targets) = part.body().attr("targets") else { continue };
        let ExprKind::Array(targets) = targets.value().unparen().kind() else { continue };
        let lacking = targets.iter().find(|target| match target.unparen().kind() {
            ExprKind::Object(fields) => fields.iter().all(|f| f.name() != ID),
            _ => false,
        });
        let Some(lacking) = lacking else { continue };
        let message =
            format!("{} passes this target over: it has no `{ID}`, and no container is read for it", flow.title(id));
        let found = flow
            .found(&RULE, flow.file(id).span(lacking.range()), message)
            .help("write `targets = discovery.docker.….targets`: a `discovery.docker` sets that label, and its `filter` blocks choose among the containers")
            .note("nothing is logged of it, unless for debugging");
        findings.push(flow.asleep(id, found));
    }
}
