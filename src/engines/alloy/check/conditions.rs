//! What decoded bodies are refused for: values that do not go together, words, and text of other languages.

use std::rc::Rc;

use vispyr_alloy::{Block, Literal};

use super::Checker;
use super::report::Rests;
use super::value::Place;
use crate::catalogue::Version;
use crate::catalogue::schema::{Body, Stability};
use crate::engines::alloy::conditions::{self, Condition, Decoded, Kind, Languages, Level, Trail, Violation};
use crate::engines::alloy::program::Node;
use crate::engines::alloy::rules::{invalid_enum, invalid_regex, stability_gate, validate_cross_field};
use crate::engines::alloy::types::Want;
use crate::lang::re2;
use crate::source::SourceId;

/// Relabelling's expressions, which must match a whole value.
const REGEXP: &str = "component/common/relabel.Regexp";

/// Blocks nested deeper than this are not decoded: Alloy's own nest by six.
pub(super) const DEPTH: u32 = 32;

/// Findings that are looked through for one of the same place.
const RECENT: usize = 32;

/// What is asked of a body: its conditions at this version, and the names that they ask about, sorted.
#[derive(Default)]
pub(super) struct Asked {
    own: Vec<&'static Condition>,
    heads: Vec<&'static str>,
}

/// Names of one body that its conditions ask about, a bit for each; those beyond the last bit share it.
pub(super) type Names = u64;

const LAST: usize = Names::BITS as usize - 1;

impl Asked {
    /// The conditions of a body.
    pub(super) fn of(body: Body, version: Version) -> Self {
        let own: Vec<&Condition> = conditions::of(body.name()).iter().filter(|c| c.range.holds(version)).collect();
        let mut heads = Vec::new();
        for condition in &own {
            conditions::heads(condition, &mut |name| heads.push(name));
        }
        heads.sort_unstable();
        heads.dedup();
        Self { own, heads }
    }

    /// Whether nothing is asked.
    pub(super) fn is_empty(&self) -> bool {
        self.heads.is_empty()
    }

    /// What a name is that is written in the body. Of an enum both `stage.json` and `stage` mean a block.
    pub(super) fn about(&self, name: &str) -> Names {
        self.bit(name) | name.split_once('.').map_or(0, |(family, _)| self.bit(family))
    }

    fn bit(&self, name: &str) -> Names {
        self.heads.binary_search_by(|head| (*head).cmp(name)).map_or(0, |at| 1 << at.min(LAST))
    }
}

/// A condition, and how many of which names must be written before it can be broken.
pub(super) struct Waiting {
    condition: &'static Condition,
    names: Names,
    count: u32,
}

/// A block whose conditions wait until the whole component is read, with the names written in it that they ask about.
pub(super) struct Pending<'a> {
    pub(super) block: Block<'a>,
    pub(super) body: Body,
    pub(super) trail: Trail,
    pub(super) written: Names,
}

impl<'a> Checker<'_, 'a> {
    fn go(&self) -> re2::Go {
        re2::Go::of_alloy(self.version.minor)
    }

    /// What the values of a block of the top are refused for together. Asked are only the conditions that what is written
    /// can break.
    pub(super) fn conditions(&mut self, node: &Node<'a>) {
        let source = self.program.files[self.here.file as usize].source;
        let (version, judge) = (self.version, Languages::of_alloy(self.version.minor));
        let mut pending = std::mem::take(&mut self.pending);
        for Pending { block, body, trail, written } in pending.drain(..) {
            let waiting = self.waiting(body, trail, &judge);
            let mut due = waiting.iter().filter(|w| (w.names & written).count_ones() >= w.count).peekable();
            if due.peek().is_none() {
                continue;
            }
            let decoded = Decoded::at(self.trails.clone(), source, body, &block, trail);
            for Waiting { condition, .. } in due {
                let one = std::slice::from_ref(*condition);
                conditions::violations(one, version, &decoded, &judge, &mut |v| self.violation(node, v));
            }
        }
        self.pending = pending;
    }

    /// What the conditions of a body wait for, where the blocks around it say that of its defaults.
    fn waiting(&mut self, body: Body, trail: Trail, judge: &Languages) -> Rc<[Waiting]> {
        let key = (body.number(), trail);
        if let Some(waiting) = self.waiting.get(&key) {
            return Rc::clone(waiting);
        }
        let trails = self.trails.clone();
        let asked = &self.known(body).asked;
        let nothing = vispyr_alloy::parse("x { }");
        let mut waiting = Vec::with_capacity(asked.own.len());
        for block in nothing.file.body().all_blocks() {
            let empty = Decoded::at(trails.clone(), SourceId(0), body, &block, trail);
            for &condition in &asked.own {
                let wait = conditions::wait(condition, &empty, judge);
                let names = wait.names.iter().fold(0, |names, name| names | asked.bit(name));
                // Of names that share a bit it is not known how many there are.
                let shared = names >> LAST != 0;
                let count = if shared { wait.count.min(1) } else { wait.count };
                waiting.push(Waiting { condition, names, count });
            }
        }
        let waiting: Rc<[Waiting]> = waiting.into();
        self.waiting.insert(key, Rc::clone(&waiting));
        waiting
    }

    fn violation(&mut self, node: &Node<'a>, violation: Violation) {
        let Violation { condition, message, help, spans } = violation;
        let header = node.block.header_range();
        let (range, others) = match spans.split_first() {
            Some((first, others)) => (first.start..first.end, others),
            None => (header, &[][..]),
        };
        let always = condition.range.since.is_none() && condition.range.until.is_none();
        let rests = if always { Rests::Catalogue } else { Rests::Version };
        let rule = match condition.kind {
            Kind::CrossField => &validate_cross_field::RULE,
            Kind::Enum => &invalid_enum::RULE,
            Kind::Regex => &invalid_regex::RULE,
            Kind::Gate(level) => {
                let is = if level == Level::Preview { Stability::PublicPreview } else { Stability::Experimental };
                if self.flags.stability.is_none_or(|asked| asked <= is) {
                    return;
                }
                &stability_gate::RULE
            }
        };
        let span = self.span(range.clone());
        if self.found.iter().rev().take(RECENT).any(|d| d.primary.span == span && d.rule.id == rule.id) {
            return;
        }
        let mut found = self.fault(rule, range, rests, message);
        for other in others {
            found = found.label(*other, "and this");
        }
        if !help.is_empty() {
            found = found.help(help);
        }
        self.tell(found);
    }

    /// A text in a place that takes an expression of RE2.
    pub(super) fn regex(&mut self, literal: Literal<'a>, want: Want, place: &Place<'_>) {
        if !matches!(want, Want::Text(ty) if ty.name() == REGEXP) {
            return;
        }
        // The same few expressions stand all over a config: one that was read is known by how it is written.
        if self.regexes.contains(literal.raw()) {
            return;
        }
        let decoded = literal.decode();
        let Err(error) = re2::parse_anchored(decoded.value(), self.go()) else {
            self.regexes.insert(literal.raw());
            return;
        };
        let range = decoded.source_range(error.span.start as u32..error.span.end as u32);
        let found =
            self.fault(&invalid_regex::RULE, range, place.rests, format!("RE2 refuses this: {}", error.message));
        self.tell(match error.help {
            Some(help) => found.help(help),
            None => found,
        });
    }
}
