//! Text → content, by format. The one place of the tree that knows the readers.

use std::sync::Arc;

use super::{Content, Format, template};
use crate::parse::{self, Dialect, Document, ParseError};
use crate::source::{SourceId, Span};

/// A text as it was read.
pub(super) struct Reading {
    /// How it was read.
    pub(super) format: Format,
    /// What came out.
    pub(super) content: Content,
    /// What kept parts of it from being read.
    pub(super) errors: Vec<ParseError>,
    /// What is wrong behind the one document that is read.
    pub(super) behind: Option<ParseError>,
}

impl Reading {
    /// Whether it does not parse.
    pub(super) fn failed(&self) -> bool {
        self.error().is_some()
    }

    /// The first thing that is wrong.
    fn error(&self) -> Option<&ParseError> {
        self.errors.first().or(self.behind.as_ref())
    }

    /// Whether it does not parse because it is a template.
    pub(super) fn template(&self, text: &str) -> bool {
        self.error().is_some_and(|e| template::explains(text, e.span.start as usize))
    }

    /// As data.
    pub(super) fn document(&self) -> Option<&Document> {
        if let Content::Data(document) = &self.content { Some(document) } else { None }
    }
}

/// Reads a text.
pub(super) fn read(format: Format, source: SourceId, text: &Arc<str>) -> Reading {
    let data = |(document, errors): (Document, Vec<ParseError>)| (Content::Data(document), errors);
    let mut behind = None;
    let (content, errors) = match format {
        Format::Yaml(dialect) => {
            let (document, mut errors) = parse::yaml(source, text, dialect);
            // Readers that decode once never get to a second document (go-yaml/yaml yaml.go `unmarshal`@v2.4.0, @v3.0.1); compose
            // reads them all.
            if dialect != Dialect::V4 {
                errors.retain(|error| document.is_first(error.span));
                if errors.first().is_some_and(|error| is_behind(&document, error)) {
                    behind = errors.drain(..).next();
                }
            }
            data((document, errors))
        }
        Format::Json => data(parse::json(source, text)),
        Format::Ini => data(parse::ini(source, text)),
        Format::Dotenv => data(parse::dotenv(source, text)),
        Format::Alloy => {
            let parse = vispyr_alloy::parse_shared(Arc::clone(text));
            let span = |range: &std::ops::Range<u32>| Span { source, start: range.start, end: range.end };
            let error = |e: &vispyr_alloy::SyntaxError| ParseError {
                span: span(&e.range),
                message: e.message.clone(),
                help: e.help.clone(),
                related: e.related.as_ref().map(|(range, what)| (span(range), what.clone())),
            };
            let errors = parse.errors.iter().map(error).collect();
            (Content::Alloy(parse), errors)
        }
        // Only `vispyr.toml` is TOML, and `spec` reads it with spans of its own.
        Format::Toml | Format::Text => (Content::Text, Vec::new()),
    };
    Reading { format, content, errors, behind }
}

/// What is said of errors behind the end of a document.
const BEHIND: [&str; 3] = ["<document start>", "after document end marker", "before directive"];

/// Whether a reader that decodes one document never gets to an error: libyaml and its kin find out that no other one begins when they
/// are asked for it (go-yaml/yaml parserc.go `yaml_parser_parse_document_start`, yaml.go `unmarshal`@v2.4.0, v3.0.1).
fn is_behind(document: &Document, error: &ParseError) -> bool {
    let end = document.root().filter(|root| !root.is_null()).map(|root| root.span().end as usize);
    let between = end.and_then(|end| document.source_text().get(end..error.span.start as usize));
    let marks = |text: &str| text.lines().skip(1).any(|line| line.starts_with("---") || line.starts_with("..."));
    between.is_some_and(|text| BEHIND.iter().any(|end| error.message.contains(end)) || marks(text))
}

/// The dialect that content is read in before its engine is known: the one that takes most.
pub(super) const ANY_DIALECT: Dialect = Dialect::V3;
