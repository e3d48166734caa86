//! TraceQL: the query language of Tempo.
//!
//! [`parse`] reads a query as the engine of a release would, and refuses what its grammar or its validation refuses
//! (grafana/tempo pkg/traceql/{expr.y,lexer.go,ast_validate.go} at v2.3.0 … v2.10.0, v3.0.0, v3.0.3). Where two readings of
//! a bracket conflict in that grammar, the wider one is taken. Offsets are bytes of the given text.

mod field;
mod lexer;
mod parser;
mod words;

#[cfg(test)]
mod tests;

use std::ops::Range;

/// A release line of Tempo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Release(pub u16, pub u16);

impl Release {
    /// The newest that was read.
    pub const NEWEST: Self = Self(3, 0);
}

impl std::fmt::Display for Release {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

/// Groups of faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The text holds something that is no token.
    Text,
    /// Something stands where it cannot.
    Syntax,
    /// It parses, and Tempo refuses what it means.
    Meaning,
    /// A newer release takes it.
    Release,
    /// Nested deeper than this reader follows; Tempo may accept it.
    Unread,
}

/// Why a query is refused.
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

/// An attribute that a query names: `resource.service.name`, `name`, `span:duration`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// As written.
    pub text: String,
    /// Where.
    pub span: Range<usize>,
}

/// A query.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    /// The function that makes it one of metrics: `rate`, `quantile_over_time`.
    pub metrics: Option<&'static str>,
    /// The attributes in the order of the text.
    pub attributes: Vec<Attribute>,
}

/// Nesting beyond which a query is not read.
pub const MAX_DEPTH: usize = 128;

/// Reads a query.
///
/// # Errors
/// The first reason why Tempo refuses it, or that it is nested beyond [`MAX_DEPTH`].
pub fn parse(text: &str, release: Release) -> Result<Query, Error> {
    parser::parse(text, release)
}
