//! What a running program shows → the metrics of a symbol file, and the attributes of its spans. Dials nobody: it is handed text.

mod api;
mod families;
mod otlp;
mod page;
mod sample;
mod series;
mod translate;

use families::Families;

use crate::symbol::Thing;
use crate::vsym::{Contents, Metric, Named};

/// How a text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A page of metrics in Prometheus' text format.
    Prometheus,
    /// A page of metrics in OpenMetrics.
    OpenMetrics,
    /// OTLP in JSON, one request after the other, as the file exporter of the OpenTelemetry Collector writes it.
    Otlp,
    /// One series on each line: `name{label="value"}`.
    Series,
    /// An answer of Prometheus' API: `/api/v1/series` or `/api/v1/label/__name__/values`.
    Api,
}

impl Format {
    /// All, by name.
    pub const ALL: [(&'static str, Self); 5] = [
        ("api", Self::Api),
        ("openmetrics", Self::OpenMetrics),
        ("otlp", Self::Otlp),
        ("prometheus", Self::Prometheus),
        ("series", Self::Series),
    ];

    /// What a text looks like; `None` = it holds nothing.
    pub fn of(text: &str) -> Option<Self> {
        let text = text.trim_start();
        let first = text.chars().next()?;
        // A series may be all in braces, its name in quotes: then it is no JSON.
        if first == '[' || (first == '{' && is_json(text)) {
            let head = text.get(..HEAD).unwrap_or(text);
            return Some(if head.contains("\"resource") { Self::Otlp } else { Self::Api });
        }
        if text.trim_end().ends_with("# EOF") {
            return Some(Self::OpenMetrics);
        }
        let lines = || text.lines().map(str::trim).filter(|l| !l.is_empty());
        let described = lines().any(|l| l.starts_with("# TYPE ") || l.starts_with("# HELP "));
        let valued = lines().find(|l| !l.starts_with('#')).is_some_and(|l| sample::read(l).is_ok_and(|s| s.valued));
        Some(if described || valued { Self::Prometheus } else { Self::Series })
    }
}

/// Bytes in which a request of OTLP says what it is.
const HEAD: usize = 256;

/// Whether the first thing in a text is an object of JSON, as far as its first key.
fn is_json(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('{').map(str::trim_start) else { return false };
    let Some(rest) = rest.strip_prefix('"') else { return rest.starts_with('}') };
    rest.find('"').is_some_and(|at| rest[at + 1..].trim_start().starts_with(':'))
}

/// The metrics of a text, and the attributes of its spans; what is wrong with it otherwise. `by` = what makes them, for messages.
pub fn learn(text: &str, format: Format, by: Option<&str>) -> Result<Contents, String> {
    let mut families = Families::default();
    let mut attributes = otlp::Attributes::new();
    match format {
        Format::Prometheus => page::read(text, false, &mut families)?,
        Format::OpenMetrics => page::read(text, true, &mut families)?,
        Format::Otlp => attributes = otlp::read(text, &mut families)?,
        Format::Series => series::read(text, &mut families)?,
        Format::Api => api::read(text, &mut families)?,
    }
    let mut contents = Contents::new();
    contents.metrics = families.into_metrics().map(|m| Metric { by: by.map(str::to_owned), ..m }).collect();
    let named = |(thing, name): (Thing, String)| Named { thing: thing.name().to_owned(), name, at: None };
    contents.names = attributes.into_iter().map(named).collect();
    Ok(contents)
}

/// An error of one line.
fn at(line: usize, what: &str) -> String {
    format!("line {line}: {what}")
}

#[cfg(test)]
mod tests;
