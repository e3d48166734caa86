//! What decoded bodies are refused for: values that do not go together, words, and text of other languages.

use vispyr_alloy::Literal;

use super::Checker;
use super::report::Rests;
use super::value::Place;
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
            Syntax::LogQl => match logql::selector::parse(text, self.0) {
                Ok(_) => Some(true),
                Err(error) => (error.kind != logql::Kind::Unread).then_some(false),
            },
            _ => Builtin.valid(syntax, text),
        }
    }
}

/// What is asked of a body: conditions of its own, and whether any body inside may have some.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    own: &'static [Condition],
    any: bool,
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
        let mut open = vec![(Decoded::new(source, body, &node.block), 0)];
        while let Some((decoded, depth)) = open.pop() {
            let Some(body) = decoded.body() else { continue };
            let own = self.asked(body).own;
            let mut broken = Vec::new();
            if !own.is_empty() {
                conditions::violations(own, self.version, &decoded, &judge, &mut |v| broken.push(v));
            }
            for violation in broken {
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

    /// The conditions of a body, found once.
    fn asked(&mut self, body: Body) -> Asked {
        let number = body.number();
        if self.asked.len() <= number {
            self.asked.resize(number + 1, None);
        }
        if let Some(asked) = self.asked[number] {
            return asked;
        }
        let own = conditions::of(body.name());
        // A body may hold itself; while it is looked into, nothing is known to be inside.
        self.asked[number] = Some(Asked { own, any: !own.is_empty() });
        let mut any = !own.is_empty();
        for field in body.fields() {
            if let Some(inner) = field.body() {
                any |= self.asked(inner).any;
            }
        }
        let asked = Asked { own, any };
        self.asked[number] = Some(asked);
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
        let decoded = literal.decode();
        let Err(error) = re2::parse_anchored(decoded.value(), self.go()) else { return };
        let range = decoded.source_range(error.span.start as u32..error.span.end as u32);
        let found =
            self.fault(&invalid_regex::RULE, range, place.rests, format!("RE2 refuses this: {}", error.message));
        self.tell(match error.help {
            Some(help) => found.help(help),
            None => found,
        });
    }
}
