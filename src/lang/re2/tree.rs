//! The tree that Go builds while it reads, in the shape that its limits are counted in.
//!
//! Go joins literals, hoists alternatives and shares their beginnings as it goes, reuses the nodes this frees, and
//! starts to count sizes and depths late, from remembered values. What it refuses as too deep or too large depends on
//! all of this, so all of this is here: golang/go src/regexp/syntax/parse.go@go1.26.8.

use super::class::Set;

/// What a node is, in Go's order, which decides between two alternatives that are merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Op {
    Empty,
    Literal,
    Class,
    AnyButLine,
    Any,
    BeginLine,
    EndLine,
    BeginText,
    EndText,
    WordBoundary,
    NoWordBoundary,
    Capture,
    Star,
    Plus,
    Quest,
    Repeat,
    Concat,
    Alternate,
    LeftParen,
    Bar,
}

pub(super) const FOLD: u8 = 1;
pub(super) const DOT_LINE: u8 = 2;
pub(super) const ONE_LINE: u8 = 4;
pub(super) const LAZY: u8 = 8;

/// Index of a node.
pub(super) type Id = usize;

#[derive(Debug)]
pub(super) struct Node {
    pub(super) op: Op,
    pub(super) flags: u8,
    pub(super) subs: Vec<Id>,
    pub(super) runes: Vec<u32>,
    pub(super) set: Option<Set>,
    pub(super) min: u32,
    /// `None` is without end.
    pub(super) max: Option<u32>,
    /// Of a parenthesis: whether it captures.
    pub(super) captures: bool,
    /// Of one that captures: its number, from 1.
    pub(super) group: usize,
    /// Remembered, and kept when the node is used again.
    size: Option<u64>,
    height: Option<u32>,
}

/// A limit that was passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Limit {
    Depth,
    Size,
}

/// Deepest tree.
pub(super) const MAX_HEIGHT: u32 = 1000;
/// Most instructions of the compiled form: 128 MiB at 40 bytes.
const MAX_SIZE: u64 = (128 << 20) / 40;
/// Levels of shared begins that are followed at once.
const DEEPEST: u32 = 50;

#[derive(Debug)]
pub(super) struct Tree {
    pub(super) nodes: Vec<Node>,
    pub(super) stack: Vec<Id>,
    free: Vec<Id>,
    repeats: u64,
    sizes: bool,
    heights: bool,
    /// Concatenations that still lack their second half, with what it is made of.
    later: Vec<(Id, Vec<Id>)>,
    /// Numbers given to classes whose content is not looked at.
    pub(super) opaque: u32,
}

type Step<T = ()> = Result<T, Limit>;

impl Tree {
    pub(super) fn new() -> Self {
        Self {
            nodes: Vec::new(),
            stack: Vec::new(),
            free: Vec::new(),
            repeats: 1,
            sizes: false,
            heights: false,
            later: Vec::new(),
            opaque: 0,
        }
    }

    pub(super) fn node(&mut self, op: Op, flags: u8) -> Id {
        let mut node = Node {
            op,
            flags,
            subs: Vec::new(),
            runes: Vec::new(),
            set: None,
            min: 0,
            max: None,
            captures: false,
            group: 0,
            size: None,
            height: None,
        };
        match self.free.pop() {
            Some(id) => {
                node.size = self.nodes[id].size;
                node.height = self.nodes[id].height;
                self.nodes[id] = node;
                id
            }
            None => {
                self.nodes.push(node);
                self.nodes.len() - 1
            }
        }
    }

    pub(super) fn reuse(&mut self, id: Id) {
        self.nodes[id].height = None;
        self.free.push(id);
    }

    fn check(&mut self, id: Id) -> Step {
        self.check_size(id)?;
        self.check_height(id)
    }

    fn check_size(&mut self, id: Id) -> Step {
        if !self.sizes {
            let node = &self.nodes[id];
            if node.op == Op::Repeat {
                let times = u64::from(node.max.unwrap_or(node.min).max(1));
                self.repeats = if times > MAX_SIZE / self.repeats { MAX_SIZE } else { self.repeats * times };
            }
            if (self.nodes.len() as u64) < MAX_SIZE / self.repeats {
                return Ok(());
            }
            self.sizes = true;
            for at in 0..self.stack.len() {
                if self.size(self.stack[at], true, MAX_HEIGHT) > MAX_SIZE {
                    return Err(Limit::Size);
                }
            }
        }
        if self.size(id, true, MAX_HEIGHT) > MAX_SIZE { Err(Limit::Size) } else { Ok(()) }
    }

    /// Goes down only into what has no remembered size, and no further than any tree may be high.
    fn size(&mut self, id: Id, again: bool, left: u32) -> u64 {
        match self.nodes[id].size {
            Some(size) if !again => return size,
            _ if left == 0 => return 1,
            _ => {}
        }
        let mut subs: u64 = 0;
        for at in 0..self.nodes[id].subs.len() {
            let sub = self.nodes[id].subs[at];
            subs = subs.saturating_add(self.size(sub, false, left - 1));
        }
        let node = &self.nodes[id];
        let size = match node.op {
            Op::Literal => node.runes.len() as u64,
            Op::Capture | Op::Star => 2 + subs,
            Op::Plus | Op::Quest => 1 + subs,
            Op::Concat => subs,
            Op::Alternate => subs + (node.subs.len() as u64).saturating_sub(1),
            Op::Repeat => match node.max {
                None if node.min == 0 => 2 + subs,
                None => 1 + u64::from(node.min).saturating_mul(subs),
                Some(max) => u64::from(max).saturating_mul(subs) + u64::from(max.saturating_sub(node.min)),
            },
            _ => 0,
        };
        let size = size.max(1);
        self.nodes[id].size = Some(size);
        size
    }

    fn check_height(&mut self, id: Id) -> Step {
        if self.nodes.len() < MAX_HEIGHT as usize {
            return Ok(());
        }
        if !self.heights {
            self.heights = true;
            for at in 0..self.stack.len() {
                if self.height(self.stack[at], true, MAX_HEIGHT) > MAX_HEIGHT {
                    return Err(Limit::Depth);
                }
            }
        }
        if self.height(id, true, MAX_HEIGHT) > MAX_HEIGHT { Err(Limit::Depth) } else { Ok(()) }
    }

    /// Stops where the limit is passed already.
    fn height(&mut self, id: Id, again: bool, left: u32) -> u32 {
        match self.nodes[id].height {
            Some(height) if !again => return height,
            _ if left == 0 => return 1,
            _ => {}
        }
        let mut height = 1;
        for at in 0..self.nodes[id].subs.len() {
            let sub = self.nodes[id].subs[at];
            height = height.max(1 + self.height(sub, false, left - 1));
        }
        self.nodes[id].height = Some(height);
        height
    }

    /// Puts a node on the stack; a class of one character becomes a literal.
    pub(super) fn push(&mut self, id: Id, flags: u8) -> Step {
        let single = match &self.nodes[id] {
            Node { op: Op::Class, set: Some(set), .. } => set.single(),
            _ => None,
        };
        let flags = single.map(|(c, folds)| (c, if folds { flags | FOLD } else { flags & !FOLD }));
        if self.join(flags) {
            return Ok(());
        }
        if let Some((c, flags)) = flags {
            let node = &mut self.nodes[id];
            node.op = Op::Literal;
            node.set = None;
            node.runes = vec![c];
            node.flags = flags;
        }
        self.stack.push(id);
        self.check(id)
    }

    /// Joins the two literals on top. With a character, the freed node then takes it: true if so.
    fn join(&mut self, with: Option<(u32, u8)>) -> bool {
        let [.., below, top] = self.stack[..] else { return false };
        let literal = |id: Id| self.nodes[id].op == Op::Literal;
        if !literal(below) || !literal(top) || (self.nodes[below].flags ^ self.nodes[top].flags) & FOLD != 0 {
            return false;
        }
        let runes = std::mem::take(&mut self.nodes[top].runes);
        self.nodes[below].runes.extend(runes);
        if let Some((c, flags)) = with {
            self.nodes[top].runes.push(c);
            self.nodes[top].flags = flags;
            return true;
        }
        self.stack.pop();
        self.reuse(top);
        false
    }

    pub(super) fn literal(&mut self, c: u32, flags: u8) -> Step {
        let id = self.node(Op::Literal, flags);
        let c = if flags & FOLD != 0 { least_case(c) } else { c };
        self.nodes[id].runes.push(c);
        self.push(id, flags)
    }

    pub(super) fn op(&mut self, op: Op, flags: u8) -> Step<Id> {
        let id = self.node(op, flags);
        self.push(id, flags)?;
        Ok(id)
    }

    /// Repeats what is on top of the stack; false if there is nothing. The count is checked by the caller.
    pub(super) fn repeat(&mut self, op: Op, flags: u8, min: u32, max: Option<u32>) -> Step<bool> {
        let Some(&sub) = self.stack.last() else { return Ok(false) };
        if self.nodes[sub].op >= Op::LeftParen {
            return Ok(false);
        }
        let id = self.node(op, flags);
        self.nodes[id].min = min;
        self.nodes[id].max = max;
        self.nodes[id].subs.push(sub);
        let top = self.stack.len() - 1;
        self.stack[top] = id;
        self.check(id)?;
        Ok(true)
    }

    /// Whether no more than `times` copies of anything are made by the repetitions nested in each other here.
    pub(super) fn copies_fit(&self, id: Id, times: u32) -> bool {
        let mut todo = vec![(id, times)];
        while let Some((id, mut times)) = todo.pop() {
            let node = &self.nodes[id];
            if node.op == Op::Repeat {
                if node.max == Some(0) {
                    continue;
                }
                let count = node.max.unwrap_or(node.min);
                if count > times {
                    return false;
                }
                times = times.checked_div(count).unwrap_or(times);
            }
            todo.extend(node.subs.iter().map(|s| (*s, times)));
        }
        true
    }

    /// Where the current sequence begins on the stack.
    fn base(&self) -> usize {
        self.stack.iter().rposition(|id| self.nodes[*id].op >= Op::LeftParen).map_or(0, |at| at + 1)
    }

    pub(super) fn concat(&mut self, flags: u8) -> Step {
        self.join(None);
        let subs = self.stack.split_off(self.base());
        let id = if subs.is_empty() { self.node(Op::Empty, 0) } else { self.collapse(subs, Op::Concat, 0)? };
        self.push(id, flags)
    }

    pub(super) fn alternate(&mut self, flags: u8) -> Step {
        let subs = self.stack.split_off(self.base());
        if let Some(&last) = subs.last() {
            self.clean(last);
        }
        // Never empty: a concatenation was pushed just before.
        let id = self.collapse(subs, Op::Alternate, 0)?;
        while let Some((concat, subs)) = self.later.pop() {
            let suffix = self.collapse(subs, Op::Alternate, 0)?;
            self.nodes[concat].subs.push(suffix);
        }
        self.push(id, flags)
    }

    /// At a `|`.
    pub(super) fn bar(&mut self, flags: u8) -> Step {
        self.concat(flags)?;
        if !self.swap_bar() {
            self.op(Op::Bar, flags)?;
        }
        Ok(())
    }

    /// Ends an alternation: at a `)` and at the end.
    pub(super) fn close(&mut self, flags: u8) -> Step {
        self.concat(flags)?;
        if self.swap_bar() {
            self.stack.pop();
        }
        self.alternate(flags)
    }

    /// Moves a bar under the top of the stack back above it, and merges characters on both sides of it.
    fn swap_bar(&mut self) -> bool {
        let top = self.stack.len();
        let at = |back: usize| top.checked_sub(back).and_then(|i| self.stack.get(i).copied());
        let (Some(first), Some(second)) = (at(1), at(2)) else { return false };
        if self.nodes[second].op != Op::Bar {
            return false;
        }
        if let Some(third) = at(3) {
            if self.is_character(first) && self.is_character(third) {
                let (less, more) =
                    if self.nodes[first].op > self.nodes[third].op { (third, first) } else { (first, third) };
                self.stack[top - 3] = more;
                self.merge(more, less);
                self.reuse(less);
                self.stack.pop();
                return true;
            }
            self.clean(third);
        }
        self.stack.swap(top - 1, top - 2);
        true
    }

    pub(super) fn is_character(&self, id: Id) -> bool {
        let node = &self.nodes[id];
        match node.op {
            Op::Literal => node.runes.len() == 1,
            Op::Class | Op::AnyButLine | Op::Any => true,
            _ => false,
        }
    }

    /// Adds one character or class to another.
    fn merge(&mut self, into: Id, from: Id) {
        let (op, flags, runes, set) = {
            let from = &self.nodes[from];
            (from.op, from.flags, from.runes.clone(), from.set.clone())
        };
        let mut opaque = self.opaque;
        let node = &mut self.nodes[into];
        match node.op {
            Op::AnyButLine => {
                let line = match op {
                    Op::Literal => runes == [10],
                    Op::Class => set.is_some_and(|s| s.has_line_end()),
                    _ => op == Op::Any,
                };
                if line {
                    node.op = Op::Any;
                }
            }
            Op::Class => node.set = Some(union(node.set.take(), set, &runes, flags, &mut opaque)),
            Op::Literal if node.runes != runes || node.flags != flags => {
                node.op = Op::Class;
                let own = union(Some(Set::Ranges(Vec::new())), None, &node.runes, node.flags, &mut opaque);
                node.set = Some(union(Some(own), None, &runes, flags, &mut opaque));
                node.runes.clear();
            }
            _ => {}
        }
        self.opaque = opaque;
    }

    /// Before it becomes an alternative: a class of everything is a dot.
    fn clean(&mut self, id: Id) {
        let node = &mut self.nodes[id];
        let Node { op: Op::Class, set: Some(set), .. } = node else { return };
        set.clean();
        if let Some(all) = set.is_any() {
            node.op = if all { Op::Any } else { Op::AnyButLine };
            node.set = None;
        }
    }

    /// One node for several, without a concatenation in a concatenation or an alternation in an alternation.
    fn collapse(&mut self, subs: Vec<Id>, op: Op, depth: u32) -> Step<Id> {
        if let [only] = subs[..] {
            return Ok(only);
        }
        let id = self.node(op, 0);
        let mut all = Vec::with_capacity(subs.len());
        for sub in subs {
            if self.nodes[sub].op == op {
                all.append(&mut self.nodes[sub].subs);
                self.reuse(sub);
            } else {
                all.push(sub);
            }
        }
        if op == Op::Alternate {
            all = self.factor(all, depth)?;
            if let [only] = all[..] {
                self.reuse(id);
                return Ok(only);
            }
        }
        self.nodes[id].subs = all;
        Ok(id)
    }

    /// Shares what alternatives begin with.
    fn factor(&mut self, subs: Vec<Id>, depth: u32) -> Step<Vec<Id>> {
        if subs.len() < 2 {
            return Ok(subs);
        }
        let subs = self.factor_text(subs, depth)?;
        let subs = self.factor_class(subs, depth)?;
        let mut subs = self.merge_characters(subs);
        let nodes = &self.nodes;
        subs.dedup_by(|a, b| nodes[*a].op == Op::Empty && nodes[*b].op == Op::Empty);
        Ok(subs)
    }

    /// `abc|abd` is `ab(?:c|d)`.
    fn factor_text(&mut self, mut subs: Vec<Id>, depth: u32) -> Step<Vec<Id>> {
        let mut out = Vec::with_capacity(subs.len());
        let (mut text, mut flags): (Vec<u32>, u8) = (Vec::new(), 0);
        let mut start = 0;
        for at in 0..=subs.len() {
            let (mut next, mut next_flags): (Vec<u32>, u8) = (Vec::new(), 0);
            if let Some(&sub) = subs.get(at) {
                let (runes, f) = self.leading_text(sub);
                if f == flags {
                    let same = text.iter().zip(runes).take_while(|(a, b)| a == b).count();
                    if same > 0 {
                        text.truncate(same);
                        continue;
                    }
                }
                (next, next_flags) = (runes.to_vec(), f);
            }
            if at == start + 1 {
                out.push(subs[start]);
            } else if at > start {
                let prefix = self.node(Op::Literal, flags);
                for sub in &mut subs[start..at] {
                    *sub = self.cut_text(*sub, text.len());
                    self.check(*sub)?;
                }
                self.nodes[prefix].runes = text;
                out.push(self.prefixed(prefix, subs[start..at].to_vec(), depth)?);
            }
            start = at;
            (text, flags) = (next, next_flags);
        }
        Ok(out)
    }

    /// The shared begin before what is left of the alternatives. Far down that is put off, so that only the heap grows.
    fn prefixed(&mut self, prefix: Id, subs: Vec<Id>, depth: u32) -> Step<Id> {
        if depth >= DEEPEST {
            let id = self.node(Op::Concat, 0);
            self.nodes[id].subs.push(prefix);
            self.later.push((id, subs));
            return Ok(id);
        }
        let suffix = self.collapse(subs, Op::Alternate, depth + 1)?;
        let id = self.node(Op::Concat, 0);
        self.nodes[id].subs = vec![prefix, suffix];
        Ok(id)
    }

    fn leading_text(&self, id: Id) -> (&[u32], u8) {
        let mut node = &self.nodes[id];
        if let (Op::Concat, Some(&first)) = (node.op, node.subs.first()) {
            node = &self.nodes[first];
        }
        if node.op == Op::Literal { (&node.runes, node.flags & FOLD) } else { (&[], 0) }
    }

    fn cut_text(&mut self, id: Id, length: usize) -> Id {
        let first = match (self.nodes[id].op, self.nodes[id].subs.first()) {
            (Op::Concat, Some(&first)) => first,
            _ => id,
        };
        let node = &mut self.nodes[first];
        if node.op == Op::Literal {
            node.runes.drain(..length.min(node.runes.len()));
            if node.runes.is_empty() {
                node.op = Op::Empty;
            }
        }
        if first == id || self.nodes[first].op != Op::Empty {
            return id;
        }
        self.reuse(first);
        self.cut_first(id)
    }

    /// A concatenation without its first item.
    fn cut_first(&mut self, id: Id) -> Id {
        self.nodes[id].subs.remove(0);
        match self.nodes[id].subs[..] {
            [] => {
                self.nodes[id].op = Op::Empty;
                id
            }
            [only] => {
                self.reuse(id);
                only
            }
            _ => id,
        }
    }

    /// `[ab]c|[ab]d` is `[ab](?:c|d)`.
    fn factor_class(&mut self, mut subs: Vec<Id>, depth: u32) -> Step<Vec<Id>> {
        let mut out = Vec::with_capacity(subs.len());
        let mut first: Option<Id> = None;
        let mut start = 0;
        for at in 0..=subs.len() {
            let mut next = None;
            if let Some(&sub) = subs.get(at) {
                next = self.leading_node(sub);
                if let (Some(a), Some(b)) = (first, next)
                    && self.same_class(a, b)
                {
                    continue;
                }
            }
            if at == start + 1 {
                out.push(subs[start]);
            } else if let (true, Some(prefix)) = (at > start, first) {
                for (j, sub) in subs[start..at].iter_mut().enumerate() {
                    *sub = self.cut_node(*sub, j != 0);
                    self.check(*sub)?;
                }
                out.push(self.prefixed(prefix, subs[start..at].to_vec(), depth)?);
            }
            start = at;
            first = next;
        }
        Ok(out)
    }

    fn leading_node(&self, id: Id) -> Option<Id> {
        let node = &self.nodes[id];
        let first = match (node.op, node.subs.first()) {
            (Op::Concat, Some(&first)) => first,
            _ => id,
        };
        (self.nodes[first].op != Op::Empty).then_some(first)
    }

    fn cut_node(&mut self, id: Id, reuse: bool) -> Id {
        if let (Op::Concat, Some(&first)) = (self.nodes[id].op, self.nodes[id].subs.first()) {
            if reuse {
                self.reuse(first);
            }
            return self.cut_first(id);
        }
        if reuse {
            self.reuse(id);
        }
        self.node(Op::Empty, 0)
    }

    /// Whether both are the same character class, or the same fixed repetition of one.
    fn same_class(&self, a: Id, b: Id) -> bool {
        let (x, y) = (&self.nodes[a], &self.nodes[b]);
        if x.op != y.op {
            return false;
        }
        match x.op {
            Op::Repeat => {
                x.max == Some(x.min)
                    && (x.min, x.max, x.flags & LAZY) == (y.min, y.max, y.flags & LAZY)
                    && self.is_character(x.subs[0])
                    && self.nodes[y.subs[0]].op == self.nodes[x.subs[0]].op
                    && self.same_content(x.subs[0], y.subs[0])
            }
            _ => self.is_character(a) && self.same_content(a, b),
        }
    }

    fn same_content(&self, a: Id, b: Id) -> bool {
        let (x, y) = (&self.nodes[a], &self.nodes[b]);
        x.runes == y.runes && x.set == y.set
    }

    /// `a|b|[cd]` is `[abcd]`.
    fn merge_characters(&mut self, subs: Vec<Id>) -> Vec<Id> {
        let mut out = Vec::with_capacity(subs.len());
        let mut run: Vec<Id> = Vec::new();
        for sub in subs {
            if self.is_character(sub) {
                run.push(sub);
                continue;
            }
            self.end_run(&mut run, &mut out);
            out.push(sub);
        }
        self.end_run(&mut run, &mut out);
        out
    }

    fn end_run(&mut self, run: &mut Vec<Id>, out: &mut Vec<Id>) {
        let width = |id: Id| match &self.nodes[id].set {
            Some(Set::Ranges(r)) => r.len(),
            Some(Set::Opaque(_)) => usize::MAX,
            None => 0,
        };
        let mut most = 0;
        for at in 1..run.len() {
            let (a, b) = (run[most], run[at]);
            if (self.nodes[a].op, width(a)) < (self.nodes[b].op, width(b)) {
                most = at;
            }
        }
        if run.len() > 1 {
            run.swap(0, most);
            for at in 1..run.len() {
                self.merge(run[0], run[at]);
                self.reuse(run[at]);
            }
            self.clean(run[0]);
        }
        out.extend(run.first());
        run.clear();
    }
}

/// A class with another, or with one character, added.
fn union(into: Option<Set>, set: Option<Set>, runes: &[u32], flags: u8, opaque: &mut u32) -> Set {
    let (Some(Set::Ranges(mut ranges)), Some(Set::Ranges(more))) = (into, set.or(Some(Set::Ranges(Vec::new())))) else {
        *opaque += 1;
        return Set::Opaque(*opaque);
    };
    ranges.extend(more);
    for &c in runes {
        if flags & FOLD == 0 {
            ranges.push((c, c));
        } else if !super::class::folded(c, c, &mut ranges) {
            *opaque += 1;
            return Set::Opaque(*opaque);
        }
    }
    Set::Ranges(ranges)
}

/// The smallest of the cases of a character.
fn least_case(c: u32) -> u32 {
    match c {
        0x17F => 0x53,
        0x212A => 0x4B,
        _ => {
            let mut upper = char::from_u32(c).into_iter().flat_map(char::to_uppercase);
            match (upper.next(), upper.next()) {
                (Some(upper), None) => c.min(upper as u32),
                _ => c,
            }
        }
    }
}
