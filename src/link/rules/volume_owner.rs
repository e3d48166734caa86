//! A folder of the host that the image's user cannot write.

use std::collections::HashSet;

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::Linked;
use crate::tree::{ArtifactId, Mount, MountSource, Presence, Service, path};

use super::kept::{image, kept, title};

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
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    let tree = linked.tree;
    // A service of the file that changes owners mends it, whichever folder it names.
    let mended: HashSet<ArtifactId> = tree.services.iter().filter(|s| changes_owner(s)).map(|s| s.artifact).collect();
    for (id, service) in tree.services() {
        if service.user.is_some() || service.mounts_open || mended.contains(&service.artifact) {
            continue;
        }
        let Some((image, user)) = image(service).and_then(|i| Some((i, i.user?))) else { continue };
        let own = |m: &Mount| !image.data.is_empty() && m.target == image.data;
        let written = |m: &&Mount| !m.read_only && matches!(m.source, MountSource::Bind(_));
        let mut mounts = service.mounts.iter().filter(written);
        let mount = mounts.clone().find(|m| own(m)).or_else(|| {
            let kept = kept(linked, id);
            mounts.find(|m| kept.iter().any(|k| k.span.is_some() && path::below(&k.path, &m.target).is_some()))
        });
        let Some(mount) = mount else { continue };
        let MountSource::Bind(source) = &mount.source else { continue };
        // Folders elsewhere on the host are somebody's decision.
        let artifact = tree.artifact(service.artifact);
        let home = path::folder(&artifact.path);
        let inside = tree.presence(source) != Presence::Unknown || path::below(source, home).is_some();
        let there = matches!(tree.presence(source), Presence::Absent | Presence::Folder | Presence::Unknown);
        if !inside || !there || mount.span.source != artifact.source || tree.gives(source, &user.to_string()) {
            continue;
        }
        // Written for Windows, where Docker Desktop lets everybody write.
        if tree.sources.text(mount.span.source).get(mount.span.range()).is_some_and(|t| t.contains('\\')) {
            continue;
        }
        findings.push(
            Diagnostic::new(
                &RULE,
                mount.span,
                format!("{} runs as user {user}, which cannot write to `{source}`", title(service)),
            )
            .help(format!("use a named volume, or give the folder to that user: `chown {user} {source}`"))
            .note("on Linux the folder belongs to root, or to whoever made it: \"permission denied\" at the start"),
        );
    }
}

fn changes_owner(service: &Service) -> bool {
    let words = service.entrypoint.iter().flatten().chain(service.command.iter().flatten());
    words.into_iter().any(|w| w.text.contains("chown") || w.text.contains("chmod"))
}
