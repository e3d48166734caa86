//! Collects what is found in one `vispyr.toml`.

use crate::diagnostic::{Diagnostic, Severity};
use crate::source::{SourceId, Span};

use super::rules;

/// More than anybody reads; beyond it only the number is kept, so that hostile input stays cheap.
const MOST: usize = 200;

/// Findings so far.
pub(super) struct Report<'a> {
    pub(super) source: SourceId,
    text: &'a str,
    found: Vec<Diagnostic>,
    left_out: usize,
    /// Lines that hold errors of syntax, as sorted byte ranges: what was recovered from them is a guess.
    broken: Vec<(u32, u32)>,
}

impl<'a> Report<'a> {
    pub(super) fn new(source: SourceId, text: &'a str) -> Self {
        Self { source, text, found: Vec::new(), left_out: 0, broken: Vec::new() }
    }

    /// Whether another finding would be kept; ask before an expensive message is made.
    pub(super) fn has_room(&mut self) -> bool {
        if self.found.len() < MOST {
            return true;
        }
        self.left_out += 1;
        false
    }

    /// Adds an error of syntax.
    pub(super) fn syntax(&mut self, span: Span, message: &str) {
        let span = self.fit(span);
        if self.has_room() {
            self.found.push(Diagnostic::new(&rules::SYNTAX, span, lower(message)));
        }
        let start = span.start;
        if self.broken.iter().any(|(from, to)| *from <= start && start <= *to) || self.broken.len() >= MOST {
            return;
        }
        let at = start as usize;
        let from = self.text[..at].rfind('\n').map_or(0, |i| i + 1);
        let to = self.text[at..].find('\n').map_or(self.text.len(), |i| at + i);
        self.broken.push((from as u32, to as u32));
    }

    /// Whether the text has errors of syntax.
    pub(super) fn is_broken(&self) -> bool {
        !self.broken.is_empty()
    }

    /// Adds a finding, unless it lies in a line that has an error of syntax.
    pub(super) fn push(&mut self, diagnostic: Diagnostic) {
        let at = diagnostic.primary.span.start;
        if self.broken.iter().any(|(from, to)| *from <= at && at <= *to) {
            return;
        }
        if self.has_room() {
            self.found.push(diagnostic);
        }
    }

    /// Whether anything found is an error.
    pub(super) fn has_errors(&self) -> bool {
        self.left_out > 0 || self.found.iter().any(|d| d.severity == Severity::Error)
    }

    /// All of it, in the order of the text.
    pub(super) fn finish(mut self) -> Vec<Diagnostic> {
        self.found.sort_by_key(|d| (d.primary.span.start, d.primary.span.end, d.rule.id));
        if self.left_out > 0
            && let Some(last) = self.found.last_mut()
        {
            last.notes.push(format!("{} more findings are not shown", self.left_out));
        }
        self.found
    }

    /// A span that lies inside the text and on character boundaries.
    fn fit(&self, span: Span) -> Span {
        let floor = |at: u32| {
            let mut at = (at as usize).min(self.text.len());
            while !self.text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let start = floor(span.start);
        Span::new(span.source, start..floor(span.end).max(start))
    }
}

/// The parser's words in the house's style: lower case, no full stop.
fn lower(message: &str) -> String {
    let message = message.trim_end().trim_end_matches('.');
    let mut chars = message.chars();
    match (chars.next(), chars.clone().next()) {
        // "TOML …" stays as it is.
        (Some(first), Some(second)) if first.is_uppercase() && second.is_lowercase() => {
            first.to_lowercase().chain(chars).collect()
        }
        _ => message.to_owned(),
    }
}
