//! The conditions, compiled in by `build/conditions.rs`.

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
    pub(super) message: &'static str,
    /// The mend; empty = the message says it.
    pub(super) help: &'static str,
    /// The words that an enum allows, for "did you mean".
    pub words: &'static [&'static str],
    /// Where it was read: `owner/repo path@tag`.
    pub evidence: &'static str,
}

/// A way from a body to a value: names of blocks, then of an attribute, or of a block when `block`.
/// `^` leaves an element for what holds it; `it` is the element of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Path {
    pub(super) steps: &'static [&'static str],
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
    Ones(&'static [Test]),
    /// The value at a path, less a number.
    Minus(Path, f64),
    /// The length of a text in bytes.
    Length(Path),
}

/// What a condition tests, in three values.
#[derive(Debug)]
pub(super) enum Test {
    And(&'static [Test]),
    Or(&'static [Test]),
    Not(&'static Test),
    /// Not Go's zero value; a block that is there.
    Truthy(Path),
    /// Written as something else than `null`, however empty, or defaulted.
    Written(Path),
    Compare(Op, Operand, Operand),
    /// The text is one of these; `fold` ignores case.
    In {
        path: Path,
        words: &'static [&'static str],
        fold: bool,
    },
    /// The text starts with, ends with, holds.
    Prefix(Path, &'static str),
    Suffix(Path, &'static str),
    Holds(Path, &'static str),
    /// The text is valid.
    Valid(Path, Syntax),
    /// The value is the default of that path, which is the JSON text.
    Default(Path, &'static str),
    /// An element of a list, or a block, for which it holds.
    Any(Path, &'static Test),
    /// A key of a map for which it holds, as `it`.
    AnyKey(Path, &'static Test),
    /// Two elements are equal; of blocks, in these attributes.
    Duplicate(Path, &'static [&'static str]),
}

include!(concat!(env!("OUT_DIR"), "/alloy_conditions.rs"));

/// The conditions of a body, in the order in which the engine checks; empty for a body without any.
pub fn of(body: &str) -> &'static [Condition] {
    CONDITIONS.binary_search_by_key(&body, |(name, _)| name).map_or(&[], |at| CONDITIONS[at].1)
}

/// All bodies that have conditions, sorted.
pub fn all() -> &'static [(&'static str, &'static [Condition])] {
    CONDITIONS
}
