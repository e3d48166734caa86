//! PromQL: the query language of Prometheus, and of the engines that speak it.
//!
//! [`parse`] reads a query as it reaches the engine; [`parse_template`] one that Grafana still has to fill in.
//! Offsets are bytes of the given text. What the engine refuses is refused here, in this room's own words
//! (prometheus/prometheus promql/parser@v3.14.0); what cannot be known is never called an error.

mod ast;
pub mod bounds;
mod check;
mod durations;
mod functions;
mod lexer;
mod literal;
mod parser;
mod selectors;
pub mod template;
mod visit;

#[cfg(test)]
mod tests;

use std::ops::Range;

pub use ast::*;
pub use functions::{AGGREGATORS, FUNCTIONS, Function, function};
pub use visit::{Enclosing, Selection};

use template::{Masked, mask};

/// What the engine is told to accept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Options {
    /// Minor version of Prometheus 3; the newest known when absent.
    pub minor: Option<u16>,
    /// Minor version of Prometheus 2, when it is one: then `minor` says nothing.
    pub two: Option<u16>,
    /// `--enable-feature=promql-experimental-functions`.
    pub functions: bool,
    /// `--enable-feature=promql-duration-expr`.
    pub durations: bool,
    /// `--enable-feature=promql-extended-range-selectors`.
    pub ranges: bool,
    /// `--enable-feature=promql-binop-fill-modifiers`.
    pub fills: bool,
}

impl Options {
    /// Everything that a feature flag can switch on.
    pub const EXPERIMENTAL: Self =
        Self { minor: None, two: None, functions: true, durations: true, ranges: true, fills: true };
}

/// One reason to refuse a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// Where.
    pub range: Range<usize>,
    /// Why.
    pub message: String,
    /// What to do, when that is known.
    pub help: Option<String>,
    /// False when a template variable may make it good, or when the query was too deep to be read.
    pub certain: bool,
}

/// What became of a query with template variables.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// It parses, whatever the variables hold.
    Parsed(Query),
    /// It cannot parse, whatever the variables hold.
    Refused(Vec<SyntaxError>),
    /// That depends on the variables.
    Uncertain(Vec<SyntaxError>),
}

/// Reads a query as the engine would.
///
/// # Errors
/// The reasons why the engine refuses it, at least one. A reason that is not `certain` (only for nesting beyond
/// [`MAX_DEPTH`]) is about this reader and not about the query.
pub fn parse(text: &str, options: Options) -> Result<Query, Vec<SyntaxError>> {
    parser::parse(text, &Masked { text: text.to_owned(), holes: Vec::new() }, options)
}

/// Reads a query of a Grafana dashboard, with its template variables.
pub fn parse_template(text: &str, options: Options) -> Outcome {
    match parser::parse(text, &mask(text), options) {
        Ok(query) => Outcome::Parsed(query),
        Err(mut errors) => {
            if errors.iter().any(|e| e.certain) {
                errors.retain(|e| e.certain);
                Outcome::Refused(errors)
            } else {
                Outcome::Uncertain(errors)
            }
        }
    }
}

/// Nesting beyond which a query is not read. The deepest query met in a dashboard has less than 20 levels.
pub const MAX_DEPTH: usize = 128;
