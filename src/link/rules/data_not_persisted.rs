//! A store whose data goes with its container.

use std::collections::HashMap;

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::Linked;
use crate::source::Span;
use crate::tree::{ArtifactId, MountSource, Service, path};

use super::kept::{image, kept, title};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "compose-data-not-persisted",
    aliases: &["pyro-data-path-moved", "tempo-wal-not-on-volume"],
    summary: "the data of a store lies on no volume, while that of others does",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("data_not_persisted.md"),
};

/// Every store of a file in which a service has a named volume.
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    let mut keeping: HashMap<ArtifactId, Span> = HashMap::new();
    let volume = |s: &Service| s.mounts.iter().find(|m| matches!(m.source, MountSource::Volume(_))).map(|m| m.span);
    for service in &linked.tree.services {
        if let Some(volume) = volume(service) {
            keeping.entry(service.artifact).or_insert(volume);
        }
    }
    for (id, service) in linked.tree.services() {
        let Some(other) = keeping.get(&service.artifact).filter(|_| !service.mounts_open) else { continue };
        let lost = kept(linked, id).into_iter().find(|k| !service.mounts.iter().any(|m| k.is_on(m)));
        let Some(lost) = lost else { continue };
        let span = service.image_span();
        let message = format!("{} keeps its {} in `{}`, which is on no volume", title(service), lost.what, lost.path);
        let mut diagnostic = Diagnostic::new(&RULE, span, message);
        if let Some(given) = lost.span {
            diagnostic = diagnostic.label(given, "the path is given here");
        }
        if let Some(old) = lost.old {
            diagnostic = diagnostic.label(old, "read by the storage of 1.x alone");
        }
        // Silences are few, and made anew in a minute; a volume shows that they are meant to stay.
        if service.engine == Some("alertmanager") && volume(service).is_none() {
            diagnostic = diagnostic.severity(Severity::Info);
        }
        diagnostic = match volume(service) {
            Some(own) => diagnostic.label(own, "its volume is mounted elsewhere"),
            None => diagnostic.label(*other, "other data is kept"),
        };
        findings.push(
            diagnostic
                .help(help(service, &lost.path))
                .note("what is there is gone when the container is removed, as `docker compose down` does"),
        );
    }
}

/// A volume belongs to the image's user only where the image has that folder: it has the one of its data.
fn help(service: &Service, lost: &str) -> String {
    let own = image(service).filter(|i| i.user.is_some() && !i.data.is_empty() && service.user.is_none());
    match own.map(|i| (i.data, path::below(lost, i.data).is_some())) {
        Some((data, true)) => format!("mount a named volume at `{data}`"),
        Some((data, false)) => {
            format!(
                "keep it below `{data}`, which belongs to the user that the image runs as, and mount a named volume there"
            )
        }
        None => format!("mount a named volume at `{lost}`"),
    }
}
