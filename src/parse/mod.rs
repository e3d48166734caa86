//! Bytes → documents: one tree for YAML, JSON, INI and `.env`, every node with its exact span.
//!
//! Reading never fails as a whole: what is broken is listed, the rest is there. Knows no engine and no path.

mod build;
mod document;
mod dotenv;
mod ini;
mod json;
mod text;
mod value;
mod yaml;

pub use document::{Dialect, Document, Duplicate, Entry, Node, NodeKind, Style, Type};
pub use dotenv::dotenv;
pub use ini::ini;
pub use json::json;
pub use text::Text;
pub use yaml::yaml;

use crate::source::Span;

/// Something that keeps (part of) a text from being read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError {
    /// Where.
    pub span: Span,
    /// What: lower case, no full stop.
    pub message: String,
    /// What to do about it, where the reader knows.
    pub help: Option<String>,
    /// A second place that has to do with it, and what it has.
    pub related: Option<(Span, String)>,
}

impl ParseError {
    /// An error that says no more than where and what.
    pub fn new(span: Span, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), help: None, related: None }
    }
}

/// Nesting beyond this is refused, as Go's readers do (`go-yaml/yaml scannerc.go@v3.0.1` max_flow_level and
/// max_indents, `golang/go encoding/json/scanner.go` maxNestingDepth).
pub(crate) const MAX_DEPTH: usize = 10_000;

#[cfg(test)]
mod readers;
#[cfg(test)]
mod tests;
