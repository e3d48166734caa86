//! A folder of the host that the image's user cannot write.

use crate::catalogue::{self, Version};
use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::tree::{MountSource, Presence, Service, path};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "compose-volume-owner",
    aliases: &[],
    summary: "the data of an engine lies on a folder of the host that its user cannot write",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("volume_owner.md"),
};

/// Every data folder on a bind mount inside of the project.
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let own = || ctx.tree.declared_by(ctx.id).map(|(_, service)| service);
    // A service of the file that changes owners mends it, whichever folder it names.
    if own().any(changes_owner) {
        return;
    }
    for service in own() {
        let Some((title, user, data)) = facts(service) else { continue };
        if service.user.is_some() || service.mounts_open {
            continue;
        }
        let Some(mount) = service.mounts.iter().find(|m| m.target == data && !m.read_only) else { continue };
        let MountSource::Bind(source) = &mount.source else { continue };
        // Folders elsewhere on the host are somebody's decision.
        let home = path::folder(&ctx.artifact.path);
        let inside = ctx.tree.presence(source) != Presence::Unknown || path::below(source, home).is_some();
        let there = matches!(ctx.tree.presence(source), Presence::Absent | Presence::Folder | Presence::Unknown);
        if ctx.tree.gives(source, &user.to_string()) {
            continue;
        }
        if !inside || !there || mount.span.source != ctx.artifact.source {
            continue;
        }
        // Written for Windows, where Docker Desktop lets everybody write.
        if ctx.tree.sources.text(mount.span.source).get(mount.span.range()).is_some_and(|t| t.contains('\\')) {
            continue;
        }
        findings.push(
            Diagnostic::new(
                &RULE,
                mount.span,
                format!("{title} runs as user {user}, which cannot write to `{source}`"),
            )
            .help(format!("use a named volume, or give the folder to that user: `chown {user} {source}`"))
            .note("on Linux the folder belongs to root, or to whoever made it: \"permission denied\" at the start"),
        );
    }
}

/// Title, user and data folder of a service's image.
fn facts(service: &Service) -> Option<(&'static str, u32, &'static str)> {
    let facts = service.engine.and_then(catalogue::engine)?;
    let tag = service.image.as_ref().and_then(|i| i.tag.as_deref()).unwrap_or_default();
    let image = facts.image(service.version.unwrap_or_else(|| facts.newest()), Version::suffix(tag))?;
    Some((facts.title, image.user?, image.data)).filter(|(_, _, data)| !data.is_empty())
}

fn changes_owner(service: &Service) -> bool {
    let words = service.entrypoint.iter().flatten().chain(service.command.iter().flatten());
    words.into_iter().any(|w| w.text.contains("chown") || w.text.contains("chmod"))
}
