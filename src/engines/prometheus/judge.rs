//! What a fault of a Prometheus file weighs at the version that reads it, and what is said with it.

use std::collections::HashSet;

use crate::catalogue::Version;
use crate::conform;
use crate::diagnostic::{Diagnostic, Rule, Severity};
use crate::engine::Findings;
use crate::source::Span;
use crate::tree::VersionFrom;

/// Faults that are told of one file.
const FAULTS: u32 = 1_000;

/// The first release whose source was read.
const OLDEST: Version = Version::new(2, 40, 0);

/// The first minor line whose source was not read.
const BEYOND: Version = Version::new(3, 15, 0);

/// Since when, or until when, the engine refuses something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    /// In every version that was read.
    Always,
    /// In some only.
    Sometimes,
}

/// Takes the faults of one file.
#[derive(Debug)]
pub(super) struct Judge<'f> {
    pub(super) version: Version,
    from: &'f (Version, VersionFrom),
    findings: &'f mut Findings,
    /// What was told before: one fault a place.
    told: HashSet<Span>,
    count: u32,
}

impl<'f> Judge<'f> {
    /// After `first` findings, which are those of other files.
    pub(super) fn new(version: &'f (Version, VersionFrom), findings: &'f mut Findings, first: usize) -> Self {
        let told = findings.all[first..].iter().map(|d| d.primary.span).collect();
        Self { version: version.0, from: version, findings, told, count: 0 }
    }

    /// One of the same version that tells nobody.
    pub(super) fn quiet<'q>(&'q self, nobody: &'q mut Findings) -> Judge<'q> {
        Judge { version: self.version, from: self.from, findings: nobody, told: HashSet::new(), count: 0 }
    }

    /// Whether the version is this minor line or a later one.
    pub(super) fn since(&self, major: u16, minor: u16) -> bool {
        self.version >= Version::new(major, minor, 0)
    }

    /// Whether names are UTF-8 unless the config says otherwise (cmd/prometheus/main.go@v3.0.0).
    pub(super) fn utf8(&self) -> bool {
        self.since(3, 0)
    }

    /// Tells of a fault that keeps the engine from starting; nothing where another was told of that place.
    pub(super) fn refuse(
        &mut self,
        rule: &'static Rule,
        span: Span,
        when: When,
        message: impl Into<String>,
    ) -> Told<'_> {
        self.tell(rule, span, when, message)
    }

    /// Tells of a fault with the severity of its rule.
    pub(super) fn tell(&mut self, rule: &'static Rule, span: Span, when: When, message: impl Into<String>) -> Told<'_> {
        if self.count >= FAULTS || !self.told.insert(span) {
            return Told(None);
        }
        self.count += 1;
        let known = (OLDEST..BEYOND).contains(&self.version);
        let found = Diagnostic::new(rule, span, message);
        let found = if known { found } else { conform::lighter(found) };
        self.findings.push(conform::weighed(found, "Prometheus", self.from, when == When::Sometimes));
        Told(self.findings.all.last_mut())
    }
}

/// What was just told, to be said more of.
#[derive(Debug)]
pub(super) struct Told<'f>(Option<&'f mut Diagnostic>);

impl Told<'_> {
    /// Says what to do.
    pub(super) fn help(mut self, text: impl Into<String>) -> Self {
        if let Some(found) = &mut self.0 {
            found.help = Some(text.into());
        }
        self
    }

    /// Adds a second place.
    pub(super) fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        if let Some(found) = &mut self.0 {
            found.labels.push(crate::diagnostic::Label { span, text: text.into() });
        }
        self
    }

    /// Makes an error a warning: it rests on what cannot be known.
    pub(super) fn unsure(mut self) -> Self {
        if let Some(found) = &mut self.0
            && found.severity == Severity::Error
        {
            found.severity = Severity::Warning;
        }
        self
    }
}
