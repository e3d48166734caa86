//! What an engine's own validation would refuse, told with the weight that the facts allow.

use std::collections::HashSet;

use super::sides;
use super::weight::weighed;
use crate::catalogue::schema::{self, At, Field, TypeKind};
use crate::catalogue::{self, Facts, Version};
use crate::diagnostic::{Diagnostic, Fix, Label, Rule, Severity};
use crate::engine::Findings;
use crate::source::{Edit, Span};
use crate::tree::VersionFrom;

/// Faults that are told of one instance.
const FAULTS: u32 = 1_000;

/// In which versions an engine refuses something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// In every version that was read.
    Always,
    /// In some only.
    Sometimes,
}

/// Takes the faults of one instance.
#[derive(Debug)]
pub struct Judge<'f> {
    /// The version that reads the files.
    pub version: Version,
    facts: &'static Facts,
    at: At,
    sure: bool,
    from: &'f (Version, VersionFrom),
    findings: &'f mut Findings,
    told: HashSet<Span>,
    count: u32,
}

impl<'f> Judge<'f> {
    /// For an engine with a catalogue, after `first` findings, which are those of other instances: where one of the later
    /// ones stands nothing more is told.
    pub fn new(
        engine: &str,
        version: &'f (Version, VersionFrom),
        findings: &'f mut Findings,
        first: usize,
    ) -> Option<Self> {
        let facts = catalogue::engine(engine)?;
        let (at, _, sure) = sides(schema::schema(engine)?, version.0);
        let told = findings.all.get(first..).unwrap_or_default().iter().map(|d| d.primary.span).collect();
        Some(Self { version: version.0, facts, at, sure, from: version, findings, told, count: 0 })
    }

    /// One of the same version that tells nobody.
    pub fn quiet<'q>(&'q self, nobody: &'q mut Findings) -> Judge<'q> {
        Judge { findings: nobody, told: HashSet::new(), count: 0, ..*self }
    }

    /// Whether the version is this minor line or a later one.
    pub fn since(&self, major: u16, minor: u16) -> bool {
        self.version >= Version::new(major, minor, 0)
    }

    /// Whether the version is that release or a later one.
    pub fn since_patch(&self, major: u16, minor: u16, patch: u16) -> bool {
        self.version >= Version::new(major, minor, patch)
    }

    /// What people call the engine.
    pub fn title(&self) -> &'static str {
        self.facts.title
    }

    /// What a flag has when nobody gives it, as the catalogue writes it.
    pub fn default(&self, flag: &str) -> Option<&'static str> {
        self.at.flags()?.field(flag)?.default()
    }

    /// A field of the config by its keys.
    pub fn field(&self, path: &[&str]) -> Option<Field> {
        let mut body = self.at.root("config")?.body()?;
        let (last, sections) = path.split_last()?;
        for section in sections {
            let TypeKind::Object(inner) = body.field(section)?.ty().kind() else { return None };
            body = inner;
        }
        body.field(last)
    }

    /// Tells of a fault with the severity of its rule; nothing where another was told of that place. It is lighter where the
    /// version was not read.
    pub fn tell(&mut self, rule: &'static Rule, span: Span, when: When, message: impl Into<String>) -> Told<'_> {
        let sure = self.sure;
        self.fact(rule, span, when, message).sure(sure)
    }

    /// Tells of a fault that rests on no version.
    pub fn fact(&mut self, rule: &'static Rule, span: Span, when: When, message: impl Into<String>) -> Told<'_> {
        if self.count >= FAULTS || !self.told.insert(span) {
            return Told(None);
        }
        self.count += 1;
        let found = Diagnostic::new(rule, span, message);
        self.findings.push(weighed(found, self.facts.title, self.from, when == When::Sometimes));
        Told(self.findings.all.last_mut())
    }
}

/// What was just told, to be said more of.
#[derive(Debug)]
pub struct Told<'f>(Option<&'f mut Diagnostic>);

impl Told<'_> {
    /// Says what to do.
    pub fn help(mut self, text: impl Into<String>) -> Self {
        if let Some(found) = &mut self.0 {
            found.help = Some(text.into());
        }
        self
    }

    /// Says more.
    pub fn note(mut self, text: impl Into<String>) -> Self {
        if let Some(found) = &mut self.0 {
            found.notes.push(text.into());
        }
        self
    }

    /// Adds a second place.
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        if let Some(found) = &mut self.0 {
            found.labels.push(Label { span, text: text.into() });
        }
        self
    }

    /// Offers edits that mend it and change nothing else; `None` = none are known.
    pub fn mend(mut self, title: impl Into<String>, edits: Option<Vec<Edit>>) -> Self {
        if let (Some(found), Some(edits)) = (&mut self.0, edits) {
            found.fix = Some(Fix { title: title.into(), safe: true, edits });
        }
        self
    }

    /// Makes an error a warning unless what it rests on is known.
    pub fn sure(mut self, known: bool) -> Self {
        if let Some(found) = &mut self.0
            && found.severity == Severity::Error
            && !known
        {
            found.severity = Severity::Warning;
        }
        self
    }
}
