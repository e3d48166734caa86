//! The files of an instance as its process reads them: as they are written, or with variables replaced.

use std::sync::Arc;

use super::envsubst::{Outcome, Replaced};
use super::{Reader, replaced};
use crate::diagnostic::{Diagnostic, Fix};
use crate::engine::Instance;
use crate::parse::{self, Document};
use crate::source::{SourceId, Span};
use crate::tree::{Artifact, Format};

/// A file, how its engine reads it, and what its process gets to read.
pub(super) struct File<'i> {
    pub(super) artifact: &'i Artifact,
    pub(super) reader: &'i Reader,
    /// As it is written.
    pub(super) document: &'i Document,
    pub(super) reading: Reading,
}

/// What a process gets to read of a file.
pub(super) enum Reading {
    /// The file as it is written, as far as that is known.
    Written,
    /// Nothing: what stands there is no variable.
    NoVariable(Span, &'static str),
    /// Nothing: with its variables replaced it is no YAML.
    Unreadable(Span, String),
    /// A text with the variables replaced.
    Replaced(Box<Read>),
}

/// A text that is read in the place of a file.
pub(super) struct Read {
    pub(super) document: Document,
    text: Replaced,
    source: SourceId,
}

impl<'i> File<'i> {
    /// `None` = it is no data.
    pub(super) fn new(artifact: &'i Artifact, reader: &'i Reader, instance: &Instance<'i>) -> Option<Self> {
        let document = artifact.data()?;
        let reading = reading(artifact, document, reader, instance);
        Some(Self { artifact, reader, document, reading })
    }
}

fn reading(artifact: &Artifact, document: &Document, reader: &Reader, instance: &Instance<'_>) -> Reading {
    let (text, source) = (document.source_text(), artifact.source);
    // What is wrong elsewhere is wrong in both.
    let sound = || !artifact.inline && artifact.syntax.iter().all(|e| replaced::may_hide(text, e.span));
    let whole = reader.expand.variables(instance).filter(|_| sound()).and_then(|variables| variables.whole(text));
    let expanded = match whole {
        Some(Outcome::Text(expanded)) if expanded.text != text => expanded,
        Some(Outcome::Broken(place, why)) => return Reading::NoVariable(Span::new(source, place), why),
        _ => return Reading::Written,
    };
    let Format::Yaml(dialect) = artifact.kind.format else { return Reading::Written };
    let (document, faults) = parse::yaml(source, &Arc::from(expanded.text.as_str()), dialect);
    match faults.into_iter().find(|fault| document.is_first(fault.span)) {
        Some(fault) => Reading::Unreadable(expanded.place(fault.span), fault.message),
        None => Reading::Replaced(Box::new(Read { document, text: expanded, source })),
    }
}

impl Read {
    /// Whether a variable in it is nothing.
    pub(super) fn has_nothing(&self) -> bool {
        self.text.has_nothing()
    }

    /// Puts what was found in it at the places of the file as it is written.
    pub(super) fn put_back(&self, found: &mut Diagnostic) {
        let text = &self.text;
        if !text.is_kept(found.primary.span) {
            found.notes.push("variables are replaced before the file is read".to_owned());
        }
        let kept = |fix: &Fix| fix.edits.iter().all(|edit| text.is_kept(edit.span));
        found.fix = found.fix.take().filter(kept);
        let edits = found.fix.iter_mut().flat_map(|fix| &mut fix.edits).map(|edit| &mut edit.span);
        let labels = found.labels.iter_mut().map(|label| &mut label.span);
        for span in labels.chain(edits).chain([&mut found.primary.span]).filter(|s| s.source == self.source) {
            *span = text.place(*span);
        }
    }
}
