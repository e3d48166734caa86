//! YAML as Go's readers understand it.
//!
//! The events come from `granit-parser`; what only Go refuses is added in [`strict`], and what only Go takes is written
//! otherwise for it by [`lenient`].

mod lenient;
pub(super) mod scalar;
mod strict;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use granit_parser::{Event, Parser, ScalarStyle, StructureStyle, Tag, options};

use super::build::{Builder, Decoded};
use super::document::{Dialect, Document, Format, Shape, Style, Type};
use super::{MAX_DEPTH, ParseError};
use crate::source::{SourceId, Span};

/// Reads YAML. Several documents give several roots; a broken one is kept as far as it was read, with one syntax
/// error, and reading goes on with the next.
pub fn yaml(source: SourceId, text: &Arc<str>, dialect: Dialect) -> (Document, Vec<ParseError>) {
    let mut read = Cow::Borrowed(&**text);
    let mut comments = Vec::new();
    // Every attempt reads from the start.
    let mut left = lenient::MOST.min(lenient::BYTES / text.len().max(1));
    loop {
        let mut reader = Reader {
            text,
            dialect,
            build: Builder::new(Document::new(source, Format::Yaml(dialect), text)),
            anchors: HashMap::new(),
            open: Vec::new(),
            count: Count::default(),
            checks: strict::Checks::new(text, dialect),
            documents: 0,
            errors: Vec::new(),
            ends: Vec::new(),
            last_node: 0,
            swallowed: 0,
        };
        match reader.run(&read, left > 0) {
            Some(edit) => {
                left -= 1;
                comments.extend(edit.comment());
                edit.apply(read.to_mut());
            }
            None => {
                reader.build.doc.comments.append(&mut comments);
                return reader.finish();
            }
        }
    }
}

/// An anchored node and how many nodes it stands for when all aliases are followed.
#[derive(Clone, Copy)]
struct Anchored {
    node: u32,
    size: u64,
}

/// An open collection, as far as aliases and tabs are concerned.
struct Open {
    anchor: usize,
    size: u64,
    /// Column of a block collection; `None` inside a flow collection.
    column: Option<i64>,
}

/// Go's guard against documents that grow without end when aliases are followed
/// (`go-yaml/yaml decode.go@v2.4.0, @v3.0.1` allowedAliasRatio).
#[derive(Default)]
struct Count {
    decoded: u64,
    aliased: u64,
    exceeded: bool,
}

impl Count {
    fn excessive(&self) -> bool {
        let allowed = match self.decoded {
            0..=400_000 => 0.99,
            4_000_000.. => 0.10,
            n => 0.99 - 0.89 * ((n - 400_000) as f64 / 3_600_000.0),
        };
        self.aliased > 100 && self.decoded > 1000 && self.aliased as f64 / self.decoded as f64 > allowed
    }
}

struct Reader<'t> {
    text: &'t str,
    dialect: Dialect,
    build: Builder,
    anchors: HashMap<usize, Anchored>,
    open: Vec<Open>,
    count: Count,
    checks: strict::Checks<'t>,
    documents: usize,
    /// What is wrong, and whether the syntax is.
    errors: Vec<(bool, ParseError)>,
    /// Where documents end.
    ends: Vec<usize>,
    last_node: u32,
    /// Collections that the event reader sees where Go sees a word, and that are still open.
    swallowed: usize,
}

impl<'t> Reader<'t> {
    /// Reads `text`, which is that of the file or as long as it; gives up at the first thing that only Go takes, if told to.
    fn run(&mut self, text: &str, forgiving: bool) -> Option<lenient::Edit> {
        if let Some((at, message)) = strict::forbidden_character(self.text, self.dialect) {
            // Go looks at the characters before it looks at the structure, and reads nothing then.
            self.syntax(at, at + self.char_len(at), message);
            return None;
        }
        let options = options! {
            bom_inside_document_as_content: true,
            block_scalar_eof_without_line_feed: true,
            emit_anchor_events: true,
            emit_unresolved_aliases: true,
            max_buffered_comment_events: 1_000_000,
            flow_nesting_limit: MAX_DEPTH,
            block_nesting_limit: MAX_DEPTH,
            // v4 lifted the limit on the length of a key.
            simple_key_max_lookahead: if self.dialect == Dialect::V4 { 1 << 20 } else { 1024 },
        };
        let mut parser = Parser::new_from_str_with_options(text, options);
        loop {
            match parser.next_event() {
                None | Some(Ok((Event::StreamEnd, _))) => break,
                Some(Ok((event, span))) => self.event(event, span),
                Some(Err(error)) => {
                    let at = error.marker().byte_offset().unwrap_or(self.text.len()).min(self.text.len());
                    let edit = || lenient::edit(error.kind(), text, at, self.dialect);
                    if let Some(edit) = forgiving.then(edit).flatten() {
                        return Some(edit);
                    }
                    let message = error.info();
                    self.syntax(at, at + self.char_len(at), clean(&message));
                    self.end_document();
                    if !matches!(parser.proceed_next_document(), Ok(true)) {
                        break;
                    }
                }
            }
        }
        self.end_document();
        None
    }

    fn finish(mut self) -> (Document, Vec<ParseError>) {
        for (range, message) in self.checks.finish() {
            self.syntax(range.start, range.end, message);
        }
        let mut doc = self.build.doc;
        doc.comments.sort_unstable();
        doc.comments.dedup();
        doc.tags.sort_by_key(|(node, _)| *node);
        doc.anchors.sort_by_key(|(node, _)| *node);
        doc.duplicates.sort_by_key(|d| d.span.start);
        self.errors.sort_by_key(|(_, e)| e.span.start);
        let (mut errors, mut broken, mut ends) = (Vec::new(), false, self.ends.iter().peekable());
        for (syntax, error) in self.errors {
            while ends.next_if(|end| **end <= error.span.start as usize).is_some() {
                broken = false;
            }
            // Go stops at the first syntax error of a document, and nothing is certain after it.
            if !broken {
                errors.push(error);
            }
            broken |= syntax;
        }
        (doc, errors)
    }

    fn char_len(&self, at: usize) -> usize {
        self.text.get(at..).and_then(|t| t.chars().next()).map_or(0, char::len_utf8)
    }

    fn syntax(&mut self, from: usize, to: usize, message: impl Into<String>) {
        let span = Span::new(self.build.doc.source, from..to);
        self.errors.push((true, ParseError::new(span, message)));
    }

    fn error(&mut self, from: usize, to: usize, message: impl Into<String>) {
        let span = Span::new(self.build.doc.source, from..to);
        self.errors.push((false, ParseError::new(span, message)));
    }

    fn event(&mut self, event: Event<'_>, span: granit_parser::Span) {
        let range = span.byte_range().unwrap_or_default();
        let (from, to) = (range.start.min(self.text.len()), range.end.min(self.text.len()));
        if self.swallowed > 0 {
            match event {
                Event::SequenceStart(..) | Event::MappingStart(..) => self.swallowed += 1,
                Event::SequenceEnd | Event::MappingEnd => self.swallowed -= 1,
                _ => {}
            }
            return;
        }
        match event {
            Event::StreamStart | Event::StreamEnd => {}
            Event::DocumentStart(explicit, version) => {
                self.documents += 1;
                self.ends.push(from);
                if let Some(version) = version
                    && (version.major, version.minor) != (1, 1)
                {
                    let from = self.text[..from].rfind("%YAML").unwrap_or(from);
                    let to = from + self.text[from..].find(['\n', '\r']).unwrap_or(self.text.len() - from);
                    let message =
                        format!("incompatible YAML version {}.{}: only 1.1 is read", version.major, version.minor);
                    self.syntax(from, to, message);
                }
                if !explicit && self.documents > 1 {
                    self.syntax(from, from, "expected `---` before another document");
                }
            }
            Event::DocumentEnd => {
                self.end_document();
                self.ends.push(to);
            }
            Event::Comment(..) => self.build.doc.comments.push((from as u32, to as u32)),
            Event::Alias(id) => self.alias(id, from, to),
            Event::UnresolvedAlias(name) => {
                self.error(from, to, format!("unknown anchor `{name}`"));
                self.build.alias((from, to), None);
                self.grow(1);
            }
            Event::Anchor(id, name) => {
                let node = self.last_node;
                self.build.doc.anchors.push((node, Span::new(self.build.doc.source, from..to)));
                self.name(&name, from, to);
                self.anchors.entry(id).or_insert(Anchored { node, size: 1 });
            }
            Event::Scalar(value, style, anchor, tag) => {
                self.scalar(&value, style, (from, to), tag.as_deref());
                if anchor != 0 {
                    self.anchors.insert(anchor, Anchored { node: self.last_node, size: 1 });
                }
            }
            Event::SequenceStart(style, anchor, tag) => {
                self.begin(false, style, anchor, tag.as_deref(), from, &span);
            }
            Event::MappingStart(style, anchor, tag) => match self.word(from) {
                Some(word) => {
                    self.swallowed = 1;
                    self.scalar(word, ScalarStyle::Plain, (from, from + word.len()), None);
                }
                None => self.begin(true, style, anchor, tag.as_deref(), from, &span),
            },
            Event::SequenceEnd | Event::MappingEnd => self.end(to),
            // Presentation that newer readers may add.
            _ => {}
        }
    }

    /// The word of a flow list that begins there and ends in a colon with no blank behind it: `[80:, http://x:]`. To Go no
    /// key begins with that (`go-yaml/yaml scannerc.go@v2.4.0, @v3.0.1` yaml_parser_scan_plain_scalar).
    fn word(&self, from: usize) -> Option<&'t str> {
        let list = self.build.open_node().is_some_and(|r| r.shape == Shape::Seq);
        let flow = self.open.last().is_some_and(|o| o.column.is_none());
        let rest = self.text.get(from..).filter(|_| list && flow)?;
        let word = &rest[..rest.find([',', ']', '[', '{', '}', '\n', '\r'])?];
        // Only v4 begins a word with these.
        let plain = match word.bytes().next()? {
            b':' | b'?' => self.dialect == Dialect::V4,
            first => !b"'\"&*!|>%@`#".contains(&first),
        };
        let pair = word.contains(": ") || word.contains(":\t");
        let ends = matches!(rest.as_bytes()[word.len()], b',' | b']');
        (plain && !pair && ends && word.ends_with(':')).then_some(word)
    }

    /// Whether the key of a flow map that ends there goes on with a colon that no blank follows.
    fn is_word_of_map(&self, to: usize) -> bool {
        let map = self.build.open_node().is_some_and(|r| r.shape == Shape::Map) && !self.build.wants_value();
        let flow = self.open.last().is_some_and(|o| o.column.is_none());
        map && flow && [":,", ":}"].iter().any(|end| self.text[to..].starts_with(end))
    }

    fn name(&mut self, name: &str, from: usize, to: usize) {
        // v4 takes more characters, but no colon at the end.
        let plain = match self.dialect {
            Dialect::V4 => !name.ends_with(':'),
            _ => name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-'),
        };
        if !plain {
            let message = "an anchor's name holds only ASCII letters, digits, `_` and `-`";
            self.syntax(from, to, message);
        }
    }

    fn alias(&mut self, id: usize, from: usize, to: usize) {
        let name = self.text.get(from + 1..to).unwrap_or_default();
        self.name(name, from, to);
        let target = self.anchors.get(&id).copied();
        let mut found = None;
        if let Some(target) = target {
            if self.build.is_open(target.node) {
                self.error(from, to, format!("anchor `{name}` contains itself"));
            } else if !self.count.exceeded {
                self.count.aliased = self.count.aliased.saturating_add(target.size);
                self.count.decoded = self.count.decoded.saturating_add(target.size);
                if self.count.excessive() {
                    self.count.exceeded = true;
                    self.error(from, to, "the document contains excessive aliasing");
                } else {
                    found = Some(target);
                }
            }
        }
        self.build.alias((from, to), found.map(|t| t.node));
        self.grow(found.map_or(1, |t| t.size.saturating_add(1)));
    }

    /// A node of that expanded size was added to the innermost open collection.
    fn grow(&mut self, size: u64) {
        self.count.decoded = self.count.decoded.saturating_add(1);
        if let Some(open) = self.open.last_mut() {
            open.size = open.size.saturating_add(size);
        }
    }

    fn tag(&mut self, tag: Option<&Tag>) {
        if let Some(tag) = tag {
            let short = match tag.core_suffix() {
                Some(suffix) => format!("!!{suffix}"),
                None => tag.original(),
            };
            self.build.doc.tags.push((self.last_node, short.into()));
        }
    }

    fn scalar(&mut self, value: &str, style: ScalarStyle, (from, to): (usize, usize), tag: Option<&Tag>) {
        let style = match style {
            ScalarStyle::Plain => Style::Plain,
            ScalarStyle::SingleQuoted => Style::Single,
            ScalarStyle::DoubleQuoted => Style::Double,
            ScalarStyle::Literal => Style::Literal,
            ScalarStyle::Folded => Style::Folded,
        };
        let short = tag.map(|t| t.core_suffix().map_or_else(|| t.original(), |s| format!("!!{s}")));
        // Nor is the colon of `{a:, b: 1}` one that ends a key.
        let more = style == Style::Plain && to > from && self.is_word_of_map(to);
        let to = to + usize::from(more);
        let source = &self.text[from..to];
        let longer = match style {
            Style::Double => lenient::value(source, value),
            _ if more => Cow::Owned(format!("{value}:")),
            _ => Cow::Borrowed(value),
        };
        let value = &*longer;
        // The event reader hands on `~` for a value that is not written.
        let value = if style == Style::Plain && source.is_empty() { "" } else { value };
        let kind = scalar::kind(value, style, short.as_deref(), self.dialect);
        let mut span = (from, to);
        let decoded = match style {
            Style::Plain if value.is_empty() => {
                span = self.empty_place(from, tag.is_some());
                self.checks.empty_key(
                    self.text,
                    from,
                    self.build.wants_value(),
                    self.build.open_node().is_some_and(|r| r.shape == Shape::Map),
                );
                Decoded::Source(span.0, span.0)
            }
            Style::Plain => {
                let column = self.open.last().map_or(Some(-1), |o| o.column);
                self.checks.plain(source, from, to, column);
                if source == value { Decoded::Source(from, to) } else { Decoded::Owned(value, from) }
            }
            Style::Single | Style::Double => {
                self.checks.quoted(source, from, to, style == Style::Double);
                match source.get(1..source.len().saturating_sub(1)) {
                    Some(inner) if inner == value => Decoded::Source(from + 1, to - 1),
                    _ => Decoded::Owned(value, from),
                }
            }
            Style::Literal | Style::Folded => {
                let content = without_blank_lines(source);
                span = (header(self.text, from), (from + content).max(from));
                self.checks.block(span.0, to);
                if let Some(at) = strict::tab_in_block(&self.text[span.0..to]) {
                    let message = "a tab character where a space of the indentation is expected";
                    self.syntax(span.0 + at, span.0 + at + 1, message);
                }
                if source == value { Decoded::Source(from, to) } else { Decoded::Owned(value, from) }
            }
        };
        self.last_node = self.build.scalar(span, kind, style, decoded);
        self.tag(tag);
        self.grow(1);
        if kind == Type::String && matches!(short.as_deref(), Some("!!int" | "!!float" | "!!bool" | "!!null")) {
            let message = format!(
                "cannot read `{}` as `{}`",
                value.chars().take(60).collect::<String>(),
                short.unwrap_or_default()
            );
            self.error(from, to, message);
        }
    }

    /// Where a value that is not written stands: after its key's colon or after its dash, not at the next token.
    fn empty_place(&self, from: usize, tagged: bool) -> (usize, usize) {
        if tagged {
            return (from, from);
        }
        let Some(previous) = self.build.previous() else { return (from, from) };
        let end = previous.end as usize;
        if end > from || !self.build.wants_value() {
            return (from, from);
        }
        let rest = &self.text[end..];
        let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        let at = if rest[blanks..].starts_with(':') { end + blanks + 1 } else { end };
        (at, at)
    }

    fn begin(
        &mut self,
        map: bool,
        style: StructureStyle,
        anchor: usize,
        tag: Option<&Tag>,
        from: usize,
        span: &granit_parser::Span,
    ) {
        self.last_node = self.build.open(from, map);
        self.tag(tag);
        if anchor != 0 {
            self.anchors.insert(anchor, Anchored { node: self.last_node, size: 1 });
        }
        self.count.decoded = self.count.decoded.saturating_add(1);
        let flow = style == StructureStyle::Flow;
        let inside = self.open.last().is_some_and(|o| o.column.is_none());
        if flow && !inside {
            self.checks.flow_begins(from);
        }
        let column = if flow || inside { None } else { Some(span.start.col() as i64) };
        self.open.push(Open { anchor, size: 1, column });
    }

    fn end(&mut self, to: usize) {
        let Some(open) = self.open.pop() else { return };
        let node = self.build.open_node().map(|r| r.start as usize);
        if open.column.is_none() && self.open.last().is_none_or(|o| o.column.is_some()) {
            self.checks.flow_ends(to);
        }
        if let Some(anchored) = self.anchors.get_mut(&open.anchor) {
            anchored.size = open.size;
        }
        // A pair inside a flow list has no braces and ends with its value.
        let braces = node.is_some_and(|at| matches!(self.text.as_bytes().get(at), Some(b'[' | b'{')));
        let end = if open.column.is_none() && braces && to > 0 && matches!(self.text.as_bytes()[to - 1], b']' | b'}') {
            Some(to)
        } else {
            None
        };
        self.build.close(end);
        if let Some(parent) = self.open.last_mut() {
            parent.size = parent.size.saturating_add(open.size);
        }
    }

    /// Closes what a document left open and reduces its syntax errors to the first.
    fn end_document(&mut self) {
        self.build.close_all();
        self.open.clear();
        self.anchors.clear();
        self.count = Count::default();
        self.bad_entries();
        self.checks.end_document();
    }

    /// What no target of Go's takes: `<<` with anything but maps, and keys that are no scalars.
    fn bad_entries(&mut self) {
        let doc = &self.build.doc;
        let from = doc.roots.last().copied().unwrap_or_default() as usize;
        let mut bad = Vec::new();
        for map in doc.records.get(from..).unwrap_or_default() {
            if map.shape != Shape::Map {
                continue;
            }
            for entry in doc.children[map.a as usize..map.b as usize].chunks_exact(2) {
                let (key, value) = (&doc.records[entry[0] as usize], &doc.records[entry[1] as usize]);
                if map.merges && doc.is_merge_key(entry[0]) && !doc.can_merge(entry[1]) {
                    bad.push((value.start, value.end, "a merge takes a map or a list of maps"));
                } else if doc.is_collection(entry[0]) {
                    bad.push((key.start, key.end, "a key must be a scalar"));
                }
            }
        }
        for (start, end, message) in bad {
            self.error(start as usize, end as usize, message);
        }
    }
}

/// The length of a block's text up to its last line that is not blank, break excluded: the event reader counts the
/// indentation of what comes next to the block.
fn without_blank_lines(mut text: &str) -> usize {
    while let Some(line) = text.rfind(['\n', '\r'])
        && text[line..].trim_matches([' ', '\t', '\n', '\r']).is_empty()
    {
        text = &text[..line];
    }
    text.len()
}

/// Where the header of a block scalar stands: on the last line that is not blank before its content.
fn header(text: &str, content: usize) -> usize {
    let before = text[..content].trim_end_matches([' ', '\t', '\n', '\r']);
    let mut line = before.rfind(['\n', '\r']).map_or(0, |n| n + 1);
    while line < before.len() {
        let Some(at) = before[line..].find(['|', '>']) else { break };
        let rest = before[line + at + 1..].trim_start_matches(['+', '-', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
        let comment = rest.trim_start_matches([' ', '\t']);
        if rest.is_empty() || (comment.len() < rest.len() && (comment.is_empty() || comment.starts_with('#'))) {
            return line + at;
        }
        line += at + 1;
    }
    content
}

/// A message of the reader in the house's voice.
fn clean(message: &str) -> String {
    let mut chars = message.trim_end_matches('.').chars();
    match (chars.next(), chars.clone().next()) {
        // An initialism keeps its capitals.
        (Some(first), Some(second)) if first.is_uppercase() && !second.is_uppercase() => {
            first.to_lowercase().chain(chars).collect()
        }
        _ => message.trim_end_matches('.').to_owned(),
    }
}
