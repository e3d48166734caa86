//! A file mounted where a folder is, or the reverse.

use super::mount_missing;
use crate::catalogue::{self, Version};
use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::tree::{Mount, MountSource, Presence, Service, Tree, path};

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
            let presence = ctx.tree.presence(source);
            let diagnostic = match (presence, kind(service, &mount.target)) {
                (Presence::Folder, Some(Kind::File)) => Diagnostic::new(
                    &RULE,
                    mount.span,
                    format!("`{source}` is a folder, and `{}` is a file in the image", mount.target),
                )
                .help("mount the file itself")
                .note(REFUSED),
                (Presence::File, Some(Kind::Folder)) => Diagnostic::new(
                    &RULE,
                    mount.span,
                    format!("`{source}` is a file, and `{}` is a folder in the image", mount.target),
                )
                .help(format!("mount it below: `{}/{}`", mount.target, path::name(source)))
                .note(REFUSED),
                (Presence::Folder, None) => match read_as_file(ctx.tree, service, mount, source) {
                    Some(diagnostic) => diagnostic,
                    None => continue,
                },
                _ => continue,
            };
            findings.push(diagnostic);
        }
    }
}

/// What Docker does.
const REFUSED: &str = "Docker refuses to start the container: a file and a folder cannot be mounted onto each other";

/// A folder where a flag of an engine names its config. Alloy takes a folder as well, and names it without a flag.
fn read_as_file(tree: &Tree, service: &Service, mount: &Mount, source: &str) -> Option<Diagnostic> {
    service.engine.filter(|engine| *engine != "alloy")?;
    let (arg, at) = mount_missing::named_configs(service).into_iter().find(|(_, at)| *at == mount.target)?;
    let inside = path::join(source, path::name(at));
    let help = match tree.presence(&inside) {
        Presence::File => format!("mount `{inside}`"),
        _ => "mount the file itself".to_owned(),
    };
    let message = format!("`{source}` is a folder, and a file is read from `{at}`");
    let diagnostic = Diagnostic::new(&RULE, mount.span, message).label(arg.span, "read here").help(help);
    Some(diagnostic.note("it does not start: \"is a directory\""))
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
