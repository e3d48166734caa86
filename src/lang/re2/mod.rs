//! RE2: the regular expressions of Go's `regexp`, and with it of Prometheus, Loki and Alloy.
//!
//! [`parse`] accepts what `regexp.Compile` accepts (golang/go src/regexp/syntax/parse.go@go1.26.8, with the differences
//! of older compilers behind [`Go`]); grafana/regexp has the same grammar, because it uses the same parser
//! (grafana/regexp regexp.go@a468a5bfb3bc imports `regexp/syntax`). Offsets are bytes of the given text.
//!
//! One limit is left out, in the safe direction: Go also refuses an expression whose character classes hold more than
//! 33 million runes together, which takes more than 25,000 classes like `\pL`.

mod class;
mod explain;
mod names;
mod parser;
mod program;
mod tree;

#[cfg(test)]
mod tests;

use std::ops::Range;

pub use program::Regex;

/// The minor version of the Go that the engine is built with: 26 for Go 1.26.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Go(pub u16);

impl Go {
    /// The newest that is known.
    pub const NEWEST: Self = Self(26);
    /// The oldest that is told apart from others.
    pub const OLDEST: Self = Self(21);

    /// What Alloy 1.`minor` is built with, by the `go` line of grafana/alloy go.mod@v1.0.0 to v1.19.0-rc.3.
    #[must_use]
    pub fn of_alloy(minor: u16) -> Self {
        match minor {
            // go.mod: 1.22.1 at v1.0.0, 1.22.7 at v1.5.1.
            0..=5 => Self(22),
            // 1.23.5 at v1.7.0.
            6..=7 => Self(23),
            // 1.24.1 at v1.8.0, 1.24.6 at v1.11.3.
            8..=11 => Self(24),
            // 1.25.1 at v1.12.0, 1.25.9 at v1.15.1.
            12..=15 => Self(25),
            // 1.26.2 at v1.16.0, 1.26.7 at v1.19.0-rc.3.
            _ => Self(26),
        }
    }

    /// `(?<name>…)` came with Go 1.22.
    fn short_names(self) -> bool {
        self.0 >= 22
    }

    /// Go 1.25 looks up `\p{…}` in any case, without `_`, `-` and spaces, and knows the long names of categories.
    fn loose_classes(self) -> bool {
        self.0 >= 25
    }
}

impl Default for Go {
    fn default() -> Self {
        Self::NEWEST
    }
}

/// What is known about an expression that compiles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Info {
    /// One for each capture group, in order of its `(`: the first is `$1`. A name may occur twice; Go allows that.
    pub groups: Vec<Option<Group>>,
    /// Whether every match begins where the text begins.
    pub anchored_start: bool,
    /// Whether every match ends where the text ends.
    pub anchored_end: bool,
    /// The only text it matches, when there is exactly one: neither a class nor a repetition, and case matters.
    pub literal: Option<String>,
    /// Whether it matches the empty text.
    pub matches_empty: bool,
}

/// The name of a capture group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// As it is written.
    pub name: String,
    /// Where the name stands.
    pub span: Range<usize>,
}

impl Info {
    /// Whether `$name` or `${name}` refers to something: a number up to the count of groups (0 is the whole match),
    /// or the name of a group.
    #[must_use]
    pub fn has_group(&self, name: &str) -> bool {
        match name.parse::<usize>() {
            Ok(number) if name.bytes().all(|c| c.is_ascii_digit()) => number <= self.groups.len(),
            _ => self.groups.iter().flatten().any(|g| g.name == name),
        }
    }
}

/// Why an expression does not compile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// Where.
    pub span: Range<usize>,
    /// Why.
    pub message: String,
    /// What to do instead, when that is known.
    pub help: Option<String>,
    /// The group of faults that Go counts it to.
    pub kind: Kind,
}

/// Go's groups of faults (`regexp/syntax.ErrorCode`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A range such as `z-a`, or a class that does not exist.
    ClassRange,
    /// A backslash before something that has no meaning after one.
    Escape,
    /// A group name that is empty, unclosed or holds other characters than `A-Z`, `a-z`, `0-9` and `_`.
    GroupName,
    /// `(?` with something after it that RE2 does not know.
    PerlSyntax,
    /// A repetition of a repetition.
    NestedRepetition,
    /// A count above 1000, by itself or multiplied, or one whose end is below its begin.
    RepetitionCount,
    /// A class without its `]`.
    UnclosedClass,
    /// A group without its `)`.
    UnclosedGroup,
    /// A `)` without its `(`.
    UnexpectedParen,
    /// A repetition of nothing.
    MissingArgument,
    /// A backslash at the end.
    TrailingBackslash,
    /// Nested deeper than Go allows.
    TooDeep,
    /// Larger than Go allows.
    TooLarge,
}

/// Reads an expression as `regexp.Compile` does.
///
/// # Errors
/// The first reason why Go refuses it.
pub fn parse(text: &str, go: Go) -> Result<Info, Error> {
    parser::Parser::new(text, go).run()
}

/// Reads an expression as the engine does where it must match a whole value, as in relabelling: with `^(?s:` before it
/// and `)$` behind it (prometheus/prometheus model/relabel/relabel.go@v3.14.0, grafana/alloy
/// internal/component/common/relabel/relabel.go@v1.19.0-rc.3, and `^(?:` at v1.0.0).
///
/// That makes a difference only for an expression that is not complete by itself: `a)|(b` is accepted, `\Qa` is not.
/// Offsets are those of the given text. The anchors are not told from the expression's own.
///
/// # Errors
/// The first reason why Go refuses it.
pub fn parse_anchored(text: &str, go: Go) -> Result<Info, Error> {
    const BEFORE: &str = "^(?s:";
    let whole = format!("{BEFORE}{text})$");
    // A fault that only the added text has is at the end of what was given.
    let shift = |span: &Range<usize>| {
        let at = |offset: usize| {
            let mut offset = offset.saturating_sub(BEFORE.len()).min(text.len());
            while !text.is_char_boundary(offset) {
                offset -= 1;
            }
            offset
        };
        at(span.start)..at(span.end)
    };
    match parse(&whole, go) {
        Ok(mut info) => {
            for group in info.groups.iter_mut().flatten() {
                group.span = shift(&group.span);
            }
            Ok(info)
        }
        // Said of the text alone, if it is wrong alone.
        Err(error) => Err(parse(text, go).err().unwrap_or(Error { span: shift(&error.span), ..error })),
    }
}
