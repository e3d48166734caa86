//! What Go's readers of YAML take and the event reader does not: it is written otherwise, in as many bytes.

use std::borrow::Cow;
use std::ops::Range;

use granit_parser::ErrorKind;

use crate::parse::document::Dialect;

/// How many such things one text may hold.
pub(super) const MOST: usize = 200;

/// How many bytes are read for them, all attempts together.
pub(super) const BYTES: usize = 16 << 20;

/// Stands for `'` where that is escaped: a separator of paragraphs, which nobody writes by that name.
const QUOTE: char = '\u{2029}';

/// How a place is written otherwise.
pub(super) enum Edit {
    /// `\'` in quotes, at each of these (`go-yaml/yaml scannerc.go@v2.4.0, @v3.0.1` yaml_parser_scan_flow_scalar).
    Quotes(Vec<usize>),
    /// A comment that begins right behind a token (the same, yaml_parser_scan_to_next_token).
    Comment(Range<usize>),
    /// Tabs at the begin of a line. Those that Go does not take are told by [`strict`](super::strict).
    Tabs(Range<usize>),
}

impl Edit {
    /// The comment that is not there any more.
    pub(super) fn comment(&self) -> Option<(u32, u32)> {
        match self {
            Self::Comment(range) => Some((range.start as u32, range.end as u32)),
            _ => None,
        }
    }

    pub(super) fn apply(self, text: &mut String) {
        match self {
            Self::Quotes(places) => places.into_iter().for_each(|at| text.replace_range(at..=at, "P")),
            Self::Comment(range) | Self::Tabs(range) => {
                let blanks = " ".repeat(range.len());
                text.replace_range(range, &blanks);
            }
        }
    }
}

/// What to write otherwise, so that the event reader gets past an error at `at`; `None` where Go refuses the same.
pub(super) fn edit(error: &ErrorKind, text: &str, at: usize, dialect: Dialect) -> Option<Edit> {
    let rest = text.get(at..)?;
    match error {
        ErrorKind::UnknownQuotedScalarEscape => {
            let mut bytes = rest.bytes().enumerate();
            bytes.next().filter(|(_, b)| *b == b'"')?;
            let mut places = Vec::new();
            while let Some((_, byte)) = bytes.next().filter(|(_, b)| *b != b'"') {
                if byte == b'\\' {
                    places.extend(bytes.next().filter(|(_, b)| *b == b'\'').map(|(n, _)| at + n));
                }
            }
            (!places.is_empty()).then_some(Edit::Quotes(places))
        }
        ErrorKind::CommentNotSeparated => {
            // v2 wants a blank between the header of a block and its comment.
            let line = &rest[..rest.find(['\n', '\r']).unwrap_or(rest.len())];
            let block = text[..at]
                .trim_end_matches(['+', '-', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
                .ends_with(['|', '>']);
            (line.starts_with('#') && (!block || dialect != Dialect::V2)).then_some(Edit::Comment(at..at + line.len()))
        }
        ErrorKind::TabInBlockIndentation => {
            let line = text[..at].rfind(['\n', '\r']).map_or(0, |n| n + 1);
            let blanks = text[line..].len() - text[line..].trim_start_matches([' ', '\t']).len();
            let tab = line + text[line..line + blanks].find('\t')?;
            Some(Edit::Tabs(tab..line + blanks))
        }
        _ => None,
    }
}

/// The value of a scalar in quotes, as the text of the file has it.
pub(super) fn value<'v>(source: &str, value: &'v str) -> Cow<'v, str> {
    match source.contains("\\'") {
        true => Cow::Owned(value.replace(QUOTE, "'")),
        false => Cow::Borrowed(value),
    }
}
