//! Pages of metrics: Prometheus' text format and OpenMetrics.
//!
//! A page names families; what is stored has the names of series. In OpenMetrics a counter is declared as `x` and its
//! series is `x_total`; in the text format both are `x_total` (`prometheus/prometheus model/textparse` @v3.14.0).

use std::collections::HashMap;

use super::families::Families;
use super::{at, sample};
use crate::vsym::MetricType;

/// The types of both formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Type {
    Counter,
    Gauge,
    Histogram,
    Summary,
    /// `info`, `stateset`, `gaugehistogram`, `unknown`: each series counts by itself.
    Other,
}

impl Type {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "counter" => Self::Counter,
            "gauge" => Self::Gauge,
            "histogram" => Self::Histogram,
            "summary" => Self::Summary,
            "info" | "stateset" | "gaugehistogram" | "unknown" | "untyped" => Self::Other,
            _ => return None,
        })
    }
}

pub(super) fn read(text: &str, open: bool, families: &mut Families) -> Result<(), String> {
    let mut types: HashMap<&str, Type> = HashMap::new();
    for (number, line) in text.lines().enumerate().map(|(n, l)| (n + 1, l.trim())) {
        if let Some(comment) = line.strip_prefix('#') {
            if open && comment.trim() == "EOF" {
                break;
            }
            let Some(rest) = comment.trim_start().strip_prefix("TYPE ") else { continue };
            let (name, kind) =
                rest.trim().rsplit_once([' ', '\t']).ok_or_else(|| at(number, "`# TYPE` names no type"))?;
            let name = name.trim().trim_matches('"');
            let kind = Type::named(kind).ok_or_else(|| at(number, &format!("`{kind}` is no type of a metric")))?;
            types.insert(name, kind);
            declare(name, kind, open, families);
            continue;
        }
        if line.is_empty() {
            continue;
        }
        let sample = sample::read(line).map_err(|e| at(number, &e))?;
        if !sample.valued {
            return Err(at(number, "a series without a value: `--format series` takes a list of series"));
        }
        let (name, kind) = family(&sample.name, &types, open);
        families.add(name, kind, &sample.labels);
    }
    Ok(())
}

/// A family that is announced may have no series yet.
fn declare(name: &str, kind: Type, open: bool, families: &mut Families) {
    match kind {
        Type::Counter if open => families.declare(&format!("{name}_total"), Some(MetricType::Counter)),
        Type::Counter => families.declare(name, Some(MetricType::Counter)),
        Type::Gauge => families.declare(name, Some(MetricType::Gauge)),
        Type::Histogram => families.declare(name, Some(MetricType::Histogram)),
        Type::Summary => families.declare(name, Some(MetricType::Summary)),
        // What its series are called hangs on more than its name.
        Type::Other => {}
    }
}

/// The family of a series as it is stored, and its type.
fn family<'s>(series: &'s str, types: &HashMap<&str, Type>, open: bool) -> (&'s str, Option<MetricType>) {
    for suffix in ["_bucket", "_sum", "_count"] {
        let Some(stem) = series.strip_suffix(suffix) else { continue };
        match types.get(stem) {
            Some(Type::Histogram) => return (stem, Some(MetricType::Histogram)),
            Some(Type::Summary) if suffix != "_bucket" => return (stem, Some(MetricType::Summary)),
            _ => {}
        }
    }
    let stem = series.strip_suffix("_total").filter(|_| open);
    if stem.is_some_and(|s| types.get(s) == Some(&Type::Counter)) {
        return (series, Some(MetricType::Counter));
    }
    let kind = match types.get(series) {
        Some(Type::Counter) => Some(MetricType::Counter),
        Some(Type::Gauge) => Some(MetricType::Gauge),
        Some(Type::Histogram) => Some(MetricType::Histogram),
        Some(Type::Summary) => Some(MetricType::Summary),
        Some(Type::Other) | None => None,
    };
    (series, kind)
}
