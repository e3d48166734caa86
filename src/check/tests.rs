//! Trees as `check` sees them: kinds, versions, what is left alone.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::{Options, check, instances};
use crate::catalogue::Version;
use crate::engines;
use crate::tree::{RawTree, Settings, Tree, VersionFrom};

fn tree(files: &[(&str, &str)]) -> Tree {
    engines::tree(RawTree::from_texts(files.iter().copied()), &Settings::default())
}

fn kinds(tree: &Tree) -> Vec<(&str, &str)> {
    tree.artifacts.iter().map(|a| (a.path.as_str(), a.kind.name)).collect()
}

const TEMPO: &str = "server: {}\ndistributor: {receivers: {otlp: {}}}\nstorage: {trace: {backend: local}}\n";
const PROMETHEUS: &str = "global: {scrape_interval: 15s}\nscrape_configs: [{job_name: a}]\n";

#[test]
fn the_service_that_mounts_a_file_decides_its_kind_and_version() {
    let tree = tree(&[
        (
            "compose.yaml",
            "services:
  tempo:
    image: grafana/tempo:2.9.1
    command: [-config.file=/etc/x.yaml]
    volumes: [./conf:/etc]
  grafana:
    image: grafana/grafana
    volumes: ['./prov:/etc/grafana/provisioning']
",
        ),
        ("conf/x.yaml", "a: 1\n"),
        ("conf/y.yaml", "a: 1\n"),
        ("prov/datasources/d.yaml", "{}\n"),
        ("prov/datasources/deeper/d.yaml", "{}\n"),
    ]);
    let want = [
        ("compose.yaml", "compose"),
        ("conf/x.yaml", "tempo-config"),
        ("prov/datasources/d.yaml", "grafana-datasources"),
    ];
    assert_eq!(kinds(&tree), want);
    let (version, from) = tree.at("conf/x.yaml").unwrap().1.version.clone().unwrap();
    assert_eq!(version, Version::new(2, 9, 1));
    assert!(matches!(from, VersionFrom::Image(span) if tree.sources.slice(span) == "grafana/tempo:2.9.1"));
    let found = instances(&tree, engines::named("tempo").unwrap());
    assert_eq!((found.len(), found[0].files.len(), found[0].version.clone().unwrap().0), (1, 1, version));
}

#[test]
fn a_version_comes_from_a_comment_then_the_option_then_the_image_then_the_spec() {
    let compose =
        "services: {t: {image: 'grafana/tempo:2.8.1', command: [-config.file=/t], volumes: ['./t.yaml:/t']}}\n";
    let spec = "[versions]\ntempo = \"2.7.2\"\n";
    let commented = format!("# vispyr: tempo@2.6.1\n{TEMPO}");
    let at = |files: &[(&str, &str)], option: bool| {
        let mut settings = Settings::default();
        if option {
            settings.engines.insert("tempo".into(), Version::new(2, 9, 0));
        }
        let tree = engines::tree(RawTree::from_texts(files.iter().copied()), &settings);
        let (version, from) = tree.at("a/t.yaml").unwrap().1.version.clone().unwrap();
        (version.to_string(), from)
    };
    let all = [("a/compose.yaml", compose), ("vispyr.toml", spec), ("a/t.yaml", commented.as_str())];
    assert_eq!(at(&all, true).0, "2.6.1");
    let plain = [("a/compose.yaml", compose), ("vispyr.toml", spec), ("a/t.yaml", TEMPO)];
    assert_eq!(at(&plain, true), ("2.9.0".into(), VersionFrom::Option));
    assert_eq!(at(&plain, false).0, "2.8.1");
    assert_eq!(at(&plain[1..], false).0, "2.7.2");
    assert_eq!(at(&plain[2..], false).1, VersionFrom::Newest);
}

#[test]
fn content_of_others_is_left_alone() {
    let tree = tree(&[
        ("promtail.yaml", "server: {}\npositions: {}\nclients: []\nscrape_configs: [{job_name: a}]\n"),
        ("only.yaml", "scrape_configs: [{job_name: a}]\n"),
        ("loki.yaml", "auth_enabled: false\nstorage: {backend: s3}\nschema_config: {}\n"),
        ("otelcol.yaml", "receivers: {otlp: {}}\nservice: {pipelines: {}}\nstorage: {trace: {backend: x}}\n"),
        ("k8s.yaml", "apiVersion: v1\nkind: ConfigMap\nservices: {a: {image: x}}\n"),
        (".github/workflows/ci.yml", "on: push\njobs: {a: {services: {b: {image: x}}}}\nservices: {}\n"),
        ("config/services.yaml", "services: {App: {class: X}}\n"),
        ("values.yaml", "datasources: {datasources.yaml: {apiVersion: 1}}\n"),
        ("loki/rules/fake/a.yaml", "groups: [{name: a, rules: [{alert: A, expr: 'rate({a=\"b\"} |= \"x\" [5m])'}]}]\n"),
        ("package.json", "{\"panels\": [], \"rows\": 1}\n"),
        ("k8s.alloy", "apiVersion: v1\nkind: ConfigMap\n"),
    ]);
    assert_eq!(kinds(&tree), []);
    assert!(tree.skipped.is_empty());
}

#[test]
fn a_file_that_only_a_foreign_image_mounts_is_its_own_business() {
    let compose = |image: &str| format!("services: {{a: {{image: {image}, volumes: ['./p.yml:/p.yml']}}}}\n");
    let foreign = tree(&[("compose.yaml", &compose("victoriametrics/vmagent")), ("p.yml", PROMETHEUS)]);
    assert_eq!(kinds(&foreign), [("compose.yaml", "compose")]);
    let ours = tree(&[("compose.yaml", &compose("prom/prometheus")), ("p.yml", PROMETHEUS)]);
    assert_eq!(kinds(&ours)[1], ("p.yml", "prometheus-config"));
}

#[test]
fn templates_are_skipped_with_their_reason() {
    let tree = tree(&[
        ("tempo.yaml", &format!("{TEMPO}x: '{{{{ .Values.x }}}}'\n")),
        ("prometheus.yml", "global: {}\nscrape_configs:\n  {% for x in y %}\n  - job_name: a\n  {% endfor %}\n"),
        ("rules.yml", "groups: [{name: a, rules: [{alert: A, expr: up, annotations: {x: '{{ $value }}'}}]}]\n"),
    ]);
    assert_eq!(kinds(&tree), [("rules.yml", "prometheus-rules")]);
    let skipped: Vec<_> = tree.skipped.iter().map(|s| (s.path.as_str(), s.reason.as_str())).collect();
    assert_eq!(skipped, [("prometheus.yml", "template"), ("tempo.yaml", "template")]);
}

#[test]
fn ignored_files_count_only_when_they_are_mounted() {
    let compose = "services: {t: {image: grafana/tempo, command: [-config.file=/t], volumes: ['./gen/t.yaml:/t']}}\n";
    let build = |files: &[(&str, &str)]| {
        let mut raw = RawTree::from_texts(files.iter().copied());
        raw.ignored.insert("gen".into());
        engines::tree(raw, &Settings::default())
    };
    let mounted = build(&[("compose.yaml", compose), ("gen/t.yaml", TEMPO), ("gen/other.yaml", TEMPO)]);
    assert_eq!(kinds(&mounted), [("compose.yaml", "compose"), ("gen/t.yaml", "tempo-config")]);
    assert_eq!(kinds(&build(&[("gen/t.yaml", TEMPO)])), []);
}

#[test]
fn a_kind_can_be_forced_on_named_files() {
    let mut raw = RawTree::from_texts([("x.txt", "a: [\n")]);
    raw.named.insert("x.txt".into());
    let settings = Settings { kind: engines::kind("tempo-config"), ..Settings::default() };
    let tree = engines::tree(raw, &settings);
    assert_eq!(kinds(&tree), [("x.txt", "tempo-config")]);
    assert_eq!(check(&tree, &Options::default()).diagnostics[0].rule.id, "gen-yaml-unreadable");
}

#[test]
fn env_files_count_beside_compose_files_only() {
    let tree = tree(&[("a/compose.yaml", "services: {a: {image: a}}\n"), ("a/.env", "A=1\n"), ("b/.env", "A=1\n")]);
    assert_eq!(kinds(&tree), [("a/.env", "dotenv"), ("a/compose.yaml", "compose")]);
}

#[test]
fn deselected_rules_leave_their_comments_alone() {
    let tree = tree(&[("compose.yaml", "services: {} # vispyr: ignore[compose-floating-tag]\n")]);
    let found = |options: &Options| check(&tree, options).diagnostics.len();
    assert_eq!(found(&Options::default()), 1);
    assert_eq!(found(&Options { ignore: vec!["compose-floating-tag".into()], ..Options::default() }), 0);
}

#[test]
fn large_and_deep_files_end_in_time() {
    let start = Instant::now();
    let many: String = (0..50_000).map(|i| format!("  s{i}: {{image: a}}\n")).collect();
    let deep = format!("services: {}", "{a: ".repeat(20_000));
    let list = format!("services:\n  a:\n    image: a\n    command: {}\n", "$A ".repeat(100_000));
    for text in [format!("services:\n{many}"), deep, list] {
        let tree = tree(&[("compose.yaml", &text), ("compose.override.yaml", &text)]);
        check(&tree, &Options::default());
    }
    assert!(start.elapsed() < Duration::from_secs(60));
}

const WORDS: [&str; 32] = [
    "services:",
    "\n",
    "\n  ",
    "\n    ",
    "a:",
    "image:",
    " prom/prometheus",
    " grafana/grafana:latest",
    "volumes:",
    " - ./x.yml:/etc/prometheus/prometheus.yml",
    "${",
    "}",
    "$",
    ":-",
    "{",
    "[",
    "]",
    "'",
    "\"",
    "command: ",
    "extends: ",
    "file: compose.yaml",
    "service: a",
    "<<: *x",
    "&x ",
    "*x",
    "ports: ['1-2:3/udp']",
    "# vispyr: ignore[",
    "{{ x }}",
    "environment:",
    "\u{fc}",
    "\t",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn nothing_makes_a_check_panic(words in proptest::collection::vec(0..WORDS.len(), 0..60), bytes in any::<Vec<u8>>()) {
        let text: String = words.into_iter().map(|w| WORDS[w]).collect();
        let mut raw = RawTree::from_texts([("compose.yaml", text.as_str()), ("x.yml", text.as_str())]);
        for name in ["docker-compose.yml", ".env", "a.json", "config.alloy", "grafana.ini", "vispyr.toml"] {
            raw.add(name.to_owned(), bytes.clone());
        }
        let tree = engines::tree(raw, &Settings::default());
        for d in check(&tree, &Options::default()).diagnostics {
            let text = tree.sources.text(d.primary.span.source);
            prop_assert!(text.get(d.primary.span.range()).is_some(), "{} at {:?}", d.message, d.primary.span);
        }
        for service in &tree.services {
            let args = service.entrypoint.iter().chain(&service.command).flatten().map(|a| a.span);
            let spans = args.chain(service.environment.iter().map(|e| e.span)).chain(service.mounts.iter().map(|m| m.span));
            for span in spans {
                prop_assert!(tree.sources.text(span.source).get(span.range()).is_some());
            }
        }
    }
}
