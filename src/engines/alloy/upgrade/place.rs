//! Where in a text a statement ends, and how a line is put in: edits that leave everything else as it was.

use std::ops::Range;

use vispyr_alloy::{Block, Stmt};

/// A file's text as edits see it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Page<'a> {
    pub(super) text: &'a str,
}

impl<'a> Page<'a> {
    /// How lines end here.
    fn end(self) -> &'static str {
        if self.text.contains("\r\n") { "\r\n" } else { "\n" }
    }

    fn of(self, range: Range<usize>) -> &'a str {
        self.text.get(range).unwrap_or_default()
    }

    fn line_start(self, at: usize) -> usize {
        self.of(0..at).rfind('\n').map_or(0, |n| n + 1)
    }

    /// The spacing that the line of a place starts with.
    fn indent(self, at: usize) -> &'a str {
        let line = self.of(self.line_start(at)..at);
        &line[..line.len() - line.trim_start().len()]
    }

    /// The spacing of the statements of a block.
    fn inner(self, block: Block<'a>) -> String {
        let own = self.indent(block.range().start as usize);
        let first = block.body().stmts().next().map(|s: Stmt<'a>| s.range().start as usize);
        let first = first.filter(|at| self.of(self.line_start(*at)..*at).trim().is_empty());
        match first.map(|at| self.indent(at)) {
            Some(inner) if inner.len() > own.len() => inner.to_owned(),
            _ => format!("{own}\t"),
        }
    }

    /// What goes with a statement: its lines when it has them to itself. A comment behind it stays.
    pub(super) fn whole(self, statement: Range<u32>) -> Range<usize> {
        let (start, end) = (statement.start as usize, statement.end as usize);
        let line = self.line_start(start);
        let before = self.of(line..start);
        let next = self.of(end..self.text.len()).find('\n').map_or(self.text.len(), |n| end + n);
        let after = self.of(end..next);
        let spacing = after.len() - after.trim_start().len();
        if !before.trim().is_empty() {
            return line + before.trim_end().len()..end;
        }
        if after.trim().is_empty() {
            return line..(next + 1).min(self.text.len());
        }
        start..end + spacing
    }

    /// Puts lines in as the last statements of a block.
    pub(super) fn append(self, block: Block<'a>, lines: &[String]) -> (Range<usize>, String) {
        let close = block.body().range().end as usize;
        let (indent, end) = (self.inner(block), self.end());
        let line = self.line_start(close);
        let text: String = lines.iter().map(|l| self.shifted(l, &indent)).collect();
        if self.of(line..close).trim().is_empty() {
            return (line..line, text);
        }
        let trimmed = self.of(0..close).trim_end_matches([' ', '\t']).len();
        (trimmed..close, format!("{end}{text}{}", self.indent(block.range().start as usize)))
    }

    /// Puts a line in as the first statement of a block.
    pub(super) fn prepend(self, block: Block<'a>, line: &str) -> (Range<usize>, String) {
        let open = block.body().range().start as usize;
        let (indent, end) = (self.inner(block), self.end());
        let rest = self.of(open..self.text.len());
        let ends = rest.trim_start_matches([' ', '\t', '\r']).starts_with('\n');
        let last = if ends { String::new() } else { format!("{end}{indent}") };
        (open..open, format!("{end}{indent}{line}{last}"))
    }

    /// A line of its own before another, which stays on the line where it ends with its comment.
    pub(super) fn before(self, statement: Range<u32>, line: &str) -> String {
        format!("{line}{}{}", self.end(), self.indent(statement.start as usize))
    }

    /// A block in the place of a statement.
    pub(super) fn block(self, at: u32, name: &str, lines: &[String]) -> String {
        let (indent, end) = (self.indent(at as usize), self.end());
        let inner = format!("{indent}\t");
        let lines: String = lines.iter().map(|l| self.shifted(l, &inner)).collect();
        format!("{name} {{{end}{lines}{indent}}}")
    }

    /// Lines (of which some may already stand deeper) behind an indentation.
    fn shifted(self, lines: &str, indent: &str) -> String {
        let line = |l: &str| if l.is_empty() { self.end().to_owned() } else { format!("{indent}{l}{}", self.end()) };
        lines.split('\n').map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn without(text: &str, statement: &str) -> String {
        let at = text.find(statement).unwrap();
        let range = Page { text }.whole(at as u32..(at + statement.len()) as u32);
        format!("{}{}", &text[..range.start], &text[range.end..])
    }

    #[test]
    fn a_statement_goes_with_its_line_and_without_its_comment() {
        assert_eq!(without("a {\n\tx = 1\n\ty = 2\n}\n", "x = 1"), "a {\n\ty = 2\n}\n");
        assert_eq!(without("a {\n\tx = 1 // why\n}\n", "x = 1"), "a {\n\t// why\n}\n");
        assert_eq!(without("a { x = 1 }\n", "x = 1"), "a { }\n");
        assert_eq!(without("a {\r\n\tx = 1\r\n}\r\n", "x = 1"), "a {\r\n}\r\n");
        assert_eq!(without("x = 1", "x = 1"), "");
    }

    #[test]
    fn lines_are_put_in_where_the_block_ends() {
        for (text, expected) in [
            ("a {\n  x = 1\n}\n", "a {\n  x = 1\n  y = 2\n}\n"),
            ("a {\n}\n", "a {\n\ty = 2\n}\n"),
            ("a { }\n", "a {\n\ty = 2\n}\n"),
            ("a { x = 1 }\n", "a { x = 1\n\ty = 2\n}\n"),
            ("a {\r\n\tx = 1\r\n}\r\n", "a {\r\n\tx = 1\r\n\ty = 2\r\n}\r\n"),
        ] {
            let parsed = vispyr_alloy::parse(text);
            let (range, line) = Page { text }.append(parsed.file.body().block("a").unwrap(), &["y = 2".to_owned()]);
            assert_eq!(format!("{}{line}{}", &text[..range.start], &text[range.end..]), expected);
        }
    }
}
