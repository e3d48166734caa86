//! Text → content, by format. The one place of the tree that knows the readers.

use std::ops::Range;

use super::{Artifact, Content, Format};
use crate::parse::Document;
use crate::source::{SourceId, Span};

/// What is wrong with a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// Where.
    pub span: Span,
    /// What, lower case.
    pub message: String,
    /// What to do, where known.
    pub help: Option<String>,
}

/// A text as it was read.
pub(super) struct Reading {
    /// How it was read.
    pub(super) format: Format,
    /// What came out.
    pub(super) content: Content,
}

impl Reading {
    /// Whether it does not parse.
    pub(super) fn failed(&self) -> bool {
        match &self.content {
            Content::Data(document) => !document.errors.is_empty(),
            Content::Alloy(parse) => !parse.errors.is_empty(),
            Content::Text => false,
        }
    }

    /// As data.
    pub(super) fn document(&self) -> Option<&Document> {
        if let Content::Data(document) = &self.content { Some(document) } else { None }
    }
}

/// Reads a text.
pub(super) fn read(format: Format, source: SourceId, text: &str) -> Reading {
    let content = match format {
        Format::Yaml(_) | Format::Json => Content::Data(Document::yaml(source, text)),
        Format::Toml | Format::Ini | Format::Dotenv => Content::Data(Document::lines(source, text)),
        Format::Alloy => Content::Alloy(vispyr_alloy::parse(text)),
        Format::Text => Content::Text,
    };
    Reading { format, content }
}

impl Artifact {
    /// What is wrong with its syntax, in order of place.
    pub fn syntax_errors(&self) -> Vec<SyntaxError> {
        let error = |span: Span, message: &str| SyntaxError { span, message: message.to_owned(), help: None };
        match &self.content {
            Content::Data(document) => document.errors.iter().map(|(span, message)| error(*span, message)).collect(),
            Content::Alloy(parse) => {
                let span = |r: &Range<u32>| Span { source: self.source, start: r.start, end: r.end };
                parse.errors.iter().map(|e| error(span(&e.range), &e.message)).collect()
            }
            Content::Text => Vec::new(),
        }
    }
}
