//! Text to tree, one pass from left to right; the first fault ends it.

use std::collections::HashMap;
use std::ops::Range;

use super::class::{self, Set};
use super::tree::{DOT_LINE, FOLD, Id, LAZY, Limit, ONE_LINE, Op, Tree};
use super::{Error, Go, Group, Info, Kind, explain, names};

/// Most repetitions, by themselves and multiplied.
const MAX_REPEAT: u32 = 1000;

pub(super) struct Parser<'t> {
    text: &'t str,
    at: usize,
    go: Go,
    flags: u8,
    tree: Tree,
    groups: Vec<Option<Group>>,
    /// Where the open parentheses stand.
    open: Vec<usize>,
    /// Numbers of classes that are not looked into.
    opaque: HashMap<(&'t str, bool), u32>,
    /// Whether no `:]` is left, so that nobody looks for one again.
    plain: bool,
}

type Step<T = ()> = Result<T, Error>;

/// An expression that was read.
pub(super) struct Read {
    pub(super) info: Info,
    pub(super) tree: Tree,
    pub(super) root: Id,
}

/// A repetition as it is written.
struct Counts {
    min: u32,
    max: Option<u32>,
    end: usize,
    /// False if a number is too long to be read.
    read: bool,
}

impl<'t> Parser<'t> {
    pub(super) fn new(text: &'t str, go: Go) -> Self {
        Self {
            text,
            at: 0,
            go,
            flags: ONE_LINE,
            tree: Tree::new(),
            groups: Vec::new(),
            open: Vec::new(),
            opaque: HashMap::new(),
            plain: false,
        }
    }

    pub(super) fn run(self) -> Step<Info> {
        self.read().map(|read| read.info)
    }

    /// The same, with the tree.
    pub(super) fn read(mut self) -> Step<Read> {
        // Where the last item begins, if it is a repetition.
        let mut last: Option<usize> = None;
        while let Some(c) = self.peek() {
            let start = self.at;
            let mut repetition = false;
            match c {
                '(' if self.rest().starts_with("(?") => self.perl_group()?,
                '(' => {
                    self.open_group(true)?;
                    self.groups.push(None);
                    self.at += 1;
                }
                ')' => self.close_group()?,
                '|' => {
                    let flags = self.flags;
                    self.limited(|t| t.bar(flags))?;
                    self.at += 1;
                }
                '^' => self.item(if self.has(ONE_LINE) { Op::BeginText } else { Op::BeginLine }, 1)?,
                '$' => self.item(if self.has(ONE_LINE) { Op::EndText } else { Op::EndLine }, 1)?,
                '.' => self.item(if self.has(DOT_LINE) { Op::Any } else { Op::AnyButLine }, 1)?,
                '[' => self.class()?,
                '*' | '+' | '?' => {
                    let (op, min) = match c {
                        '*' => (Op::Star, 0),
                        '+' => (Op::Plus, 1),
                        _ => (Op::Quest, 0),
                    };
                    self.at += 1;
                    self.repeat(op, min, None, start, last)?;
                    repetition = true;
                }
                '{' => match self.counts() {
                    None => self.literal(u32::from(b'{'), 1)?,
                    Some(counts) => {
                        self.at = counts.end;
                        let wrong = !counts.read
                            || counts.min > MAX_REPEAT
                            || counts.max.is_some_and(|max| max > MAX_REPEAT || counts.min > max);
                        if wrong {
                            return Err(self.error(start..self.at, Kind::RepetitionCount));
                        }
                        self.repeat(Op::Repeat, counts.min, counts.max, start, last)?;
                        repetition = true;
                    }
                },
                '\\' => self.escape()?,
                c => self.literal(c as u32, c.len_utf8())?,
            }
            last = repetition.then_some(start);
        }
        self.end()
    }

    fn end(mut self) -> Step<Read> {
        let flags = self.flags;
        self.limited(|t| t.close(flags))?;
        let [root] = self.tree.stack[..] else {
            let at = self.open.last().copied().unwrap_or(0);
            return Err(self.error(at..at + 1, Kind::UnclosedGroup));
        };
        let view = View(&self.tree);
        let info = Info {
            anchored_start: view.anchored(root, Op::BeginText, false),
            anchored_end: view.anchored(root, Op::EndText, true),
            literal: view.literal(root),
            matches_empty: view.empty(root),
            groups: self.groups,
        };
        Ok(Read { info, tree: self.tree, root })
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn take(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    fn error(&self, span: Range<usize>, kind: Kind) -> Error {
        explain::error(self.text, span, kind, self.go)
    }

    fn limited<T>(&mut self, step: impl FnOnce(&mut Tree) -> Result<T, Limit>) -> Step<T> {
        step(&mut self.tree).map_err(|limit| {
            let kind = match limit {
                Limit::Depth => Kind::TooDeep,
                Limit::Size => Kind::TooLarge,
            };
            explain::error(self.text, 0..self.text.len(), kind, self.go)
        })
    }

    fn item(&mut self, op: Op, length: usize) -> Step {
        let flags = self.flags;
        self.limited(|t| t.op(op, flags))?;
        self.at += length;
        Ok(())
    }

    fn literal(&mut self, c: u32, length: usize) -> Step {
        let flags = self.flags;
        self.limited(|t| t.literal(c, flags))?;
        self.at += length;
        Ok(())
    }

    fn open_group(&mut self, captures: bool) -> Step {
        let flags = self.flags;
        let id = self.limited(|t| t.op(Op::LeftParen, flags))?;
        self.tree.nodes[id].captures = captures;
        // The group is counted right after this.
        self.tree.nodes[id].group = self.groups.len() + 1;
        self.open.push(self.at);
        Ok(())
    }

    fn close_group(&mut self) -> Step {
        let flags = self.flags;
        self.limited(|t| t.close(flags))?;
        let (Some(inner), Some(paren)) = (self.tree.stack.pop(), self.tree.stack.pop()) else {
            return Err(self.error(self.at..self.at + 1, Kind::UnexpectedParen));
        };
        self.open.pop();
        // Flags that were set inside of the group end with it.
        let node = &mut self.tree.nodes[paren];
        self.flags = node.flags;
        let mut id = inner;
        if node.captures {
            node.op = Op::Capture;
            node.subs = vec![inner];
            id = paren;
        }
        let flags = self.flags;
        self.limited(|t| t.push(id, flags))?;
        self.at += 1;
        Ok(())
    }

    /// After `(?`: a name, flags, or a group that does not capture.
    fn perl_group(&mut self) -> Step {
        let start = self.at;
        let rest = self.rest();
        let short = rest.starts_with("(?<") && self.go.short_names();
        // With nothing behind it Go takes neither for the begin of a name.
        let begin = if rest.starts_with("(?P<") { 4 } else { 3 };
        if (begin == 4 || short) && rest.len() > begin {
            let Some(end) = rest.find('>') else {
                return Err(self.error(start..self.text.len(), Kind::GroupName));
            };
            let name = &rest[begin..end];
            if name.is_empty() || !name.bytes().all(|c| c == b'_' || c.is_ascii_alphanumeric()) {
                return Err(self.error(start..start + end + 1, Kind::GroupName));
            }
            self.open_group(true)?;
            self.groups.push(Some(Group { name: name.to_owned(), span: start + begin..start + end }));
            self.at += end + 1;
            return Ok(());
        }
        self.at += 2;
        let (mut on, mut off, mut negative, mut seen) = (0u8, 0u8, false, false);
        loop {
            let flag = match self.take() {
                Some('i') => FOLD,
                Some('m') => ONE_LINE,
                Some('s') => DOT_LINE,
                Some('U') => LAZY,
                Some('-') if !negative => {
                    (negative, seen) = (true, false);
                    continue;
                }
                Some(end @ (':' | ')')) if !negative || seen => {
                    if end == ':' {
                        let at = std::mem::replace(&mut self.at, start);
                        self.open_group(false)?;
                        self.at = at;
                    }
                    self.flags = (self.flags | on) & !off;
                    return Ok(());
                }
                _ => return Err(self.error(start..self.at, Kind::PerlSyntax)),
            };
            seen = true;
            // `m` is the absence of a flag.
            let sets = (flag == ONE_LINE) == negative;
            if sets {
                on |= flag;
                off &= !flag;
            } else {
                off |= flag;
                on &= !flag;
            }
        }
    }

    fn repeat(&mut self, op: Op, min: u32, max: Option<u32>, start: usize, last: Option<usize>) -> Step {
        let mut flags = self.flags;
        if self.peek() == Some('?') {
            self.at += 1;
            flags ^= LAZY;
        }
        if let Some(last) = last {
            return Err(self.error(last..self.at, Kind::NestedRepetition));
        }
        if !self.limited(|t| t.repeat(op, flags, min, max))? {
            return Err(self.error(start..self.at, Kind::MissingArgument));
        }
        let top = self.tree.stack.last().copied();
        if op == Op::Repeat && (min >= 2 || max.is_some_and(|m| m >= 2)) {
            let fits = top.is_none_or(|id| self.tree.copies_fit(id, MAX_REPEAT));
            if !fits {
                return Err(self.error(start..self.at, Kind::RepetitionCount));
            }
        }
        Ok(())
    }

    /// `{n}`, `{n,}` or `{n,m}`; anything else after a brace is text.
    fn counts(&self) -> Option<Counts> {
        let inner = self.rest().get(1..)?;
        let length = inner.bytes().take_while(|c| c.is_ascii_digit() || *c == b',').count();
        let (inner, tail) = inner.split_at(length);
        if !tail.starts_with('}') {
            return None;
        }
        let (low, high) = match inner.split_once(',') {
            None => (inner, Some(inner)),
            Some((low, "")) => (low, None),
            Some((low, high)) => (low, Some(high)),
        };
        let (min, max) = (number(low)?, high.map(number));
        let max = match max {
            Some(None) => return None,
            Some(Some(max)) => Some(max),
            None => None,
        };
        Some(Counts {
            min: min.unwrap_or(0),
            max: max.map(|m| m.unwrap_or(0)),
            end: self.at + inner.len() + 2,
            read: min.is_some() && max.is_none_or(|m| m.is_some()),
        })
    }

    /// A backslash outside of a class.
    fn escape(&mut self) -> Step {
        let op = match self.rest().chars().nth(1) {
            Some('A') => Op::BeginText,
            Some('z') => Op::EndText,
            Some('b') => Op::WordBoundary,
            Some('B') => Op::NoWordBoundary,
            Some('C') => return Err(self.error(self.at..self.at + 2, Kind::Escape)),
            Some('Q') => return self.quoted(),
            _ => {
                let flags = self.flags;
                let id = self.tree.node(Op::Class, flags);
                let (start, mut ranges) = (self.at, Vec::new());
                if let Some(known) = self.class_escape(&mut ranges)? {
                    return self.push_class(id, start, ranges, known, false);
                }
                self.tree.reuse(id);
                let c = self.character()?;
                return self.literal(c, 0);
            }
        };
        self.item(op, 2)
    }

    /// `\Q…\E`, or to the end.
    fn quoted(&mut self) -> Step {
        self.at += 2;
        let rest = self.rest();
        let (inner, length) = rest.find(r"\E").map_or((rest, rest.len()), |end| (&rest[..end], end + 2));
        for c in inner.chars() {
            self.literal(c as u32, 0)?;
        }
        self.at += length;
        Ok(())
    }

    /// `\pL`, `\p{…}`, `\d`, `\s`, `\w` and their opposites. `None` = something else; a range is added if the
    /// content is looked at, otherwise the number of the content is given.
    fn class_escape(&mut self, ranges: &mut Vec<(u32, u32)>) -> Step<Option<Content>> {
        let mut chars = self.rest().chars().skip(1);
        let (start, Some(letter)) = (self.at, chars.next()) else { return Ok(None) };
        if letter == 'p' || letter == 'P' {
            self.at += 2;
            let name = match self.peek() {
                Some('{') => {
                    let Some(length) = self.rest().find('}') else {
                        return Err(self.error(start..self.text.len(), Kind::ClassRange));
                    };
                    self.at += length + 1;
                    &self.text[start + 3..self.at - 1]
                }
                _ => {
                    self.take();
                    &self.text[start + 2..self.at]
                }
            };
            let name = name.strip_prefix('^').unwrap_or(name);
            if !names::known(name, self.go) {
                return Err(self.error(start..self.at, Kind::ClassRange));
            }
            return Ok(Some(Content::Named));
        }
        let Some(known) = class::perl(letter) else { return Ok(None) };
        self.at += 2;
        self.add(known, letter.is_ascii_uppercase(), ranges);
        Ok(Some(Content::Ranges))
    }

    /// Adds an ASCII class, with both cases where case does not matter.
    fn add(&self, known: &[(u32, u32)], negative: bool, ranges: &mut Vec<(u32, u32)>) {
        let mut all = Vec::new();
        for &(low, high) in known {
            if self.has(FOLD) {
                class::folded(low, high, &mut all);
            } else {
                all.push((low, high));
            }
        }
        let mut set = Set::Ranges(all);
        if negative {
            set.negate();
        }
        if let Set::Ranges(all) = set {
            ranges.extend(all);
        }
    }

    /// A complete class, which began at `start`.
    fn push_class(&mut self, id: Id, start: usize, ranges: Vec<(u32, u32)>, content: Content, negative: bool) -> Step {
        let set = match content {
            Content::Ranges => {
                let mut set = Set::Ranges(ranges);
                set.clean();
                if negative {
                    set.negate();
                }
                set
            }
            Content::Named => {
                let key = (self.text.get(start..self.at).unwrap_or_default(), self.has(FOLD));
                let next = self.tree.opaque + 1;
                let number = *self.opaque.entry(key).or_insert(next);
                self.tree.opaque = self.tree.opaque.max(number);
                Set::Opaque(number)
            }
        };
        self.tree.nodes[id].set = Some(set);
        let flags = self.flags;
        self.limited(|t| t.push(id, flags))
    }

    /// An escaped character, after which the text goes on.
    fn character(&mut self) -> Step<u32> {
        let start = self.at;
        self.at += 1;
        let Some(c) = self.take() else {
            return Err(self.error(start..self.at, Kind::TrailingBackslash));
        };
        let octal = |c: &char| ('0'..='7').contains(c);
        let found = match c {
            // One digit would refer back to a group, which RE2 does not do; with a second one it is an octal number.
            '1'..='7' if !self.peek().is_some_and(|c| octal(&c)) => None,
            '0'..='7' => {
                let digits: String = self.rest().chars().take(2).take_while(octal).collect();
                self.at += digits.len();
                u32::from_str_radix(&format!("{c}{digits}"), 8).ok()
            }
            'x' => self.hexadecimal(),
            'a' => Some(0x7),
            'f' => Some(0xC),
            'n' => Some(0xA),
            'r' => Some(0xD),
            't' => Some(0x9),
            'v' => Some(0xB),
            c if c.is_ascii() && !c.is_ascii_alphanumeric() => Some(c as u32),
            _ => None,
        };
        found.ok_or_else(|| self.error(start..self.at, Kind::Escape))
    }

    /// `\xHH` and `\x{H…}`.
    fn hexadecimal(&mut self) -> Option<u32> {
        let first = self.take()?;
        if first != '{' {
            let second = self.take()?;
            return Some(first.to_digit(16)? * 16 + second.to_digit(16)?);
        }
        let (mut value, mut digits) = (0u32, 0);
        loop {
            match self.take()? {
                '}' if digits == 0 => return None,
                // Half of a surrogate pair is a number like any other here; it matches nothing.
                '}' => return Some(value),
                c => value = value * 16 + c.to_digit(16)?,
            }
            if value > 0x0010_FFFF {
                return None;
            }
            digits += 1;
        }
    }

    /// `[…]`.
    fn class(&mut self) -> Step {
        let start = self.at;
        let flags = self.flags;
        let id = self.tree.node(Op::Class, flags);
        self.at += 1;
        let negative = self.peek() == Some('^');
        if negative {
            self.at += 1;
        }
        let (mut ranges, mut content, mut first) = (Vec::new(), Content::Ranges, true);
        loop {
            if self.peek() == Some(']') && !first {
                self.at += 1;
                return self.push_class(id, start, ranges, content, negative);
            }
            first = false;
            if self.named_class(&mut ranges)? {
                continue;
            }
            if self.peek() == Some('\\')
                && let Some(kind) = self.class_escape(&mut ranges)?
            {
                content = content.or(kind);
                continue;
            }
            let begin = self.at;
            let low = self.class_character(start)?;
            let mut high = low;
            let rest = self.rest();
            if rest.len() >= 2 && rest.starts_with('-') && !rest.starts_with("-]") {
                self.at += 1;
                high = self.class_character(start)?;
                if high < low {
                    return Err(self.error(begin..self.at, Kind::ClassRange));
                }
            }
            if !self.has(FOLD) {
                ranges.push((low, high));
            } else if !class::folded(low, high, &mut ranges) {
                content = Content::Named;
            }
        }
    }

    /// `[:name:]` in a class; false if there is none.
    fn named_class(&mut self, ranges: &mut Vec<(u32, u32)>) -> Step<bool> {
        let Some(inner) = self.rest().strip_prefix("[:").filter(|_| !self.plain) else { return Ok(false) };
        let Some(length) = inner.find(":]") else {
            self.plain = true;
            return Ok(false);
        };
        let name = &inner[..length];
        let span = self.at..self.at + length + 4;
        let negative = name.starts_with('^');
        match class::posix(name.strip_prefix('^').unwrap_or(name)) {
            Some(known) => self.add(known, negative, ranges),
            None => return Err(self.error(span, Kind::ClassRange)),
        }
        self.at = span.end;
        Ok(true)
    }

    fn class_character(&mut self, start: usize) -> Step<u32> {
        match self.peek() {
            Some('\\') => self.character(),
            Some(c) => {
                self.at += c.len_utf8();
                Ok(c as u32)
            }
            None => Err(self.error(start..start + 1, Kind::UnclosedClass)),
        }
    }
}

/// Whether the content of a class was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Content {
    Ranges,
    Named,
}

impl Content {
    fn or(self, other: Self) -> Self {
        if other == Self::Named { other } else { self }
    }
}

/// Digits without leading zeros: the outer `None` if it is something else, the inner if it is too long.
fn number(text: &str) -> Option<Option<u32>> {
    let digits = !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit());
    if !digits || (text.len() > 1 && text.starts_with('0')) {
        return None;
    }
    Some(text.parse().ok())
}

/// Questions about a complete tree. As deep as Go lets a tree be.
struct View<'a>(&'a Tree);

impl View<'_> {
    /// Whether a match must pass `anchor` before it takes a character, from the front or from the back.
    fn anchored(&self, id: Id, anchor: Op, back: bool) -> bool {
        let node = &self.0.nodes[id];
        let sub = || node.subs.first().is_some_and(|s| self.anchored(*s, anchor, back));
        match node.op {
            Op::Capture | Op::Plus => sub(),
            Op::Repeat => node.min > 0 && sub(),
            Op::Alternate => node.subs.iter().all(|s| self.anchored(*s, anchor, back)),
            Op::Concat => {
                let mut subs: Vec<Id> = node.subs.clone();
                if back {
                    subs.reverse();
                }
                let wide = |id: &Id| self.0.nodes[*id].op;
                let zero = |op: Op| matches!(op, Op::Empty | Op::WordBoundary | Op::NoWordBoundary);
                subs.iter().find(|s| !zero(wide(s))).is_some_and(|s| self.anchored(*s, anchor, back))
            }
            op => op == anchor,
        }
    }

    fn empty(&self, id: Id) -> bool {
        let node = &self.0.nodes[id];
        match node.op {
            Op::Literal | Op::Class | Op::AnyButLine | Op::Any | Op::WordBoundary => false,
            Op::Capture | Op::Plus | Op::Concat => node.subs.iter().all(|s| self.empty(*s)),
            Op::Repeat => node.min == 0 || node.subs.iter().all(|s| self.empty(*s)),
            Op::Alternate => node.subs.iter().any(|s| self.empty(*s)),
            _ => true,
        }
    }

    fn literal(&self, id: Id) -> Option<String> {
        let (mut text, mut ended) = (String::new(), false);
        let mut todo = vec![id];
        while let Some(id) = todo.pop() {
            let node = &self.0.nodes[id];
            match node.op {
                Op::Empty => {}
                Op::Capture | Op::Concat => todo.extend(node.subs.iter().rev()),
                Op::BeginText if text.is_empty() => {}
                Op::EndText => ended = true,
                Op::Literal if !ended => {
                    for &c in &node.runes {
                        let c = char::from_u32(c)?;
                        if node.flags & FOLD != 0 && (!c.is_ascii() || c.is_ascii_alphabetic()) {
                            return None;
                        }
                        text.push(c);
                    }
                }
                _ => return None,
            }
        }
        Some(text)
    }
}
