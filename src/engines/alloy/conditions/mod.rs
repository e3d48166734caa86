//! What Alloy's `Validate` methods and constructors refuse, as data (`schemas/overlay/alloy-conditions/`), and its evaluation.
//!
//! A condition belongs to a body (the Go struct that a block is decoded into) and to versions. It is evaluated in three
//! values: what an expression yields cannot be known, and whatever depends on it is no violation. The caller says what a
//! body holds by [`Body`], and what text of foreign languages is valid by [`Judge`].

mod content;
mod convert;
mod decoded;
mod embedded;
mod heads;
mod judge;
mod languages;
mod number;
mod table;
mod test;
#[cfg(test)]
mod tests;
mod view;
mod waits;
mod walk;

pub use decoded::{Decoded, Trail, Trails, value};
pub use embedded::Embedded;
pub use heads::heads;
pub use judge::{Builtin, Judge, Syntax, Why};
pub use languages::Languages;
pub use table::{Condition, Kind, Level, Text, Words, all, of};
pub use view::{Attribute, Body, Value};
pub use waits::{Wait, wait};

use std::fmt::Write as _;

use crate::catalogue::Version;
use crate::source::Span;

/// A condition that a body breaks.
#[derive(Debug)]
pub struct Violation {
    /// The condition.
    pub condition: &'static Condition,
    /// What is wrong, with the values written.
    pub message: String,
    /// What to do; empty = the message says it.
    pub help: String,
    /// Where it is written: the decisive place first. Empty when the fault is that something is not written.
    pub spans: Vec<Span>,
}

/// Hands over every condition of `conditions` (see [`of`]) that `body` breaks at `version`.
///
/// A condition of kind [`Kind::Gate`] is broken only when the process runs below its level, which the caller knows.
pub fn violations(
    conditions: &'static [Condition],
    version: Version,
    body: &dyn Body,
    judge: &dyn Judge,
    report: &mut dyn FnMut(Violation),
) {
    for condition in conditions {
        let scope = test::Scope::new(body, judge);
        if condition.range.holds(version) && test::holds(&condition.test, &scope) == Some(true) {
            let (mut message, mut help) = (String::new(), String::new());
            walk::element(&condition.test, &scope, &mut |inner| {
                message = walk::fill(&condition.message, inner);
                help = walk::fill(&condition.help, inner);
            });
            if let Some(why) = walk::why(&condition.test, &scope) {
                if !why.message.is_empty() {
                    let _ = write!(message, ": {}", why.message);
                }
                if help.is_empty() {
                    help = why.help.unwrap_or_default();
                }
            }
            report(Violation { condition, message, help, spans: walk::spans(&condition.test, &scope) });
        }
    }
}
