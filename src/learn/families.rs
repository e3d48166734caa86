//! Metrics as they come in, in any order → families.

use std::collections::{BTreeMap, BTreeSet};

use crate::vsym::{Metric, MetricType};

/// More labels than this are a mistake of the program: then nothing is said of them.
const LABELS: usize = 256;

/// Families by name.
#[derive(Debug, Default)]
pub(super) struct Families(BTreeMap<String, Family>);

/// What is known of a family.
#[derive(Debug, Default)]
struct Family {
    kind: Option<MetricType>,
    /// Names of labels; `None` = no series was seen.
    labels: Option<BTreeSet<String>>,
}

impl Families {
    /// A family that may have no series yet.
    pub(super) fn declare(&mut self, name: &str, kind: Option<MetricType>) {
        let family = match self.0.get_mut(name) {
            Some(family) => family,
            None => self.0.entry(name.to_owned()).or_default(),
        };
        family.kind = family.kind.or(kind);
    }

    /// A series of a family. The labels that a histogram or summary has by its type are none of its own.
    pub(super) fn add<'l>(
        &mut self,
        name: &str,
        kind: Option<MetricType>,
        labels: impl IntoIterator<Item = impl AsRef<str> + 'l>,
    ) {
        self.declare(name, kind);
        let Some(family) = self.0.get_mut(name) else { return };
        let known = family.labels.get_or_insert_default();
        for label in labels {
            let label = label.as_ref();
            let typed = matches!(
                (family.kind, label),
                (Some(MetricType::Histogram), "le") | (Some(MetricType::Summary), "quantile")
            );
            if !typed && !known.contains(label) {
                known.insert(label.to_owned());
            }
        }
    }

    /// Series of unknown types: what ends as those of one histogram or summary do becomes that.
    pub(super) fn collapse(&mut self) {
        let has = |name: &str, label: &str| {
            self.0.get(name).and_then(|f| f.labels.as_ref()).is_some_and(|l| l.contains(label))
        };
        let mut found = Vec::new();
        for name in self.0.keys() {
            let Some(stem) = name.strip_suffix("_count") else { continue };
            let sum = self.0.contains_key(&format!("{stem}_sum"));
            let bucket = format!("{stem}_bucket");
            // Of a list of names alone the labels are not known.
            if self.0.contains_key(&bucket) && sum {
                found.push((stem.to_owned(), MetricType::Histogram, bucket));
            } else if has(stem, "quantile") && sum {
                found.push((stem.to_owned(), MetricType::Summary, stem.to_owned()));
            }
        }
        for (stem, kind, of) in found {
            let mut labels = self.0.remove(&of).and_then(|f| f.labels);
            for suffix in ["_sum", "_count"] {
                self.0.remove(&format!("{stem}{suffix}"));
            }
            if let Some(labels) = &mut labels {
                labels.remove(if kind == MetricType::Histogram { "le" } else { "quantile" });
            }
            self.0.insert(stem, Family { kind: Some(kind), labels });
        }
    }

    /// All, by name.
    pub(super) fn into_metrics(self) -> impl Iterator<Item = Metric> {
        self.0.into_iter().map(|(name, family)| Metric {
            name,
            kind: family.kind,
            labels: family.labels.filter(|l| l.len() <= LABELS).map(|l| l.into_iter().collect()),
            ..Metric::default()
        })
    }
}
