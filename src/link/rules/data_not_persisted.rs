//! A store whose data goes with its container.

use std::collections::HashMap;

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::Linked;
use crate::source::Span;
use crate::tree::{ArtifactId, MountSource, Service};

use super::kept::{kept, title};

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
        let span = service.image.as_ref().map_or(service.span, |i| i.span);
        let message = format!("{} keeps its {} in `{}`, which is on no volume", title(service), lost.what, lost.path);
        let mut diagnostic = Diagnostic::new(&RULE, span, message);
        if let Some(given) = lost.span {
            diagnostic = diagnostic.label(given, "the path is given here");
        }
        if let Some(old) = lost.old {
            diagnostic = diagnostic.label(old, "read by the storage of 1.x alone");
        }
        diagnostic = match volume(service) {
            Some(own) => diagnostic.label(own, "its volume is mounted elsewhere"),
            None => diagnostic.label(*other, "other data is kept"),
        };
        findings.push(
            diagnostic
                .help(format!("mount a named volume at `{}`", lost.path))
                .note("what is there is gone when the container is removed, as `docker compose down` does"),
        );
    }
}
