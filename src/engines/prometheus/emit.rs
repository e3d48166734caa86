//! Prometheus' file and the alerts on the stack itself.

use indexmap::IndexMap;
use serde::Serialize;

use crate::emitter::{Emitted, Place, yaml};
use crate::stack::containers::{duration, native_histograms_by_key, retention_by_key, size};
use crate::symbol::Protocol;

#[derive(Serialize)]
struct Config {
    global: Global,
    rule_files: [&'static str; 1],
    scrape_configs: Vec<Job>,
    storage: Storage,
}

#[derive(Serialize)]
struct Global {
    scrape_interval: String,
    evaluation_interval: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    scrape_native_histograms: Option<bool>,
}

#[derive(Serialize)]
struct Job {
    job_name: String,
    static_configs: [Static; 1],
}

#[derive(Serialize)]
struct Static {
    targets: [String; 1],
}

#[derive(Serialize)]
struct Storage {
    tsdb: Tsdb,
    exemplars: Exemplars,
}

#[derive(Serialize)]
struct Tsdb {
    /// Collectors send from a queue and retry: what arrives late is kept.
    out_of_order_time_window: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    retention: Option<Retention>,
}

#[derive(Serialize)]
struct Retention {
    time: String,
    size: String,
}

#[derive(Serialize)]
struct Exemplars {
    max_exemplars: u32,
}

/// Writes `prometheus.yml` and the rules.
pub fn emit(at: &Place<'_>) -> Vec<Emitted> {
    let version = at.node.version;
    let retention = at.stack.retention;
    let interval = format!("{}s", at.stack.pipeline.scrape_interval);
    let routes = at.stack.routes.iter().filter(|r| r.route.from == at.node.service);
    let config = Config {
        global: Global {
            scrape_interval: interval.clone(),
            evaluation_interval: interval,
            scrape_native_histograms: native_histograms_by_key(version).then_some(true),
        },
        rule_files: ["/etc/prometheus/rules/*.yml"],
        scrape_configs: routes
            .filter(|r| r.route.protocol == Protocol::Scrape)
            .map(|r| Job { job_name: r.route.to.clone(), static_configs: [Static { targets: [r.address()] }] })
            .collect(),
        storage: Storage {
            tsdb: Tsdb {
                out_of_order_time_window: "30m",
                retention: retention_by_key(version)
                    .then(|| Retention { time: duration(retention.metrics), size: size(retention.metrics_size) }),
            },
            exemplars: Exemplars { max_exemplars: 100_000 },
        },
    };
    vec![
        at.file("prometheus/prometheus.yml", "prometheus-config", yaml(&config)),
        at.file("prometheus/rules/stack.yml", "prometheus-rules", yaml(&rules(at))),
        at.file("prometheus/tests/stack.yml", "prometheus-rule-tests", yaml(&tests())),
    ]
}

#[derive(Serialize)]
struct Rules {
    groups: [Group; 1],
}

#[derive(Serialize)]
struct Group {
    name: &'static str,
    rules: Vec<Alert>,
}

#[derive(Serialize)]
struct Alert {
    alert: &'static str,
    expr: String,
    r#for: &'static str,
    labels: IndexMap<&'static str, &'static str>,
    annotations: IndexMap<&'static str, &'static str>,
}

/// Alerts on what would make every panel silently empty: a part that is down, a disk that fills (no store but Prometheus
/// bounds its size), samples that are refused.
fn rules(at: &Place<'_>) -> Rules {
    let alert = |alert, expr: &str, wait, severity, summary| Alert {
        alert,
        expr: expr.to_owned(),
        r#for: wait,
        labels: IndexMap::from([("severity", severity)]),
        annotations: IndexMap::from([("summary", summary)]),
    };
    let mut rules = vec![alert(
        "TargetDown",
        "up == 0",
        "5m",
        "critical",
        "{{ $labels.job }} at {{ $labels.instance }} has not answered for five minutes",
    )];
    if at.stack.pipeline.host_metrics {
        rules.push(alert(
            "DiskFilling",
            "node_filesystem_avail_bytes{fstype!~\"tmpfs|ramfs|squashfs|overlay\"} / node_filesystem_size_bytes < 0.15",
            "15m",
            "warning",
            "{{ $labels.mountpoint }} on {{ $labels.instance }} has less than 15 % left: traces and profiles have no size limit",
        ));
    }
    // Of less than two scrapes there is no rate; of four, one may fail.
    let range = duration((4 * at.stack.pipeline.scrape_interval).max(5 * 60));
    rules.push(alert(
        "RemoteWriteFailing",
        &format!("rate(prometheus_remote_storage_samples_failed_total[{range}]) > 0"),
        "10m",
        "warning",
        "the collector at {{ $labels.instance }} loses samples: Prometheus refuses them",
    ));
    Rules { groups: [Group { name: "stack", rules }] }
}

#[derive(Serialize)]
struct Tests {
    rule_files: [&'static str; 1],
    evaluation_interval: &'static str,
    tests: Vec<Test>,
}

#[derive(Serialize)]
struct Test {
    interval: &'static str,
    input_series: Vec<Series>,
    alert_rule_test: Vec<Expectation>,
}

#[derive(Serialize)]
struct Series {
    series: &'static str,
    values: &'static str,
}

#[derive(Serialize)]
struct Expectation {
    eval_time: &'static str,
    alertname: &'static str,
    exp_alerts: Vec<Expected>,
}

#[derive(Serialize)]
struct Expected {
    exp_labels: IndexMap<&'static str, &'static str>,
    exp_annotations: IndexMap<&'static str, &'static str>,
}

/// Cases for `promtool test rules`: a target that goes down fires after five minutes, one that blinks does not.
fn tests() -> Tests {
    let fires = Expected {
        exp_labels: IndexMap::from([("severity", "critical"), ("job", "tempo"), ("instance", "tempo:3200")]),
        exp_annotations: IndexMap::from([("summary", "tempo at tempo:3200 has not answered for five minutes")]),
    };
    let test = |values, eval_time, exp_alerts| Test {
        interval: "1m",
        input_series: vec![Series { series: "up{job=\"tempo\", instance=\"tempo:3200\"}", values }],
        alert_rule_test: vec![Expectation { eval_time, alertname: "TargetDown", exp_alerts }],
    };
    Tests {
        rule_files: ["../rules/stack.yml"],
        evaluation_interval: "1m",
        tests: vec![test("1x2 0x10", "9m", vec![fires]), test("1x2 0 1x10", "9m", Vec::new())],
    }
}
