//! The jobs under which things are scraped.

use std::collections::{BTreeMap, HashMap};

use super::test::Test;
use crate::labels::{Names, Series, Value};
use crate::lang::promql::{MatchOp, Matcher};
use crate::source::Span;

/// So many jobs are compared with expressions, for all queries together.
const COMPARED: usize = 50_000;

/// All values of `job`, each with the place of one who makes it.
#[derive(Debug)]
pub(in crate::link) struct Jobs {
    /// Those.
    pub(in crate::link) all: BTreeMap<String, Span>,
    /// How many may still be compared.
    left: usize,
    /// Verdicts by comparison and value.
    met: HashMap<(MatchOp, String), bool>,
}

impl Jobs {
    /// `None` where they are not all known, or there is none. Only series of any name count.
    pub(super) fn of(all: &[&Series]) -> Option<Self> {
        let mut jobs = BTreeMap::new();
        for series in all.iter().filter(|s| s.names == Names::Any) {
            let hops = series.follow(None, |_, _, _| {});
            let Value::Of(values) = hops.last()?.labels.get("job") else { return None };
            for value in values {
                jobs.entry(value).or_insert(series.span);
            }
        }
        (!jobs.is_empty()).then(|| Self { all: jobs, left: COMPARED, met: HashMap::new() })
    }

    /// Whether a matcher may find one of them.
    pub(in crate::link) fn meets(&mut self, matcher: &Matcher) -> bool {
        let wanted = &matcher.value.value;
        let Self { all, left, met } = self;
        *met.entry((matcher.op, wanted.clone())).or_insert_with(|| match Test::of(matcher) {
            Some(_) if matcher.op == MatchOp::Equal => all.contains_key(wanted),
            Some(test) if all.len() <= *left => {
                *left -= all.len();
                all.keys().any(|job| test.passes(job) != Some(false))
            }
            _ => true,
        })
    }
}
