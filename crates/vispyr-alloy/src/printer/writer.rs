//! Joins words, spacing and comments.
//!
//! Two positions are kept apart: where we are in the source (to know which comments come next and how many lines lie
//! between things) and where we are in the output (to know when to indent). The first is partly a guess, because not
//! every word brings its position along; the layout depends on the guesses, so they are made as in grafana/alloy
//! syntax/printer/printer.go@v1.18.1.

use super::{TooLarge, limit};
use crate::token::TokenKind;
use crate::tree::File;
use crate::view::Comment;

/// Begins and ends text that the column alignment and the trimming leave alone. Not a byte of any UTF-8 text.
pub(super) const ESCAPE: u8 = 0xff;

/// How many spacing wishes are held back; the next one flushes them.
const MAX_SPACING: usize = 16;

/// At most one blank line in a row.
const MAX_NEWLINES: usize = 2;

/// A wish for spacing. It is fulfilled when the next word is written, unless a comment changes the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spacing {
    /// A wish that a comment has made void.
    Void,
    Blank,
    /// Ends a cell.
    Tab,
    Newline,
    /// Ends a line and the block of aligned lines.
    Break,
    Indent,
    Unindent,
}

#[derive(Debug, Clone, Copy, Default)]
struct Position {
    offset: usize,
    /// From 1; 0 is nowhere.
    line: usize,
}

/// The last thing that was written or wished for, as far as it matters to what may touch it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Last {
    Number,
    Slash,
    Other,
}

pub(super) struct Writer<'a> {
    file: &'a File,
    /// Where each line begins.
    lines: Vec<usize>,
    out: Vec<u8>,
    max: usize,
    indent: usize,
    last_word: Last,
    spacing: Vec<Spacing>,
    /// The next comment group, as indexes into the comments of the file.
    group: std::ops::Range<usize>,
    pos: Position,
    /// Where the last word ended in the source.
    last: Position,
    /// The column in the output, from 1.
    column: usize,
}

impl<'a> Writer<'a> {
    pub(super) fn new(file: &'a File) -> Self {
        let line_ends = file.text().bytes().enumerate().filter(|&(_, b)| b == b'\n').map(|(at, _)| at + 1);
        let mut writer = Self {
            file,
            lines: std::iter::once(0).chain(line_ends).collect(),
            out: Vec::with_capacity(file.text().len() + file.text().len() / 4),
            max: limit(file.text().len()),
            indent: 0,
            last_word: Last::Other,
            spacing: Vec::with_capacity(MAX_SPACING),
            group: 0..0,
            pos: Position { offset: 0, line: 1 },
            last: Position::default(),
            column: 1,
        };
        writer.next_group();
        writer
    }

    /// The line of a byte of the source, from 1.
    pub(super) fn line(&self, offset: u32) -> usize {
        self.lines.partition_point(|&start| start <= offset as usize)
    }

    fn position(&self, offset: u32) -> Position {
        Position { offset: offset as usize, line: self.line(offset) }
    }

    /// The next word stands at this byte of the source.
    pub(super) fn at(&mut self, offset: u32) {
        self.pos = self.position(offset);
    }

    /// Asks for spacing before the next word.
    pub(super) fn space(&mut self, spacing: Spacing) {
        if self.spacing.len() == MAX_SPACING {
            self.write_spacing(MAX_SPACING);
        }
        self.spacing.push(spacing);
        self.last_word = Last::Other;
    }

    /// Writes a name or a literal.
    pub(super) fn word(&mut self, text: &str, kind: TokenKind) {
        self.last_word = if kind == TokenKind::Number { Last::Number } else { Last::Other };
        self.write(text);
    }

    /// Writes an operator or a bracket.
    pub(super) fn symbol(&mut self, kind: TokenKind) {
        let text = kind.symbol();
        // Without a blank the two would be read as one: `1 .a`, `/ *`.
        if matches!((self.last_word, kind), (Last::Number, TokenKind::Dot) | (Last::Slash, TokenKind::Mul)) {
            self.spacing.clear();
            self.spacing.push(Spacing::Blank);
        }
        self.last_word = if kind == TokenKind::Div { Last::Slash } else { Last::Other };
        self.write(text);
    }

    fn write(&mut self, text: &str) {
        let next = self.pos;
        if self.comment_before(next) {
            self.write_comments(Some(next));
        } else {
            self.write_spacing(self.spacing.len());
        }
        self.write_text(next, text, false);
    }

    /// Writes the comments that are left.
    pub(super) fn finish(mut self) -> Result<Vec<u8>, TooLarge> {
        if !self.group.is_empty() {
            self.write_comments(None);
        }
        self.check()?;
        Ok(self.out)
    }

    /// Fails when the output has grown out of proportion.
    pub(super) fn check(&self) -> Result<(), TooLarge> {
        if self.out.len() > self.max { Err(TooLarge) } else { Ok(()) }
    }

    /// Moves to the next run of comments that nothing separates.
    fn next_group(&mut self) {
        let start = self.group.end;
        let rest = self.file.comments.get(start..).unwrap_or_default();
        let len = match rest {
            [] => 0,
            [_, more @ ..] => 1 + more.iter().take_while(|comment| !comment.starts_group).count(),
        };
        self.group = start..start + len;
    }

    fn comment_before(&self, next: Position) -> bool {
        !self.group.is_empty()
            && self.file.comments.get(self.group.start).is_some_and(|c| c.span.start as usize <= next.offset)
    }

    /// Writes the comments before `next`, or all of them at the end of the file.
    fn write_comments(&mut self, next: Option<Position>) {
        let mut last = None;
        while next.map_or(!self.group.is_empty(), |next| self.comment_before(next)) {
            for index in self.group.clone() {
                if let Some(node) = self.file.comments.get(index).copied() {
                    let text = Comment::new(self.file, node).text();
                    let at = self.position(node.span.start);
                    self.before_comment(at, next);
                    self.write_text(at, &text, true);
                    last = Some((at.offset, text));
                }
            }
            self.next_group();
        }
        if let (Some(next), Some((start, text))) = (next, last) {
            self.after_comments(next, start, &text);
        }
    }

    fn before_comment(&mut self, comment: Position, next: Option<Position>) {
        if self.out.is_empty() {
            return;
        }
        if comment.line == self.last.line {
            // Behind a word on its line: a column of its own, unless more words follow on the line.
            let between = next.is_some_and(|next| next.line == comment.line);
            self.write_byte(if between { b' ' } else { b'\t' }, 1);
            return;
        }
        // On a line of its own. Indentation up to the first other wish is done before it; that wish is void.
        let done = self.spacing.iter().position(|s| !matches!(s, Spacing::Indent | Spacing::Unindent)).unwrap_or(0);
        if let Some(spacing) = self.spacing.get_mut(done)
            && !matches!(spacing, Spacing::Indent | Spacing::Unindent)
        {
            *spacing = Spacing::Void;
        }
        self.write_spacing(done);
        if self.last.line > 0 && comment.line > self.last.line {
            self.write_byte(b'\x0c', (comment.line - self.last.line).min(MAX_NEWLINES));
        }
    }

    fn after_comments(&mut self, next: Position, start: usize, text: &str) {
        // The length of a text that lost its carriage returns points too far back; so it does upstream.
        let end = self.line((start + text.len() - 1) as u32);
        if text.as_bytes().get(1) == Some(&b'*') && next.line == end {
            self.write_byte(b' ', 1);
        }
        let newlines = next.line.saturating_sub(self.last.line);
        let mut broken = false;
        for spacing in &mut self.spacing {
            if !matches!(spacing, Spacing::Indent | Spacing::Unindent) {
                broken |= *spacing == Spacing::Break;
                *spacing = Spacing::Void;
            }
        }
        self.write_spacing(self.spacing.len());
        if newlines > 0 {
            self.write_byte(if broken { b'\x0c' } else { b'\n' }, newlines.min(MAX_NEWLINES));
        }
    }

    /// Writes text that stands at `at` in the source.
    fn write_text(&mut self, at: Position, text: &str, verbatim: bool) {
        if self.column == 1 {
            self.write_indent();
        }
        self.pos = at;
        if verbatim {
            self.out.push(ESCAPE);
        }
        self.out.extend_from_slice(text.as_bytes());
        if verbatim {
            self.out.push(ESCAPE);
        }
        self.pos.offset += text.len();
        // A form feed inside a string counts as a line end: it is one once the columns are aligned.
        let is_line_end = |&b: &u8| b == b'\n' || b == b'\x0c';
        match text.bytes().rposition(|b| is_line_end(&b)) {
            Some(last) => {
                self.pos.line += text.bytes().filter(is_line_end).count();
                self.column = text.len() - last;
            }
            None => self.column += text.len(),
        }
        self.last = self.pos;
    }

    fn write_indent(&mut self) {
        // An output that is too large already is thrown away, it need not grow.
        if self.out.len() <= self.max {
            self.out.extend(std::iter::repeat_n(b'\t', self.indent));
        }
        self.pos.offset += self.indent;
        self.column += self.indent;
    }

    fn write_byte(&mut self, byte: u8, count: usize) {
        if self.column == 1 {
            self.write_indent();
        }
        self.out.extend(std::iter::repeat_n(byte, count));
        self.pos.offset += count;
        if byte == b'\n' || byte == b'\x0c' {
            self.pos.line += count;
            self.column = 1;
        } else {
            self.column += count;
        }
    }

    /// Fulfils the first `count` wishes.
    fn write_spacing(&mut self, count: usize) {
        for index in 0..count {
            match self.spacing.get(index).copied().unwrap_or(Spacing::Void) {
                Spacing::Void => {}
                Spacing::Indent => self.indent += 1,
                Spacing::Unindent => self.indent = self.indent.saturating_sub(1),
                Spacing::Blank => self.write_byte(b' ', 1),
                Spacing::Tab => self.write_byte(b'\x0b', 1),
                Spacing::Newline => self.write_byte(b'\n', 1),
                Spacing::Break => self.write_byte(b'\x0c', 1),
            }
        }
        self.spacing.drain(..count);
    }
}
