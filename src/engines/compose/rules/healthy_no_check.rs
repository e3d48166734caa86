//! A service that waits for the health of one that has no check.

use std::collections::HashMap;

use super::super::image_tools;
use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::parse::{Document, Node};
use crate::tree::{ProjectId, Service};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "compose-healthy-no-check",
    aliases: &[],
    summary: "a service waits for the health of one that has no health check",
    tier: Tier::C,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("healthy_no_check.md"),
};

/// Every dependency of the file with that condition.
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let own = || ctx.tree.declared_by(ctx.id).map(|(_, service)| service);
    let healthy = |s: &Service| s.depends_on.iter().any(|d| d.condition == "service_healthy");
    if !own().any(healthy) {
        return;
    }
    let mut named: HashMap<(ProjectId, &str), Vec<&Service>> = HashMap::new();
    for service in &ctx.tree.services {
        named.entry((service.project, service.name.as_str())).or_default().push(service);
    }
    for service in own() {
        for depends in service.depends_on.iter().filter(|d| d.condition == "service_healthy") {
            // What an override or a base says of it is told where it is written.
            if depends.service.span.source != ctx.artifact.source {
                continue;
            }
            let name = depends.service.value.as_str();
            let Some(all) = named.get(&(service.project, name)).filter(|all| !all.is_empty()) else { continue };
            if !all.iter().all(|s| certainly_none(ctx, s)) {
                continue;
            }
            let off = all.iter().any(|s| s.healthcheck.is_some());
            let message = if off {
                format!("`{}` waits for the health of `{name}`, whose check is switched off", service.name)
            } else {
                format!("`{}` waits for the health of `{name}`, which has no health check", service.name)
            };
            findings.push(
                Diagnostic::new(&RULE, depends.service.span, message)
                    .label(all[0].span, "neither here nor in its image")
                    .help("give it a `healthcheck`, or wait with `condition: service_started`")
                    .note("`docker compose up` fails: the container has no health check configured"),
            );
        }
    }
}

/// Whether a service has no check for certain: none is written, and its image is known to have none; or it is off.
fn certainly_none(ctx: &FileCtx<'_>, service: &Service) -> bool {
    if let Some(test) = &service.healthcheck {
        return test.first().is_some_and(|w| w.text == "NONE" && !w.open);
    }
    let data = ctx.tree.artifact(service.artifact).data().and_then(Document::root);
    let check = data.and_then(|r| r.at(&["services", &service.name, "healthcheck"]));
    if check.is_some_and(|c| c.get("disable").and_then(Node::as_bool) == Some(true)) {
        return true;
    }
    // `extends`, or a check of which only a part is written here.
    let image = service.image.as_ref().filter(|i| !i.open && !service.build);
    check.is_none() && !service.mounts_open && image.is_some_and(|i| image_tools::is_known(&i.repository))
}
