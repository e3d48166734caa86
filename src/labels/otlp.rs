//! What names and attributes of OTLP become on their way into a store of series (prometheus/otlptranslator metric_namer.go,
//! unit_namer.go, label_namer.go@v1.0.0; so since grafana/alloy and prometheus/prometheus
//! storage/remote/otlptranslator/prometheus/normalize_name.go@v2.53.0).

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, OnceLock};

use super::{Set, Value};
use crate::catalogue::otel::{self, Convention, Instrument};
use crate::source::Span;

/// How series get their names and labels.
#[derive(Debug)]
pub struct Translation {
    /// What does it, for messages.
    pub title: String,
    /// Where it is set up.
    pub span: Span,
    /// Whether units and types are appended to names.
    pub suffixes: bool,
    /// Whether what is no letter, digit or `_` becomes one.
    pub escapes: bool,
    /// What attributes of resources become labels.
    pub promoted: Promoted,
    /// How they are made to, for messages.
    pub promotes: &'static str,
}

/// Which attributes of resources become labels of every series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Promoted {
    /// These.
    Only(BTreeSet<String>),
    /// All but these.
    All(BTreeSet<String>),
    /// Cannot be known, nor can names.
    Unknown,
}

impl Translation {
    /// The labels of a series: those of its sample may be any, but none is what conventions give to resources alone.
    #[must_use]
    pub fn labels(&self) -> Set {
        let here = |name: &str| self.label(name);
        let lost: BTreeSet<String> = match &self.promoted {
            Promoted::Unknown => return Set::open(),
            Promoted::All(but) => but.iter().map(|name| here(name)).collect(),
            Promoted::Only(these) => {
                let kept: BTreeSet<String> = these.iter().map(|name| here(name)).collect();
                resource_labels().iter().filter(|name| !kept.contains(*name)).cloned().collect()
            }
        };
        let mut set = Set::open_but(Arc::new(lost));
        let listed = if let Promoted::Only(these) = &self.promoted { these.clone() } else { BTreeSet::new() };
        for name in listed.iter().map(|name| here(name)).chain(["job".to_owned(), "instance".to_owned()]) {
            set.put(name, Value::Any);
        }
        set
    }

    /// What an attribute is called as a label.
    #[must_use]
    pub fn label(&self, attribute: &str) -> String {
        if self.escapes { escaped(attribute) } else { attribute.to_owned() }
    }

    /// The names of the series of a metric: of a histogram all that one can have.
    pub fn series<'m>(&self, metric: &'m Convention) -> impl Iterator<Item = String> + use<'m> {
        let name = named(metric, self.suffixes, self.escapes);
        endings(metric).iter().map(move |ending| format!("{name}{ending}"))
    }

    /// Whether a series of that name may be one of a metric.
    #[must_use]
    pub fn makes(&self, metric: &Convention, series: &str) -> bool {
        self.series(metric).any(|name| name == series)
    }
}

/// A metric that some translation calls so, with what follows its own name there.
#[must_use]
pub fn meant(series: &str) -> Option<(&'static Convention, &'static str)> {
    static NAMES: OnceLock<HashMap<String, (&'static Convention, &'static str)>> = OnceLock::new();
    let names = NAMES.get_or_init(|| {
        let mut names = HashMap::new();
        for metric in otel::metrics() {
            for (suffixes, escapes) in [(true, true), (false, true), (true, false), (false, false)] {
                let name = named(metric, suffixes, escapes);
                names.extend(endings(metric).iter().map(|ending| (format!("{name}{ending}"), (metric, *ending))));
            }
        }
        names
    });
    names.get(series).copied()
}

/// What attributes of resources are called as labels, whatever the translation.
#[must_use]
pub fn resource_labels() -> &'static Arc<BTreeSet<String>> {
    static LABELS: OnceLock<Arc<BTreeSet<String>>> = OnceLock::new();
    let names = || otel::resource_attributes().iter().flat_map(|name| [escaped(name), (*name).to_owned()]);
    LABELS.get_or_init(|| Arc::new(names().collect()))
}

/// The attribute of resources that becomes a label of that name.
#[must_use]
pub fn resource_attribute(label: &str) -> Option<&'static str> {
    let named = |name: &&&str| **name == label || escaped(name) == label;
    // Most labels are none, and looked up.
    if resource_labels().contains(label) { otel::resource_attributes().iter().find(named).copied() } else { None }
}

/// What follows a name; a native histogram has none of it.
fn endings(metric: &Convention) -> &'static [&'static str] {
    if metric.instrument == Instrument::Histogram { &["", "_bucket", "_sum", "_count"] } else { &[""] }
}

fn escaped(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
}

fn named(metric: &Convention, suffixes: bool, escapes: bool) -> String {
    let total = metric.instrument == Instrument::Counter;
    let ratio = metric.ratio && metric.instrument == Instrument::Gauge;
    match (suffixes, escapes) {
        (false, false) => metric.name.to_owned(),
        (false, true) => metric.name.replace(|c: char| !c.is_ascii_alphanumeric() && c != '_', "_"),
        (true, true) => {
            let mut words: Vec<&str> =
                metric.name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty()).collect();
            if !metric.unit.is_empty() && !words.contains(&metric.unit) {
                words.push(metric.unit);
            }
            for (last, _) in [("total", total), ("ratio", ratio)].into_iter().filter(|(_, given)| *given) {
                words.retain(|w| *w != last);
                words.push(last);
            }
            words.join("_")
        }
        (true, false) => {
            let mut name = metric.name;
            let last = [("ratio", ratio), ("total", total)].into_iter().find(|(_, given)| *given).map(|(last, _)| last);
            if let Some(rest) = last.and_then(|last| name.strip_suffix(last)).filter(|rest| rest.len() > 1) {
                // With what stood before it.
                name = &rest[..rest.len() - 1];
            }
            let unit = if name.ends_with(metric.unit) { "" } else { metric.unit };
            let parts = [Some(name), Some(unit).filter(|u| !u.is_empty()), last];
            parts.into_iter().flatten().collect::<Vec<_>>().join("_")
        }
    }
}
