//! Expressions that are run: the tree as instructions, and the machine that follows all ways through them at once.
//!
//! The instructions are those that Go makes (golang/go src/regexp/syntax/compile.go, simplify.go@go1.26.8), so that of
//! several matches the same one counts. Time is linear in the text, whatever the expression.

use std::ops::Range;

use super::class::{self, Set};
use super::parser::{Parser, Read};
use super::tree::{FOLD, Id, LAZY, Op, Tree};
use super::{Go, parse};

/// Expressions of more instructions are not run.
const MOST: usize = 20_000;

/// Nor is one on a text where instructions times characters come to more.
const LONGEST: usize = 20_000_000;

#[derive(Debug, Clone)]
enum Inst {
    /// One character of these ranges.
    Set(Vec<(u32, u32)>),
    Char(u32),
    Any,
    AnyButLine,
    /// An assertion about the place.
    Place(Op),
    Save(usize),
    /// The first way is preferred.
    Split(usize, usize),
    Jump(usize),
    Match,
}

/// An expression that must match a whole value, as those of relabelling and of label matchers.
#[derive(Debug, Clone)]
pub struct Regex {
    code: Vec<Inst>,
    /// Names of the groups, from the first.
    names: Vec<Option<String>>,
    matches_empty: bool,
    literal: Option<String>,
}

/// Where the groups matched: the whole first.
pub(crate) type Groups = Vec<Option<Range<usize>>>;

impl Regex {
    /// Compiles `^(?s:text)$`. `None` = refused by Go, or beyond what is run here: classes that take Unicode's tables,
    /// great sizes, and texts that are only complete with what stands around them (`a)|(b`).
    #[must_use]
    pub fn whole(text: &str, go: Go) -> Option<Self> {
        let alone = parse(text, go).ok()?;
        let Read { info, tree, root } = Parser::new(&format!("^(?s:{text})$"), go).read().ok()?;
        let mut code = Vec::new();
        Compiler { tree: &tree, code: &mut code }.node(root)?;
        code.push(Inst::Match);
        let names = info.groups.into_iter().map(|g| g.map(|g| g.name)).collect();
        let mut regex = Self { code, names, matches_empty: false, literal: alone.literal };
        regex.matches_empty = regex.is_match("")?;
        Some(regex)
    }

    /// Whether it matches a value; `None` = too much work to tell.
    #[must_use]
    pub fn is_match(&self, value: &str) -> Option<bool> {
        Some(self.groups(value)?.is_some())
    }

    /// Whether it matches where there is nothing.
    #[must_use]
    pub fn matches_empty(&self) -> bool {
        self.matches_empty
    }

    /// The only value that it matches, where there is just one.
    #[must_use]
    pub fn literal(&self) -> Option<&str> {
        self.literal.as_deref()
    }

    /// What the groups hold if it matches; the outer `None` = too much work to tell.
    #[must_use]
    pub fn groups(&self, value: &str) -> Option<Option<Groups>> {
        if self.code.len().saturating_mul(value.len() + 1) > LONGEST {
            return None;
        }
        Some(Machine::new(&self.code, 2 * (self.names.len() + 1)).run(value))
    }

    /// A template with `$1`, `${name}` and `$$` filled in (golang/go src/regexp/regexp.go `expand`@go1.26.8).
    #[must_use]
    pub fn expand(&self, template: &str, value: &str, groups: &Groups) -> String {
        let mut out = String::new();
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('$') {
            out.push_str(before);
            rest = after;
            if let Some(after) = rest.strip_prefix('$') {
                out.push('$');
                rest = after;
                continue;
            }
            let Some((name, after)) = reference(rest) else {
                out.push('$');
                continue;
            };
            rest = after;
            let held = |group: usize| groups.get(group).and_then(Clone::clone).and_then(|r| value.get(r));
            let found = match number(name) {
                Some(number) => held(number),
                None => {
                    let named = (1..).zip(&self.names).filter(|(_, n)| n.as_deref() == Some(name));
                    named.map(|(group, _)| group).find_map(held)
                }
            };
            out.push_str(found.unwrap_or_default());
        }
        out.push_str(rest);
        out
    }
}

/// The name after a `$`, and what follows it.
fn reference(text: &str) -> Option<(&str, &str)> {
    let inside = text.strip_prefix('{');
    let name = inside.unwrap_or(text);
    let end = name.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(name.len());
    if end == 0 {
        return None;
    }
    let (name, rest) = name.split_at(end);
    if inside.is_some() { rest.strip_prefix('}').map(|rest| (name, rest)) } else { Some((name, rest)) }
}

/// The number of a group; `None` for a name.
fn number(name: &str) -> Option<usize> {
    let digits = name.bytes().all(|c| c.is_ascii_digit());
    let plain = name == "0" || !name.starts_with('0');
    (digits && plain && name.len() <= 9).then(|| name.parse().ok()).flatten()
}

struct Compiler<'a> {
    tree: &'a Tree,
    code: &'a mut Vec<Inst>,
}

impl Compiler<'_> {
    fn push(&mut self, inst: Inst) -> Option<usize> {
        self.code.push(inst);
        (self.code.len() <= MOST).then(|| self.code.len() - 1)
    }

    /// Adds a node; the depth is that of the tree, which is limited. Says whether it may match nothing.
    fn node(&mut self, id: Id) -> Option<bool> {
        let node = &self.tree.nodes[id];
        let first = || node.subs.first().copied();
        let lazy = node.flags & LAZY != 0;
        Some(match node.op {
            Op::Empty => true,
            Op::Literal => {
                for &c in &node.runes {
                    if node.flags & FOLD == 0 {
                        self.push(Inst::Char(c))?;
                        continue;
                    }
                    let mut ranges = Vec::new();
                    if !class::folded(c, c, &mut ranges) {
                        return None;
                    }
                    self.push(Inst::Set(ranges))?;
                }
                node.runes.is_empty()
            }
            Op::Class => {
                let Some(Set::Ranges(ranges)) = &node.set else { return None };
                self.push(Inst::Set(ranges.clone()))?;
                false
            }
            Op::Any => self.push(Inst::Any).map(|_| false)?,
            Op::AnyButLine => self.push(Inst::AnyButLine).map(|_| false)?,
            Op::BeginLine | Op::EndLine | Op::BeginText | Op::EndText | Op::WordBoundary | Op::NoWordBoundary => {
                self.push(Inst::Place(node.op)).map(|_| true)?
            }
            Op::Capture => {
                self.push(Inst::Save(2 * node.group))?;
                let empty = self.node(first()?)?;
                self.push(Inst::Save(2 * node.group + 1))?;
                empty
            }
            Op::Star => self.star(first()?, lazy)?,
            Op::Plus => self.plus(first()?, lazy)?,
            Op::Quest => self.optional(lazy, |c| c.node(first()?))?,
            Op::Repeat => self.repeat(first()?, node.min, node.max, lazy)?,
            Op::Concat => {
                let mut empty = true;
                for sub in &node.subs {
                    empty &= self.node(*sub)?;
                }
                empty
            }
            Op::Alternate => {
                let mut ends = Vec::new();
                let mut empty = false;
                for (at, sub) in node.subs.iter().enumerate() {
                    let last = at + 1 == node.subs.len();
                    let split = if last { None } else { Some(self.push(Inst::Split(0, 0))?) };
                    empty |= self.node(*sub)?;
                    if let Some(split) = split {
                        ends.push(self.push(Inst::Jump(0))?);
                        self.code[split] = Inst::Split(split + 1, self.code.len());
                    }
                }
                for end in ends {
                    self.code[end] = Inst::Jump(self.code.len());
                }
                empty
            }
            Op::LeftParen | Op::Bar => return None,
        })
    }

    fn split(&mut self, at: usize, into: usize, past: usize, lazy: bool) {
        self.code[at] = if lazy { Inst::Split(past, into) } else { Inst::Split(into, past) };
    }

    fn optional(&mut self, lazy: bool, inner: impl FnOnce(&mut Self) -> Option<bool>) -> Option<bool> {
        let split = self.push(Inst::Split(0, 0))?;
        inner(self)?;
        self.split(split, split + 1, self.code.len(), lazy);
        Some(true)
    }

    fn plus(&mut self, sub: Id, lazy: bool) -> Option<bool> {
        let start = self.code.len();
        let empty = self.node(sub)?;
        let split = self.push(Inst::Split(0, 0))?;
        self.split(split, start, split + 1, lazy);
        Some(empty)
    }

    fn star(&mut self, sub: Id, lazy: bool) -> Option<bool> {
        let split = self.push(Inst::Split(0, 0))?;
        let empty = self.node(sub)?;
        if empty {
            // As `(?:x+)?`, so that what is preferred is that of others.
            let again = self.push(Inst::Split(0, 0))?;
            self.split(again, split + 1, again + 1, lazy);
        } else {
            self.push(Inst::Jump(split))?;
        }
        self.split(split, split + 1, self.code.len(), lazy);
        Some(true)
    }

    fn repeat(&mut self, sub: Id, min: u32, max: Option<u32>, lazy: bool) -> Option<bool> {
        let Some(max) = max else {
            if min == 0 {
                return self.star(sub, lazy);
            }
            let mut empty = true;
            for _ in 1..min {
                empty &= self.node(sub)?;
            }
            return Some(self.plus(sub, lazy)? && empty);
        };
        let mut empty = true;
        for _ in 0..min {
            empty &= self.node(sub)?;
        }
        // `x{0,2}` is `(?:x(?:x)?)?`: all leave to the same place.
        let mut splits = Vec::new();
        for _ in min..max {
            splits.push(self.push(Inst::Split(0, 0))?);
            self.node(sub)?;
        }
        for split in splits {
            self.split(split, split + 1, self.code.len(), lazy);
        }
        Some(empty)
    }
}

/// Where a way has been: the groups as they are on it.
type Slots = Vec<Option<usize>>;

struct Machine<'c> {
    code: &'c [Inst],
    slots: usize,
    /// The last step that an instruction was reached in, plus one.
    seen: Vec<usize>,
    step: usize,
}

impl<'c> Machine<'c> {
    fn new(code: &'c [Inst], slots: usize) -> Self {
        Self { code, slots, seen: vec![0; code.len()], step: 0 }
    }

    fn run(mut self, value: &str) -> Option<Groups> {
        let mut ways: Vec<(usize, Slots)> = Vec::new();
        let mut next: Vec<(usize, Slots)> = Vec::new();
        let mut found: Option<Slots> = None;
        let mut slots = vec![None; self.slots];
        slots[0] = Some(0);
        self.step = 1;
        self.follow(0, slots, value, 0, &mut ways);
        let places = value.char_indices().map(|(at, c)| (at, Some(c))).chain([(value.len(), None)]);
        for (at, c) in places {
            self.step += 1;
            let after = at + c.map_or(0, char::len_utf8);
            for (pc, slots) in ways.drain(..) {
                let taken = match &self.code[pc] {
                    Inst::Match => {
                        // Whatever comes behind is preferred less.
                        found = Some(slots);
                        break;
                    }
                    Inst::Any => c.is_some(),
                    Inst::AnyButLine => c.is_some_and(|c| c != '\n'),
                    Inst::Char(want) => c.is_some_and(|c| c as u32 == *want),
                    Inst::Set(ranges) => c.is_some_and(|c| ranges.iter().any(|r| (r.0..=r.1).contains(&(c as u32)))),
                    _ => false,
                };
                if taken {
                    self.follow(pc + 1, slots, value, after, &mut next);
                }
            }
            std::mem::swap(&mut ways, &mut next);
            if ways.is_empty() {
                break;
            }
        }
        let mut slots = found?;
        slots[1] = Some(value.len());
        Some(slots.chunks(2).map(|s| Some(s[0]?..s[1]?)).collect())
    }

    /// Adds what is reached from an instruction without a character, the preferred first.
    fn follow(&mut self, pc: usize, slots: Slots, value: &str, at: usize, ways: &mut Vec<(usize, Slots)>) {
        let mut todo = vec![(pc, slots)];
        while let Some((pc, mut slots)) = todo.pop() {
            if self.seen[pc] == self.step {
                continue;
            }
            self.seen[pc] = self.step;
            match &self.code[pc] {
                Inst::Jump(to) => todo.push((*to, slots)),
                Inst::Split(first, second) => {
                    todo.push((*second, slots.clone()));
                    todo.push((*first, slots));
                }
                Inst::Save(slot) => {
                    slots[*slot] = Some(at);
                    todo.push((pc + 1, slots));
                }
                Inst::Place(op) => {
                    if holds(*op, value, at) {
                        todo.push((pc + 1, slots));
                    }
                }
                _ => ways.push((pc, slots)),
            }
        }
    }
}

/// Whether an assertion holds before a byte of the value.
fn holds(op: Op, value: &str, at: usize) -> bool {
    let bytes = value.as_bytes();
    let (before, after) = (at.checked_sub(1).map(|b| bytes[b]), bytes.get(at).copied());
    let word = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_');
    match op {
        Op::BeginText => before.is_none(),
        Op::EndText => after.is_none(),
        Op::BeginLine => before.is_none_or(|b| b == b'\n'),
        Op::EndLine => after.is_none_or(|b| b == b'\n'),
        Op::WordBoundary => word(before) != word(after),
        _ => word(before) == word(after),
    }
}
