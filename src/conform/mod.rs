//! A YAML document held against what an engine's catalogue says of its kind of file, in the dialect of the reader that the
//! engine uses: names, types, words, quantities. Knows no engine; what fields mean together is for the engine's own rules.

pub mod bounds;
pub mod client;
mod edit;
mod envsubst;
mod fault;
mod filled;
mod flag_value;
pub mod flags;
mod history;
mod judge;
mod osexpand;
mod passage;
pub mod read;
mod reading;
pub mod replaced;
pub mod rulegroups;
mod secret;
mod settings;
mod text;
mod times;
mod upgrade;
mod value;
pub mod variables;
mod verify;
mod walk;
mod weight;
pub mod words;

pub use edit::put;
pub use history::at_home;
pub use judge::{Judge, Told, When};
pub use passage::command;
pub use secret::is_placeholder;
pub use settings::{Setting, Settings};
pub use weight::{assumption, lighter, weighed};

use std::collections::HashSet;

use filled::Filled;
use reading::{File, Reading};
use replaced::{Syntax, Variables};

use crate::catalogue::schema::{self, At, Body, Schema};
use crate::catalogue::{self, Facts, Version};
use crate::diagnostic::Rule;
use crate::engine::{Crossing, Findings, Instance, Passage, Step};
use crate::near::Near;
use crate::parse::{Dialect, Document, Node};
use crate::source::Span;
use crate::tree::{Artifact, Kind, Service, VersionFrom};

/// The rules under which an engine tells what is found.
#[derive(Debug)]
pub struct Rules {
    /// A key that this version does not know.
    pub unknown: &'static Rule,
    /// A key that an earlier version knew.
    pub removed: &'static Rule,
    /// A value that the field cannot hold.
    pub invalid: &'static Rule,
}

/// What is done to the text before it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expand {
    /// Nothing: `${X}` is text.
    Never,
    /// `${X}` is replaced when this flag, given without dashes, is set.
    Flag(&'static str),
    /// As `Flag`, and `$X` as well: Go's `os.Expand`.
    Dollar(&'static str),
}

impl Expand {
    /// What the process puts in place of variables; `None` = it replaces none, or is not known.
    fn variables<'a>(self, instance: &Instance<'a>) -> Option<Variables<'a>> {
        let syntax = match self {
            Self::Never => return None,
            Self::Flag(_) => Syntax::Envsubst,
            Self::Dollar(_) => Syntax::Expand,
        };
        instance.service.map(|(_, service)| Variables { service: Some(service), syntax })
    }

    /// What may be replaced in what an instance reads. A process that is not known may have the flag.
    fn of(self, instance: &Instance<'_>) -> Filled {
        // Who asks for a version says that the engine reads the file as it is.
        let asked = instance.version.as_ref().is_some_and(|(_, from)| *from == VersionFrom::Option);
        if instance.service.is_none() && !asked {
            return Filled::Perhaps;
        }
        let (Self::Flag(name) | Self::Dollar(name)) = self else { return Filled::Never };
        let mark = if matches!(self, Self::Dollar(_)) { "$" } else { "${" };
        let Some((_, service)) = instance.service else { return Filled::Variables(mark) };
        let unknown = service.build || service.args().is_none_or(|args| args.iter().any(|a| a.open));
        if unknown || service.flag(name).is_some_and(|(_, value)| value != "false") {
            Filled::Variables(mark)
        } else {
            Filled::Told
        }
    }
}

/// How an engine reads a kind of file.
#[derive(Debug)]
pub struct Reader {
    /// The kind.
    pub kind: Kind,
    /// Root of the catalogue: `config`.
    pub root: &'static str,
    /// Its YAML reader.
    pub dialect: Dialect,
    /// What is done to the text before.
    pub expand: Expand,
    /// The first release that takes no bare `0` for a duration where its dialect takes none: forks of yaml.v3 do
    /// (colega/go-yaml-yaml decode.go@255a8d16d094, grafana/go-yaml decode.go@e3c24e8f4c87). `None` = all take it.
    pub zero_until: Option<Version>,
}

/// What an engine says of one config.
pub type Validate = fn(&mut Judge<'_>, &Settings<'_>, &Instance<'_>);

/// What an engine has to say to hold its files to its catalogue.
#[derive(Debug)]
pub struct Plug {
    /// The engine.
    pub engine: &'static str,
    /// Its rules.
    pub rules: Rules,
    /// Its kinds of files.
    pub readers: &'static [Reader],
    /// Tells of variables in its config as they are written: what is looked at otherwise is what the process reads in their place.
    pub variables: Option<Validate>,
    /// How it reads its command line, and the rule that tells of it; `None` = it is looked at elsewhere.
    pub flags: Option<(flags::Dialect, &'static Rule)>,
}

impl Plug {
    /// Looks at the files of one instance.
    pub fn check(&self, instance: &Instance<'_>, findings: &mut Findings) {
        self.check_files(&self.files(instance, |_| true), instance, findings);
    }

    /// Looks at the files of one instance, and then at what the fields of each config mean together.
    pub fn check_with(&self, instance: &Instance<'_>, findings: &mut Findings, validate: Validate) {
        let (first, files) = (findings.all.len(), self.files(instance, |_| true));
        self.check_files(&files, instance, findings);
        let configs: Vec<_> = files.iter().filter(|f| f.reader.root == "config").collect();
        if let Some(variables) = self.variables {
            let written = configs.iter().filter(|file| file.artifact.syntax.is_empty());
            for at in written.filter_map(|file| Place::written(file)).filter(|at| at.root.is_map()) {
                self.judge(at, instance, findings, first, variables);
            }
        }
        configs.into_iter().for_each(|file| self.look_at(file, instance, findings, first, |r| r.is_map(), validate));
    }

    /// Looks at what the fields of each file mean together of those that have that root in the catalogue. Where one of the
    /// findings after `first` stands nothing more is told.
    pub fn look(&self, instance: &Instance<'_>, findings: &mut Findings, first: usize, root: &str, validate: Validate) {
        for file in self.files(instance, |reader| reader.root == root) {
            self.look_at(&file, instance, findings, first, |root| root.is_map(), validate);
        }
    }

    /// The same at each config in which nothing stands, not even a map.
    pub fn look_at_nothing(&self, instance: &Instance<'_>, findings: &mut Findings, first: usize, validate: Validate) {
        for file in self.files(instance, |reader| reader.root == "config") {
            self.look_at(&file, instance, findings, first, |root| root.is_null(), validate);
        }
    }

    /// The same at each config of a process that has no document at all, which is told of where it begins.
    pub fn look_at_blank(
        &self,
        instance: &Instance<'_>,
        findings: &mut Findings,
        first: usize,
        tell: fn(&mut Judge<'_>, &Service, &str, Span),
    ) {
        let (Some(version), Some((_, service))) = (&instance.version, instance.service) else { return };
        for file in self.files(instance, |reader| reader.root == "config") {
            if file.document.root().is_none()
                && file.artifact.syntax.is_empty()
                && let Some(mut judge) = Judge::new(self.engine, version, findings, first)
            {
                tell(&mut judge, service, file.document.source_text(), Span::new(file.artifact.source, 0..0));
            }
        }
    }

    fn files<'i>(&'i self, instance: &Instance<'i>, wanted: impl Fn(&Reader) -> bool) -> Vec<File<'i>> {
        let of = |artifact: &'i Artifact| self.readers.iter().find(|r| *r.kind == *artifact.kind).filter(|r| wanted(r));
        instance.files.iter().filter_map(|(_, file)| File::new(file, of(file)?, instance)).collect()
    }

    fn check_files(&self, files: &[File<'_>], instance: &Instance<'_>, findings: &mut Findings) {
        let (Some(facts), Some(version)) = (catalogue::engine(self.engine), &instance.version) else { return };
        let Some(conform) = Conform::new(facts, &self.rules, version) else { return };
        for file in files {
            conform.file(file, instance, findings);
        }
        if let (Some((dialect, rule)), Some((_, service))) = (self.flags, instance.service) {
            conform.command(service, dialect, rule, findings);
        }
    }

    /// Looks at the fields of the text that is read in the place of a file, or of the file as it is written where that may be
    /// another text for somebody else: a variable that is not set here.
    fn look_at(
        &self,
        file: &File<'_>,
        instance: &Instance<'_>,
        findings: &mut Findings,
        first: usize,
        is: fn(Node<'_>) -> bool,
        validate: Validate,
    ) {
        if !file.artifact.syntax.is_empty() {
            return;
        }
        let read = match &file.reading {
            Reading::Replaced(read) if !read.has_nothing() => read,
            Reading::Unreadable(..) => return,
            _ => {
                if let Some(at) = Place::written(file).filter(|at| is(at.root)) {
                    self.judge(at, instance, findings, first, validate);
                }
                return;
            }
        };
        let Some(root) = whole(&read.document).filter(|root| is(*root)) else { return };
        let told = findings.all.len();
        let at = Place { root, reader: file.reader, expand: Expand::Never };
        self.judge(at, instance, findings, told, validate);
        let mut new = findings.all.split_off(told);
        new.iter_mut().for_each(|found| read.put_back(found));
        let known: HashSet<Span> = findings.all[first..].iter().map(|k| k.primary.span).collect();
        findings.all.extend(new.into_iter().filter(|found| !known.contains(&found.primary.span)));
    }

    fn judge(&self, at: Place<'_>, instance: &Instance<'_>, findings: &mut Findings, first: usize, validate: Validate) {
        let Some(version) = &instance.version else { return };
        let dialect = self.flags.map_or(flags::Dialect::Go, |(dialect, _)| dialect);
        let zeroes = at.reader.dialect == Dialect::V2;
        let settings = Settings::new(self.engine, at.root, instance, dialect, at.expand).zeroing(zeroes);
        if let Some(mut judge) = Judge::new(self.engine, version, findings, first) {
            validate(&mut judge, &settings, instance);
        }
    }

    /// What one of its files needs to be read by another version.
    pub fn steps(&self, passage: &Passage<'_>) -> Vec<Step> {
        let reader = self.readers.iter().find(|r| *r.kind == *passage.artifact.kind);
        reader.map_or(Vec::new(), |reader| upgrade::steps(self.engine, reader, passage))
    }

    /// What its command lines need to be read by another version.
    pub fn wider(&self, crossing: &Crossing<'_>) -> Vec<Step> {
        self.flags.map_or(Vec::new(), |(dialect, _)| command(self.engine, dialect, crossing))
    }
}

/// Fields that are looked at.
struct Place<'d> {
    root: Node<'d>,
    reader: &'d Reader,
    /// What may be replaced in them still.
    expand: Expand,
}

impl<'d> Place<'d> {
    /// Those of a file as it is written.
    fn written(file: &File<'d>) -> Option<Self> {
        Some(Self { root: whole(file.document)?, reader: file.reader, expand: file.reader.expand })
    }
}

/// What is known of an engine at the version that reads a file.
#[derive(Debug)]
struct Conform<'e> {
    /// The engine's facts.
    facts: &'static Facts,
    rules: &'e Rules,
    version: &'e (Version, VersionFrom),
    /// The catalogue at that version, or at the newest release read before it.
    low: At,
    /// The catalogue at the next release read, where that version itself was not.
    high: At,
    /// Whether releases were read on both sides: what both say is certain.
    sure: bool,
    /// Whether the facts are those of a commit on the way to a release: what it lacks, the release may have.
    draft: bool,
    near: Near,
}

impl<'e> Conform<'e> {
    /// For an engine that has a catalogue which reaches back to that version.
    fn new(facts: &'static Facts, rules: &'e Rules, version: &'e (Version, VersionFrom)) -> Option<Self> {
        let schema = schema::schema(facts.engine).filter(|s| s.reaches(version.0))?;
        let (low, high, sure) = sides(schema, version.0);
        Some(Self { facts, rules, version, low, high, sure, draft: low.is_draft(), near: Near::default() })
    }

    /// Tells what does not fit the catalogue in the first document of a file: readers look at no other.
    fn file(&self, file: &File<'_>, instance: &Instance<'_>, findings: &mut Findings) {
        let reader = file.reader;
        match &file.reading {
            Reading::NoVariable(span, why) => {
                let text = file.document.source_text();
                findings.push(self.no_variable(text, *span, why));
            }
            Reading::Unreadable(span, message) => findings.push(self.unreadable(*span, message)),
            Reading::Replaced(read) => {
                let first = findings.all.len();
                self.walk(&read.document, reader, Filled::Never, None, findings);
                findings.all[first..].iter_mut().for_each(|found| read.put_back(found));
            }
            Reading::Written if file.artifact.syntax.is_empty() => {
                let (filled, variables) = (reader.expand.of(instance), reader.expand.variables(instance));
                self.walk(file.document, reader, filled, variables, findings);
            }
            Reading::Written => {}
        }
    }

    fn walk(
        &self,
        document: &Document,
        reader: &Reader,
        filled: Filled,
        variables: Option<Variables<'_>>,
        findings: &mut Findings,
    ) {
        let body = |at: At| at.root(reader.root).and_then(|r| r.body());
        let (Some(root), Some(low)) = (document.root(), body(self.low)) else { return };
        walk::Walk { conform: self, reader, filled, variables, findings, told: 0 }.run(
            document,
            root,
            low,
            body(self.high),
        );
    }

    /// Tells what ends the process before it reads a file.
    fn command(&self, service: &Service, dialect: flags::Dialect, rule: &'static Rule, findings: &mut Findings) {
        let Some(line) = flags::read(service, self.facts, self.version.0, dialect) else { return };
        for fault in line.faults {
            findings.all.extend(self.flag(rule, fault));
        }
    }

    /// The same body on the other side.
    fn beyond(&self, body: Body) -> Option<Body> {
        self.high.body(body.name())
    }
}

/// Whether aliases cannot make a document much larger than it is written: Go's readers refuse those that do
/// (go-yaml/yaml decode.go `allowedAliasRatio`@v2.4.0).
fn is_plain(document: &Document) -> bool {
    const MOST: usize = 5_000_000;
    let aliases = document.nodes().filter(|n| n.is_alias()).count();
    aliases.saturating_mul(document.nodes().len()) <= MOST
}

/// What stands in a document that may be looked at.
fn whole(document: &Document) -> Option<Node<'_>> {
    document.root().filter(|_| is_plain(document))
}

/// The releases read on both sides of a version, and whether they enclose it.
fn sides(schema: Schema, version: Version) -> (At, At, bool) {
    let low = schema.at(version);
    if low.exact() {
        return (low, low, true);
    }
    match schema.versions().find(|v| *v > version) {
        Some(next) => (low, schema.at(next), low.version() < version),
        None => (low, low, false),
    }
}
