//! The contract between the pipeline and its plugs: what an engine, a rule and a target provide. Contains no plug.

use std::ops::Range;

use crate::catalogue::{Facts, Version};
use crate::diagnostic::{Diagnostic, Rule};
use crate::emitter::EngineEmitter;
use crate::labels::Series;
use crate::lang::promql::{self, Options, Outcome, Query};
use crate::parse::Text;
use crate::source::{Edit, Span};
use crate::symbol::{Export, Import, Owner, Passage as Hop, Reader, Signal, Stage, StageId, Symbols};
use crate::tree::{Artifact, ArtifactId, Kind, NamedFile, Service, ServiceId, Tree, VersionFrom};

/// An engine: a server (or a deployment tool) whose files vispyr knows.
#[derive(Debug)]
pub struct Engine {
    /// `tempo`.
    pub name: &'static str,
    /// The kinds it reads.
    pub kinds: &'static [Kind],
    /// The kind of a file that this engine's service has at `path` in its container; `None` = let content decide.
    pub mounted: fn(service: &Service, path: &str) -> Option<Kind>,
    /// The files that one of its files names, by their paths in the container of a service that has it, each with its kind. A
    /// path that ends in `/*/*` names the YAML in all folders of one. `None` = they name none.
    pub names: Option<Names>,
    /// Reads services out of deployment files (all files of this engine's kinds in the tree); `None` = declares none.
    pub services: Option<fn(&Tree) -> Vec<Service>>,
    /// What one running instance says to others.
    pub symbols: fn(&Instance<'_>, &mut Say<'_>),
    /// What happens to data inside of it; `None` = not known. Asked only by those who follow data.
    pub flows: Option<fn(&Instance<'_>, &mut Say<'_>)>,
    /// Rules on one file.
    pub rules: &'static [FileRule],
    /// Looks at the files of one instance together, for faults that no file has alone.
    pub check: Option<&'static InstanceCheck>,
    /// Writes the files of one of its nodes; `None` = `gen` plans none.
    pub emit: Option<EngineEmitter>,
    /// Carries its files to another version; `None` = cannot yet.
    pub upgrade: Option<&'static Upgrade>,
}

/// Tells which files a file names, for a service that has it; `None` = none is known to have it.
pub type Names = fn(file: &Artifact, service: Option<&Service>) -> Vec<NamedFile>;

impl Engine {
    /// All rules on its files.
    pub fn told(&self) -> impl Iterator<Item = &'static Rule> + use<> {
        let whole = self.check.map_or(&[][..], |c| c.rules);
        self.rules.iter().map(|r| r.rule).chain(whole.iter().copied())
    }

    /// Its facts.
    pub fn facts(&self) -> Option<&'static Facts> {
        crate::catalogue::engine(self.name)
    }
}

/// A service of an engine with the files it reads; either side may be missing.
#[derive(Debug, Clone)]
pub struct Instance<'a> {
    /// The tree.
    pub tree: &'a Tree,
    /// The service; `None` for files that nothing known mounts.
    pub service: Option<(ServiceId, &'a Service)>,
    /// Its files, with their ids.
    pub files: Vec<(ArtifactId, &'a Artifact)>,
    /// Version of the engine and where it came from; `None` = unknown.
    pub version: Option<(Version, VersionFrom)>,
}

impl<'a> Instance<'a> {
    /// The files of a kind that the service has at a path it reads; all of that kind where none is there: a mount that
    /// leads elsewhere is a fault of its own, and what it holds is still meant.
    pub fn read(&self, kind: &str, reads: impl Fn(&str) -> bool) -> Vec<(ArtifactId, &'a Artifact)> {
        let all: Vec<_> = self.files.iter().copied().filter(|(_, a)| a.kind.name == kind).collect();
        let Some((service, _)) = self.service else { return all };
        let there = |a: &Artifact| a.used_by(service).iter().any(|u| reads(&u.path));
        if all.iter().any(|(_, a)| there(a)) { all.into_iter().filter(|(_, a)| there(a)).collect() } else { all }
    }
}

/// Where an engine puts its symbols.
#[derive(Debug)]
pub struct Say<'a> {
    /// All symbols so far.
    pub symbols: &'a mut Symbols,
    /// The service that speaks.
    pub service: Option<ServiceId>,
}

impl Say<'_> {
    /// Offers something; `artifact` is the file that says so, if a file does.
    pub fn export(&mut self, artifact: Option<ArtifactId>, export: Export) {
        self.symbols.exports.push((Owner { artifact, service: self.service }, export));
    }

    /// Has a stop of data inside.
    pub fn stage(&mut self, artifact: Option<ArtifactId>, stage: Stage) -> StageId {
        self.symbols.stages.push((Owner { artifact, service: self.service }, stage));
        StageId(self.symbols.stages.len() as u32 - 1)
    }

    /// Passes data from one to another.
    pub fn passage(&mut self, from: StageId, to: StageId, signal: Option<Signal>, span: Span) {
        self.symbols.passages.push(Hop { from, to, signal, span });
    }

    /// Asks a data source.
    pub fn reader(&mut self, artifact: ArtifactId, reader: Reader) {
        self.symbols.readers.push((Owner { artifact: Some(artifact), service: self.service }, reader));
    }

    /// Tells of series on one of their ways.
    pub fn series(&mut self, artifact: Option<ArtifactId>, series: Series) {
        self.symbols.series.push((Owner { artifact, service: self.service }, series));
    }

    /// Needs something.
    pub fn import(&mut self, artifact: Option<ArtifactId>, import: Import) {
        self.symbols.imports.push((Owner { artifact, service: self.service }, import));
    }
}

/// What a file rule looks at.
#[derive(Debug, Clone, Copy)]
pub struct FileCtx<'a> {
    /// The tree it lies in: for existence of paths and sibling files.
    pub tree: &'a Tree,
    /// The file.
    pub artifact: &'a Artifact,
    /// Its id.
    pub id: ArtifactId,
}

/// A rule on one file.
#[derive(Debug)]
pub struct FileRule {
    /// As data.
    pub rule: &'static Rule,
    /// Kinds it reads, by name.
    pub kinds: &'static [&'static str],
    /// Looks.
    pub run: fn(&FileCtx<'_>, &mut Findings),
}

/// How an engine's files are carried to another version.
#[derive(Debug)]
pub struct Upgrade {
    /// What is to be done to one file, in the order of its text.
    pub steps: fn(&Passage<'_>) -> Vec<Step>,
    /// The engine's own formatter: a file that it would not change stays so. `None` = the text cannot be read.
    pub tidy: fn(&str) -> Option<String>,
    /// What is to be done elsewhere: to the command lines of its services, to what asks it. `None` = nothing is known.
    pub wider: Option<fn(&Crossing<'_>) -> Vec<Step>>,
}

/// A tree on the way of one engine to another version.
#[derive(Debug)]
pub struct Crossing<'a> {
    /// The tree.
    pub tree: &'a Tree,
    /// The engine's services, without those that are generated.
    pub services: Vec<(ServiceId, &'a Service)>,
    /// What its files ask of stores of metrics, without those that are generated.
    pub asked: &'a [(ArtifactId, Asked<'a>)],
    /// The version that shall run.
    pub to: Version,
}

/// A query of PromQL in a file.
#[derive(Debug, Clone)]
pub struct Asked<'d> {
    /// The text that it is a part of.
    pub text: Text<'d>,
    /// Its bytes in that text.
    pub part: Range<usize>,
    /// Whether Grafana puts variables into it first.
    pub template: bool,
    /// The labels of its result that are shown, each with its place.
    pub shown: Vec<(&'d str, Span)>,
}

impl<'d> Asked<'d> {
    /// All of a text.
    pub fn whole(text: Text<'d>, template: bool) -> Self {
        let part = 0..text.value().len();
        Self { text, part, template, shown: Vec::new() }
    }

    /// The query.
    pub fn query(&self) -> &'d str {
        self.text.value().get(self.part.clone()).unwrap_or_default()
    }

    /// Where bytes of the query are written.
    pub fn span(&self, range: Range<usize>) -> Span {
        self.text.span(self.part.start + range.start..self.part.start + range.end)
    }

    /// The query as a tree, where it can be read: as the newest release takes it with all features, else as the last of 2.
    pub fn parse(&self) -> Option<Query> {
        let two = Options { two: Some(55), ..Options::EXPERIMENTAL };
        [Options::EXPERIMENTAL, two].into_iter().find_map(|options| {
            if !self.template {
                return promql::parse(self.query(), options).ok();
            }
            match promql::parse_template(self.query(), options) {
                Outcome::Parsed(query) => Some(query),
                _ => None,
            }
        })
    }
}

/// A file and two versions.
#[derive(Debug, Clone, Copy)]
pub struct Passage<'a> {
    /// The file.
    pub artifact: &'a Artifact,
    /// The version that it was written for; `None` = unknown: then nothing is said of what changes without an edit.
    pub from: Option<Version>,
    /// The version that shall read it.
    pub to: Version,
}

/// What a step asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StepKind {
    /// Its edits are all.
    Edit,
    /// A person has to do it.
    Hand,
    /// Nothing: the file stays as it is and means something else.
    Note,
}

/// One thing that the way to another version changes in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What it asks for.
    pub kind: StepKind,
    /// Where.
    pub span: Span,
    /// What it is about, as a user names it: `otelcol.receiver.kafka topic`.
    pub subject: String,
    /// What happens, or what to do.
    pub text: String,
    /// They never overlap those of another step.
    pub edits: Vec<Edit>,
}

/// One look at the files of an instance, which serves many rules.
#[derive(Debug)]
pub struct InstanceCheck {
    /// The rules whose faults it tells, by id.
    pub rules: &'static [&'static Rule],
    /// Looks.
    pub run: fn(&Instance<'_>, &mut Findings),
}

/// Where rules put what they find.
#[derive(Debug, Default)]
pub struct Findings {
    /// All so far.
    pub all: Vec<Diagnostic>,
}

impl Findings {
    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.all.push(diagnostic);
    }

    /// Adds one of `rule` at `span`.
    pub fn report(&mut self, rule: &'static Rule, span: Span, message: impl Into<String>) {
        self.push(Diagnostic::new(rule, span, message));
    }
}
