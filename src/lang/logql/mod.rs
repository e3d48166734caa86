//! LogQL: the query language of Loki, and the selectors that Alloy's `stage.match` reads.
//!
//! These are two languages. [`parse`] reads queries as Loki does (grafana/loki pkg/logql/syntax@v3.7.6, whose grammar
//! is the one of v3.5.0). [`selector::parse`] reads what `stage.match` accepts, which is far less: labels and line
//! filters. Offsets are bytes of the given text.

mod ast;
mod lexer;
mod literal;
mod metric;
mod parser;
pub mod pattern;
mod pipeline;
mod scan;
pub mod selector;

#[cfg(test)]
mod tests;

use std::ops::Range;

pub use ast::*;

use crate::lang::re2;

/// Why a query or selector is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// Where.
    pub span: Range<usize>,
    /// Why.
    pub message: String,
    /// What to do instead, when that is known.
    pub help: Option<String>,
    /// What is wrong with it.
    pub kind: Kind,
}

/// Groups of faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The text holds something that is no token.
    Text,
    /// Something stands where it cannot.
    Syntax,
    /// A regular expression or pattern is wrong.
    Pattern,
    /// No matcher narrows the streams down.
    Streams,
    /// A function or operator is used in a way that it does not allow.
    Usage,
    /// Nested deeper, or longer, than this reader follows; Loki may accept it.
    Unread,
}

/// Nesting beyond which a query is not read. The deepest query met in a dashboard has less than 20 levels.
pub const MAX_DEPTH: usize = 128;

/// Reads a query, of logs or of metrics.
///
/// # Errors
/// The first reason why Loki refuses it, or that it is nested beyond [`MAX_DEPTH`].
pub fn parse(text: &str, go: re2::Go) -> Result<Query, Error> {
    parser::parse(text, go)
}
