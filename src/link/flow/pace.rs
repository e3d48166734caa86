//! How often series get a sample.

use super::test::tests;
use super::{Flows, shown};
use crate::labels::{Fate, Pace, Series};
use crate::lang::promql::Matcher;

impl<'a> Flows<'a> {
    /// Milliseconds between two samples of the slowest series of which that is known.
    pub(in crate::link) fn slowest(&self) -> Option<u64> {
        self.all.iter().filter_map(|s| s.pace).map(|p| p.millis).max()
    }

    /// Of all series of a metric that a selector may mean, those that get samples the fastest; `None` where it is not known
    /// how often some of them do.
    pub(in crate::link) fn fastest(&mut self, metric: &str, matchers: &[Matcher]) -> Option<(&'a Series, Pace)> {
        let matchers: Vec<&Matcher> = matchers.iter().collect();
        let key = format!("{metric} {}", shown(&matchers));
        let found = match self.fastest.get(&key) {
            Some(known) => *known,
            None => {
                let found = self.look_for_fastest(metric, &matchers);
                self.fastest.insert(key, found);
                found
            }
        };
        found.and_then(|series| Some((series, series.pace?)))
    }

    fn look_for_fastest(&mut self, metric: &str, matchers: &[&Matcher]) -> Option<&'a Series> {
        let tests = tests(matchers);
        let mut found: Option<&Series> = None;
        for series in self.all.iter().filter(|s| s.may_hold(metric)) {
            self.left = self.left.checked_sub(1)?;
            let hops = series.follow(Some(metric), |_, _, _| {});
            let last = hops.last()?;
            if last.fate == Fate::Dropped || tests.iter().any(|t| t.excludes(&last.labels)) {
                continue;
            }
            let pace = series.pace?;
            if found.and_then(|f| f.pace).is_none_or(|f| pace.millis < f.millis) {
                found = Some(series);
            }
        }
        found
    }
}
