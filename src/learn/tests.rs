use super::translate::{Kind, label, metric};
use super::*;
use crate::vsym::MetricType;

fn told(text: &str) -> Vec<(String, Option<MetricType>, Option<Vec<String>>)> {
    let format = Format::of(text).unwrap();
    let contents = learn(text, format, None).unwrap_or_else(|e| panic!("{format:?}: {e}"));
    contents.metrics.into_iter().map(|m| (m.name, m.kind, m.labels)).collect()
}

fn labels(all: &[&str]) -> Option<Vec<String>> {
    Some(all.iter().map(|l| (*l).to_owned()).collect())
}

#[test]
fn a_page_in_prometheus_text_format_gives_families() {
    let page = "# HELP http_requests_total Requests.\n# TYPE http_requests_total counter\n\
                http_requests_total{method=\"post\",path=\"a\\\\b\\\"}\\n\"} 1027 1395066363000\n\
                http_requests_total{code=\"400\",} 3\n\n# a remark\n\
                # TYPE latency histogram\nlatency_bucket{le=\"0.05\"} 24054\nlatency_bucket{le=\"+Inf\"} 1\nlatency_sum 5\nlatency_count 1\n\
                # TYPE rpc summary\nrpc{quantile=\"0.01\",service=\"x\"} NaN\nrpc_sum 1.7e+07\nrpc_count 2\n\
                # TYPE later gauge\nfree 0x1p-2\n{\"my.name\", \"a.b\"=\"c\"} -Inf\n";
    assert_eq!(Format::of(page), Some(Format::Prometheus));
    assert_eq!(
        told(page),
        [
            ("free".to_owned(), None, labels(&[])),
            ("http_requests_total".to_owned(), Some(MetricType::Counter), labels(&["code", "method", "path"])),
            ("latency".to_owned(), Some(MetricType::Histogram), labels(&[])),
            ("later".to_owned(), Some(MetricType::Gauge), None),
            ("my.name".to_owned(), None, labels(&["a.b"])),
            ("rpc".to_owned(), Some(MetricType::Summary), labels(&["service"])),
        ]
    );
}

#[test]
fn counters_of_openmetrics_end_in_total() {
    let page = "# TYPE jobs counter\n# UNIT jobs seconds\njobs_total{a=\"b\"} 1 # {trace_id=\"x\"} 0.67 1520879607.789\njobs_created 1.5\n\
                # TYPE idle counter\n# TYPE build info\nbuild_info{v=\"1\"} 1\n\
                # TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_count 1\nh_sum 1\nh_created 1\n# EOF\nrubbish after the end {\n";
    let names = learn(page, Format::OpenMetrics, Some("x")).unwrap().metrics;
    let names: Vec<_> = names.iter().map(|m| (m.name.as_str(), m.kind, m.by.as_deref())).collect();
    assert_eq!(
        names,
        [
            ("build_info", None, Some("x")),
            ("h", Some(MetricType::Histogram), Some("x")),
            ("h_created", None, Some("x")),
            ("idle_total", Some(MetricType::Counter), Some("x")),
            ("jobs_created", None, Some("x")),
            ("jobs_total", Some(MetricType::Counter), Some("x")),
        ]
    );
}

#[test]
fn a_list_of_series_shows_which_are_histograms() {
    let list = "up{job=\"a\"}\nlat_bucket{le=\"1\",job=\"a\"}\nlat_sum\nlat_count\nrpc{quantile=\"0.5\"}\nrpc_sum\nrpc_count\nn_count\nn_sum\n";
    assert_eq!(Format::of(list), Some(Format::Series));
    let found = told(list);
    let found: Vec<_> = found.iter().map(|(n, k, _)| (n.as_str(), *k)).collect();
    assert_eq!(
        found,
        [
            ("lat", Some(MetricType::Histogram)),
            ("n_count", None),
            ("n_sum", None),
            ("rpc", Some(MetricType::Summary)),
            ("up", None)
        ]
    );
    assert_eq!(told("{\"up\", job=\"a\"}\n{__name__=\"down\"}\n").len(), 2);
}

#[test]
fn answers_of_the_api_are_known_by_what_they_hold() {
    let names = r#"{"status":"success","data":["up","lat_bucket","lat_sum","lat_count"]}"#;
    assert_eq!(Format::of(names), Some(Format::Api));
    assert_eq!(told(names), [("lat".to_owned(), Some(MetricType::Histogram), None), ("up".to_owned(), None, None)]);
    let series = r#"[{"__name__":"up","job":"a"},{"job":"nameless"}]"#;
    assert_eq!(told(series), [("up".to_owned(), None, labels(&["job"]))]);
    let error = learn(r#"{"status":"error","error":"no","data":null}"#, Format::Api, None);
    assert_eq!(error, Err("the API answered with an error: no".to_owned()));
}

#[test]
fn otlp_gets_the_names_that_prometheus_stores() {
    let one = r#"{"resourceMetrics":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}},{"key":"host.name","value":{"stringValue":"h"}}]},"scopeMetrics":[{"scope":{"name":"x"},"metrics":[
        {"name":"http.server.request.duration","unit":"s","histogram":{"aggregationTemporality":2,"dataPoints":[{"attributes":[{"key":"http.route","value":{"stringValue":"/"}}],"count":"1"}]}},
        {"name":"orders","unit":"{order}","sum":{"isMonotonic":true,"dataPoints":[{"asInt":"1"}]}},
        {"name":"queue.size","sum":{"dataPoints":[{}]}},
        {"name":"cpu.load","unit":"1","gauge":{"dataPoints":[]}},
        {"name":"nothing"}]}]}]}"#;
    let text = format!("{one}\n{{\"resourceMetrics\":[]}}\n");
    assert_eq!(Format::of(&text), Some(Format::Otlp));
    assert_eq!(
        told(&text),
        [
            ("cpu_load_ratio".to_owned(), Some(MetricType::Gauge), labels(&["job"])),
            (
                "http_server_request_duration_seconds".to_owned(),
                Some(MetricType::Histogram),
                labels(&["http_route", "job"])
            ),
            ("orders_total".to_owned(), Some(MetricType::Counter), labels(&["job"])),
            ("queue_size".to_owned(), Some(MetricType::Gauge), labels(&["job"])),
            ("target_info".to_owned(), Some(MetricType::Gauge), labels(&["host_name", "job"])),
        ]
    );
    let traces = learn(r#"{"resourceSpans":[]}"#, Format::Otlp, None);
    assert!(traces.is_err_and(|e| e.contains("no metrics")));
}

/// What `prometheus/otlptranslator` @v1.0.0 itself answered: kind, name and unit of a metric, or a label, and the name that
/// it gives (`!` = it refuses).
#[test]
fn names_are_translated_as_the_translator_does() {
    let recorded = include_str!("../../tests/recorded/otlp-names.tsv");
    let mut count = 0;
    for line in recorded.lines() {
        let [what, kind, name, unit, want] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("`{line}`") };
        let got = match (what, kind) {
            ("label", _) => label(name),
            (_, "c") => metric(name, unit, Kind::Counter),
            (_, "g") => metric(name, unit, Kind::Gauge),
            _ => metric(name, unit, Kind::Other),
        };
        assert_eq!(got.as_deref().unwrap_or("!"), want, "{line}");
        count += 1;
    }
    assert!(count > 2_000, "{count}");
}

#[test]
fn what_cannot_be_read_is_told_by_its_line() {
    for (format, text, want) in [
        (Format::Prometheus, "a 1\nb{ 2\n", "line 2: `2` stands where the name of a label is expected"),
        (Format::Prometheus, "a{b=\"c} 1\n", "line 1: a quote is never closed"),
        (Format::Prometheus, "a x\n", "line 1: `x` stands where a value is expected"),
        (Format::Prometheus, "a\n", "line 1: a series without a value: `--format series` takes a list of series"),
        (Format::Prometheus, "# TYPE a conter\n", "line 1: `conter` is no type of a metric"),
        (Format::Series, "<html>\n", "line 1: `<html>` stands where the name of a metric is expected"),
        (Format::Series, "{}\n", "line 1: it ends where the name of a metric is expected"),
    ] {
        assert_eq!(learn(text, format, None).map(|_| ()), Err(want.to_owned()), "{text}");
    }
    assert_eq!(Format::of(" \n"), None);
    let deep = format!("{{\"resourceMetrics\":{}", "[".repeat(100_000));
    assert!(learn(&deep, Format::of(&deep).unwrap(), None).is_err());
}

#[test]
fn spans_teach_the_attributes_that_they_have() {
    let text = r#"{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},
        "scopeSpans":[{"spans":[{"name":"GET /","attributes":[{"key":"shop.order","value":{"intValue":"1"}}]},
        {"name":"GET /","attributes":[{"key":"shop.order","value":{"intValue":"2"}},{"key":"a\"b"}]}]}]}]}"#;
    assert_eq!(Format::of(text), Some(Format::Otlp));
    let contents = learn(text, Format::Otlp, None).unwrap();
    let names: Vec<_> = contents.names.iter().map(|n| (n.thing.as_str(), n.name.as_str())).collect();
    assert_eq!(
        names,
        [("resource-attribute", "service.name"), ("span-attribute", "a\"b"), ("span-attribute", "shop.order")]
    );
    assert!(contents.metrics.is_empty());
}
