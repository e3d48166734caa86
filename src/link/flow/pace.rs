//! How often series get a sample.

use super::test::tests;
use super::{Flows, Kind, shown};
use crate::labels::{Fate, Pace, Series};
use crate::lang::promql::Matcher;

/// Series of a metric that get samples the fastest.
#[derive(Debug, Clone, Copy)]
pub(in crate::link) struct Fastest<'a> {
    pub(in crate::link) series: &'a Series,
    pub(in crate::link) pace: Pace,
    /// Whether it is so whatever the programs that are scraped are.
    pub(in crate::link) sure: bool,
}

impl<'a> Flows<'a> {
    /// Milliseconds between two samples of the slowest series of which that is known.
    pub(in crate::link) fn slowest(&self) -> Option<u64> {
        self.all.iter().filter_map(|s| s.pace).map(|p| p.millis).max()
    }

    /// Of all series of a metric that a selector may mean, those that get samples the fastest; `None` where it is not known
    /// how often some of them do.
    pub(in crate::link) fn fastest(&mut self, metric: &str, matchers: &[Matcher]) -> Option<Fastest<'a>> {
        let matchers: Vec<&Matcher> = matchers.iter().collect();
        let key = format!("{metric} {}", shown(&matchers));
        if let Some(known) = self.fastest.get(&key) {
            return *known;
        }
        let found = self.look_for_fastest(metric, &matchers);
        self.fastest.insert(key, found);
        found
    }

    fn look_for_fastest(&mut self, metric: &str, matchers: &[&Matcher]) -> Option<Fastest<'a>> {
        let tests = tests(matchers);
        let mut found: Option<(&Series, Pace)> = None;
        let (mut sure, kind) = (true, Kind::of(metric));
        for series in self.all.iter().filter(|s| s.may_hold(metric)) {
            self.left = self.left.checked_sub(1)?;
            let hops = series.follow(Some(metric), |_, _, _| {});
            let last = hops.last()?;
            if last.fate == Fate::Dropped || tests.iter().any(|t| t.excludes(&last.labels)) {
                continue;
            }
            if !self.ways.makers.may_have(series, kind, metric) {
                sure = false;
                continue;
            }
            let pace = series.pace?;
            if found.is_none_or(|(_, least)| pace.millis < least.millis) {
                found = Some((series, pace));
            }
        }
        found.map(|(series, pace)| Fastest { series, pace, sure })
    }
}
