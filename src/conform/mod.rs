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

use std::sync::Arc;

use envsubst::Replaced;
use filled::Filled;
use replaced::{Syntax, Variables};

use crate::catalogue::schema::{self, At, Body, Schema};
use crate::catalogue::{self, Facts, Version};
use crate::diagnostic::{Diagnostic, Fix, Rule};
use crate::engine::{Crossing, Findings, Instance, Passage, Step};
use crate::near::Near;
use crate::parse::{self, Dialect, Document, Node};
use crate::source::{SourceId, Span};
use crate::tree::{Artifact, Format, Kind, Service, VersionFrom};

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
        let (Some(facts), Some(version)) = (catalogue::engine(self.engine), &instance.version) else { return };
        let Some(conform) = Conform::new(facts, &self.rules, version) else { return };
        for (_, file) in &instance.files {
            let reader = self.readers.iter().find(|r| *r.kind == *file.kind);
            let (Some(reader), Some(document)) = (reader, file.data()) else { continue };
            if !conform.replaced(document, file, reader, instance, findings) && file.syntax.is_empty() {
                conform.file(document, reader, instance, findings);
            }
        }
        if let (Some((dialect, rule)), Some((_, service))) = (self.flags, instance.service) {
            conform.command(service, dialect, rule, findings);
        }
    }

    /// Looks at the files of one instance, and then at what the fields of each config mean together.
    pub fn check_with(&self, instance: &Instance<'_>, findings: &mut Findings, validate: Validate) {
        let first = findings.all.len();
        self.check(instance, findings);
        if let Some(variables) = self.variables {
            for at in self.at(instance, "config", |root| root.is_map()) {
                at.judge(self, instance, findings, first, at.reader.expand, variables);
            }
        }
        self.look(instance, findings, first, "config", validate);
    }

    /// Looks at what the fields of each file mean together of those that have that root in the catalogue. Where one of the
    /// findings after `first` stands nothing more is told.
    pub fn look(&self, instance: &Instance<'_>, findings: &mut Findings, first: usize, root: &str, validate: Validate) {
        self.look_where(instance, findings, first, root, |root| root.is_map(), validate);
    }

    /// The same at each config in which nothing stands, not even a map.
    pub fn look_at_nothing(&self, instance: &Instance<'_>, findings: &mut Findings, first: usize, validate: Validate) {
        self.look_where(instance, findings, first, "config", |root| root.is_null(), validate);
    }

    fn look_where(
        &self,
        instance: &Instance<'_>,
        findings: &mut Findings,
        first: usize,
        root: &str,
        is: fn(Node<'_>) -> bool,
        validate: Validate,
    ) {
        for at in self.at(instance, root, is) {
            let text = at.root.document().source_text();
            let whole = at.reader.expand.variables(instance).filter(|_| !at.file.inline).and_then(|v| v.whole(text));
            let expanded = match whole {
                Some(envsubst::Outcome::Text(expanded)) if expanded.text != text && !expanded.has_nothing() => expanded,
                _ => {
                    at.judge(self, instance, findings, first, at.reader.expand, validate);
                    continue;
                }
            };
            let Format::Yaml(dialect) = at.file.kind.format else { continue };
            let (read, faults) = parse::yaml(at.file.source, &Arc::from(expanded.text.as_str()), dialect);
            // What cannot be read is told already.
            let Some(root) = read.root().filter(|r| faults.is_empty() && is_plain(&read) && is(*r)) else { continue };
            let told = findings.all.len();
            Looked { root, ..at }.judge(self, instance, findings, told, Expand::Never, validate);
            let mut new = findings.all.split_off(told);
            new.iter_mut().for_each(|found| put_back(found, &expanded, at.file.source));
            let known = &findings.all[first..];
            new.retain(|found| known.iter().all(|k| k.primary.span != found.primary.span));
            findings.all.append(&mut new);
        }
    }

    /// The files with that root in the catalogue that can be looked at.
    fn at<'i>(&'i self, instance: &Instance<'i>, root: &str, is: fn(Node<'_>) -> bool) -> Vec<Looked<'i, 'i>> {
        let sound = instance.files.iter().filter(|(_, f)| f.syntax.is_empty());
        let at = sound.filter_map(|(_, file)| {
            let reader = self.readers.iter().find(|r| r.root == root && *r.kind == *file.kind)?;
            let root = file.data().filter(|d| is_plain(d))?.root().filter(|r| is(*r))?;
            Some(Looked { file, reader, root })
        });
        at.collect()
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

/// A file whose fields are looked at.
struct Looked<'f, 'd> {
    file: &'f Artifact,
    reader: &'f Reader,
    root: Node<'d>,
}

impl<'f> Looked<'f, '_> {
    fn judge(
        &self,
        plug: &Plug,
        instance: &Instance<'_>,
        findings: &mut Findings,
        first: usize,
        expand: Expand,
        validate: Validate,
    ) {
        let Some(version) = &instance.version else { return };
        let dialect = plug.flags.map_or(flags::Dialect::Go, |(dialect, _)| dialect);
        let zeroes = self.reader.dialect == Dialect::V2;
        let settings = Settings::new(plug.engine, self.root, instance, dialect, expand).zeroing(zeroes);
        if let Some(mut judge) = Judge::new(plug.engine, version, findings, first) {
            validate(&mut judge, &settings, instance);
        }
    }
}

/// Puts what was found in a text with its variables replaced at the places of the file as it is written.
fn put_back(found: &mut Diagnostic, expanded: &Replaced, source: SourceId) {
    if !expanded.is_kept(found.primary.span) {
        found.notes.push("variables are replaced before the file is read".to_owned());
    }
    let kept = |fix: &Fix| fix.edits.iter().all(|edit| expanded.is_kept(edit.span));
    found.fix = found.fix.take().filter(kept);
    let edits = found.fix.iter_mut().flat_map(|fix| &mut fix.edits).map(|edit| &mut edit.span);
    let labels = found.labels.iter_mut().map(|label| &mut label.span);
    for span in labels.chain(edits).chain([&mut found.primary.span]).filter(|s| s.source == source) {
        *span = expanded.place(*span);
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
    fn file(&self, document: &Document, reader: &Reader, instance: &Instance<'_>, findings: &mut Findings) {
        let (filled, variables) = (reader.expand.of(instance), reader.expand.variables(instance));
        self.walk(document, reader, filled, variables, findings);
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

    /// Tells what does not fit in the text that is read in the place of a file, where the process replaces variables in it
    /// and what stands for them is known. Returns whether nothing more is to be said of the file as it is written.
    fn replaced(
        &self,
        document: &Document,
        file: &Artifact,
        reader: &Reader,
        instance: &Instance<'_>,
        findings: &mut Findings,
    ) -> bool {
        let text = document.source_text();
        // What is wrong elsewhere is wrong in both.
        let sound = file.syntax.iter().all(|e| replaced::may_hide(text, e.span));
        let Some(variables) = reader.expand.variables(instance).filter(|_| sound && !file.inline) else { return false };
        let expanded = match variables.whole(text) {
            Some(envsubst::Outcome::Text(expanded)) if expanded.text != text => expanded,
            Some(envsubst::Outcome::Broken(place, why)) => {
                findings.push(self.no_variable(text, Span::new(file.source, place), why));
                return true;
            }
            _ => return false,
        };
        let Format::Yaml(dialect) = file.kind.format else { return false };
        let (read, faults) = parse::yaml(file.source, &Arc::from(expanded.text.as_str()), dialect);
        if let Some(fault) = faults.into_iter().find(|fault| read.is_first(fault.span)) {
            findings.push(self.unreadable(expanded.place(fault.span), &fault.message));
            return true;
        }
        let first = findings.all.len();
        self.walk(&read, reader, Filled::Never, None, findings);
        findings.all[first..].iter_mut().for_each(|found| put_back(found, &expanded, file.source));
        true
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
