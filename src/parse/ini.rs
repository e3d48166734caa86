//! `grafana.ini`, as `gopkg.in/ini.v1` reads it with the options that Grafana leaves as they are
//! (`go-ini/ini parser.go@v1.67.0`; `grafana/grafana pkg/setting/setting.go` at 12.3.3).
//!
//! Read as a map of sections; keys before the first section stand under the empty name. A section that is opened
//! twice is two entries of the root.
//!
//! `;` and `#` begin a comment at the start of a line and anywhere in a value that is not between three quotes or backticks,
//! even between plain quotes. A line that ends with `\` goes on in the next one.

use std::sync::Arc;

use super::ParseError;
use super::build::{Builder, Decoded};
use super::document::{Document, Format, Style, Type};
use crate::source::{SourceId, Span};

/// Reads `text`.
pub fn ini(source: SourceId, text: &Arc<str>) -> (Document, Vec<ParseError>) {
    let mut reader = Reader {
        source,
        text: Arc::clone(text),
        build: Builder::new(Document::new(source, Format::Ini, text)),
        errors: Vec::new(),
        section: false,
        at: 0,
    };
    reader.build.open(0, true);
    while reader.at < text.len() {
        reader.line();
    }
    if reader.section {
        reader.build.close(Some(text.len()));
    }
    reader.build.close(Some(text.len()));
    (reader.build.doc, reader.errors)
}

struct Reader {
    source: SourceId,
    text: Arc<str>,
    build: Builder,
    errors: Vec<ParseError>,
    /// Whether a section is open.
    section: bool,
    /// First byte of the next line.
    at: usize,
}

impl Reader {
    /// The next line with its break.
    fn next(&mut self) -> (usize, usize) {
        let start = self.at;
        let rest = &self.text[start..];
        self.at = start + rest.find('\n').map_or(rest.len(), |n| n + 1);
        (start, self.at)
    }

    fn error(&mut self, from: usize, to: usize, message: &str) {
        self.errors.push(ParseError::new(Span::new(self.source, from..to), message));
    }

    fn plain(&mut self, from: usize, to: usize) {
        self.build.scalar((from, to), Type::String, Style::Plain, Decoded::Source(from, to));
    }

    fn line(&mut self) {
        let text = Arc::clone(&self.text);
        let (first, last) = self.next();
        let line = &text[first..last];
        let start = last - line.trim_start().len();
        let end = first + line.trim_end().len();
        if start >= end {
            return;
        }
        let body = &text[start..end];
        if body.starts_with([';', '#']) {
            self.build.doc.comments.push((start as u32, end as u32));
        } else if body.starts_with('[') {
            match body.rfind(']') {
                Some(close) => self.open(start, Some((start + 1, start + close))),
                None => self.error(start, end, "the section has no closing `]`"),
            }
        } else {
            self.entry(start, end);
        }
    }

    /// Begins a section; that before the first one has no name.
    fn open(&mut self, start: usize, name: Option<(usize, usize)>) {
        if self.section {
            self.build.close(Some(start));
        }
        let (from, to) = name.unwrap_or((start, start));
        self.plain(from, to);
        self.build.open(start, true);
        self.section = true;
    }

    fn entry(&mut self, start: usize, end: usize) {
        let text = Arc::clone(&self.text);
        let body = &text[start..end];
        let (key, value) = match key(body) {
            Ok(found) => found,
            Err(message) => return self.error(start, end, message),
        };
        if !self.section {
            self.open(start, None);
        }
        self.plain(start + key.start, start + key.end);
        self.value(start + value);
    }

    /// The value that begins at `from`, in the line that was read last.
    fn value(&mut self, from: usize) {
        let text = Arc::clone(&self.text);
        let line = &text[from..self.at];
        let start = self.at - line.trim_start().len();
        let line = &text[start..self.at];
        if line.is_empty() {
            return self.plain(from, from);
        }
        let quote = if line.len() > 3 && line.starts_with("\"\"\"") {
            Some("\"\"\"")
        } else if line.starts_with('`') {
            Some("`")
        } else {
            None
        };
        if let Some(quote) = quote {
            return self.quoted(start, quote);
        }
        let line = line.trim_end();
        if line.ends_with('\\') {
            return self.continued(start, start + line.len() - 1);
        }
        let (mut from, mut to) = (start, start + line.len());
        if let Some(comment) = line.find(['#', ';']) {
            self.build.doc.comments.push(((start + comment) as u32, to as u32));
            to = start + line[..comment].trim_end().len();
        }
        let (span, value) = ((from, to), &text[from..to]);
        let style = match value.as_bytes().first() {
            Some(b'"') if is_quoted(value, '"') => Style::Double,
            Some(b'\'') if is_quoted(value, '\'') => Style::Single,
            _ => Style::Plain,
        };
        if style != Style::Plain {
            (from, to) = (from + 1, to - 1);
        }
        self.build.scalar(span, Type::String, style, Decoded::Source(from, to));
    }

    /// Text between three quotes or backticks, over any number of lines.
    fn quoted(&mut self, start: usize, quote: &str) {
        let text = Arc::clone(&self.text);
        let from = start + quote.len();
        let mut line = (from, self.at);
        loop {
            if let Some(at) = text[line.0..line.1].rfind(quote) {
                let to = line.0 + at;
                let span = (start, to + quote.len());
                self.build.scalar(span, Type::String, Style::Plain, Decoded::Source(from, to));
                return;
            }
            if self.at >= text.len() {
                self.plain(from, from + text[from..].trim_end().len());
                return self.error(start, from, "the quotes that begin here are not closed");
            }
            line = self.next();
        }
    }

    /// Lines of which each but the last ends with a backslash. What looks like a comment in them is none.
    fn continued(&mut self, start: usize, end: usize) {
        let text = Arc::clone(&self.text);
        let mut value = text[start..end].to_owned();
        let mut to = end + 1;
        while self.at < text.len() {
            let (first, last) = self.next();
            let next = text[first..last].trim();
            if next.is_empty() {
                break;
            }
            to = first + text[first..last].trim_end().len();
            match next.strip_suffix('\\') {
                Some(more) => value.push_str(more),
                None => {
                    value.push_str(next);
                    break;
                }
            }
        }
        self.build.scalar((start, to), Type::String, Style::Plain, Decoded::Owned(&value, start));
    }
}

/// Whether a value stands between quotes of that kind, with none inside.
fn is_quoted(value: &str, quote: char) -> bool {
    value.len() >= 2 && value.ends_with(quote) && value[1..].find(quote) == Some(value.len() - 2)
}

/// Where the key of a line stands, and where the rest of the line begins.
fn key(body: &str) -> Result<(std::ops::Range<usize>, usize), &'static str> {
    const NO_SIGN: &str = "expected `key = value` or `[section]`";
    let quote = if body.len() > 6 && body.starts_with("\"\"\"") {
        "\"\"\""
    } else if body.starts_with('"') {
        "\""
    } else if body.starts_with('`') {
        "`"
    } else {
        let sign = body.find(['=', ':']).ok_or(NO_SIGN)?;
        if sign == 0 {
            return Err("there is no key before the sign");
        }
        return Ok((0..body[..sign].trim_end().len(), sign + 1));
    };
    let from = quote.len();
    let to = from + body[from..].find(quote).ok_or("the quotes of the key are not closed")?;
    let after = to + quote.len();
    let sign = body[after..].find(['=', ':']).ok_or(NO_SIGN)?;
    let name = &body[from..to];
    let from = to - name.trim_start().len();
    Ok((from.min(to)..from.min(to) + name.trim().len(), after + sign + 1))
}
