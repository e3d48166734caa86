//! What the newest version refuses, under the image that would bring it.
//!
//! Where nothing names a version, findings that rest on the newest one are consequences of that: the image is the headline,
//! and shows them as its other ends.

use std::collections::HashMap;

use crate::catalogue;
use crate::diagnostic::{Diagnostic, Severity};
use crate::source::Span;
use crate::tree::{Service, ServiceId, Tree};

/// The rule whose findings are headlines.
const RULE: &str = "compose-floating-tag";

/// Consequences that a headline shows.
const SHOWN: usize = 6;

/// Consequences that are looked at: thousands are no more telling.
const SEEN: usize = 1_000;

/// Adds to each floating image what its newest version would refuse.
pub(super) fn gather(tree: &Tree, found: &mut [Diagnostic]) {
    let guessed: Vec<usize> = (0..found.len()).filter(|at| found[*at].guessed).take(SEEN).collect();
    if guessed.is_empty() {
        return;
    }
    let sources = super::by_source(tree);
    let mut of_image: HashMap<Span, Vec<usize>> = HashMap::new();
    for at in guessed {
        let span = found[at].primary.span;
        let Some(id) = sources.get(&span.source).copied() else { continue };
        let artifact = tree.artifact(id);
        let mounted = artifact.uses.iter().map(|u| tree.service(u.service));
        let readers = mounted.filter(|s| s.engine == Some(artifact.kind.engine));
        // A flag stands in the deployment file itself.
        let declared = tree.declared_by(id).map(|(_, s)| s).filter(|s| holds(s, span));
        for image in readers.chain(declared).filter_map(|s| s.image.as_ref()).take(SHOWN) {
            let places = of_image.entry(image.span).or_default();
            if places.last() != Some(&at) {
                places.push(at);
            }
        }
    }
    let headlines: Vec<usize> = (0..found.len()).filter(|at| found[*at].rule.id == RULE).collect();
    let services = services(tree);
    for headline in headlines {
        let span = found[headline].primary.span;
        let Some(places) = of_image.get(&span) else { continue };
        let Some(facts) = services.get(&span).and_then(|id| tree.service(*id).engine).and_then(catalogue::engine)
        else {
            continue;
        };
        let refused = places.iter().filter(|at| is_refused(&found[**at])).count();
        if refused == 0 {
            continue;
        }
        let things = if refused == 1 { "one setting".to_owned() } else { format!("{refused} settings") };
        let note =
            format!("{} {}, the newest that is known, refuses {things} of this stack", facts.title, facts.newest());
        let labels: Vec<_> = places
            .iter()
            .map(|at| &found[*at])
            .filter(|d| is_refused(d))
            .take(SHOWN)
            .map(|d| (d.primary.span, d.message.clone()))
            .collect();
        let found = &mut found[headline];
        // The example would be the one that refuses it.
        found.help = Some("pin the version that this configuration is written for".to_owned());
        found.notes.clear();
        found.notes.push(note);
        for (span, text) in labels {
            found.labels.push(crate::diagnostic::Label { span, text });
        }
    }
}

/// Whether the engine would not start with it.
fn is_refused(found: &Diagnostic) -> bool {
    found.rule.severity == Severity::Error && found.severity != Severity::Info
}

/// Whether a place is in the command of a service.
fn holds(service: &Service, span: Span) -> bool {
    let words = service.command.iter().chain(&service.entrypoint).flatten();
    words.map(|w| w.span).any(|w| w.source == span.source && w.start <= span.start && span.end <= w.end)
}

/// The first service of each image as it is written.
fn services(tree: &Tree) -> HashMap<Span, ServiceId> {
    let mut found = HashMap::new();
    for (id, service) in tree.services().filter(|(_, s)| s.engine.is_some()) {
        if let Some(image) = &service.image {
            found.entry(image.span).or_insert(id);
        }
    }
    found
}
