//! The recorded facts agree with each other: what a reader of `schemas/overlay/` would have to notice by eye.

use std::collections::BTreeSet;

use super::{Facts, Range, Version, all, engine};
use crate::symbol::Protocol;

/// Versions at which something can change, and one on each side.
fn probes(facts: &Facts) -> BTreeSet<Version> {
    let mut out: BTreeSet<Version> = facts.releases.iter().copied().collect();
    for range in ranges(facts).into_iter().map(|(_, range)| range) {
        out.extend(range.since);
        out.extend(range.until);
    }
    out
}

fn ranges(facts: &Facts) -> Vec<(String, Range)> {
    let mut out = Vec::new();
    out.extend(facts.image.iter().map(|i| (format!("image {:?}", i.suffixes), i.range)));
    out.extend(facts.listeners.iter().map(|l| (format!("listener {}", l.name), l.range)));
    out.extend(facts.endpoints.iter().map(|e| (format!("endpoint {} {}", e.protocol, e.listener), e.range)));
    out.extend(facts.flags.iter().map(|f| (format!("flag {}", f.name), f.range)));
    out.extend(facts.keys.iter().map(|k| (format!("key {}", k.path), k.range)));
    out.extend(facts.metrics.iter().map(|m| (format!("metric {}", m.name), m.range)));
    out
}

#[test]
fn every_range_holds_at_some_version() {
    for facts in all() {
        for (what, range) in ranges(facts) {
            if let (Some(since), Some(until)) = (range.since, range.until) {
                assert!(since < until, "{}: {what} ends before it begins", facts.engine);
            }
        }
    }
}

#[test]
fn every_protocol_is_known_and_every_path_is_absolute() {
    for facts in all() {
        for e in facts.endpoints {
            assert!(Protocol::named(e.protocol).is_some(), "{}: `{}` is no protocol", facts.engine, e.protocol);
            for path in e.paths {
                assert!(path.starts_with('/'), "{}: `{path}` is no path", facts.engine);
            }
        }
    }
}

#[test]
fn an_endpoint_lives_no_longer_than_its_listener() {
    for facts in all() {
        for version in probes(facts) {
            for e in facts.endpoints.iter().filter(|e| e.range.holds(version)) {
                assert!(
                    facts.listener(e.listener, version).is_some(),
                    "{} {version}: `{}` takes {} but is not there",
                    facts.engine,
                    e.listener,
                    e.protocol
                );
            }
        }
    }
}

#[test]
fn one_image_entry_per_version_and_suffix() {
    for facts in all() {
        let suffixes: BTreeSet<&str> = facts.image.iter().flat_map(|i| i.suffixes).copied().collect();
        for version in probes(facts) {
            let plain = facts.image.iter().filter(|i| i.range.holds(version) && i.suffixes.is_empty()).count();
            assert_eq!(plain, 1, "{} {version}: images without suffix", facts.engine);
            for suffix in &suffixes {
                let named =
                    facts.image.iter().filter(|i| i.range.holds(version) && i.suffixes.contains(suffix)).count();
                assert!(named <= 1, "{} {version}: images with `{suffix}`", facts.engine);
            }
        }
    }
}

#[test]
fn one_listener_key_flag_and_metric_per_version_and_name() {
    for facts in all() {
        for version in probes(facts) {
            let mut seen = BTreeSet::new();
            let names = (facts.listeners.iter().filter(|l| l.range.holds(version)).map(|l| ("listener", l.name)))
                .chain(facts.flags.iter().filter(|f| f.range.holds(version)).map(|f| ("flag", f.name)))
                .chain(facts.keys.iter().filter(|k| k.range.holds(version)).map(|k| ("key", k.path)));
            for name in names {
                assert!(seen.insert(name), "{} {version}: {} `{}` is there twice", facts.engine, name.0, name.1);
            }
            let mut seen = BTreeSet::new();
            for m in facts.metrics.iter().filter(|m| m.range.holds(version)) {
                assert!(seen.insert((m.name, m.source)), "{} {version}: metric `{}` twice", facts.engine, m.name);
            }
        }
    }
}

#[test]
fn the_default_is_a_release_and_releases_are_one_per_line() {
    for facts in all() {
        assert!(facts.releases.contains(&facts.default), "{}: default is no release", facts.engine);
        for pair in facts.releases.windows(2) {
            assert!((pair[0].major, pair[0].minor) < (pair[1].major, pair[1].minor), "{}: {pair:?}", facts.engine);
        }
    }
}

#[test]
fn metric_types_are_those_of_the_exposition_format() {
    for facts in all() {
        for m in facts.metrics {
            assert!(
                ["counter", "gauge", "histogram", "summary", "untyped"].contains(&m.kind),
                "{}: `{}` is a {}",
                facts.engine,
                m.name,
                m.kind
            );
            assert!(!m.source.is_empty(), "{}: `{}` is made by nothing", facts.engine, m.name);
            let part = ["_bucket", "_sum", "_count"].iter().find(|s| m.name.ends_with(*s));
            assert!(m.kind != "histogram" || part.is_none(), "{}: `{}` names a part", facts.engine, m.name);
        }
    }
}

#[test]
fn health_checks_are_in_exec_form() {
    for facts in all() {
        for image in facts.image.iter().filter(|i| !i.health.is_empty()) {
            assert_eq!(image.health.first(), Some(&"CMD"), "{}: {:?}", facts.engine, image.health);
            assert!(image.health.len() > 1, "{}: an empty check", facts.engine);
        }
    }
}

#[test]
fn all_engines_of_the_stack_are_recorded() {
    for name in ["alloy", "caddy", "grafana", "prometheus", "pyroscope", "tempo"] {
        let facts = engine(name);
        assert!(facts.is_some_and(|f| f.engine == name && f.image(f.default, "").is_some()), "{name}");
    }
}

/// Whether a key is recorded as there (or not) at a version of an engine.
fn key(name: &str, path: &str, version: (u16, u16, u16)) -> Option<bool> {
    engine(name)?.has_key(path, Version::new(version.0, version.1, version.2))
}

/// The program that the health check of a version and suffix runs; empty when none can run inside.
fn health(name: &str, version: (u16, u16, u16), suffix: &str) -> Option<&'static str> {
    let image = engine(name)?.image(Version::new(version.0, version.1, version.2), suffix)?;
    Some(image.health.get(1).copied().unwrap_or(""))
}

#[test]
fn images_are_told_apart_by_patch() {
    assert_eq!(health("tempo", (2, 7, 2), ""), Some("wget"));
    assert_eq!(health("tempo", (2, 9, 2), ""), Some("/busybox/wget"));
    assert_eq!(health("tempo", (2, 9, 3), ""), Some(""));
    assert_eq!(health("tempo", (3, 0, 0), ""), Some("/tempo"));
    assert_eq!(health("pyroscope", (1, 7, 1), ""), Some(""));
    assert_eq!(health("pyroscope", (1, 8, 0), ""), Some("/usr/bin/profilecli"));
    assert_eq!(health("prometheus", (2, 43, 1), ""), Some("wget"));
    assert_eq!(health("prometheus", (3, 14, 0), "-distroless"), Some("/bin/promtool"));
    assert_eq!(health("grafana", (13, 1, 3), "-ubuntu"), Some("curl"));
}

#[test]
fn known_turning_points_are_told_apart() {
    assert_eq!(key("tempo", "compactor", (2, 10, 8)), Some(true));
    assert_eq!(key("tempo", "compactor", (3, 0, 0)), Some(false));
    assert_eq!(key("prometheus", "storage.tsdb.retention.time", (3, 7, 3)), Some(false));
    assert_eq!(key("prometheus", "storage.tsdb.retention.time", (3, 8, 0)), Some(true));
    assert_eq!(key("pyroscope", "architecture_storage", (1, 21, 1)), Some(false));
    let instance = "otelcol.connector.spanmetrics.include_collector_instance_id";
    assert_eq!(key("alloy", instance, (1, 17, 1)), Some(false));
    assert_eq!(key("alloy", instance, (1, 18, 0)), Some(true));
    let calls = |v| engine("alloy").and_then(|f| f.has_metric("traces_span_metrics_calls_total", v));
    assert_eq!(calls(Version::new(1, 4, 3)), Some(false));
    assert_eq!(calls(Version::new(1, 5, 0)), Some(true));
    let port = |name, v| engine("tempo").and_then(|f| f.listener(name, v)).map(|l| (l.port, l.loopback, l.fallback));
    assert_eq!(port("http", Version::new(2, 7, 2)), Some((80, false, false)));
    assert_eq!(port("http", Version::new(2, 8, 0)), Some((3200, false, false)));
    assert_eq!(port("otlp-grpc", Version::new(2, 6, 1)), Some((4317, false, true)));
    assert_eq!(port("otlp-grpc", Version::new(2, 7, 0)), Some((4317, true, true)));
}
