//! What to do about what is gone: `schemas/overlay/*-successors.toml`, compiled in. The schema says that something went; this
//! says what stands in its place, and what an unchanged file does differently.

use super::Version;

include!(concat!(env!("OUT_DIR"), "/successors.rs"));

#[cfg(test)]
mod tests;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// This release is the first without it.
    Gone(Version),
    /// It is still there; this release is the first that takes other values.
    Retyped(Version),
}

/// What mends a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mend {
    /// The same value (or block) under this name.
    Rename(&'static str),
    /// The value becomes the only one of a list under this name.
    Wrap(&'static str),
    /// Another name, and other words: pairs of the old one and the new one.
    Words(&'static str, &'static [(&'static str, &'static str)]),
    /// The attribute becomes a block of its name, in which all of these have its value.
    Block(&'static [&'static str]),
    /// The value moves to these places: a block beside it, and the attribute in there.
    Spread(&'static [(&'static str, &'static str)]),
    /// The value moves into the block of each signal that the component forwards, as a list under this name.
    Signals(&'static str),
    /// The label of the block becomes this attribute.
    Label(&'static str),
    /// The entry moves to these places, dotted keys from the top of the file.
    Move(&'static [&'static str]),
    /// The list stays; items of it have other words. An empty one: the item goes.
    Items(&'static [(&'static str, &'static str)]),
    /// Nothing replaces it.
    Delete,
    /// Nothing mechanical.
    Hand,
}

/// What stands in the place of something that is gone.
#[derive(Debug)]
pub struct Successor {
    roots: &'static [&'static str],
    path: &'static [&'static str],
    /// What happened, and when.
    pub change: Change,
    /// What mends a file.
    pub mend: Mend,
    /// Names to use in its place, joined for a sentence in backticks; empty when there are none.
    pub instead: &'static str,
    /// A dotted key that, when true, lets everything be as it was; empty = there is none.
    pub unless: &'static str,
    /// Why it went, or what its successor does differently: a part of a sentence.
    pub why: &'static str,
}

impl Successor {
    /// What to do, for a help text: imperative, exact.
    pub fn help(&self) -> String {
        let why = self.why;
        match self.mend {
            Mend::Delete => format!("delete it: {why}"),
            Mend::Hand if self.instead.is_empty() => why.to_owned(),
            Mend::Hand => format!("use `{}`: {why}", self.instead),
            Mend::Words(to, words) => {
                let pairs: Vec<_> = words.iter().map(|(old, new)| format!("`{old}` is `{new}`")).collect();
                format!("write `{to}`: {}", pairs.join(", "))
            }
            Mend::Wrap(to) => format!("write `{to} = […]`: {why}"),
            Mend::Signals(to) => format!("write `{to}` in the block of the signal: {why}"),
            Mend::Label(to) => format!("write `{to} = \"…\"` in the block: {why}"),
            Mend::Block(_) => format!("write a block with `{}`: {why}", self.instead),
            Mend::Items(_) => why.to_owned(),
            Mend::Move(_) => format!("move it to `{}`: {why}", self.instead),
            Mend::Rename(_) | Mend::Spread(_) => format!("use `{}`: {why}", self.instead),
        }
    }

    /// The release that changed it.
    pub fn version(&self) -> Version {
        match self.change {
            Change::Gone(version) | Change::Retyped(version) => version,
        }
    }
}

/// A function under its new name.
#[derive(Debug)]
pub struct Renamed {
    /// As it was.
    pub name: &'static str,
    /// The first release that has the new name; the old one is deprecated from then on.
    pub since: Version,
    /// As it is.
    pub instead: &'static str,
}

/// Something that an unchanged file does differently.
#[derive(Debug)]
pub struct Behaviour {
    roots: &'static [&'static str],
    path: &'static [&'static str],
    /// The first release that behaves so.
    pub since: Version,
    /// Whether it is about an attribute that is written; else about one that is not.
    pub written: bool,
    /// The only value of that attribute that it is about.
    pub value: Option<&'static str>,
    /// When a file must write the old default to be taken at all.
    pub keep: Option<Keep>,
    /// What is different: a sentence without its full stop.
    pub text: &'static str,
}

/// A new default that the engine refuses beside what a file has written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keep {
    /// The attribute in the same block.
    pub beside: &'static str,
    /// Values above are refused.
    pub above: i64,
    /// The old default.
    pub value: &'static str,
}

impl Behaviour {
    /// The attribute that it is about; empty = the component.
    pub fn path(&self) -> &'static [&'static str] {
        self.path
    }

    /// Whether it is about components of that name.
    pub fn of(&self, root: &str) -> bool {
        self.roots.iter().any(|pattern| names(pattern, root))
    }

    /// Whether it is about that field of the component.
    pub fn is_about(&self, root: &str, path: &[&str]) -> bool {
        !self.path.is_empty() && self.of(root) && leads(self.path, path)
    }
}

/// All of one engine.
#[derive(Debug)]
struct Successors {
    engine: &'static str,
    all: &'static [Successor],
    functions: &'static [Renamed],
    behaviours: &'static [Behaviour],
}

fn of(engine: &str) -> Option<&'static Successors> {
    SUCCESSORS.iter().find(|s| s.engine == engine)
}

/// Whether a pattern names a component: `otelcol.*` names all that start so.
fn names(pattern: &str, root: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == root, |start| root.starts_with(start))
}

/// Whether a path is the recorded one: `**` stands for any blocks before.
fn leads(recorded: &[&str], path: &[&str]) -> bool {
    match recorded {
        ["**", rest @ ..] => path.ends_with(rest),
        _ => recorded == path,
    }
}

/// What to do about something that `version` lacks, or that takes other values there. `root` is the component or
/// configuration block, `path` the blocks inside it and then the field; empty = the component itself. A label is "".
pub fn successor(engine: &str, root: &str, path: &[&str], version: Version) -> Option<&'static Successor> {
    let all = of(engine)?.all.iter();
    // A name may have gone, come back and gone: the latest that `version` saw counts.
    all.filter(|s| s.version() <= version && s.roots.iter().any(|pattern| names(pattern, root)) && leads(s.path, path))
        .max_by_key(|s| s.version())
}

/// The new name of a function that `version` has under it.
pub fn function(engine: &str, name: &str, version: Version) -> Option<&'static Renamed> {
    of(engine)?.functions.iter().find(|f| f.name == name && f.since <= version)
}

/// What changes without an edit between two versions, `from` not included.
pub fn behaviours(engine: &str, from: Version, to: Version) -> impl Iterator<Item = &'static Behaviour> {
    let all = of(engine).map_or(&[][..], |s| s.behaviours);
    all.iter().filter(move |b| from < b.since && b.since <= to)
}
