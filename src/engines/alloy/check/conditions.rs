//! What decoded bodies are refused for: values that do not go together, words, and text of other languages.

use std::rc::Rc;

use vispyr_alloy::Literal;

use super::Checker;
use super::report::Rests;
use super::value::Place;
use crate::catalogue::Version;
use crate::catalogue::schema::{Body, Stability};
use crate::engines::alloy::conditions::{self, Builtin, Condition, Decoded, Judge, Kind, Level, Syntax, Violation};
use crate::engines::alloy::program::Node;
use crate::engines::alloy::rules::{invalid_enum, invalid_regex, stability_gate, validate_cross_field};
use crate::engines::alloy::types::Want;
use crate::lang::{logql, re2};

/// Relabelling's expressions, which must match a whole value.
const REGEXP: &str = "component/common/relabel.Regexp";

/// Blocks nested deeper than this are not decoded: Alloy's own nest by six.
const DEPTH: u32 = 32;

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

/// What is asked of a body: conditions of its own, and whether any body inside may have some.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    own: &'static [Condition],
    any: bool,
    /// Names that conditions ask about, sorted, each with those that do.
    heads: Rc<[(&'static str, Marks)]>,
}

/// Marks of conditions of one body; those beyond the last mark share it.
type Marks = u64;

fn mark(condition: usize) -> Marks {
    1 << condition.min(63)
}

impl Asked {
    fn of(own: &'static [Condition], version: Version) -> Self {
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
        Self { own, any: !own.is_empty(), heads: heads.into() }
    }

    /// The conditions that ask about a name. Of an enum both `stage.json` and `stage` mean a block.
    fn about(&self, name: &str) -> Marks {
        let of = |name: &str| match self.heads.binary_search_by(|(head, _)| (*head).cmp(name)) {
            Ok(at) => self.heads[at].1,
            Err(_) => 0,
        };
        of(name) | name.split_once('.').map_or(0, |(family, _)| of(family))
    }
}

impl<'a> Checker<'_, 'a> {
    fn go(&self) -> re2::Go {
        re2::Go::of_alloy(self.version.minor)
    }

    /// What the values of a block of the top are refused for together.
    pub(super) fn conditions(&mut self, node: &Node<'a>, body: Body) {
        if !self.asked(body).any {
            return;
        }
        let source = self.program.files[self.here.file as usize].source;
        let judge = Languages(self.go());
        let trails = self.trails.clone();
        let mut open = vec![(Decoded::along(trails, source, body, &node.block), 0)];
        while let Some((decoded, depth)) = open.pop() {
            let Some(body) = decoded.body() else { continue };
            let asked = self.asked(body);
            for violation in self.broken(&asked, body, &decoded, &judge) {
                self.violation(node, violation);
            }
            if depth < DEPTH {
                decoded.written_blocks(&mut |inner| {
                    if inner.body().is_some_and(|b| self.asked(b).any) {
                        open.push((inner.clone(), depth + 1));
                    }
                });
            }
        }
    }

    /// The conditions that a body breaks: asked are those about something written, and those that an empty one breaks.
    fn broken(&mut self, asked: &Asked, body: Body, decoded: &Decoded<'a>, judge: &Languages) -> Vec<Violation> {
        let mut broken = Vec::new();
        if asked.heads.is_empty() {
            return broken;
        }
        let mut marks = self.empty(asked, body, decoded, judge);
        decoded.written_names(&mut |name| marks |= asked.about(name));
        for (_, condition) in asked.own.iter().enumerate().filter(|(at, _)| marks & mark(*at) != 0) {
            let one = std::slice::from_ref(condition);
            conditions::violations(one, self.version, decoded, judge, &mut |v| broken.push(v));
        }
        broken
    }

    /// The conditions that a body breaks when nothing is written in it.
    fn empty(&mut self, asked: &Asked, body: Body, decoded: &Decoded<'_>, judge: &Languages) -> Marks {
        let key = (body.number(), decoded.trail());
        if let Some(marks) = self.empty.get(&key) {
            return *marks;
        }
        let nothing = vispyr_alloy::parse("x { }");
        let mut marks = 0;
        for block in nothing.file.body().all_blocks() {
            let emptied = decoded.emptied(&block);
            for (at, condition) in asked.own.iter().enumerate() {
                let one = std::slice::from_ref(condition);
                conditions::violations(one, self.version, &emptied, judge, &mut |_| marks |= mark(at));
            }
        }
        self.empty.insert(key, marks);
        marks
    }

    /// The conditions of a body, found once.
    fn asked(&mut self, body: Body) -> Asked {
        let number = body.number();
        if self.asked.len() <= number {
            self.asked.resize(number + 1, None);
        }
        if let Some(asked) = &self.asked[number] {
            return asked.clone();
        }
        let mut asked = Asked::of(conditions::of(body.name()), self.version);
        // A body may hold itself; while it is looked into, nothing is known to be inside.
        self.asked[number] = Some(asked.clone());
        for field in body.fields() {
            if let Some(inner) = field.body() {
                asked.any |= self.asked(inner).any;
            }
        }
        self.asked[number] = Some(asked.clone());
        asked
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
