//! Settings of signals that are off, and times that do not fit each other.

use crate::source::Span;
use crate::spec::read::{Got, Value, Values};
use crate::spec::report::Report;

use super::{beside, conflict, default, idle, number, word};

/// After this long Prometheus forgets a sample: prometheus/prometheus promql/engine.go defaultLookbackDelta@v3.14.0.
const LOOKBACK: u64 = 300;

pub(super) fn check(values: &Values, report: &mut Report<'_>) {
    let off = |signal| word(values, "signals", signal).filter(|w| w.value == "off").and_then(|w| w.span);
    if let Some(off) = off("traces") {
        for key in ["span_metrics", "service_graph"] {
            if let Some(span) = is_true(values, "collector", key) {
                report.push(
                    conflict(span, format!("`{key}` needs traces"))
                        .label(off, "traces are off")
                        .help(format!("remove `{key}`, or set `[signals] traces = \"tempo\"`")),
                );
            }
        }
        for (section, key) in [
            ("collector", "dimensions"),
            ("retention", "traces"),
            ("limits", "traces_rate"),
            ("limits", "trace_size"),
            ("versions", "tempo"),
        ] {
            unused(values, section, key, off, "traces are off", report);
        }
    } else if let Got::Written(value, _) = values.get("collector", "span_metrics")
        && value.value == Value::Flag(false)
    {
        unused(values, "collector", "dimensions", value.span, "span metrics are off", report);
    }
    if let Some(off) = off("profiles") {
        for (section, key) in [
            ("retention", "profiles"),
            ("limits", "profiles_rate"),
            ("versions", "pyroscope"),
            ("agent", "profiles_port"),
        ] {
            unused(values, section, key, off, "profiles are off", report);
        }
    }
    intervals(values, report);
}

fn is_true(values: &Values, section: &str, key: &str) -> Option<Span> {
    match values.get(section, key) {
        Got::Written(value, _) if value.value == Value::Flag(true) => Some(value.span),
        _ => None,
    }
}

fn unused(values: &Values, section: &str, key: &str, off: Span, why: &str, report: &mut Report<'_>) {
    let Got::Written(value, field) = values.get(section, key) else { return };
    if matches!(&value.value, Value::Texts(list) if list.is_empty()) {
        return;
    }
    report.push(
        idle(field.key_span, format!("`[{section}] {key}` has no effect"))
            .label(off, why)
            .help(format!("remove `{key}`")),
    );
}

fn intervals(values: &Values, report: &mut Report<'_>) {
    let retention = number(values, "retention", "metrics");
    let own = values.all("scrape").map(|t| t.get("interval"));
    for got in own.chain([values.get("collector", "scrape_interval")]) {
        let Got::Written(value, field) = got else { continue };
        let Value::Number(seconds) = value.value else { continue };
        if let Some(retention) = retention.filter(|r| seconds >= r.value) {
            report.push(beside(
                conflict(value.span, format!("`{}` is not shorter than the retention of metrics", field.key))
                    .help("choose a shorter interval"),
                retention.span,
                "metrics are deleted at this age",
                &format!(
                    "`[retention] metrics` is `{}` by default",
                    default("retention", "metrics").unwrap_or_default()
                ),
            ));
        } else if seconds > LOOKBACK {
            report.push(
                idle(value.span, format!("`{}` is longer than 5 minutes, so panels show gaps", field.key))
                    .note("Prometheus answers queries with samples of the last 5 minutes")
                    .help("choose at most `5m`"),
            );
        }
    }
}
