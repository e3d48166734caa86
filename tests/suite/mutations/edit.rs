//! Breakages as edits of text, and where their findings must point afterwards.

use std::ops::Range;

use vispyr::source::{Edit, SourceId, Span};

use super::trees::Site;

/// A place that a finding must have.
#[derive(Debug, Clone, Copy)]
pub(crate) enum At {
    /// What an edit wrote, without some bytes at both ends.
    Edit(usize, u32, u32),
    /// A place of the unbroken text, which may hold an edit.
    Old(Span),
}

/// One breakage.
#[derive(Debug)]
pub(super) struct Mutation {
    /// Its row in the table.
    pub(super) class: &'static str,
    /// What is broken.
    pub(super) what: String,
    /// How; no two overlap.
    pub(super) edits: Vec<Edit>,
    /// All findings that must come of it, by rule.
    pub(super) expected: Vec<(&'static str, At)>,
    /// Rules that may tell the same fault from the sender's file alone.
    pub(super) also: Vec<&'static str>,
}

impl Mutation {
    pub(super) fn new(class: &'static str, what: impl Into<String>) -> Self {
        Self { class, what: what.into(), edits: Vec::new(), expected: Vec::new(), also: Vec::new() }
    }

    /// Writes `text` over `span`.
    pub(super) fn edit(mut self, span: Span, text: impl Into<String>) -> Self {
        self.edits.push(Edit { span, text: text.into() });
        self
    }

    /// Expects a finding at a place of the unbroken text.
    pub(super) fn at(mut self, rule: &'static str, span: Span) -> Self {
        self.expected.push((rule, At::Old(span)));
        self
    }

    /// Expects a finding at the last edit.
    pub(super) fn here(self, rule: &'static str) -> Self {
        self.inside(rule, 0, 0)
    }

    /// Expects a finding inside of what the last edit wrote, so many bytes from its ends.
    pub(super) fn inside(mut self, rule: &'static str, before: usize, after: usize) -> Self {
        let last = self.edits.len() - 1;
        self.expected.push((rule, At::Edit(last, before as u32, after as u32)));
        self
    }

    /// Expects a finding at each place.
    pub(super) fn all(mut self, rule: &'static str, spans: impl IntoIterator<Item = Span>) -> Self {
        self.expected.extend(spans.into_iter().map(|s| (rule, At::Old(s))));
        self
    }

    /// Lets a rule on one file tell it too.
    pub(super) fn also(mut self, rule: &'static str) -> Self {
        self.also.push(rule);
        self
    }

    /// The files afterwards.
    pub(super) fn apply(&self, site: &Site) -> Vec<(String, String)> {
        let mut files = site.files.clone();
        for edit in from_the_end(&self.edits) {
            let path = &site.tree.sources.get(edit.span.source).path;
            let file = files.iter_mut().find(|(p, _)| p == path).unwrap();
            file.1.replace_range(edit.span.range(), &edit.text);
        }
        files
    }

    /// The expected findings: rule, path, bytes after the edits.
    pub(super) fn wanted(&self, site: &Site) -> Vec<(&'static str, String, Range<u32>)> {
        let path = |s: Span| site.tree.sources.get(s.source).path.clone();
        let one = |(rule, at): &(&'static str, At)| match *at {
            At::Edit(index, before, after) => {
                let edit = &self.edits[index];
                let start = moved(&self.edits, edit.span).start;
                (*rule, path(edit.span), start + before..start + edit.text.len() as u32 - after)
            }
            At::Old(span) => (*rule, path(span), moved(&self.edits, span)),
        };
        let mut wanted: Vec<_> = self.expected.iter().map(one).collect();
        wanted.sort_by_key(|w| (w.0, w.1.clone(), w.2.start));
        wanted.dedup();
        wanted
    }
}

/// Edits in the order in which they can be made without moving each other.
pub(crate) fn from_the_end(edits: &[Edit]) -> Vec<&Edit> {
    let mut edits: Vec<&Edit> = edits.iter().collect();
    edits.sort_by_key(|e| std::cmp::Reverse(e.span));
    edits
}

/// Where a span of the unbroken text is afterwards.
pub(crate) fn moved(edits: &[Edit], span: Span) -> Range<u32> {
    let (mut start, mut end) = (i64::from(span.start), i64::from(span.end));
    for edit in edits.iter().filter(|e| e.span.source == span.source) {
        let grown = edit.text.len() as i64 - i64::from(edit.span.end - edit.span.start);
        if edit.span == span {
            end += grown;
        } else if edit.span.end <= span.start {
            start += grown;
            end += grown;
        } else if edit.span.start < span.end {
            end += grown;
        }
    }
    start as u32..end as u32
}

/// An empty span before a byte.
pub(crate) fn before(source: SourceId, at: usize) -> Span {
    Span::new(source, at..at)
}

/// The line of a byte, without its end.
pub(crate) fn line(text: &str, at: usize) -> Range<usize> {
    let start = text[..at].rfind('\n').map_or(0, |n| n + 1);
    let end = text[at..].find('\n').map_or(text.len(), |n| at + n);
    start..end
}

/// The indent of the line of a byte.
pub(crate) fn indent(text: &str, at: usize) -> &str {
    let line = &text[line(text, at)];
    &line[..line.len() - line.trim_start().len()]
}

/// All lines of the YAML list entry around a byte.
pub(crate) fn entry(text: &str, at: usize) -> Range<usize> {
    let mut first = line(text, at);
    while !text[first.clone()].trim_start().starts_with("- ") {
        first = line(text, first.start - 1);
    }
    let depth = indent(text, first.start).len();
    let mut end = first.end;
    while end < text.len() {
        let next = line(text, end + 1);
        if next.is_empty() || indent(text, next.start).len() <= depth {
            break;
        }
        end = next.end;
    }
    first.start..end + 1
}

/// The first line at or after a byte for which something holds.
pub(crate) fn next_line(text: &str, at: usize, holds: impl Fn(&str) -> bool) -> Option<Range<usize>> {
    let mut here = line(text, at);
    loop {
        if holds(text[here.clone()].trim()) {
            return Some(here);
        }
        if here.end >= text.len() {
            return None;
        }
        here = line(text, here.end + 1);
    }
}

/// The last line at or before a byte for which something holds.
pub(super) fn last_line(text: &str, at: usize, holds: impl Fn(&str) -> bool) -> Option<Range<usize>> {
    let mut here = line(text, at);
    loop {
        if holds(text[here.clone()].trim()) {
            return Some(here);
        }
        if here.start == 0 {
            return None;
        }
        here = line(text, here.start - 1);
    }
}
