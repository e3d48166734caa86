//! The conditions, compiled in by `build/conditions.rs`.

use std::fmt;
use std::ops::Deref;

use super::embedded::Embedded;
use super::judge::Syntax;
use crate::catalogue::{Range, Version};

/// What a broken condition is, which decides the rule that reports it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Values that do not go together: `alloy-validate-cross-field`.
    CrossField,
    /// A word that is none of [`Condition::words`]: `alloy-invalid-enum`.
    Enum,
    /// Text that Go's regexp package refuses: `alloy-invalid-regex`.
    Regex,
    /// Refused only below a stability level: `alloy-stability-gate`.
    Gate(Level),
}

/// A level of `--stability.level`, loosest last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// `public-preview`
    Preview,
    /// `experimental`
    Experimental,
}

/// One check of the engine.
#[derive(Debug)]
pub struct Condition {
    /// What it is.
    pub kind: Kind,
    /// Versions that check it.
    pub range: Range,
    /// What is refused: the engine refuses the body when this is true.
    pub(super) test: Test,
    /// In our words; `{path}` stands for the value written there.
    pub(super) message: Text,
    /// The mend; empty = the message says it.
    pub(super) help: Text,
    /// The words that an enum allows, for "did you mean".
    pub words: Words,
    /// Where it was read: `owner/repo path@tag`.
    pub evidence: Text,
}

/// A text: where it stands in the one of all texts. What names places and points to nothing needs no work at start-up.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Text {
    at: u32,
    len: u16,
}

impl Text {
    /// The text.
    pub fn get(self) -> &'static str {
        TEXTS.get(self.at as usize..self.at as usize + usize::from(self.len)).unwrap_or_default()
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        self.get()
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.get())
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.get(), f)
    }
}

/// Some texts.
#[derive(Debug, Clone, Copy)]
pub struct Words {
    at: u16,
    len: u16,
}

impl Deref for Words {
    type Target = [Text];

    fn deref(&self) -> &[Text] {
        &WORDS[usize::from(self.at)..][..usize::from(self.len)]
    }
}

/// Some tests.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tests {
    at: u16,
    len: u16,
}

impl Deref for Tests {
    type Target = [Test];

    fn deref(&self) -> &[Test] {
        &TESTS[usize::from(self.at)..][..usize::from(self.len)]
    }
}

/// A test inside of another.
#[derive(Debug, Clone, Copy)]
pub(super) struct One(u16);

impl Deref for One {
    type Target = Test;

    fn deref(&self) -> &Test {
        &TESTS[usize::from(self.0)]
    }
}

/// A way from a body to a value: names of blocks, then of an attribute, or of a block when `block`; with `/` between them.
/// `^` leaves an element for what holds it; `it` is the element of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Path {
    pub(super) steps: Text,
    pub(super) block: bool,
}

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Op {
    Equal,
    Less,
    AtMost,
    More,
    AtLeast,
}

/// One side of a comparison.
#[derive(Debug)]
pub(super) enum Operand {
    /// A number; durations in nanoseconds, sizes in bytes.
    Number(f64),
    /// The value at a path.
    Path(Path),
    /// How many items or blocks there are.
    Count(Path),
    /// How many of these hold.
    Ones(Tests),
    /// The value at a path, less a number.
    Minus(Path, f64),
    /// The values at two paths together.
    Plus(Path, Path),
    /// The length of a text in bytes.
    Length(Path),
}

/// What a condition tests, in three values.
#[derive(Debug)]
pub(super) enum Test {
    And(Tests),
    Or(Tests),
    Not(One),
    /// Not Go's zero value; a block that is there.
    Truthy(Path),
    /// Written as something else than `null`, however empty, or defaulted.
    Written(Path),
    Compare(Op, Operand, Operand),
    /// The text is one of these; `fold` ignores case.
    In {
        path: Path,
        words: Words,
        fold: bool,
    },
    /// The text starts with, ends with, holds.
    Prefix(Path, Text),
    Suffix(Path, Text),
    Holds(Path, Text),
    /// The text is valid.
    Valid(Path, Syntax),
    /// The value is the default of that path, which is the JSON text.
    Default(Path, Text),
    /// An element of a list, or a block, for which it holds.
    Any(Path, One),
    /// A key of a map for which it holds, as `it`; of an empty value when `bare`.
    AnyKey {
        path: Path,
        test: One,
        bare: bool,
    },
    /// Two elements are equal; of blocks and objects, in these attributes.
    Duplicate(Path, Words),
    /// It is written as text.
    Text(Path),
    /// The text is the `id` of one of these operators, or what one without it is called.
    Named(Path, Path),
}

include!(concat!(env!("OUT_DIR"), "/alloy_conditions.rs"));

/// The conditions of a body, in the order in which the engine checks; empty for a body without any.
pub fn of(body: &str) -> &'static [Condition] {
    BODIES.binary_search_by(|(name, ..)| name.get().cmp(body)).map_or(&[], |at| &CONDITIONS[BODIES[at].1..BODIES[at].2])
}

/// All bodies that have conditions, sorted.
pub fn all() -> impl Iterator<Item = (&'static str, &'static [Condition])> {
    BODIES.iter().map(|(name, from, to)| (name.get(), &CONDITIONS[*from..*to]))
}
