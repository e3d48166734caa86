//! What exporters call the metrics that they show: `schemas/overlay/exporters.toml`, compiled in.

use super::own::{Own, own};

include!(concat!(env!("OUT_DIR"), "/exporters.rs"));

/// A program that shows metrics of another one.
#[derive(Debug, PartialEq, Eq)]
pub struct Exporter {
    /// As its makers call it.
    pub title: &'static str,
    /// The same in small letters, as its file of `schemas/metrics` is called.
    pub(super) name: &'static str,
    /// Last parts of the names of its images, with `-` for `_`.
    images: &'static [&'static str],
    /// Components of Alloy that hold it.
    components: &'static [&'static str],
    /// Where it listens on all addresses, if it is not told otherwise.
    pub port: u16,
    /// The flag that tells: an address, or for `port` the port alone.
    pub flag: &'static str,
    /// The paths at which it answers scrapes, if it is not told otherwise.
    pub paths: &'static [&'static str],
    /// How names of its metrics begin.
    namespaces: &'static [&'static str],
    /// Whether no other program has such names.
    pub alone: bool,
    /// Flags with which it shows metrics of any other name.
    pub opens: &'static [&'static str],
}

impl Exporter {
    /// The one that an image holds.
    pub fn of_image(repository: &str) -> Option<&'static Self> {
        let last = repository.rsplit('/').next()?.replace('_', "-");
        EXPORTERS.iter().find(|e| e.images.contains(&last.as_str()))
    }

    /// The one that a component of Alloy holds.
    pub fn of_component(name: &str) -> Option<&'static Self> {
        EXPORTERS.iter().find(|e| e.components.contains(&name))
    }

    /// The one whose names begin as that of a metric.
    pub fn of_metric(name: &str) -> Option<&'static Self> {
        EXPORTERS.iter().find(|e| e.makes(name))
    }

    /// Whether a name begins as its own do.
    pub fn makes(&self, name: &str) -> bool {
        self.namespaces.iter().any(|n| name.starts_with(n))
    }

    /// How names of its metrics begin.
    pub fn begins_of(&self) -> impl Iterator<Item = &'static str> {
        self.namespaces.iter().copied()
    }

    /// Every one.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        EXPORTERS.iter()
    }

    /// The metrics of each of its releases; what it makes up at run time may be called otherwise.
    pub fn own(&self) -> Option<Own> {
        own(self.name)
    }

    /// The begins of names that one exporter has alone.
    pub fn begins() -> impl Iterator<Item = &'static str> {
        EXPORTERS.iter().filter(|e| e.alone).flat_map(|e| e.namespaces).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exporter_is_known_by_its_image() {
        let title = |image| Exporter::of_image(image).map(|e| e.title);
        assert_eq!(title("quay.io/prometheus/node-exporter"), Some("node_exporter"));
        assert_eq!(title("oliver006/redis_exporter"), Some("redis_exporter"));
        assert_eq!(title("example/node-exporter-proxy"), None);
        assert_eq!(title("prom/prometheus"), None);
    }

    #[test]
    fn the_metrics_of_every_exporter_were_read() {
        for exporter in EXPORTERS {
            let own = exporter.own().unwrap_or_else(|| panic!("{}: `cargo xtask catalogue metrics`", exporter.name));
            let named = |begin: &&&str| !own.series(None, begin).is_empty();
            assert_eq!(
                exporter.namespaces.iter().filter(named).count(),
                exporter.namespaces.len(),
                "{}",
                exporter.name
            );
        }
    }

    #[test]
    fn a_name_is_of_one_exporter() {
        let title = |metric| Exporter::of_metric(metric).map(|e| e.title);
        assert_eq!(title("machine_cpu_cores"), Some("cAdvisor"));
        assert_eq!(title("nodejs_heap_size_used_bytes"), None);
    }
}
