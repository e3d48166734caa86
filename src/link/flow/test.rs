//! Matchers of queries, run over what is known of labels.

use crate::labels::{Regex, Set, Value};
use crate::lang::promql::{MatchOp, Matcher};

/// A matcher that is ready to be run.
pub(in crate::link) struct Test<'q> {
    label: &'q str,
    op: MatchOp,
    want: &'q str,
    regex: Option<Regex>,
}

impl<'q> Test<'q> {
    /// The test of a matcher; `None` where not all of it is known.
    pub(in crate::link) fn of(matcher: &'q Matcher) -> Option<Self> {
        let (label, want) = (matcher.label.value.as_str(), matcher.value.value.as_str());
        if matcher.label.dynamic || matcher.value.dynamic {
            return None;
        }
        let regex = match matcher.op {
            MatchOp::Regex | MatchOp::NotRegex => Some(Regex::new(want)?),
            _ => None,
        };
        Some(Self { label, op: matcher.op, want, regex })
    }

    /// Whether it lets a value pass; `None` = not known.
    pub(in crate::link) fn passes(&self, value: &str) -> Option<bool> {
        let same = match &self.regex {
            Some(regex) => regex.is_match(value)?,
            None => value == self.want,
        };
        Some(same == matches!(self.op, MatchOp::Equal | MatchOp::Regex))
    }

    /// Whether it certainly passes none of these series.
    pub(super) fn excludes(&self, set: &Set) -> bool {
        let Value::Of(values) = set.get(self.label) else { return false };
        values.iter().all(|v| self.passes(v) == Some(false))
    }
}

/// The tests of labels among matchers.
pub(super) fn tests<'q>(matchers: &[&'q Matcher]) -> Vec<Test<'q>> {
    matchers.iter().filter(|m| m.label.value != "__name__").filter_map(|m| Test::of(m)).collect()
}
