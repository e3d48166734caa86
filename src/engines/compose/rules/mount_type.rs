//! A file mounted where a folder is, or the reverse.

use crate::catalogue::{self, Version};
use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::tree::{MountSource, Presence, Service};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "compose-mount-type",
    aliases: &[],
    summary: "a file is mounted on a folder of the image, or a folder on a file",
    tier: Tier::C,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("mount_type.md"),
};

/// Folders that Grafana's image has (`grafana/grafana Dockerfile`).
const GRAFANA: [&str; 5] = [
    "/etc/grafana/provisioning",
    "/etc/grafana/provisioning/datasources",
    "/etc/grafana/provisioning/dashboards",
    "/etc/grafana/provisioning/alerting",
    "/etc/grafana",
];

/// Every mount whose target is known to be of the other kind.
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    for (_, service) in ctx.tree.declared_by(ctx.id) {
        for mount in &service.mounts {
            let MountSource::Bind(source) = &mount.source else { continue };
            if mount.span.source != ctx.artifact.source {
                continue;
            }
            let (message, help) = match (ctx.tree.presence(source), kind(service, &mount.target)) {
                (Presence::Folder, Some(Kind::File)) => (
                    format!("`{source}` is a folder, and `{}` is a file in the image", mount.target),
                    "mount the file itself".to_owned(),
                ),
                (Presence::File, Some(Kind::Folder)) => (
                    format!("`{source}` is a file, and `{}` is a folder in the image", mount.target),
                    format!("mount it below: `{}/{}`", mount.target, crate::tree::path::name(source)),
                ),
                _ => continue,
            };
            findings.push(
                Diagnostic::new(&RULE, mount.span, message).help(help).note(
                    "Docker refuses to start the container: a file and a folder cannot be mounted onto each other",
                ),
            );
        }
    }
}

enum Kind {
    File,
    Folder,
}

/// What stands at a path of a service's image.
fn kind(service: &Service, target: &str) -> Option<Kind> {
    let facts = service.engine.and_then(catalogue::engine)?;
    let tag = service.image.as_ref().and_then(|i| i.tag.as_deref()).unwrap_or_default();
    let image = facts.image(service.version.unwrap_or_else(|| facts.newest()), Version::suffix(tag))?;
    if !image.config.is_empty() && image.config == target {
        return Some(Kind::File);
    }
    let folder =
        !image.data.is_empty() && image.data == target || facts.engine == "grafana" && GRAFANA.contains(&target);
    folder.then_some(Kind::Folder)
}
