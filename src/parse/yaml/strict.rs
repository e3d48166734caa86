//! What Go's readers of YAML refuse and the event reader lets pass: tabs, escapes, directives.
//!
//! Line-based checks run only on a text that holds a tab or a directive, so that ordinary files pay nothing.

use std::ops::Range;

use crate::parse::document::Dialect;

const TAB: &str = "a tab character cannot indent";

/// The first character that Go's readers refuse anywhere (`go-yaml/yaml readerc.go@v2.4.0, @v3.0.1`).
pub(super) fn forbidden_character(text: &str, dialect: Dialect) -> Option<(usize, String)> {
    let bytes = text.as_bytes();
    let mut at = 0;
    loop {
        // Below 0x20 and DEL are one byte; C1 controls begin with 0xC2, U+FFFE and U+FFFF with 0xEF.
        at += bytes[at..]
            .iter()
            .position(|b| (*b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r')) || matches!(*b, 0x7F | 0xC2 | 0xEF))?;
        let char = text[at..].chars().next()?;
        let bad = match char {
            '\0'..='\x1F' | '\u{FFFE}' | '\u{FFFF}' => true,
            '\x7F' => dialect != Dialect::V4,
            '\u{80}'..='\u{84}' | '\u{86}'..='\u{9F}' => true,
            _ => false,
        };
        if bad {
            return Some((at, format!("control character U+{:04X} is not allowed", char as u32)));
        }
        at += char.len_utf8();
    }
}

/// Collects, while events come in, what the checks need.
pub(super) struct Checks<'t> {
    text: &'t str,
    dialect: Dialect,
    /// Whether the text holds a tab or a line that begins with `%`.
    lines: bool,
    /// Quoted scalars, blocks and outermost flow collections: their lines are not looked at.
    closed: Vec<Range<usize>>,
    /// Plain scalars in block context and the column of the collection around them.
    plains: Vec<(usize, usize, i64)>,
    flow: Option<usize>,
    found: Vec<(Range<usize>, String)>,
}

impl<'t> Checks<'t> {
    pub(super) fn new(text: &'t str, dialect: Dialect) -> Self {
        let lines = text.contains('\t') || text.starts_with('%') || text.contains("\n%");
        Self { text, dialect, lines, closed: Vec::new(), plains: Vec::new(), flow: None, found: Vec::new() }
    }

    pub(super) fn plain(&mut self, source: &str, from: usize, to: usize, column: Option<i64>) {
        match column {
            Some(column) if self.lines => self.plains.push((from, to, column)),
            None if self.dialect != Dialect::V4 => {
                // In brackets libyaml ends plain text at a `?`, and then misses the comma.
                if let Some(at) = source.bytes().skip(1).position(|b| b == b'?') {
                    let at = from + 1 + at;
                    self.found.push((at..at + 1, "`?` inside brackets needs quotes around the text".into()));
                }
            }
            _ => {}
        }
    }

    pub(super) fn quoted(&mut self, source: &str, from: usize, to: usize, double: bool) {
        if self.lines {
            self.closed.push(from..to);
        }
        if double && source.contains('\\') {
            let mut bytes = source.bytes().enumerate();
            while let Some((_, byte)) = bytes.next() {
                if byte != b'\\' {
                    continue;
                }
                let Some((at, escape)) = bytes.next() else { return };
                let digits = source.get(at + 1..at + 5).filter(|_| escape == b'u');
                let code = digits.and_then(|d| u32::from_str_radix(d, 16).ok());
                if escape == b'/' {
                    self.found.push((from + at - 1..from + at + 1, "unknown escape `\\/`".into()));
                    return;
                }
                // Half of a pair, as JSON writes them (`scannerc.go@v2.4.0, @v3.0.1` yaml_parser_scan_flow_scalar).
                if code.is_some_and(|code| (0xD800..0xE000).contains(&code)) {
                    let message = "no character has this code: write the whole code as `\\U` and eight digits";
                    self.found.push((from + at - 1..from + at + 5, message.into()));
                    return;
                }
            }
        }
    }

    pub(super) fn block(&mut self, from: usize, to: usize) {
        if self.lines {
            self.closed.push(from..to);
        }
    }

    pub(super) fn flow_begins(&mut self, at: usize) {
        self.flow = Some(at);
    }

    pub(super) fn flow_ends(&mut self, at: usize) {
        if let Some(from) = self.flow.take()
            && self.lines
        {
            self.closed.push(from..at);
        }
    }

    /// `: 1` has no key; JSON-like `{: 1}` has none either and is let pass by Go.
    pub(super) fn empty_key(&mut self, text: &str, at: usize, is_value: bool, in_map: bool) {
        let block = self.flow.is_none();
        if block && in_map && !is_value && text[at..].starts_with(':') {
            self.found.push((at..at + 1, "a key is missing before `:`".into()));
        }
    }

    /// A document ended, perhaps in the middle of brackets.
    pub(super) fn end_document(&mut self) {
        self.flow = None;
    }

    /// All findings, once the whole text was read.
    pub(super) fn finish(&mut self) -> Vec<(Range<usize>, String)> {
        let mut found = std::mem::take(&mut self.found);
        if self.lines {
            self.lines(&mut found);
        }
        found
    }

    fn lines(&mut self, found: &mut Vec<(Range<usize>, String)>) {
        self.closed.sort_by_key(|r| r.start);
        self.plains.sort_unstable();
        let (mut closed, mut plains) = (0, 0);
        // The column that a tab must reach while the scanner still hopes for more of a plain scalar.
        let mut hope: Option<i64> = None;
        let mut after_comment = false;
        let mut start = 0;
        while start < self.text.len() {
            let rest = &self.text[start..];
            let len = rest.find(['\n', '\r']).unwrap_or(rest.len());
            let line = &rest[..len];
            while self.closed.get(closed).is_some_and(|r| r.end <= start) {
                closed += 1;
            }
            if self.closed.get(closed).is_some_and(|r| r.start < start) {
                // The line begins inside; what follows the end of it on this line is not at a line's start.
                hope = None;
                after_comment = false;
            } else {
                let inside = self.plains.get(plains).filter(|p| p.0 < start && start < p.1).map(|p| p.2);
                let indent = line.len() - line.trim_start_matches([' ', '\t']).len();
                let blank = indent == line.len();
                if let Some(tab) = line[..indent].find('\t') {
                    let bad = match inside.or(hope) {
                        Some(column) => (tab as i64) < column + 1,
                        None => !(after_comment && self.dialect != Dialect::V2),
                    };
                    if bad {
                        found.push((start + tab..start + tab + 1, TAB.to_owned()));
                    }
                } else if line.starts_with('%') && inside.is_none() && hope.is_none_or(|c| c >= 0) {
                    let name = line[1..].split([' ', '\t']).next().unwrap_or_default();
                    if !matches!(name, "YAML" | "TAG") {
                        found.push((start..start + 1 + name.len(), format!("unknown directive `%{name}`")));
                    }
                }
                if inside.is_none() {
                    found.extend(tab_after_indicator(line, indent, start));
                }
                if !blank && inside.is_none() {
                    hope = None;
                    after_comment = line[indent..].starts_with('#');
                }
            }
            // A plain scalar that ends on this line with nothing but blanks behind it may go on in the next lines.
            while let Some((_, end, column)) = self.plains.get(plains)
                && *end <= start + len
            {
                let open = self.text[*end..start + len].bytes().all(|b| matches!(b, b' ' | b'\t'));
                hope = open.then_some(*column);
                after_comment = false;
                plains += 1;
            }
            start += len + 1;
        }
    }
}

/// A tab before the first text of a block whose header does not tell the indentation
/// (`scannerc.go@v2.4.0, @v3.0.1` yaml_parser_scan_block_scalar_breaks).
pub(super) fn tab_in_block(block: &str) -> Option<usize> {
    let (header, rest) = block.split_once('\n').filter(|(header, _)| header.starts_with(['|', '>']))?;
    let told = header.split('#').next().is_some_and(|h| h.bytes().any(|b| b.is_ascii_digit()));
    let line = rest.lines().find(|line| !line.trim().is_empty()).filter(|_| !told)?;
    let indent = line.len() - line.trim_start_matches([' ', '\t']).len();
    let at = line.as_ptr() as usize - block.as_ptr() as usize;
    line[..indent].find('\t').map(|tab| at + tab)
}

/// `-⇥x` and `?⇥x`: a tab where the next token could begin a collection.
fn tab_after_indicator(line: &str, mut at: usize, start: usize) -> Option<(Range<usize>, String)> {
    let bytes = line.as_bytes();
    while matches!(bytes.get(at), Some(b'-' | b'?')) && matches!(bytes.get(at + 1), Some(b' ' | b'\t')) {
        at += 1;
        while let Some(b' ' | b'\t') = bytes.get(at) {
            if bytes[at] == b'\t' {
                return Some((start + at..start + at + 1, TAB.to_owned()));
            }
            at += 1;
        }
    }
    None
}
