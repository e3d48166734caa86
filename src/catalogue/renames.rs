//! Metrics that an engine's release calls otherwise, or has no more: `schemas/overlay/*-metrics.toml`, compiled in.

use super::Version;

include!(concat!(env!("OUT_DIR"), "/renames.rs"));

/// What the series of a histogram end in.
const SUFFIXES: [&str; 3] = ["_bucket", "_sum", "_count"];

/// A metric that goes by another name from some release on.
#[derive(Debug, PartialEq, Eq)]
pub struct MetricRename {
    /// Whose it is.
    pub engine: &'static str,
    /// As it was; of a histogram without what its series end in.
    pub old: &'static str,
    /// As it is; empty = it is gone.
    pub new: &'static str,
    /// Of one that is gone: why, and what to read instead.
    pub why: &'static str,
    /// The first release without the old name.
    pub since: Version,
    /// Whether `_bucket`, `_sum` and `_count` series belong to it.
    pub histogram: bool,
    /// Other engines that have a metric of the old name.
    pub shared: &'static [&'static str],
    /// A key or flag with which the old name stays; empty = there is none.
    pub kept: &'static str,
    /// Whether the old name is anybody's: it is only meant where a file of the engine makes it.
    pub made: bool,
}

impl MetricRename {
    /// The name of a series afterwards (empty = gone); `None` = another metric is meant.
    pub fn apply(&self, series: &str) -> Option<String> {
        let rest = series.strip_prefix(self.old)?;
        let fits =
            rest.is_empty() && (!self.histogram || self.new.is_empty()) || self.histogram && SUFFIXES.contains(&rest);
        fits.then(|| if self.new.is_empty() { String::new() } else { format!("{}{rest}", self.new) })
    }
}

/// The metrics of an engine that a release has no more under their old names.
pub fn renames(engine: &str, version: Version) -> impl Iterator<Item = &'static MetricRename> {
    RENAMES.iter().filter(move |r| r.engine == engine && r.since <= version)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue;

    #[test]
    fn a_series_has_its_new_name() {
        let find = |engine, old| RENAMES.iter().find(|r| r.engine == engine && r.old == old).unwrap();
        let retries = find("loki", "cortex_query_frontend_retries");
        assert_eq!(
            retries.apply("cortex_query_frontend_retries_bucket").unwrap(),
            "loki_query_frontend_retries_bucket"
        );
        assert!(retries.apply("cortex_query_frontend_retries_total").is_none());
        let sent = find("alloy", "exporter_sent_spans_ratio_total");
        assert_eq!(sent.apply("exporter_sent_spans_ratio_total").unwrap(), "otelcol_exporter_sent_spans_total");
        assert!(sent.apply("exporter_sent_spans_ratio_total_bucket").is_none());
        assert_eq!(find("tempo", "tempo_ingester_live_traces").apply("tempo_ingester_live_traces").unwrap(), "");
    }

    #[test]
    fn every_engine_and_version_is_known() {
        for r in RENAMES {
            let facts = catalogue::engine(r.engine).unwrap();
            assert!(r.since <= facts.newest(), "{}: {}", r.engine, r.old);
            assert!(r.shared.iter().all(|e| catalogue::engine(e).is_some()), "{}: {:?}", r.engine, r.shared);
            assert_ne!(r.old, r.new);
        }
    }

    #[test]
    fn what_facts_say_of_old_names_agrees() {
        for r in RENAMES {
            let known = catalogue::engine(r.engine).unwrap().metrics.iter().find(|m| m.name == r.old);
            let Some(until) = known.and_then(|m| m.range.until) else { continue };
            assert_eq!(until, r.since, "{}: {}", r.engine, r.old);
        }
    }
}
