//! Series that are made under names of their maker's own, with labels that its config decides.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::labels::{Action, Series, Step};
use crate::link::Linked;
use crate::symbol::{Export, MetricFamily};

/// Families whose labels are all known.
#[derive(Debug, Default)]
pub(in crate::link) struct Families<'a> {
    /// Those that a series belongs to.
    of: HashMap<String, Vec<&'a MetricFamily>>,
    /// What relabelling on the way to a store may add; `None` = anything.
    added: Option<HashSet<&'a str>>,
}

impl<'a> Families<'a> {
    /// Those of a tree; none where others may make series of such names.
    pub(super) fn of(linked: &Linked<'a>) -> Self {
        let exports = || linked.symbols.exports.iter().map(|(_, e)| e);
        let all = || exports().filter_map(|e| if let Export::Metric(family) = e { Some(family) } else { None });
        let known = |f: &&MetricFamily| f.namespace.is_some() && f.labels.is_some();
        if !all().any(|f| known(&f)) || linked.is_written_elsewhere() {
            return Self::default();
        }
        let open: Vec<&str> = exports()
            .filter_map(|e| if let Export::OpenMetrics { prefix } = e { Some(prefix.as_str()) } else { None })
            .filter(|p| !p.is_empty())
            .collect();
        let mut of: HashMap<String, Vec<&MetricFamily>> = HashMap::new();
        for family in all().filter(known) {
            for name in family.series().chain([family.name.clone()]) {
                if !open.iter().any(|p| name.starts_with(p)) {
                    of.entry(name).or_default().push(family);
                }
            }
        }
        // One of which less is known may have any label.
        for family in all().filter(|f| !known(f)) {
            family.series().for_each(|name| drop(of.remove(&name)));
        }
        Self { of, added: added(linked.symbols.series.iter().map(|(_, s)| s)) }
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.of.is_empty() || self.added.is_none()
    }

    /// The makers of a metric.
    pub(in crate::link) fn makers(&self, metric: &str) -> &[&'a MetricFamily] {
        self.of.get(metric).map_or(&[], Vec::as_slice)
    }

    /// A maker of a metric, where none of its makers gives it that label.
    pub(in crate::link) fn without(&self, metric: &str, label: &str) -> Option<&'a MetricFamily> {
        let added = self.added.as_ref()?;
        // Buckets and quantiles have theirs by their type.
        if matches!(label, "le" | "quantile" | "__name__") || added.contains(label) {
            return None;
        }
        let makers = self.of.get(metric)?;
        let has = |f: &&MetricFamily| f.labels.as_ref().is_none_or(|l: &BTreeSet<String>| l.contains(label));
        if makers.iter().any(has) { None } else { makers.first().copied() }
    }
}

/// The labels that whatever series pass may give them.
fn added<'a>(all: impl Iterator<Item = &'a Series>) -> Option<HashSet<&'a str>> {
    let mut found = HashSet::new();
    // What happens to samples of one scrape job happens to no others.
    for stage in all.flat_map(|s| &s.stages).filter(|s| s.reports) {
        found.extend(stage.adds.iter().map(|(name, _)| name.as_str()));
        for (step, _) in &stage.steps {
            let Step::Rule(rule) = step else { return None };
            match rule.action {
                Action::LabelMap => return None,
                Action::Replace if rule.target.contains('$') => return None,
                Action::Replace | Action::HashMod | Action::Lowercase | Action::Uppercase => {
                    found.insert(rule.target.as_str());
                }
                Action::Keep
                | Action::Drop
                | Action::KeepEqual
                | Action::DropEqual
                | Action::LabelDrop
                | Action::LabelKeep => {}
            }
        }
    }
    Some(found)
}
