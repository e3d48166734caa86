//! How a fault is told: how sure it is, and what the version is.

use std::ops::Range;

use super::Checker;
use crate::catalogue::schema::Held;
use crate::conform::assumption;
use crate::diagnostic::{Diagnostic, Rule, Severity};
use crate::engines::alloy::program::ScopeKind;
use crate::source::Span;
use crate::tree::VersionFrom;

/// Faults of one weight that are told of one file, as many as of its syntax.
const FAULTS: u32 = 1_000;

/// What a fault rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rests {
    /// The language alone: true of every version.
    Language,
    /// The catalogue, which says the same of every version read.
    Catalogue,
    /// The catalogue, which says otherwise of other versions.
    Version,
}

impl Rests {
    /// What rests on something that holds for these releases.
    pub(super) fn on(held: Held) -> Self {
        if held.since().is_none() && held.until().is_none() { Self::Catalogue } else { Self::Version }
    }

    /// What rests on something that is not there, and was at these releases.
    pub(super) fn absent(ever: Option<Held>) -> Self {
        if ever.is_some() { Self::Version } else { Self::Catalogue }
    }
}

/// A finding on its way.
pub(super) struct Fault {
    diagnostic: Diagnostic,
    /// Whether it is kept back: other releases say otherwise, and this one was not read.
    muted: bool,
}

impl Fault {
    pub(super) fn help(mut self, text: impl Into<String>) -> Self {
        self.diagnostic = self.diagnostic.help(text);
        self
    }

    pub(super) fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.diagnostic = self.diagnostic.label(span, text);
        self
    }

    pub(super) fn note(mut self, text: impl Into<String>) -> Self {
        self.diagnostic = self.diagnostic.note(text);
        self
    }

    /// Weighs it as a warning, if it weighs more.
    pub(super) fn warning(mut self) -> Self {
        if self.diagnostic.severity == Severity::Error {
            self.diagnostic.severity = Severity::Warning;
        }
        self
    }

    /// Says "did you mean".
    pub(super) fn meant(self, near: Option<impl std::fmt::Display>) -> Self {
        match near {
            Some(near) => self.help(format!("did you mean `{near}`?")),
            None => self,
        }
    }

    /// Whether it is an error.
    pub(super) fn is_error(&self) -> bool {
        self.diagnostic.severity == Severity::Error
    }
}

fn lower(severity: Severity) -> Severity {
    match severity {
        Severity::Error => Severity::Warning,
        _ => Severity::Info,
    }
}

impl Checker<'_, '_> {
    /// The place of some bytes of the file at hand.
    pub(super) fn span(&self, range: Range<u32>) -> Span {
        self.program.files[self.here.file as usize].span(range)
    }

    /// A fault in the file at hand.
    pub(super) fn fault(
        &self,
        rule: &'static Rule,
        range: Range<u32>,
        rests: Rests,
        message: impl Into<String>,
    ) -> Fault {
        let mut found = Diagnostic::new(rule, self.span(range), message);
        // An error rests on facts of exactly that version.
        let foreign = rests != Rests::Language && !self.at.exact();
        let guessed = rests == Rests::Version && self.from.is_assumed();
        if foreign || guessed {
            found.severity = lower(found.severity);
        }
        if found.severity == Severity::Error && !self.here.live {
            found.severity = Severity::Warning;
            found.notes.push(self.asleep());
        }
        found.guessed = guessed;
        found.moot = guessed && matches!(self.from, VersionFrom::Unknown(_));
        if guessed {
            found.notes.extend(assumption("Alloy", self.version, self.from));
        } else if foreign {
            found.notes.push(format!("the facts are those of Alloy {}", self.at.version()));
        }
        Fault { diagnostic: found, muted: rests == Rests::Version && foreign }
    }

    /// Tells a fault.
    pub(super) fn tell(&mut self, fault: Fault) {
        if fault.muted {
            return;
        }
        let file = self.here.file as usize;
        if self.told.len() <= file {
            self.told.resize(file + 1, [0; 3]);
        }
        let told = &mut self.told[file][fault.diagnostic.severity as usize];
        if *told < FAULTS {
            *told += 1;
            self.found.push(fault.diagnostic);
        }
    }

    /// Why a part of a config counts for less.
    fn asleep(&self) -> String {
        let scope = self.program.scope(self.here.scope);
        match scope.kind {
            ScopeKind::Template => "Alloy reads a template when its `collection` has something".to_owned(),
            // grafana/alloy internal/runtime/internal/controller/node_config_import.go `processImportedContent`@v1.11.3.
            ScopeKind::Library => "Alloy logs it, and imports nothing of what stands behind it".to_owned(),
            _ => "nothing here calls this `declare`: Alloy reads it when something does".to_owned(),
        }
    }

    /// `in Alloy 1.11.3`.
    pub(super) fn in_version(&self) -> String {
        format!("in Alloy {}", self.version)
    }

    /// What became of a name that other releases have.
    pub(super) fn history(&self, ever: Option<Held>) -> Option<String> {
        let ever = ever?;
        match (ever.since(), ever.until()) {
            (_, Some(until)) if until <= self.version => Some(format!("was removed in Alloy {until}")),
            (Some(since), _) if since > self.version => Some(format!("came with Alloy {since}")),
            _ => None,
        }
    }

    /// The name that was meant.
    pub(super) fn nearest<'n>(&mut self, name: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
        self.suggestions = self.suggestions.checked_sub(1)?;
        self.near.nearest(name, names)
    }
}
