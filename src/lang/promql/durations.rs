//! Literals and spans of time: ranges, steps, offsets, `@`, and the experimental duration expressions.

use std::ops::Range;

use super::ast::{At, Duration, Edges, Node, NodeId, NodeKind, Selector, Shift, ValueType};
use super::lexer::{Kind, Word};
use super::literal;
use super::parser::{Parsed, Parser};

const SIGN: u8 = 3;
const POWER: u8 = 4;

/// Seconds beyond which the engine's nanoseconds overflow.
const MOST_SECONDS: f64 = 9_223_372_036.854_775;

impl Parser<'_> {
    /// A number or duration token; no value when a variable is part of it.
    pub(super) fn literal(&mut self) -> Parsed<(Option<f64>, Range<usize>)> {
        let token = self.next();
        let range = token.range;
        if self.dynamic(&range) {
            return Ok((None, range));
        }
        let text = self.masked(&range);
        let value = match token.kind {
            Kind::Number => literal::number(text).ok_or_else(|| format!("`{text}` is no number")),
            _ => literal::duration(text),
        };
        match value {
            Ok(value) => Ok((Some(value), range)),
            Err(message) => {
                self.object(range.clone(), message);
                Ok((None, range))
            }
        }
    }

    /// A literal that may have a sign.
    pub(super) fn signed_literal(&mut self, place: &str) -> Parsed<(Option<f64>, Range<usize>)> {
        let start = self.peek_token().range.start;
        let minus = match self.peek() {
            Kind::Add | Kind::Sub => self.next().kind == Kind::Sub,
            _ => false,
        };
        if self.peek_variable() {
            let end = self.next().range.end;
            return Ok((None, start..end));
        }
        if !matches!(self.peek(), Kind::Number | Kind::Duration) {
            return self.unexpected(place, "a number or duration");
        }
        let (value, range) = self.literal()?;
        Ok((value.map(|v| if minus { -v } else { v }), start..range.end))
    }

    /// Whether a name that a variable is part of comes next.
    pub(super) fn peek_variable(&self) -> bool {
        self.peek() == Kind::Identifier && self.dynamic(&self.peek_token().range)
    }

    /// `[range]` or `[range:step]` after an expression.
    pub(super) fn brackets(&mut self, inner: NodeId) -> Parsed<NodeId> {
        let open = self.next().range;
        let window = self.positive_duration("a range")?;
        let mut step = None;
        let subquery = self.accept(Kind::Colon).is_some();
        if subquery && self.peek() != Kind::RightBracket {
            step = Some(self.positive_duration("the step of a subquery")?);
        }
        let expected = if subquery { "`]`" } else { "`:` or `]`" };
        let close = self.expect(Kind::RightBracket, "a range", expected)?;
        let Node { kind, range, value_type } = self.node(inner);
        let start = range.start;
        let whole = start..close.end;
        let selector = match kind {
            NodeKind::Selector(s) => Some((s.shift.offset.clone(), s.shift.at.clone(), s.opaque)),
            _ => None,
        };
        // A variable may hold `5m:1m`, and a bare variable any expression.
        let undecided = self.dynamic(&window.range) && selector.is_none();
        if subquery || undecided {
            let kind = NodeKind::Subquery { inner, window, step, shift: Shift::default() };
            return Ok(self.push(kind, whole, Some(ValueType::Matrix)));
        }
        let complaint = match selector {
            None if value_type.is_none() => None,
            None => Some("ranges are only allowed after vector selectors"),
            Some((_, _, true)) => None,
            Some((Some(offset), _, _)) if offset.seconds.is_some_and(|s| s != 0.0) => {
                Some("no `offset` is allowed before a range")
            }
            Some((_, Some(At::Time(_)), _)) => Some("no `@` is allowed before a range"),
            Some(_) => None,
        };
        if let Some(message) = complaint {
            self.object(open.start..close.end, message);
        }
        if let NodeKind::Selector(s) = &mut self.node_mut(inner).kind {
            // With a range behind it, the variable holds a selector.
            s.opaque = false;
        }
        self.node_mut(inner).value_type = Some(ValueType::Vector);
        Ok(self.push(NodeKind::Matrix { selector: inner, window }, whole, Some(ValueType::Matrix)))
    }

    fn positive_duration(&mut self, place: &str) -> Parsed<Duration> {
        let duration = self.duration(0, place)?;
        if duration.seconds.is_some_and(|s| s <= 0.0) {
            self.object(duration.range.clone(), "duration must be greater than 0");
        }
        Ok(duration)
    }

    fn duration_operator(&self) -> Option<u8> {
        Some(match self.peek() {
            Kind::Add | Kind::Sub => 1,
            Kind::Mul | Kind::Div | Kind::Mod => 2,
            Kind::Pow => POWER,
            _ => return None,
        })
    }

    fn duration(&mut self, least: u8, place: &str) -> Parsed<Duration> {
        self.deeper(|p| {
            let left = p.signed_duration(place)?;
            p.duration_rest(left, least, place)
        })
    }

    fn duration_rest(&mut self, mut left: Duration, least: u8, place: &str) -> Parsed<Duration> {
        while let Some(strength) = self.duration_operator().filter(|s| *s >= least) {
            let operator = self.next();
            let right = self.duration(if strength == POWER { strength } else { strength + 1 }, place)?;
            let range = left.range.start..right.range.end;
            self.experimental_duration(&range);
            if matches!(operator.kind, Kind::Div | Kind::Mod) && right.seconds == Some(0.0) {
                self.object(operator.range, "division by zero");
            }
            left = Duration { range, seconds: None };
        }
        Ok(left)
    }

    fn signed_duration(&mut self, place: &str) -> Parsed<Duration> {
        let minus = match self.peek() {
            Kind::Add => false,
            Kind::Sub => true,
            _ => return self.duration_operand(place),
        };
        let start = self.next().range.start;
        let inner = self.duration(SIGN, place)?;
        let seconds = inner.seconds.map(|s| if minus { -s } else { s });
        Ok(Duration { range: start..inner.range.end, seconds })
    }

    fn duration_operand(&mut self, place: &str) -> Parsed<Duration> {
        match self.peek() {
            Kind::Number | Kind::Duration => {
                let (seconds, range) = self.literal()?;
                self.bound(seconds, &range);
                Ok(Duration { range, seconds })
            }
            Kind::LeftParen => {
                let start = self.next().range.start;
                let inner = self.duration(0, place)?;
                let end = self.expect(Kind::RightParen, place, "`)`")?.end;
                self.experimental_duration(&(start..end));
                Ok(Duration { range: start..end, seconds: inner.seconds })
            }
            Kind::Word(Word::Step | Word::Range | Word::MaxOf | Word::MinOf) => self.duration_function(place),
            _ if self.peek_variable() => Ok(Duration { range: self.next().range, seconds: None }),
            _ => self.unexpected(place, "a number, a duration, `step()` or `range()`"),
        }
    }

    fn duration_function(&mut self, place: &str) -> Parsed<Duration> {
        let token = self.next();
        self.expect(Kind::LeftParen, place, "`(`")?;
        if matches!(token.kind, Kind::Word(Word::MaxOf | Word::MinOf)) {
            self.duration(0, place)?;
            self.expect(Kind::Comma, place, "`,`")?;
            self.duration(0, place)?;
        }
        let end = self.expect(Kind::RightParen, place, "`)`")?.end;
        let range = token.range.start..end;
        self.experimental_duration(&range);
        Ok(Duration { range, seconds: None })
    }

    fn experimental_duration(&mut self, range: &Range<usize>) {
        if !self.options.durations {
            let help = "switch on the feature flag `promql-duration-expr`".to_owned();
            self.object_with(range.clone(), "duration expressions are experimental and not enabled", Some(help));
        }
    }

    fn bound(&mut self, seconds: Option<f64>, range: &Range<usize>) {
        if seconds.is_some_and(|s| s.abs() > MOST_SECONDS) {
            self.object(range.clone(), "duration is out of range");
        }
    }

    /// `offset` after an expression.
    pub(super) fn offset(&mut self, node: NodeId) -> Parsed<()> {
        const PLACE: &str = "an offset";
        self.next();
        let start = self.peek_token().range.start;
        // A sign binds to the next literal only, so that `x offset -2 ^ 2` squares the vector.
        let minus = match self.peek() {
            Kind::Add | Kind::Sub => Some(self.next().kind == Kind::Sub),
            _ => None,
        };
        let operand = match (minus, self.peek()) {
            (Some(_), Kind::Add | Kind::Sub) => {
                let inner = self.duration(SIGN, PLACE)?;
                self.duration_rest(inner, 0, PLACE)?
            }
            (Some(_), Kind::LeftParen) => {
                self.next();
                let inner = self.duration(0, PLACE)?;
                self.expect(Kind::RightParen, PLACE, "`)`")?;
                inner
            }
            (None, Kind::LeftParen) => {
                // The engine takes what follows as part of the duration: `x offset (5m) + 1m`.
                let inner = self.duration_operand(PLACE)?;
                self.duration_rest(inner, 0, PLACE)?
            }
            _ => self.duration_operand(PLACE)?,
        };
        let seconds = operand.seconds.map(|s| if minus == Some(true) { -s } else { s });
        let end = self.end_of_last();
        let offset = Duration { range: start..end, seconds };
        let Some(target) = self.shift_target(node, "offset", end) else { return Ok(()) };
        let shift = self.shift(target);
        let again = shift.is_some_and(|s| s.offset.as_ref().is_some_and(|o| o.seconds != Some(0.0)));
        if let Some(shift) = self.shift(target) {
            shift.offset = Some(offset);
        }
        if again {
            let range = self.node(node).range.clone();
            self.object(range, "`offset` may not be set twice");
        }
        Ok(())
    }

    /// `@` after an expression.
    pub(super) fn at_modifier(&mut self, node: NodeId) -> Parsed<()> {
        const PLACE: &str = "`@`";
        self.next();
        let at = match self.peek() {
            Kind::Word(word @ (Word::Start | Word::End)) => {
                self.next();
                self.expect(Kind::LeftParen, PLACE, "`(`")?;
                self.expect(Kind::RightParen, PLACE, "`)`")?;
                if word == Word::Start { At::Start } else { At::End }
            }
            _ => {
                let (value, range) = self.signed_literal(PLACE)?;
                if value.is_some_and(|v| !(v.is_finite() && v.abs() < i64::MAX as f64)) {
                    self.object(range, "timestamp is out of bounds");
                }
                At::Time(value)
            }
        };
        let end = self.end_of_last();
        let Some(target) = self.shift_target(node, "@", end) else { return Ok(()) };
        let again = self.shift(target).is_some_and(|s| s.at.replace(at).is_some());
        if again {
            let range = self.node(node).range.clone();
            self.object(range, "`@` may not be set twice");
        }
        Ok(())
    }

    /// The node whose time a modifier shifts. The expression grows to `end`.
    fn shift_target(&mut self, node: NodeId, modifier: &str, end: usize) -> Option<NodeId> {
        let found = match &self.node(node).kind {
            NodeKind::Selector(_) | NodeKind::Subquery { .. } => Some(node),
            NodeKind::Matrix { selector, .. } => {
                let inner = *selector;
                matches!(self.node(inner).kind, NodeKind::Selector(_)).then_some(inner)
            }
            _ => None,
        };
        let range = self.node(node).range.clone();
        match found {
            Some(_) => {
                let node = self.node_mut(node);
                node.range.end = end;
                // A bare variable that can be shifted holds a selector, with or without a range.
                if let NodeKind::Selector(Selector { opaque, .. }) = &mut node.kind
                    && std::mem::take(opaque)
                {
                    node.value_type = None;
                }
            }
            None if self.node(node).value_type.is_none() => {}
            None => self.object(range, format!("`{modifier}` must follow a selector or a subquery")),
        }
        found
    }

    fn shift(&mut self, target: NodeId) -> Option<&mut Shift> {
        match &mut self.node_mut(target).kind {
            NodeKind::Selector(s) => Some(&mut s.shift),
            NodeKind::Subquery { shift, .. } => Some(shift),
            _ => None,
        }
    }

    /// `anchored` or `smoothed` after an expression.
    pub(super) fn edges(&mut self, node: NodeId, edges: Edges) {
        self.next();
        let range = self.node(node).range.clone();
        let word = if edges == Edges::Anchored { "anchored" } else { "smoothed" };
        if !self.options.ranges {
            let help = "switch on the feature flag `promql-extended-range-selectors`".to_owned();
            return self.object_with(range, format!("`{word}` is experimental and not enabled"), Some(help));
        }
        let target = match &self.node(node).kind {
            NodeKind::Matrix { selector, .. } => *selector,
            _ => node,
        };
        let end = self.end_of_last();
        let complaint = match &mut self.node_mut(target).kind {
            NodeKind::Selector(s) => match s.edges.replace(edges) {
                Some(before) if before != edges => Some("`anchored` and `smoothed` exclude each other".to_owned()),
                _ => None,
            },
            NodeKind::Subquery { .. } => Some(format!("`{word}` is not supported for subqueries")),
            _ => Some(format!("`{word}` must follow a selector")),
        };
        match complaint {
            Some(message) => self.object(range, message),
            None => self.node_mut(node).range.end = end,
        }
    }
}
