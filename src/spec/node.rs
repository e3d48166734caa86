//! The document as the decoder walks it.

use std::ops::Range;

use toml::Spanned as Ranged;
use toml::de::{DeTable, DeValue};

use crate::source::{SourceId, Span};

/// A value of the document.
#[derive(Clone, Copy)]
pub(super) struct Node<'a> {
    value: &'a DeValue<'a>,
    span: Span,
}

impl<'a> Node<'a> {
    pub(super) fn span(self) -> Span {
        self.span
    }

    pub(super) fn as_str(self) -> Option<&'a str> {
        self.value.as_str()
    }

    pub(super) fn as_bool(self) -> Option<bool> {
        self.value.as_bool()
    }

    pub(super) fn as_int(self) -> Option<i128> {
        let number = self.value.as_integer()?;
        i128::from_str_radix(number.as_str(), number.radix()).ok()
    }

    /// What it is, with its article.
    pub(super) fn what(self) -> &'static str {
        match self.value {
            DeValue::String(_) => "a string",
            DeValue::Integer(_) => "a whole number",
            DeValue::Float(_) => "a fraction",
            DeValue::Boolean(_) => "a boolean",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        }
    }

    /// Keys with their places and values; `None` = no table.
    pub(super) fn entries(self) -> Option<impl Iterator<Item = (&'a str, Span, Node<'a>)>> {
        let source = self.span.source;
        let table = self.value.as_table()?;
        Some(table.iter().map(move |(key, value)| {
            (key.get_ref().as_ref(), Span::new(source, key.span()), node(source, value.get_ref(), value.span()))
        }))
    }

    /// Items; `None` = no list.
    pub(super) fn items(self) -> Option<impl Iterator<Item = Node<'a>>> {
        let source = self.span.source;
        let list = self.value.as_array()?;
        Some(list.iter().map(move |value| node(source, value.get_ref(), value.span())))
    }
}

fn node<'a>(source: SourceId, value: &'a DeValue<'a>, range: Range<usize>) -> Node<'a> {
    Node { value, span: Span::new(source, range) }
}

/// A parsed text.
pub(super) struct Document<'a> {
    root: DeValue<'a>,
    source: SourceId,
}

impl Document<'_> {
    pub(super) fn root(&self) -> Node<'_> {
        node(self.source, &self.root, 0..0)
    }
}

/// Reads TOML, and every error of syntax with its place.
pub(super) fn parse(source: SourceId, text: &str) -> (Document<'_>, Vec<(Span, String)>) {
    let (root, errors): (Ranged<DeTable<'_>>, _) = DeTable::parse_recoverable(text);
    let errors = errors.iter().map(|e| {
        let range = e.span().unwrap_or(0..0);
        (Span::new(source, range), e.message().to_owned())
    });
    (Document { root: DeValue::Table(root.into_inner()), source }, errors.collect())
}
