//! Vector selectors and their matchers.

use super::ast::{MatchOp, Matcher, Name, NodeId, NodeKind, Selector, ValueType};
use super::lexer::Kind;
use super::parser::{Parsed, Parser};
use crate::lang::re2::{self, Go};

const PLACE: &str = "label matchers";

impl Parser<'_> {
    /// `name`, `name{…}` or `{…}`.
    pub(super) fn selector(&mut self) -> Parsed<NodeId> {
        let start = self.peek_token().range.start;
        let mut selector = Selector::default();
        if self.peek() != Kind::LeftBrace {
            let hole = self.peek_hole();
            let range = self.next().range;
            selector.name = Some(self.name(range));
            selector.opaque = hole && self.peek() != Kind::LeftBrace;
        }
        if self.accept(Kind::LeftBrace).is_some() {
            self.matchers(&mut selector)?;
        }
        let range = start..self.end_of_last();
        let value_type = (!selector.opaque).then_some(ValueType::Vector);
        Ok(self.push(NodeKind::Selector(selector), range, value_type))
    }

    fn matchers(&mut self, selector: &mut Selector) -> Parsed<()> {
        loop {
            if self.accept(Kind::RightBrace).is_some() {
                return Ok(());
            }
            match self.peek() {
                Kind::Identifier if self.peek_hole() && !is_operator(self.peek_second()) => {
                    self.next();
                    selector.open = true;
                }
                Kind::Identifier => {
                    let range = self.next().range;
                    let label = self.name(range);
                    if !is_operator(self.peek()) {
                        return self.unexpected(PLACE, "`=`, `!=`, `=~` or `!~`");
                    }
                    let matcher = self.matcher(label)?;
                    selector.matchers.push(matcher);
                }
                Kind::String => {
                    let range = self.next().range;
                    let string = self.string(range.clone());
                    let matcher = if is_operator(self.peek()) {
                        self.matcher(string)?
                    } else {
                        let label = Name { value: "__name__".to_owned(), range: range.clone(), dynamic: false };
                        Matcher { label, op: MatchOp::Equal, value: string, range }
                    };
                    selector.matchers.push(matcher);
                }
                _ => return self.unexpected(PLACE, "a label or `}`"),
            }
            match self.peek() {
                Kind::Comma => {
                    self.next();
                }
                Kind::RightBrace => {}
                // `{a="b"$more}`: the variable brings its own comma.
                Kind::Identifier if self.peek_hole() => {}
                _ => return self.unexpected(PLACE, "`,` or `}`"),
            }
        }
    }

    /// The operator and value after a label.
    fn matcher(&mut self, label: Name) -> Parsed<Matcher> {
        let op = match self.next().kind {
            Kind::Equal => MatchOp::Equal,
            Kind::NotEqual => MatchOp::NotEqual,
            Kind::EqualRegex => MatchOp::Regex,
            _ => MatchOp::NotRegex,
        };
        let value = match self.peek() {
            Kind::String => {
                let range = self.next().range;
                self.string(range)
            }
            // `{a=~$value}`: the variable brings its own quotes.
            Kind::Identifier if self.peek_hole() => {
                let range = self.next().range;
                self.name(range)
            }
            _ => return self.unexpected(PLACE, "a string"),
        };
        let range = label.range.start..value.range.end;
        if matches!(op, MatchOp::Regex | MatchOp::NotRegex)
            && !value.dynamic
            && let Err(error) = regex(&value.value)
        {
            let message = format!("regular expression of `{}` is broken: {}", label.value, error.message);
            self.object(range.clone(), message);
        }
        Ok(Matcher { label, op, value, range })
    }
}

fn is_operator(kind: Kind) -> bool {
    matches!(kind, Kind::Equal | Kind::NotEqual | Kind::EqualRegex | Kind::NotRegex)
}

impl Matcher {
    /// Whether it lets series without the label pass; `None` when not known.
    pub fn matches_empty(&self) -> Option<bool> {
        if self.value.dynamic {
            return None;
        }
        let value = &self.value.value;
        match self.op {
            MatchOp::Equal => Some(value.is_empty()),
            MatchOp::NotEqual => Some(!value.is_empty()),
            MatchOp::Regex => Some(regex(value).ok()?.matches_empty),
            MatchOp::NotRegex => Some(!regex(value).ok()?.matches_empty),
        }
    }
}

/// A matcher's expression. What Prometheus is built with is not known here, and older releases compile the text only with
/// anchors around it, where `a)|(b` is fine, newer ones parse it by itself first (prometheus/prometheus
/// model/labels/regexp.go@v2.45.0, @v2.52.1, @v3.14.0): refused is what all of them refuse.
pub(super) fn regex(text: &str) -> Result<re2::Info, re2::Error> {
    re2::parse(text, Go::NEWEST).or_else(|error| re2::parse_anchored(text, Go::OLDEST).map_err(|_| error))
}
