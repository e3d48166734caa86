//! A folder of the host, or a new volume, that the image's user cannot write.

use std::collections::{HashMap, HashSet};

use crate::catalogue::Image;
use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::Linked;
use crate::tree::{ArtifactId, Mount, MountSource, Presence, ProjectId, Service, ServiceId, Tree, path};

use super::kept::{image, kept, title};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "compose-volume-owner",
    aliases: &[],
    summary: "the data of an engine lies where its user cannot write: on a folder of the host, or on a volume that belongs to root",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("volume_owner.md"),
};

/// Every data folder on a bind mount inside of the project, and on a volume at a place that the image does not have.
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    let tree = linked.tree;
    // A service of the file that changes owners mends it, whichever folder it names.
    let mended: HashSet<ArtifactId> = tree.services.iter().filter(|s| changes_owner(s)).map(|s| s.artifact).collect();
    let users = users(tree);
    for (id, service) in tree.services() {
        if service.user.is_some() || service.mounts_open || mended.contains(&service.artifact) {
            continue;
        }
        let Some((image, user)) = image(service).and_then(|i| Some((i, i.user?))) else { continue };
        findings.all.extend(volume(linked, id, &users, (image, user)));
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

/// Folders that everybody may write in every image.
const SHARED: [&str; 2] = ["/tmp", "/var/tmp"];

/// The only service of each volume, by name; `None` = there are several.
type Users<'t> = HashMap<(ProjectId, &'t str), Option<&'t str>>;

fn users(tree: &Tree) -> Users<'_> {
    let mut users = Users::new();
    for service in &tree.services {
        for mount in &service.mounts {
            let MountSource::Volume(name) = &mount.source else { continue };
            let only = users.entry((service.project, name)).or_insert(Some(&service.name));
            *only = only.filter(|other| *other == service.name);
        }
    }
    users
}

/// A volume takes over owner and rights of the folder that the image has at its place. Where the image has none, it belongs to
/// root (moby/moby container/container_unix.go `CopyImagePathContent`@00237a962497).
fn volume(linked: &Linked<'_>, id: ServiceId, users: &Users<'_>, (image, user): (&Image, u32)) -> Option<Diagnostic> {
    let (tree, service) = (linked.tree, linked.tree.service(id));
    if service.build || image.data.is_empty() {
        return None;
    }
    let has = |m: &Mount| path::below(image.data, &m.target).is_some() || SHARED.contains(&m.target.as_str());
    let new = |m: &&Mount| !m.read_only && matches!(m.source, MountSource::Volume(_)) && !has(m);
    let mut mounts = service.mounts.iter().filter(new).peekable();
    mounts.peek()?;
    let kept = kept(linked, id);
    let (mount, kept) = mounts.find_map(|mount| {
        let on = kept.iter().find(|k| k.span.is_some() && path::below(&k.path, &mount.target).is_some());
        Some((mount, on?))
    })?;
    let MountSource::Volume(name) = &mount.source else { return None };
    // One that is made elsewhere may belong to anybody, and another service may give it away.
    let root = tree.artifact(service.artifact).data().and_then(|d| d.root());
    let declared = root.and_then(|r| r.at(&["volumes", name]))?;
    let driver = declared.get("driver").is_some_and(|d| d.scalar() != Some("local"));
    let foreign = driver || ["external", "driver_opts"].iter().any(|key| declared.get(key).is_some());
    if foreign || users.get(&(service.project, name.as_str())).is_none_or(Option::is_none) {
        return None;
    }
    let message = format!("{} runs as user {user}, which cannot write to the volume `{name}`", title(service));
    let diagnostic = Diagnostic::new(&RULE, mount.span, message)
        .note(format!("the image has no `{}`, so Docker makes the volume as root: \"permission denied\"", mount.target))
        .help(format!(
            "mount it at `{0}`, which belongs to that user, and keep the {1} below `{0}`",
            image.data, kept.what
        ));
    Some(match kept.span {
        Some(span) => diagnostic.label(span, format!("the {} is written there", kept.what)),
        None => diagnostic,
    })
}

fn changes_owner(service: &Service) -> bool {
    let words = service.entrypoint.iter().flatten().chain(service.command.iter().flatten());
    words.into_iter().any(|w| w.text.contains("chown") || w.text.contains("chmod"))
}
