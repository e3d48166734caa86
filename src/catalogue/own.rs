//! The metrics that engines have of themselves and that exporters show, by release: `schemas/metrics/`, compiled in and read in
//! place.
//!
//! The names were read from source. What is made up at run time is a pattern, and what another program of the same repository
//! has counts as there: a release of an engine lacks a name only where nothing can stand for it. Exporters make up names
//! of which nothing is known but how they begin, too.

use std::ops::Range;

use super::{Exporter, Version};

include!(concat!(env!("OUT_DIR"), "/metrics.rs"));

/// What a client library, or the exposition format, puts behind the name of a family.
const SUFFIXES: [&str; 6] = ["", "_bucket", "_sum", "_count", "_total", "_created"];

/// Stands for any text in a pattern.
const ANYTHING: char = '*';

/// What the names of an engine's own metrics begin with.
const NAMESPACES: [(&str, &str); 8] = [
    ("alertmanager_", "alertmanager"),
    ("alloy_", "alloy"),
    ("cortex_", "mimir"),
    ("loki_", "loki"),
    ("prometheus_", "prometheus"),
    ("pyroscope_", "pyroscope"),
    ("tempo_", "tempo"),
    ("tempodb_", "tempo"),
];

/// A name, a pattern or a prefix, with the releases that have it as places in the list of those.
struct Row {
    at: u32,
    len: u8,
    kind: u8,
    from: u8,
    to: u8,
}

/// The rows of an engine or exporter: where those of each sort end.
struct Table {
    engine: &'static str,
    versions: &'static [Version],
    start: u16,
    names: u16,
    open: u16,
    prefixes: u16,
}

const HISTOGRAM: u8 = 3;
const SUMMARY: u8 = 4;
/// A text that looks like a name, or the name of a metric of another program of the repository.
const TEXT: u8 = 5;

impl Row {
    fn text(&self) -> &'static str {
        let at = self.at as usize;
        TEXTS.get(at..at + usize::from(self.len)).unwrap_or_default()
    }

    fn holds(&self, release: usize) -> bool {
        (usize::from(self.from)..usize::from(self.to)).contains(&release)
    }

    /// Whether a family of this type surely has a series that ends so.
    fn ends(&self, suffix: &str) -> bool {
        match self.kind {
            HISTOGRAM => matches!(suffix, "_bucket" | "_sum" | "_count"),
            SUMMARY => matches!(suffix, "" | "_sum" | "_count"),
            TEXT => false,
            _ => suffix.is_empty(),
        }
    }
}

/// What is known of the metrics that an engine has of itself, or that an exporter shows.
#[derive(Clone, Copy)]
pub struct Own(&'static Table);

/// Those of an engine or exporter, by its name; `None` = its source was not read.
pub fn own(engine: &str) -> Option<Own> {
    TABLES.iter().find(|t| t.engine == engine).map(Own)
}

/// The engine whose namespace a name is in, and that namespace.
pub fn owner(name: &str) -> Option<(&'static str, &'static str)> {
    NAMESPACES
        .iter()
        .find(|(namespace, _)| name.starts_with(namespace))
        .map(|(namespace, engine)| (*engine, *namespace))
}

/// Namespaces of libraries that programs outside of the engines are built with: anybody may have metrics of such names.
const LIBRARIES: [&str; 2] = ["prometheus_", "cortex_"];

/// Whether a metric, or a namespace, may be that of any program that holds a library of an engine.
pub fn is_shared(name: &str) -> bool {
    LIBRARIES.iter().any(|l| name.starts_with(l))
}

/// All namespaces.
pub fn namespaces() -> impl Iterator<Item = &'static str> {
    NAMESPACES.iter().map(|(namespace, _)| *namespace)
}

/// Releases that surely have a series, among those that were read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stay {
    /// It was gone by this release; the one before had it.
    Until(Version, Version),
    /// This is the first that has it.
    Since(Version),
}

impl Own {
    fn rows(self, range: Range<u16>) -> &'static [Row] {
        ROWS.get(usize::from(range.start)..usize::from(range.end)).unwrap_or_default()
    }

    fn whole(self) -> &'static [Row] {
        self.rows(self.0.start..self.0.names)
    }

    fn prefixes(self) -> &'static [Row] {
        self.rows(self.0.open..self.0.prefixes)
    }

    /// Whether any release has a row of a text that a series may be made of.
    fn any(self, series: &str, fits: &impl Fn(&Row, &str) -> bool) -> bool {
        let families = SUFFIXES.iter().filter_map(|suffix| Some((series.strip_suffix(suffix)?, *suffix)));
        families.into_iter().any(|(family, suffix)| {
            let names = self.whole();
            let from = names.partition_point(|r| r.text() < family);
            names[from..].iter().take_while(|r| r.text() == family).any(|r| fits(r, suffix))
                || self.rows(self.0.names..self.0.open).iter().any(|r| matches(r.text(), family) && fits(r, suffix))
        })
    }

    /// The same behind up to two prefixes, which registries put in front of what is registered with them.
    fn made(self, series: &str, depth: u8, fits: &impl Fn(&Row, &str) -> bool) -> bool {
        let behind = |p: &Row| series.strip_prefix(p.text()).filter(|rest| !rest.is_empty() && fits(p, ""));
        self.any(series, fits)
            || depth > 0 && self.prefixes().iter().filter_map(behind).any(|rest| self.made(rest, depth - 1, fits))
    }

    /// Whether a release, by its place among those that were read, may have a series of that name.
    fn may(self, series: &str, release: usize) -> bool {
        self.made(series, 2, &|row, _| row.holds(release))
    }

    /// Whether it surely has one: a metric of that name, whatever registers it.
    fn has(self, series: &str, release: usize) -> bool {
        let fits = |row: &Row, suffix: &str| row.holds(release) && !row.text().contains(ANYTHING) && row.ends(suffix);
        self.made(series, 1, &fits)
    }

    /// The releases that were read nearest to a version, which may be one of them; `None` = it is outside of what was read.
    fn around(self, version: Version) -> Option<(usize, usize)> {
        let at = self.0.versions.partition_point(|v| *v < version);
        let exact = self.0.versions.get(at)? == &version;
        if exact { Some((at, at)) } else { Some((at.checked_sub(1)?, at)) }
    }

    /// Whether a version may have a series of that name: `true` where that is not known.
    pub fn may_have(self, series: &str, version: Version) -> bool {
        self.around(version).is_none_or(|(before, after)| self.may(series, before) || self.may(series, after))
    }

    /// Whether a version has one for sure.
    pub fn surely_has(self, series: &str, version: Version) -> bool {
        let in_namespace = || match Exporter::of_metric(series) {
            Some(exporter) => exporter.name == self.0.engine,
            None => owner(series).is_some_and(|(engine, _)| engine == self.0.engine),
        };
        in_namespace()
            && self.around(version).is_some_and(|(before, after)| self.has(series, before) && self.has(series, after))
    }

    /// Whether any release may have one.
    pub fn ever_may_have(self, series: &str) -> bool {
        self.made(series, 2, &|_, _| true)
    }

    /// The newest release that was read.
    pub fn newest(self) -> Option<Version> {
        self.0.versions.last().copied()
    }

    /// Whether a version may have one whose name stands in its source or in the record of a test.
    pub fn names(self, series: &str, version: Version) -> bool {
        let at = |release| self.made(series, 1, &|row, _| row.holds(release) && !row.text().contains(ANYTHING));
        self.around(version).is_none_or(|(before, after)| at(before) || at(after))
    }

    /// Whether any release has one whose name stands in its source or in the record of a test.
    pub fn ever_names(self, series: &str) -> bool {
        self.made(series, 1, &|row, _| !row.text().contains(ANYTHING))
    }

    /// Which release had a series that `version` lacks; `None` = none surely had it.
    pub fn stay(self, series: &str, version: Version) -> Option<Stay> {
        let (before, after) = self.around(version)?;
        let earlier = (0..before).rev().find(|at| self.has(series, *at));
        let gone = earlier.and_then(|at| Some(Stay::Until(*self.0.versions.get(at + 1)?, *self.0.versions.get(at)?)));
        let later = || (after..self.0.versions.len()).find(|at| self.has(series, *at));
        gone.or_else(|| self.0.versions.get(later()?).copied().map(Stay::Since))
    }

    /// The names of all series that a version, or any one, surely has and that begin so, histograms with all that they end in.
    pub fn series(self, version: Option<Version>, namespace: &str) -> Vec<String> {
        let around = version.map(|version| self.around(version));
        let holds = |row: &&Row| match around {
            None => row.kind != TEXT,
            Some(None) => false,
            Some(Some((before, after))) => row.holds(before) && row.holds(after) && row.kind != TEXT,
        };
        let mut found = Vec::new();
        for row in self.whole().iter().filter(holds) {
            let behind = self.prefixes().iter().filter(holds).map(Row::text);
            let fronts =
                std::iter::once("").chain(behind).filter(|p| format!("{p}{}", row.text()).starts_with(namespace));
            for front in fronts {
                let ends = SUFFIXES.iter().filter(|s| row.ends(s));
                found.extend(ends.map(|suffix| format!("{front}{}{suffix}", row.text())));
            }
        }
        found
    }
}

/// Whether a pattern stands for a name. One that begins with `*_` has a namespace that may be empty.
fn matches(pattern: &str, name: &str) -> bool {
    if pattern.strip_prefix("*_").is_some_and(|rest| fits(rest, name)) {
        return true;
    }
    fits(pattern, name)
}

fn fits(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split(ANYTHING);
    let Some(mut rest) = parts.next().and_then(|first| name.strip_prefix(first)) else { return false };
    let mut last = "";
    for part in parts {
        // The shortest text between is the best one: what comes after has the most left.
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
        last = part;
    }
    if pattern.contains(ANYTHING) { last.is_empty() || name.ends_with(last) } else { rest.is_empty() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_stand_for_what_fits() {
        for (pattern, name, want) in [
            ("*_requests_total", "tempo_requests_total", true),
            ("*_requests_total", "requests_total", true),
            ("*_requests_total", "tempo_requests", false),
            ("loki_*", "loki_x", true),
            ("loki_*", "tempo_x", false),
            ("a_*_b_*_c", "a_x_b_y_c", true),
            ("a_*_b", "a_x_b_y", false),
            ("*objstore_*", "pyroscope_objstore_bucket_operations", true),
        ] {
            assert_eq!(matches(pattern, name), want, "{pattern} {name}");
        }
    }

    #[test]
    fn a_release_has_the_series_of_its_families() {
        let tempo = own("tempo").unwrap();
        let at = |minor| Version::new(2, minor, 0);
        // grafana/tempo modules/ingester/instance.go@v2.8.0: gone with the ingesters.
        assert!(tempo.may_have("tempo_ingester_live_traces", at(8)));
        assert!(!tempo.may_have("tempo_ingester_live_traces", Version::new(3, 0, 0)));
        let stay = tempo.stay("tempo_ingester_live_traces", Version::new(3, 0, 3));
        assert_eq!(stay, Some(Stay::Until(Version::new(3, 0, 0), Version::new(2, 10, 8))));
        // grafana/dskit server/metrics.go: named by the server's namespace; a histogram.
        assert!(tempo.surely_has("tempo_request_duration_seconds_bucket", at(8)));
        assert!(!tempo.surely_has("tempo_request_duration_seconds", at(8)));
        // grafana/dskit ring/ring.go: behind a prefix.
        assert!(tempo.may_have("tempo_ring_members", at(8)));
    }

    #[test]
    fn nothing_is_said_of_versions_outside_of_what_was_read() {
        let tempo = own("tempo").unwrap();
        for version in [Version::new(1, 0, 0), Version::new(99, 0, 0), Version::new(3, 0, Version::NEWEST_PATCH)] {
            assert!(tempo.may_have("tempo_no_such_metric", version), "{version}");
        }
        assert!(!tempo.may_have("tempo_no_such_metric", Version::new(2, 8, 2)));
    }

    #[test]
    fn every_engine_of_a_namespace_is_known_and_its_rows_are_whole() {
        for table in TABLES {
            let own = Own(table);
            let exporter = Exporter::all().any(|e| e.name == table.engine);
            assert!(exporter || super::super::engine(table.engine).is_some(), "{}", table.engine);
            assert!(table.versions.is_sorted());
            assert!(own.whole().is_sorted_by_key(|r| r.text()));
            let ends = |r: &&Row| !r.text().is_empty() && r.from < r.to && usize::from(r.to) <= table.versions.len();
            assert!(own.rows(table.start..table.prefixes).iter().all(|r| ends(&r)), "{}", table.engine);
        }
    }
}
