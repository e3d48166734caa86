//! What decoded bodies are refused for: values that do not go together, words, and text of other languages.

use vispyr_alloy::{Block, Literal};

use super::Checker;
use super::report::Rests;
use super::value::Place;
use crate::catalogue::Version;
use crate::catalogue::schema::{Body, Stability};
use crate::engines::alloy::conditions::{
    self, Builtin, Condition, Decoded, Judge, Kind, Level, Syntax, Trail, Violation,
};
use crate::engines::alloy::program::Node;
use crate::engines::alloy::rules::{invalid_enum, invalid_regex, stability_gate, validate_cross_field};
use crate::engines::alloy::types::Want;
use crate::lang::{logql, re2};
use crate::source::SourceId;

/// Relabelling's expressions, which must match a whole value.
const REGEXP: &str = "component/common/relabel.Regexp";

/// Blocks nested deeper than this are not decoded: Alloy's own nest by six.
pub(super) const DEPTH: u32 = 32;

/// Findings that are looked through for one of the same place.
const RECENT: usize = 32;

/// Who knows whether texts are valid.
struct Languages(re2::Go);

impl Judge for Languages {
    fn valid(&self, syntax: Syntax, text: &str) -> Option<bool> {
        match syntax {
            Syntax::Regex => Some(re2::parse(text, self.0).is_ok()),
            Syntax::NamedRegex => {
                Some(re2::parse(text, self.0).is_ok_and(|info| info.groups.iter().any(Option::is_some)))
            }
            Syntax::LogQl => match logql::selector::parse(text, self.0) {
                Ok(_) => Some(true),
                Err(error) => (error.kind != logql::Kind::Unread).then_some(false),
            },
            _ => Builtin.valid(syntax, text),
        }
    }
}

/// What is asked of a body: its conditions, and the names that those of this version ask about, sorted.
#[derive(Default)]
pub(super) struct Asked {
    own: &'static [Condition],
    heads: Box<[(&'static str, Marks)]>,
}

/// Marks of conditions of one body; those beyond the last mark share it.
pub(super) type Marks = u64;

fn mark(condition: usize) -> Marks {
    1 << condition.min(63)
}

impl Asked {
    /// The conditions of a body.
    pub(super) fn of(body: Body, version: Version) -> Self {
        let own = conditions::of(body.name());
        let mut heads: Vec<(&'static str, Marks)> = Vec::new();
        for (at, condition) in own.iter().enumerate().filter(|(_, c)| c.range.holds(version)) {
            conditions::heads(condition, &mut |name| heads.push((name, mark(at))));
        }
        heads.sort_unstable();
        heads.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 |= next.1;
            }
            same
        });
        Self { own, heads: heads.into() }
    }

    /// Whether nothing is asked.
    pub(super) fn is_empty(&self) -> bool {
        self.heads.is_empty()
    }

    /// The conditions that ask about a name. Of an enum both `stage.json` and `stage` mean a block.
    pub(super) fn about(&self, name: &str) -> Marks {
        let of = |name: &str| match self.heads.binary_search_by(|(head, _)| (*head).cmp(name)) {
            Ok(at) => self.heads[at].1,
            Err(_) => 0,
        };
        of(name) | name.split_once('.').map_or(0, |(family, _)| of(family))
    }
}

/// A block whose conditions wait until the whole component is read, with the marks of those about something written in it.
pub(super) struct Pending<'a> {
    pub(super) block: Block<'a>,
    pub(super) body: Body,
    pub(super) trail: Trail,
    pub(super) marks: Marks,
}

impl<'a> Checker<'_, 'a> {
    fn go(&self) -> re2::Go {
        re2::Go::of_alloy(self.version.minor)
    }

    /// What the values of a block of the top are refused for together: asked are the conditions about something written,
    /// and those that an empty block breaks.
    pub(super) fn conditions(&mut self, node: &Node<'a>) {
        let source = self.program.files[self.here.file as usize].source;
        let judge = Languages(self.go());
        let mut pending = std::mem::take(&mut self.pending);
        for Pending { block, body, trail, marks } in pending.drain(..) {
            let own = self.known(body).asked.own;
            let marks = marks | self.empty(own, body, trail, &judge);
            if marks == 0 {
                continue;
            }
            let decoded = Decoded::at(self.trails.clone(), source, body, &block, trail);
            for (_, condition) in own.iter().enumerate().filter(|(at, _)| marks & mark(*at) != 0) {
                let one = std::slice::from_ref(condition);
                let version = self.version;
                conditions::violations(one, version, &decoded, &judge, &mut |v| self.violation(node, v));
            }
        }
        self.pending = pending;
    }

    /// The conditions that a body breaks when nothing is written in it.
    fn empty(&mut self, own: &'static [Condition], body: Body, trail: Trail, judge: &Languages) -> Marks {
        let key = (body.number(), trail);
        if let Some(marks) = self.empty.get(&key) {
            return *marks;
        }
        let nothing = vispyr_alloy::parse("x { }");
        let mut marks = 0;
        for block in nothing.file.body().all_blocks() {
            let emptied = Decoded::at(self.trails.clone(), SourceId(0), body, &block, trail);
            for (at, condition) in own.iter().enumerate() {
                let one = std::slice::from_ref(condition);
                conditions::violations(one, self.version, &emptied, judge, &mut |_| marks |= mark(at));
            }
        }
        self.empty.insert(key, marks);
        marks
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
