//! A successor → edits.

use std::ops::Range;

use vispyr_alloy::{Attribute, Block, ExprKind, quote};

use super::Spot;
use super::place::Page;
use crate::catalogue::schema::FieldKind;
use crate::catalogue::{Mend, Successor};
use crate::source::{Edit, SourceId, Span};

/// Signals that a component may forward, as its `output` block names them.
const SIGNALS: [&str; 3] = ["logs", "metrics", "traces"];

/// What is gone.
#[derive(Clone, Copy)]
pub(super) enum Gone<'a> {
    Attribute(Attribute<'a>),
    Block(Block<'a>),
    /// The label of a block.
    Label(Block<'a>),
}

/// Something to put into a block beside what it came from: block, attribute, value.
pub(super) type Move = (String, String, String);

/// What an entry makes of a statement.
pub(super) enum Outcome {
    Edits(Vec<Edit>),
    Moved(Vec<Edit>, Vec<Move>),
    /// A person has to do it; the text says why where it is not the entry's own reason.
    Hand(Option<String>),
}

impl<'a> Spot<'a> {
    /// Mends a statement of this block.
    pub(super) fn mend(&self, page: Page<'a>, source: SourceId, gone: Gone<'a>, entry: &Successor) -> Outcome {
        let edit = |range: Range<usize>, text: String| Edit { span: Span::new(source, range), text };
        let whole = |range| edit(page.whole(range), String::new());
        match (entry.mend, gone) {
            (Mend::Delete, Gone::Attribute(a)) => Outcome::Edits(vec![whole(a.range())]),
            (Mend::Delete, Gone::Block(b)) => Outcome::Edits(vec![whole(b.range())]),
            (Mend::Rename(to), Gone::Attribute(a)) => match self.free(to, FieldKind::Attribute) {
                Ok(()) => Outcome::Edits(vec![edit(wide(a.name().range()), to.to_owned())]),
                Err(why) => Outcome::Hand(Some(why)),
            },
            (Mend::Rename(to), Gone::Block(b)) => match self.free(to, FieldKind::Block) {
                Ok(()) => Outcome::Edits(vec![edit(wide(b.name_range()), to.to_owned())]),
                Err(why) => Outcome::Hand(Some(why)),
            },
            (Mend::Wrap(to), Gone::Attribute(a)) => match self.free(to, FieldKind::Attribute) {
                Ok(()) => {
                    let value = wide(a.value().range());
                    let open = edit(value.start..value.start, "[".to_owned());
                    let close = edit(value.end..value.end, "]".to_owned());
                    Outcome::Edits(vec![edit(wide(a.name().range()), to.to_owned()), open, close])
                }
                Err(why) => Outcome::Hand(Some(why)),
            },
            (Mend::Words(to, words), Gone::Attribute(a)) => {
                if let Err(why) = self.free(to, FieldKind::Attribute) {
                    return Outcome::Hand(Some(why));
                }
                let value = a.value();
                let word = value.as_str().map(|s| s.into_owned()).or_else(|| value.as_bool().map(|b| b.to_string()));
                match words.iter().find(|(old, _)| word.as_deref() == Some(*old)) {
                    Some((_, new)) => Outcome::Edits(vec![
                        edit(wide(a.name().range()), to.to_owned()),
                        edit(wide(value.range()), quote(new)),
                    ]),
                    None => Outcome::Hand(Some(entry.help())),
                }
            }
            (Mend::Block(names), Gone::Attribute(a)) => {
                let name = a.name().name();
                if !self.new.field(name).is_some_and(|f| f.kind() == FieldKind::Block) {
                    return Outcome::Hand(None);
                }
                let lines: Vec<_> = names.iter().map(|n| format!("{n} = {}", a.value().text())).collect();
                Outcome::Edits(vec![edit(wide(a.range()), page.block(a.range().start, name, &lines))])
            }
            (Mend::Spread(places), Gone::Attribute(a)) => {
                let there = |block: &str, name: &str| {
                    self.new.field(block).and_then(|f| f.body()).is_some_and(|b| b.field(name).is_some())
                };
                if !places.iter().all(|(block, name)| there(block, name)) {
                    return Outcome::Hand(None);
                }
                let to_move = |(block, name): &(&str, &str)| {
                    ((*block).to_owned(), (*name).to_owned(), a.value().text().to_owned())
                };
                Outcome::Moved(vec![whole(a.range())], places.iter().map(to_move).collect())
            }
            (Mend::Signals(to), Gone::Attribute(a)) => match self.signals() {
                signals if signals.is_empty() => Outcome::Hand(Some(entry.help())),
                signals => {
                    let value = format!("[{}]", a.value().text());
                    // What a signal says of itself counted more than what the component said of all.
                    let silent = |s: &&str| {
                        let block = self.body.block(s);
                        block.is_none_or(|b| b.body().attr("topic").is_none() && b.body().attr(to).is_none())
                    };
                    let moves = signals.into_iter().filter(silent);
                    let moves = moves.map(|s| (s.to_owned(), to.to_owned(), value.clone())).collect();
                    Outcome::Moved(vec![whole(a.range())], moves)
                }
            },
            (Mend::Label(to), Gone::Label(b)) => match b.label() {
                Some(label) if b.body().attr(to).is_none() => {
                    let (at, line) = page.prepend(b, &format!("{to} = {}", quote(label.name())));
                    let label = b.name_range().end as usize..b.header_range().end as usize;
                    Outcome::Edits(vec![edit(label, String::new()), edit(at, line)])
                }
                _ => Outcome::Hand(None),
            },
            _ => Outcome::Hand(None),
        }
    }

    /// Whether a name can be written into this block: the new version has it and the file does not.
    fn free(&self, name: &str, kind: FieldKind) -> Result<(), String> {
        let written = self.body.attr(name).is_some() || self.body.block(name).is_some();
        match self.new.field(name) {
            Some(field) if field.many() => Ok(()),
            Some(_) if written => Err(format!("`{name}`, which replaces it, is written too: keep one")),
            Some(field) if field.kind() == kind => Ok(()),
            _ => Err(format!("`{name}`, which replaces it, is not there at this version")),
        }
    }

    /// The signals that the component forwards to anything.
    fn signals(&self) -> Vec<&'static str> {
        let Some(output) = self.body.block("output") else { return Vec::new() };
        let forwards = |signal: &&str| {
            output.body().attr(signal).is_some_and(|a| match a.value().unparen().kind() {
                ExprKind::Array(items) => !items.is_empty(),
                _ => true,
            })
        };
        SIGNALS.into_iter().filter(forwards).collect()
    }

    /// The edits that put moved values into their blocks; blocks that are not there are made at the end of this one.
    pub(super) fn put(&self, page: Page<'a>, source: SourceId, moves: &[Move]) -> Vec<Edit> {
        let mut blocks: Vec<&str> = Vec::new();
        for (block, ..) in moves {
            if !blocks.contains(&block.as_str()) {
                blocks.push(block);
            }
        }
        let (mut edits, mut made) = (Vec::new(), Vec::new());
        for block in blocks {
            let there = self.body.block(block);
            let written = |name: &str| there.is_some_and(|b| b.body().attr(name).is_some());
            let of_block = moves.iter().filter(|(b, name, _)| b == block && !written(name));
            let lines: Vec<String> = of_block.map(|(_, name, value)| format!("{name} = {value}")).collect();
            if lines.is_empty() {
                continue;
            }
            match there {
                Some(there) => edits.push(page.append(there, &lines)),
                None => {
                    let lines: String = lines.iter().map(|l| format!("\t{l}\n")).collect();
                    made.extend([String::new(), format!("{block} {{\n{lines}}}")]);
                }
            }
        }
        if let (false, Some(block)) = (made.is_empty(), self.block) {
            edits.push(page.append(block, &made));
        }
        edits.into_iter().map(|(range, text)| Edit { span: Span::new(source, range), text }).collect()
    }
}

fn wide(range: Range<u32>) -> Range<usize> {
    range.start as usize..range.end as usize
}
