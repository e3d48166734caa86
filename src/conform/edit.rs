//! Surgery on the text of a YAML file: entries are taken out and put in, line by line; everything else keeps its bytes.
//! Only block maps are touched: what stands in braces, behind an alias or in a merge is left to a person.

use std::borrow::Cow;
use std::cmp::Reverse;

use crate::parse::{Document, Entry, Node, NodeKind};
use crate::source::{Edit, SourceId, Span};

/// A file under the knife.
#[derive(Clone, Copy)]
pub(super) struct Page<'d> {
    pub(super) text: &'d str,
    pub(super) source: SourceId,
}

/// An entry that moves to another map, which may be there or not.
pub(super) struct Insertion<'d> {
    /// Keys from the top to the new place, the last one its name there.
    pub(super) path: Vec<String>,
    /// Lines that stood for it: comments above, key, value.
    pub(super) lines: Lines<'d>,
}

/// The lines of an entry where it stood.
#[derive(Clone)]
pub(super) struct Lines<'d> {
    /// Whole lines of comment directly above.
    above: Vec<&'d str>,
    /// From behind the key to the end of the last line of the value.
    tail: Cow<'d, str>,
    /// Columns before the key.
    column: usize,
}

/// Puts a value at a place of a file where nothing stands: at the end of the deepest map on its way that is there.
/// `value` is what follows the key: `: true`. `None` = that map is not written line by line.
pub fn put(document: &Document, path: &[&str], value: &str) -> Option<Vec<Edit>> {
    let page = Page { text: document.source_text(), source: document.source() };
    let lines = Lines { above: Vec::new(), tail: value.into(), column: 0 };
    let path = path.iter().map(|p| (*p).to_owned()).collect();
    page.insert(document.root()?, &[Insertion { path, lines }])
}

impl<'d> Page<'d> {
    fn line_start(self, at: u32) -> usize {
        self.text[..at as usize].rfind('\n').map_or(0, |n| n + 1)
    }

    /// One past the line break of the line that holds the byte before `at`.
    fn line_end(self, at: usize) -> usize {
        self.text[at..].find('\n').map_or(self.text.len(), |n| at + n + 1)
    }

    fn column(self, at: u32) -> usize {
        at as usize - self.line_start(at)
    }

    /// Whether an entry stands alone on its lines: a block map's, with nothing but blanks before its key.
    pub(super) fn stands_alone(self, entry: Entry<'_>) -> bool {
        let key = entry.key.span();
        let before = &self.text[self.line_start(key.start)..key.start as usize];
        let own = before.chars().all(|c| c == ' ');
        own && !entry.key.is_alias() && entry.key.anchor().is_none() && !self.shared(entry.value)
    }

    /// Whether what others refer to stands in a value, or it is itself a reference.
    fn shared(self, value: Node<'_>) -> bool {
        let mut stack = vec![value];
        while let Some(node) = stack.pop() {
            if node.is_alias() || node.anchor().is_some() {
                return true;
            }
            stack.extend(node.items());
            stack.extend(node.own_entries().map(|e| e.value));
        }
        false
    }

    /// Where the lines of an entry end: after its value, and what comment follows on that line.
    fn end(self, entry: Entry<'_>) -> usize {
        let last = last_byte(entry.value).max(entry.key.span().end);
        // A block scalar's span may end behind its line break.
        let at = last as usize;
        if at > 0 && self.text.as_bytes().get(at - 1) == Some(&b'\n') { at } else { self.line_end(at) }
    }

    /// Whole lines of comment directly above an entry, at its own column.
    fn above(self, entry: Entry<'_>) -> usize {
        let key = entry.key.span().start;
        let (mut start, column) = (self.line_start(key), self.column(key));
        while start > 0 {
            let before = self.text[..start - 1].rfind('\n').map_or(0, |n| n + 1);
            let line = &self.text[before..start];
            let bare = line.trim_start_matches(' ');
            if !bare.starts_with('#') || line.len() - bare.len() != column {
                break;
            }
            start = before;
        }
        start
    }

    /// Takes an entry out; with the comments above it when it moves.
    pub(super) fn remove(self, entry: Entry<'_>, comments: bool) -> Edit {
        let start = if comments { self.above(entry) } else { self.line_start(entry.key.span().start) };
        let mut end = self.end(entry);
        // Of two blank lines that would meet, one goes.
        let parted = start == 0 || self.text[..start].ends_with("\n\n");
        let next = self.line_end(end);
        if parted && next > end && self.text[end..next].trim().is_empty() {
            end = next;
        }
        Edit { span: Span::new(self.source, start..end), text: String::new() }
    }

    /// Takes the line of a key out, under which nothing stands any more.
    pub(super) fn remove_key(self, entry: Entry<'_>) -> Edit {
        let key = entry.key.span();
        let start = self.line_start(key.start);
        // The blank line above it goes with it.
        let parted = self.text[..start].ends_with("\n\n");
        let range = start - usize::from(parted)..self.line_end(key.end as usize);
        Edit { span: Span::new(self.source, range), text: String::new() }
    }

    /// Takes the only item out of the list of an entry, which is `[]` then. `None` = it has others, or comments stand there.
    pub(super) fn empty(self, entry: Entry<'_>, item: Node<'_>) -> Option<Edit> {
        let (list, end) = (entry.value, item.span().end as usize);
        if list.items().len() != 1 || list.is_alias() || list.anchor().is_some() || item.kind() != NodeKind::Scalar {
            return None;
        }
        if is_flow(list) {
            return Some(Edit { span: item.span(), text: String::new() });
        }
        let start = entry.key.span().end as usize;
        let colon = start + self.text.get(start..end)?.find(':')? + 1;
        let between = self.text.get(colon..item.span().start as usize)?;
        let bare = between.trim() == "-";
        bare.then(|| Edit { span: Span::new(self.source, colon..end), text: " []".to_owned() })
    }

    /// Takes an item out of a list; `None` = it would be left empty, or it is not written so that it can be told apart.
    pub(super) fn remove_item(self, list: Node<'_>, item: Node<'_>) -> Option<Edit> {
        if list.items().len() < 2 || list.is_alias() {
            return None;
        }
        let span = item.span();
        let start = self.line_start(span.start);
        let before = &self.text[start..span.start as usize];
        if before.trim() == "-" {
            return Some(Edit {
                span: Span::new(self.source, start..self.line_end(span.end as usize)),
                text: String::new(),
            });
        }
        // In brackets: with the comma behind it, or before it when it is the last.
        let next = list.items().find(|other| other.span().start > span.start);
        let previous = list.items().rfind(|other| other.span().start < span.start);
        let range = match (next, previous) {
            (Some(next), _) => span.start as usize..next.span().start as usize,
            (None, Some(previous)) => previous.span().end as usize..span.end as usize,
            (None, None) => return None,
        };
        let between = &self.text[range.clone()];
        (!between.contains('#')).then(|| Edit { span: Span::new(self.source, range), text: String::new() })
    }

    /// The lines of an entry, to be put elsewhere.
    pub(super) fn lines(self, entry: Entry<'_>) -> Lines<'d> {
        let key = entry.key.span();
        let above = &self.text[self.above(entry)..self.line_start(key.start)];
        Lines {
            above: above.lines().map(|l| l.trim_start_matches(' ')).collect(),
            tail: self.text[key.end as usize..self.end(entry)].trim_end_matches('\n').into(),
            column: self.column(key.start),
        }
    }

    /// Puts entries in: at the end of the deepest map on their way that is there; several with one way share its keys.
    /// `None` = a map on the way is not written line by line.
    pub(super) fn insert(self, root: Node<'_>, all: &[Insertion<'_>]) -> Option<Vec<Edit>> {
        // Where, at which column, the keys that the last one opened there, and the lines.
        let mut edits: Vec<(usize, usize, Vec<String>, String)> = Vec::new();
        for insertion in all {
            let (map, depth) = self.deepest(root, &insertion.path)?;
            let (at, column) = self.tail_of(map)?;
            let rest = &insertion.path[depth..];
            // Of two maps that end at one place, the inner one has the farther column.
            let same = edits.iter().position(|(other, its, ..)| (*other, *its) == (at, column));
            // At the top, blocks stand apart where the file has it so.
            let apart = map == root && same.is_none() && (self.text.contains("\n\n") || self.text.contains("\n\r\n"));
            let open = same.map_or(&[][..], |n| &edits[n].2[..]);
            let shared = rest[..rest.len() - 1].iter().zip(open).take_while(|(a, b)| a == b).count();
            let mut text = if apart { "\n".to_owned() } else { String::new() };
            for (level, key) in rest[..rest.len() - 1].iter().enumerate().skip(shared) {
                text.push_str(&format!("{:width$}{key}:\n", "", width = column + level * self.step(root)));
            }
            let inner = column + (rest.len() - 1) * self.step(root);
            insertion.lines.write(&rest[rest.len() - 1], inner, &mut text);
            match same {
                Some(n) => {
                    edits[n].3.push_str(&text);
                    edits[n].2 = rest[..rest.len() - 1].to_vec();
                }
                None => edits.push((at, column, rest[..rest.len() - 1].to_vec(), text)),
            }
        }
        // What goes into the inner map stands before what follows the outer one.
        edits.sort_by_key(|(at, column, ..)| (*at, Reverse(*column)));
        let mut broken = None;
        let edit = |(at, _, _, text): (usize, usize, Vec<String>, String)| {
            let bare = at > 0 && self.text.as_bytes()[at - 1] != b'\n' && broken.replace(at) != Some(at);
            let text = if bare { format!("\n{text}") } else { text };
            Edit { span: Span::new(self.source, at..at), text: self.as_here(text) }
        };
        Some(edits.into_iter().map(edit).collect())
    }

    /// Lines that end as those of the file do.
    fn as_here(self, text: String) -> String {
        if self.text.contains("\r\n") { text.replace("\r\n", "\n").replace('\n', "\r\n") } else { text }
    }

    /// The deepest map on a way that is written in lines, and how many keys lead to it.
    fn deepest<'n>(self, root: Node<'n>, path: &[String]) -> Option<(Node<'n>, usize)> {
        let mut map = root;
        for (depth, key) in path[..path.len() - 1].iter().enumerate() {
            match map.own_entries().find(|e| e.name() == key) {
                Some(entry) if entry.value.is_map() && !entry.value.is_alias() => map = entry.value,
                // Something else stands there, or nothing under a key that is.
                Some(_) => return None,
                None => return Some((map, depth)),
            }
        }
        Some((map, path.len() - 1))
    }

    /// Where a block map ends, and the column of its keys.
    fn tail_of(self, map: Node<'_>) -> Option<(usize, usize)> {
        let last = map.own_entries().next_back()?;
        let first = map.own_entries().next()?;
        let key = first.key.span().start;
        let before = &self.text[self.line_start(key)..key as usize];
        before.chars().all(|c| c == ' ').then(|| (self.end(last), before.len()))
    }

    /// Columns by which the file indents.
    fn step(self, root: Node<'_>) -> usize {
        let mut nested = root.own_entries().filter_map(|e| e.value.own_entries().next()).map(|e| e.key.span().start);
        // What stands in braces says nothing of it.
        let blank = |at: &u32| self.text[self.line_start(*at)..*at as usize].chars().all(|c| c == ' ');
        nested.find(blank).map_or(2, |at| self.column(at)).clamp(1, 8)
    }
}

/// One past the last byte of a value.
fn last_byte(value: Node<'_>) -> u32 {
    let mut node = value;
    loop {
        let inner = match node.kind() {
            NodeKind::Map => node.own_entries().next_back().map(|e| (e.key, e.value)),
            NodeKind::Seq => node.items().next_back().map(|i| (i, i)),
            _ => None,
        };
        match inner {
            // Braces and brackets end after what they hold.
            Some((key, inner)) if !node.is_alias() => {
                if node.span().end > inner.span().end.max(key.span().end) && is_flow(node) {
                    return node.span().end;
                }
                if inner.is_null() {
                    return inner.span().end.max(key.span().end);
                }
                node = inner;
            }
            _ => return node.span().end,
        }
    }
}

/// Whether a collection is written in brackets: its span then holds them.
fn is_flow(node: Node<'_>) -> bool {
    let first = node.own_entries().next().map(|e| e.key).or_else(|| node.items().next());
    first.is_some_and(|f| f.span().start > node.span().start) && node.kind() != NodeKind::Seq
        || node.kind() == NodeKind::Seq && first.is_some_and(|f| f.span().start == node.span().start + 1)
}

impl Lines<'_> {
    /// Leaves parts of the value out; `base` is where the lines begin in the file.
    pub(super) fn leave_out(&mut self, mut parts: Vec<Span>, base: u32) {
        parts.sort_by_key(|p| std::cmp::Reverse(p.start));
        let mut tail = self.tail.to_string();
        for part in parts {
            let (start, end) = (part.start.saturating_sub(base) as usize, part.end.saturating_sub(base) as usize);
            let end = end.min(tail.len());
            if start <= end && tail.is_char_boundary(start) && tail.is_char_boundary(end) {
                tail.replace_range(start..end, "");
            }
        }
        self.tail = tail.into();
    }

    /// Writes them at another column, under another name.
    fn write(&self, name: &str, column: usize, out: &mut String) {
        for comment in &self.above {
            out.push_str(&format!("{:column$}{comment}\n", ""));
        }
        out.push_str(&format!("{:column$}{name}", ""));
        for (at, line) in self.tail.split('\n').enumerate() {
            if at > 0 {
                // Lines of a value stand to the right of their key, or at it: list items may.
                let blanks = line.len() - line.trim_start_matches(' ').len();
                let shifted = if line.trim().is_empty() { 0 } else { column + blanks.saturating_sub(self.column) };
                out.push_str(&format!("{:shifted$}", ""));
                out.push_str(&line[blanks..]);
            } else {
                out.push_str(line);
            }
            out.push('\n');
        }
    }
}
