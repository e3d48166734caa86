//! What an engine accepts at a version: `schemas/<engine>.json`, compiled into a flat table that is read in place. Nothing
//! happens at start-up: a name is found by the slot that it has in the table.

use std::fmt;

use super::Version;
use super::layout::{Section, record, slot};

include!(concat!(env!("OUT_DIR"), "/schemas.rs"));

#[cfg(test)]
mod tests;

/// A table as it is compiled in.
struct Table {
    engine: &'static str,
    words: &'static [[u8; 4]],
    texts: &'static str,
    /// Whether the newest version is a commit on the way to it.
    draft: bool,
    /// Where the sections begin, and where the last one ends.
    starts: [usize; Section::COUNT + 1],
}

/// All releases of an engine.
#[derive(Clone, Copy)]
pub struct Schema(&'static Table);

/// The schema of an engine, if there is one.
pub fn schema(engine: &str) -> Option<Schema> {
    TABLES.iter().find(|table| table.engine == engine).map(Schema)
}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Schema").field("engine", &self.0.engine).finish()
    }
}

impl Schema {
    /// A word of the table; 0 past its end, which the compiler of the table never points to.
    fn raw(self, at: usize) -> usize {
        self.0.words.get(at).map_or(0, |bytes| u32::from_le_bytes(*bytes)) as usize
    }

    fn start(self, section: Section) -> usize {
        self.0.starts[section as usize]
    }

    /// Words in a section.
    fn words(self, section: Section) -> usize {
        self.0.starts[section as usize + 1] - self.start(section)
    }

    fn word(self, section: Section, at: usize) -> usize {
        self.raw(self.start(section) + at)
    }

    fn text(self, number: usize) -> &'static str {
        self.0.texts.get(self.place(number)).unwrap_or_default()
    }

    /// Where a string stands.
    fn place(self, number: usize) -> std::ops::Range<usize> {
        let start = self.start(Section::Strings) + number;
        self.raw(start)..self.raw(start + 1)
    }

    /// A string whose number is stored one higher; 0 = none.
    fn maybe(self, number: usize) -> Option<&'static str> {
        number.checked_sub(1).map(|n| self.text(n))
    }

    fn list(self, start: usize, len: usize) -> impl Iterator<Item = &'static str> + Clone {
        (start..start + len).map(move |at| self.text(self.word(Section::Lists, at)))
    }

    /// Releases that were read, ascending.
    pub fn versions(self) -> impl ExactSizeIterator<Item = Version> + Clone + DoubleEndedIterator {
        (0..self.words(Section::Versions) / 3).map(move |at| self.version(at))
    }

    fn version(self, at: usize) -> Version {
        let part = |n| self.word(Section::Versions, at * 3 + n) as u16;
        Version::new(part(0), part(1), part(2))
    }

    /// Whether a version is of a release line that was read, or of a later one. What older releases knew nobody has read.
    pub fn reaches(self, version: Version) -> bool {
        let line = |v: Version| (v.major, v.minor);
        self.versions().next().is_some_and(|first| line(version) >= line(first))
    }

    /// The schema as it was at a version: at the newest release read that is not above it, else at the oldest.
    pub fn at(self, version: Version) -> At {
        let known = self.versions().take_while(|v| *v <= version).count();
        let index = known.saturating_sub(1);
        let at = At { schema: self, index: index as u32, exact: false };
        At { exact: known > 0 && !at.is_draft() && self.version(index) == version, ..at }
    }

    /// The schema of its newest release.
    pub fn newest(self) -> At {
        let last = self.versions().len().saturating_sub(1);
        self.at(self.version(last))
    }

    /// The records of a section, `width` words each, whose first word is `name`: they stand side by side.
    fn named(self, section: Section, width: usize, from: usize, count: usize, name: &str) -> std::ops::Range<usize> {
        let (start, slots) = (self.start(Section::Slots), self.words(Section::Slots));
        let records = self.start(section);
        let called = |record: usize| self.raw(records + record * width);
        let is = |record: usize| self.0.texts.as_bytes().get(self.place(called(record))) == Some(name.as_bytes());
        let begin = slot(section, from, name.as_bytes(), slots);
        // Half of the slots are free, which ends the search.
        let entries = (0..slots).map(|step| self.raw(start + ((begin + step) & (slots - 1)))).take_while(|e| *e != 0);
        let mut here = entries.filter_map(|e| record(section, e)).filter(|r| (from..from + count).contains(r));
        let Some(first) = here.find(|r| is(*r)) else { return from..from };
        let same = (first..from + count).take_while(|r| called(*r) == called(first)).count();
        first..first + same
    }

    fn range(self, word: usize) -> Held {
        Held { schema: self, since: word & 0xffff, until: word >> 16 }
    }

    /// Every release range of what may stand at the top of a file under that name.
    pub fn root_ever(self, name: &str) -> Option<Held> {
        let count = self.words(Section::Roots) / 5;
        let all = self.named(Section::Roots, 5, 0, count, name);
        all.map(|at| self.range(self.word(Section::Roots, at * 5 + 4))).reduce(Held::hull)
    }

    /// Names of everything that some release had at the top of a file.
    pub fn roots_ever(self) -> impl Iterator<Item = &'static str> {
        (0..self.words(Section::Roots) / 5).map(move |at| self.text(self.word(Section::Roots, at * 5)))
    }

    /// The range of a function of the standard library.
    pub fn function_ever(self, name: &str) -> Option<Held> {
        let count = self.words(Section::Functions) / 5;
        let all = self.named(Section::Functions, 5, 0, count, name);
        all.map(|at| self.range(self.word(Section::Functions, at * 5 + 4))).reduce(Held::hull)
    }
}

/// The releases that have something.
#[derive(Debug, Clone, Copy)]
pub struct Held {
    schema: Schema,
    since: usize,
    until: usize,
}

impl Held {
    /// The first release that has it; `None` = the oldest one read has it already.
    pub fn since(self) -> Option<Version> {
        (self.since > 0).then(|| self.schema.version(self.since))
    }

    /// The first release that has it no more; `None` = the newest one read has it.
    pub fn until(self) -> Option<Version> {
        (self.until < self.schema.versions().len()).then(|| self.schema.version(self.until))
    }

    fn at(self, index: u32) -> bool {
        self.since <= index as usize && (index as usize) < self.until
    }

    fn hull(self, other: Self) -> Self {
        Self { schema: self.schema, since: self.since.min(other.since), until: self.until.max(other.until) }
    }
}

/// The schema at one release.
#[derive(Debug, Clone, Copy)]
pub struct At {
    schema: Schema,
    index: u32,
    exact: bool,
}

impl At {
    /// The release whose facts these are.
    pub fn version(self) -> Version {
        self.schema.version(self.index as usize)
    }

    /// Whether that is the version that was asked for: otherwise an error would rest on another version's facts.
    pub fn exact(self) -> bool {
        self.exact
    }

    /// Whether this is a commit on the way to its version: what it lacks, the release may have.
    pub fn is_draft(self) -> bool {
        self.schema.0.draft && self.index as usize + 1 == self.schema.versions().len()
    }

    /// All releases.
    pub fn schema(self) -> Schema {
        self.schema
    }

    /// What may stand at the top of a file under that name.
    pub fn root(self, name: &str) -> Option<Root> {
        let count = self.schema.words(Section::Roots) / 5;
        let mut all = self.schema.named(Section::Roots, 5, 0, count, name).map(|at| Root { at: self, record: at });
        all.find(|r| r.held().at(self.index))
    }

    /// What a kind of file holds: `config`, `rules`.
    pub fn file(self, kind: &str) -> Option<Body> {
        self.root(kind).filter(|r| r.kind() == RootKind::File)?.body()
    }

    /// The command line: every field is a flag, without its dashes.
    pub fn flags(self) -> Option<Body> {
        self.roots().find(|r| r.kind() == RootKind::Flags)?.body()
    }

    /// Everything that may stand at the top of a file, by name.
    pub fn roots(self) -> impl Iterator<Item = Root> {
        let all = (0..self.schema.words(Section::Roots) / 5).map(move |at| Root { at: self, record: at });
        all.filter(move |r| r.held().at(self.index))
    }

    /// A body by its name.
    pub fn body(self, name: &str) -> Option<Body> {
        let count = self.schema.words(Section::Bodies) / 7;
        self.schema.named(Section::Bodies, 7, 0, count, name).next().map(|record| Body { at: self, record })
    }

    /// A function or value of the standard library: `string.format`.
    pub fn function(self, name: &str) -> Option<Function> {
        let count = self.schema.words(Section::Functions) / 5;
        let all = self.schema.named(Section::Functions, 5, 0, count, name);
        all.map(|at| Function { at: self, record: at }).find(|f| f.held().at(self.index))
    }

    /// The whole standard library, by name.
    pub fn functions(self) -> impl Iterator<Item = Function> {
        let all = (0..self.schema.words(Section::Functions) / 5).map(move |at| Function { at: self, record: at });
        all.filter(move |f| f.held().at(self.index))
    }

    /// How values convert to and from a capsule; `None` = not recorded.
    pub fn capsule(self, name: &str) -> Option<Capsule> {
        let count = self.schema.words(Section::Capsules) / 4;
        let word = |record: usize, n| self.schema.word(Section::Capsules, record * 4 + n);
        let mut all = self.schema.named(Section::Capsules, 4, 0, count, name);
        let record = all.find(|r| self.schema.range(word(*r, 3)).at(self.index))?;
        let flags = word(record, 2);
        let interface = self.schema.text(word(record, 1)) == "interface";
        Some(Capsule { from: flags & 1 != 0, into: flags & 2 != 0, interface })
    }

    fn text_type(self, name: &'static str) -> TextType {
        let count = self.schema.words(Section::Texts) / 5;
        let word = |record: usize, n| self.schema.word(Section::Texts, record * 5 + n);
        let mut all = self.schema.named(Section::Texts, 5, 0, count, name);
        let record = all.find(|r| self.schema.range(word(*r, 4)).at(self.index));
        TextType { at: self, name, record }
    }
}

/// How much a component is promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stability {
    /// `experimental`.
    Experimental,
    /// `public-preview`.
    PublicPreview,
    /// `generally-available`.
    GenerallyAvailable,
}

impl Stability {
    /// As `--stability.level` names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Experimental => "experimental",
            Self::PublicPreview => "public-preview",
            Self::GenerallyAvailable => "generally-available",
        }
    }

    /// The level of that name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Experimental, Self::PublicPreview, Self::GenerallyAvailable].into_iter().find(|s| s.name() == name)
    }
}

/// What a root describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RootKind {
    /// A component: `otelcol.receiver.otlp`.
    Component,
    /// A configuration block: `logging`.
    Block,
    /// A whole file, by the kind that `vispyr` gives it: `config`, `rules`.
    File,
    /// The command line: every field is a flag.
    Flags,
}

/// What may stand at the top: a component or block of a file, a file of its own, the command line.
#[derive(Debug, Clone, Copy)]
pub struct Root {
    at: At,
    record: usize,
}

impl Root {
    fn word(self, n: usize) -> usize {
        self.at.schema.word(Section::Roots, self.record * 5 + n)
    }

    /// `otelcol.receiver.otlp`.
    pub fn name(self) -> &'static str {
        self.at.schema.text(self.word(0))
    }

    /// What it describes.
    pub fn kind(self) -> RootKind {
        match self.word(1) & 0xff {
            0 => RootKind::Component,
            1 => RootKind::Block,
            2 => RootKind::File,
            _ => RootKind::Flags,
        }
    }

    /// Whether it is a component, as against a configuration block such as `logging`.
    pub fn is_component(self) -> bool {
        self.kind() == RootKind::Component
    }

    /// How much it is promised.
    pub fn stability(self) -> Stability {
        match self.word(1) >> 8 & 0xff {
            1 => Stability::PublicPreview,
            2 => Stability::Experimental,
            _ => Stability::GenerallyAvailable,
        }
    }

    /// Whether it exists only under `--feature.community-components.enabled`.
    pub fn community(self) -> bool {
        self.word(1) >> 16 != 0
    }

    /// What it takes; `None` = anything (`declare`).
    pub fn body(self) -> Option<Body> {
        self.word(2).checked_sub(1).map(|record| Body { at: self.at, record })
    }

    /// What it offers to others.
    pub fn exports(self) -> Option<Body> {
        self.word(3).checked_sub(1).map(|record| Body { at: self.at, record })
    }

    /// Releases of which all of this is true.
    pub fn held(self) -> Held {
        self.at.schema.range(self.word(4))
    }
}

/// What a block takes.
#[derive(Debug, Clone, Copy)]
pub struct Body {
    at: At,
    record: usize,
}

impl PartialEq for Body {
    fn eq(&self, other: &Self) -> bool {
        self.record == other.record
    }
}

impl Body {
    fn word(self, n: usize) -> usize {
        self.at.schema.word(Section::Bodies, self.record * 7 + n)
    }

    /// The upstream type: `component/common/relabel.Config`.
    pub fn name(self) -> &'static str {
        self.at.schema.text(self.word(0))
    }

    /// A number of its own among the bodies of the engine: an index for tables.
    pub fn number(self) -> usize {
        self.record
    }

    /// Its fields at this release, by name.
    pub fn fields(self) -> impl Iterator<Item = Field> + Clone {
        let first = self.word(1);
        let all = (first..first + self.word(2)).map(move |record| Field { at: self.at, record });
        all.filter(move |f| f.held().at(self.at.index))
    }

    fn records(self, name: &str) -> impl Iterator<Item = Field> {
        let all = self.at.schema.named(Section::Fields, 10, self.word(1), self.word(2), name);
        all.map(move |record| Field { at: self.at, record })
    }

    /// A field by its name. The label of a block has an empty one.
    pub fn field(self, name: &str) -> Option<Field> {
        self.records(name).find(|f| f.held().at(self.at.index))
    }

    /// The releases between the first and the last that have a field of that name.
    pub fn field_ever(self, name: &str) -> Option<Held> {
        self.records(name).map(Field::held).reduce(Held::hull)
    }

    /// A field as the newest release that had it has it.
    pub fn field_last(self, name: &str) -> Option<Field> {
        self.records(name).last()
    }

    /// Names of all fields of all releases.
    pub fn fields_ever(self) -> impl Iterator<Item = &'static str> {
        let first = self.word(1);
        (first..first + self.word(2)).map(move |record| Field { at: self.at, record }.name())
    }

    /// The fingerprint of the code that refuses values of this body at this release; `None` = there is none, or it was
    /// not read.
    pub fn validate(self) -> Option<&'static str> {
        self.fingerprint(self.word(3), self.word(4))
    }

    /// The fingerprint of the code that sets its defaults at this release.
    pub fn defaults(self) -> Option<&'static str> {
        self.fingerprint(self.word(3) + self.word(4), self.word(5))
    }

    fn fingerprint(self, first: usize, count: usize) -> Option<&'static str> {
        let word = |record: usize, n| self.at.schema.word(Section::Hashes, record * 2 + n);
        let record = (first..first + count).find(|r| self.at.schema.range(word(*r, 1)).at(self.at.index))?;
        Some(self.at.schema.text(word(record, 0)))
    }
}

/// How a field is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// `name = value`.
    Attribute,
    /// `name { … }`.
    Block,
    /// `name.alternative { … }`: blocks of several kinds in one order.
    Enum,
    /// The string after the block's name.
    Label,
}

/// A member of a body.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    at: At,
    record: usize,
}

impl Field {
    fn word(self, n: usize) -> usize {
        self.at.schema.word(Section::Fields, self.record * 10 + n)
    }

    fn flag(self, n: usize) -> bool {
        self.word(1) >> (8 + n) & 1 != 0
    }

    /// Whether both are one record: the same field with the same facts, maybe at two releases.
    pub(crate) fn is(self, other: Self) -> bool {
        self.record == other.record
    }

    /// A number of its own among the fields of the engine: an index for tables.
    pub fn number(self) -> usize {
        self.record
    }

    /// As it is written; empty for a label.
    pub fn name(self) -> &'static str {
        self.at.schema.text(self.word(0))
    }

    /// How it is written.
    pub fn kind(self) -> FieldKind {
        match self.word(1) & 0xff {
            0 => FieldKind::Attribute,
            1 => FieldKind::Block,
            2 => FieldKind::Enum,
            _ => FieldKind::Label,
        }
    }

    /// Whether the decoder demands it.
    pub fn required(self) -> bool {
        self.flag(0)
    }

    /// Whether a block may be written several times.
    pub fn many(self) -> bool {
        self.flag(1)
    }

    /// Whether a block takes a label.
    pub fn label(self) -> bool {
        self.flag(2) || self.body().is_some_and(|b| b.fields().any(|f| f.kind() == FieldKind::Label))
    }

    /// Whether a block that is not written is on all the same.
    pub fn active(self) -> bool {
        self.flag(3)
    }

    /// Whether the default depends on the machine.
    pub fn dynamic(self) -> bool {
        self.flag(4)
    }

    /// Whether the engine warns when it is written.
    pub fn deprecated(self) -> bool {
        self.flag(5)
    }

    /// The type of an attribute.
    pub fn ty(self) -> Type {
        Type { at: self.at, record: self.word(2) }
    }

    /// The body of a block; of an enum, the body whose blocks are its alternatives.
    pub fn body(self) -> Option<Body> {
        self.word(3).checked_sub(1).map(|record| Body { at: self.at, record })
    }

    /// The default as JSON; `None` = the zero value of its type, or not known.
    pub fn default(self) -> Option<&'static str> {
        self.at.schema.maybe(self.word(4))
    }

    /// Words that the engine allows, where it allows no others.
    pub fn values(self) -> impl Iterator<Item = &'static str> + Clone {
        self.at.schema.list(self.word(5), self.word(6))
    }

    /// Defaults inside the block under this parent that differ from the block's own, as a JSON object of dotted paths.
    pub fn inherit(self) -> Option<&'static str> {
        self.at.schema.maybe(self.word(7))
    }

    /// What holds when the block is not written, where that differs from an empty one, as JSON.
    pub fn when_absent(self) -> Option<&'static str> {
        self.at.schema.maybe(self.word(8))
    }

    /// Releases of which all of this is true.
    pub fn held(self) -> Held {
        self.at.schema.range(self.word(9))
    }
}

/// The type of a value.
#[derive(Clone, Copy)]
pub struct Type {
    at: At,
    record: usize,
}

impl fmt::Debug for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.kind(), f)
    }
}

/// What a type is.
#[derive(Debug, Clone, Copy)]
pub enum TypeKind {
    /// Anything.
    Any,
    /// A string.
    String,
    /// `true` or `false`.
    Bool,
    /// A number; the Go kind that holds it: `int64`, `float64`.
    Number(&'static str),
    /// A string that reads as a duration.
    Duration,
    /// A list.
    List(Type),
    /// An object of any keys.
    Map(Type),
    /// An object of these keys.
    Object(Body),
    /// A value that only the engine makes: a receiver, a target, a secret.
    Capsule(&'static str),
    /// A string that a decoder of its own reads.
    Text(TextType),
}

impl Type {
    /// A number of its own among the types of the engine.
    pub fn number(self) -> usize {
        self.record
    }

    /// The type of its elements; `None` = it has none.
    pub fn inner(self) -> Option<Self> {
        match self.kind() {
            TypeKind::List(of) | TypeKind::Map(of) => Some(of),
            _ => None,
        }
    }

    /// What it is.
    pub fn kind(self) -> TypeKind {
        let word = |n| self.at.schema.word(Section::Types, self.record * 2 + n);
        let inner = Type { at: self.at, record: word(1) };
        match word(0) {
            1 => TypeKind::String,
            2 => TypeKind::Bool,
            3 => TypeKind::Number(self.at.schema.text(word(1))),
            4 => TypeKind::Duration,
            5 => TypeKind::List(inner),
            6 => TypeKind::Map(inner),
            7 => TypeKind::Object(Body { at: self.at, record: word(1) }),
            8 => TypeKind::Capsule(self.at.schema.text(word(1))),
            9 => TypeKind::Text(self.at.text_type(self.at.schema.text(word(1)))),
            _ => TypeKind::Any,
        }
    }
}

/// How a string is read that has a decoder of its own.
#[derive(Clone, Copy)]
pub struct TextType {
    at: At,
    name: &'static str,
    record: Option<usize>,
}

impl fmt::Debug for TextType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TextType").field(&self.name).finish()
    }
}

impl fmt::Display for Type {
    /// As upstream's schema spells it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind() {
            TypeKind::Any => f.write_str("any"),
            TypeKind::String => f.write_str("string"),
            TypeKind::Bool => f.write_str("bool"),
            TypeKind::Number(kind) => write!(f, "number:{kind}"),
            TypeKind::Duration => f.write_str("duration"),
            TypeKind::List(of) => write!(f, "list({of})"),
            TypeKind::Map(of) => write!(f, "map({of})"),
            TypeKind::Object(body) => write!(f, "object({})", body.name()),
            TypeKind::Capsule(name) => write!(f, "capsule({name})"),
            TypeKind::Text(text) => write!(f, "string<{}>", text.name()),
        }
    }
}

impl TextType {
    fn word(self, n: usize) -> usize {
        self.record.map_or(0, |r| self.at.schema.word(Section::Texts, r * 5 + n))
    }

    /// The upstream type: `component/common/relabel.Action`.
    pub fn name(self) -> &'static str {
        self.name
    }

    /// Words it takes.
    pub fn values(self) -> impl Iterator<Item = &'static str> + Clone {
        self.at.schema.list(self.word(1), self.word(2))
    }

    /// Whether it takes the empty string.
    pub fn empty(self) -> bool {
        self.record.is_none() || self.word(3) & 1 != 0
    }

    /// Whether it takes its words in upper and lower case alike.
    pub fn fold(self) -> bool {
        self.word(3) & 4 != 0
    }

    /// Whether it takes other words than those: a URL, a regular expression.
    pub fn open(self) -> bool {
        self.record.is_none() || self.word(3) & 2 != 0
    }
}

/// How a capsule converts.
#[derive(Debug, Clone, Copy)]
pub struct Capsule {
    /// Other values convert to it: a string to a secret.
    pub from: bool,
    /// It converts to other values.
    pub into: bool,
    /// Every value with the methods of the interface fits, whatever its own type.
    pub interface: bool,
}

/// A function or value of the standard library.
#[derive(Debug, Clone, Copy)]
pub struct Function {
    at: At,
    record: usize,
}

impl Function {
    /// A number of its own among the functions of the engine.
    pub fn number(self) -> usize {
        self.record
    }

    fn word(self, n: usize) -> usize {
        self.at.schema.word(Section::Functions, self.record * 5 + n)
    }

    /// `string.format`.
    pub fn name(self) -> &'static str {
        self.at.schema.text(self.word(0))
    }

    /// Its Go type: `func(string, ...any) string`; of a value, `string`.
    pub fn signature(self) -> &'static str {
        self.at.schema.text(self.word(1))
    }

    /// Whether it is a function that looks at its arguments itself.
    pub fn raw(self) -> bool {
        self.at.schema.text(self.word(2)) == "raw"
    }

    /// Whether it is a value and not a function.
    pub fn is_value(self) -> bool {
        self.at.schema.text(self.word(2)) == "value"
    }

    /// Whether it needs `--stability.level=experimental`.
    pub fn experimental(self) -> bool {
        self.word(3) & 1 != 0
    }

    /// Whether the engine warns when it is called.
    pub fn deprecated(self) -> bool {
        self.word(3) & 2 != 0
    }

    /// Releases of which all of this is true.
    pub fn held(self) -> Held {
        self.at.schema.range(self.word(4))
    }
}
