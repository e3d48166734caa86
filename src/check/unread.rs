//! What is wrong with a config that its engine does not read.
//!
//! It is meant, and told of: once it is mounted where the engine looks, its faults are those of the process. Until then the
//! process starts without it, so that none of them is an error, nor a consequence of the version.

use std::collections::{HashMap, HashSet};

use crate::diagnostic::{Diagnostic, Severity, Tier};
use crate::source::{SourceId, Span};
use crate::tree::{Artifact, Service, Tree};

/// The rule that finds such mounts.
const RULE: &str = "compose-mount-unread";

/// The rule that finds dashboards which Grafana leaves out.
const LEFT_OUT: &str = "dash-schema-too-new";

/// Makes warnings of errors in files that are only mounted where nobody reads them, or that are left out.
pub(super) fn soften(tree: &Tree, found: &mut [Diagnostic]) {
    let left_out: HashSet<SourceId> =
        found.iter().filter(|d| d.rule.id == LEFT_OUT).map(|d| d.primary.span.source).collect();
    let inside = |d: &&mut Diagnostic| d.severity == Severity::Error && left_out.contains(&d.primary.span.source);
    for diagnostic in found.iter_mut().filter(inside) {
        diagnostic.severity = Severity::Warning;
        diagnostic.notes.push("Grafana leaves this file out: this counts once it reads it".to_owned());
    }
    let mounts: HashSet<Span> = found.iter().filter(|d| d.rule.id == RULE).map(|d| d.primary.span).collect();
    if mounts.is_empty() {
        return;
    }
    let used = tree.artifacts().filter(|(_, a)| !a.uses.is_empty());
    let unread: HashMap<SourceId, &str> =
        used.filter_map(|(_, a)| Some((a.source, reader(tree, a, &mounts)?))).collect();
    for diagnostic in found.iter_mut().filter(|d| matches!(d.rule.tier, Tier::A | Tier::B)) {
        let Some(service) = unread.get(&diagnostic.primary.span.source) else { continue };
        diagnostic.severity = diagnostic.severity.max(Severity::Warning);
        diagnostic.guessed = false;
        diagnostic
            .notes
            .push(format!("`{service}` does not read this file where it is mounted: this counts once it does"));
    }
}

/// The first service that mounts a file, where no mount of it is read.
fn reader<'a>(tree: &'a Tree, artifact: &Artifact, mounts: &HashSet<Span>) -> Option<&'a str> {
    // By a mount of its own: what lies in a folder may be named by another file of it.
    let unread =
        |service: &Service, at: &str| service.mounts.iter().any(|m| m.target == at && mounts.contains(&m.target_span));
    let all = artifact.uses.iter().map(|u| (tree.service(u.service), u.path.as_str()));
    // What brings the whole folder into another program is there for something else.
    let own: Vec<_> = all.clone().filter(|(s, _)| s.engine == Some(artifact.kind.engine)).collect();
    let uses = if own.is_empty() { all.collect() } else { own };
    let (first, _) = uses.first()?;
    uses.iter().all(|(service, at)| unread(service, at)).then_some(first.name.as_str())
}
