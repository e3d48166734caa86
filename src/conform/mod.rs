//! A YAML document held against what an engine's catalogue says of its kind of file, in the dialect of the reader that the
//! engine uses: names, types, words, quantities. Knows no engine; what fields mean together is for the engine's own rules.

mod fault;
mod text;
mod value;
mod walk;


use crate::catalogue::schema::{self, At, Body, Schema};
use crate::catalogue::{Facts, Version};
use crate::diagnostic::Rule;
use crate::engine::{Findings, Instance};
use crate::near::Near;
use crate::parse::{Dialect, Document};
use crate::tree::VersionFrom;

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
    /// `${X}` is replaced, in some process that may run it: such a value is not known.
    Maybe,
}

impl Expand {
    /// For an engine that replaces variables when a flag asks for it; `name` is given without dashes. A process that is
    /// not known may have the flag.
    pub fn by_flag(instance: &Instance<'_>, name: &str) -> Self {
        let Some((_, service)) = instance.service else { return Self::Maybe };
        if service.build || service.args().is_none_or(|args| args.iter().any(|a| a.open)) {
            return Self::Maybe;
        }
        match service.flag(name) {
            Some((_, value)) if value == "false" => Self::Never,
            Some(_) => Self::Maybe,
            None => Self::Never,
        }
    }
}

/// How an engine reads a kind of file.
#[derive(Debug, Clone, Copy)]
pub struct Reader {
    /// Root of the catalogue: `config`.
    pub root: &'static str,
    /// Its YAML reader.
    pub dialect: Dialect,
    /// Whether it refuses keys that it does not know.
    pub strict: bool,
    /// What is done to the text before.
    pub expand: Expand,
}

/// What is known of an engine at the version that reads a file.
#[derive(Debug)]
pub struct Conform<'e> {
    /// The engine's facts.
    facts: &'static Facts,
    rules: &'static Rules,
    version: Version,
    from: &'e VersionFrom,
    /// The catalogue at that version, or at the newest release read before it.
    low: At,
    /// The catalogue at the next release read, where that version itself was not.
    high: At,
    /// Whether releases were read on both sides: what both say is certain.
    sure: bool,
    near: Near,
}

impl<'e> Conform<'e> {
    /// For an engine that has a catalogue.
    pub fn new(
        facts: &'static Facts,
        rules: &'static Rules,
        version: &'e (Version, VersionFrom),
    ) -> Option<Self> {
        let schema = schema::schema(facts.engine)?;
        let (low, high, sure) = sides(schema, version.0);
        Some(Self { facts, rules, version: version.0, from: &version.1, low, high, sure, near: Near::default() })
    }

    /// Tells what does not fit the catalogue in the first document of a file: readers look at no other.
    pub fn file(&self, document: &Document, reader: Reader, findings: &mut Findings) {
        let body = |at: At| at.root(reader.root).and_then(|r| r.body());
        let (Some(root), Some(low)) = (document.root(), body(self.low)) else { return };
        walk::Walk { conform: self, reader, findings, told: 0 }.run(document, root, low, body(self.high));
    }

    /// Whether nobody named the version.
    fn assumed(&self) -> bool {
        matches!(self.from, VersionFrom::Newest)
    }

    /// The same body on the other side.
    fn beyond(&self, body: Body) -> Option<Body> {
        self.high.body(body.name())
    }
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
