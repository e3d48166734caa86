//! One test per class of error: message, the text under the span, help; and that no input breaks the decoder.

#![allow(clippy::expect_used, clippy::panic)]

use proptest::prelude::*;

use super::sections::section;
use super::{AuthMode, Fallback, Form, Language, Layout, SECTIONS, Spec, TlsMode, decode, presets};
use crate::diagnostic::{Diagnostic, Severity};
use crate::source::{SourceId, Sources};

fn decoded(text: &str) -> (Option<Spec>, Vec<Diagnostic>, Sources) {
    let mut sources = Sources::new();
    let id = sources.add("vispyr.toml", text);
    let (spec, found) = decode(id, text);
    (spec, found, sources)
}

/// Findings as `text under the span: message | help`, then labels as `+ text under the span: label`.
fn findings(text: &str) -> Vec<String> {
    let (spec, found, sources) = decoded(text);
    let errors = found.iter().any(|d| d.severity == Severity::Error);
    assert_eq!(spec.is_none(), errors, "there is a spec exactly when nothing is an error");
    let mut out = Vec::new();
    for d in &found {
        let help = d.help.as_deref().map(|h| format!(" | {h}")).unwrap_or_default();
        out.push(format!("{}: {}{help}", sources.slice(d.primary.span), d.message));
        out.extend(d.labels.iter().map(|l| format!("+ {}: {}", sources.slice(l.span), l.text)));
    }
    out
}

/// Findings of the body below a sound `[stack]`.
fn of(body: &str) -> Vec<String> {
    findings(&format!("[stack]\nname = \"shop\"\n{body}"))
}

/// The same with two hosts and a sound `[gateway]`.
fn of_pair(body: &str) -> Vec<String> {
    findings(&format!(
        "[stack]\nname = \"shop\"\nlayout = \"agent-gateway\"\n[gateway]\naddress = \"obs.example.org\"\n{body}"
    ))
}

fn spec(text: &str) -> Spec {
    let (spec, found, _) = decoded(text);
    spec.unwrap_or_else(|| panic!("{found:?}"))
}

/// Every key once, or nearly so.
pub(super) const EVERYTHING: &str = concat!(
    "[stack]\nname = \"shop\"\nlayout = \"agent-gateway\"\nenvironment = \"prod\"\n",
    "[[services]]\nname = \"a\"\nlanguage = \"go\"\nnamespace = \"x\"\n[[services]]\nname = \"b\"\n",
    "[signals]\nprofiles = \"off\"\n[versions]\nprometheus = \"v3.14.0\"\n",
    "[collector]\nspan_metrics = false\nscrape_interval = \"1m\"\ninstance = \"i\"\n",
    "[gateway]\naddress = \"10.0.0.7\"\nport = 443\nbind = \"::\"\n",
    "[tls]\nmode = \"files\"\ncert = \"c.pem\"\nkey = \"k.pem\"\nca = \"ca.pem\"\n[auth]\nmode = \"basic\"\n",
    "[grafana]\nport = 80\nroot_url = \"https://g.example.org/\"\n",
    "[[scrape]]\nname = \"j\"\ntargets = [\"a:1\", \"[::1]:2\"]\npath = \"/m\"\ninterval = \"30s\"\nscheme = \"https\"\nbearer = { env = \"T\" }\n",
    "[resources.tempo]\nmemory = \"1GiB\"\n[resources]\nagent = { memory = \"256MB\" }\n",
    "[limits]\ntraces_rate = \"15MB\"\nscrape_samples = 5_000\n",
);

#[test]
fn the_shortest_file_has_all_defaults() {
    let spec = spec("[stack]\nname = \"shop\"\n");
    assert_eq!(spec.stack.layout.value, Layout::SingleHost);
    assert!(spec.signals.traces && spec.signals.profiles);
    assert!(spec.collector.host_metrics && spec.collector.span_metrics && spec.collector.service_graph);
    assert_eq!(spec.collector.scrape_interval, 15);
    assert_eq!((spec.retention.metrics.value, spec.retention.metrics_size.value), (15 * 86_400, 20 << 30));
    assert_eq!((spec.retention.traces.value, spec.retention.profiles.value), (7 * 86_400, 7 * 86_400));
    assert_eq!((spec.tls.mode.value, spec.auth), (TlsMode::Off, AuthMode::None));
    assert_eq!((spec.grafana.bind.value.as_str(), spec.grafana.port.value), ("127.0.0.1", 3000));
    assert_eq!((spec.agent.otlp_grpc_port.value, spec.agent.otlp_http_port.value), (4317, 4318));
    assert_eq!(spec.agent.profiles_port.value, 4040);
    assert!(spec.gateway.is_none() && spec.versions.is_empty() && spec.resources.is_empty());
}

#[test]
fn two_hosts_speak_tls_with_a_token_by_default() {
    let spec = spec("[stack]\nname = \"shop\"\nlayout = \"agent-gateway\"\n[gateway]\naddress = \"obs\"\n");
    assert_eq!((spec.tls.mode.value, spec.auth), (TlsMode::Private, AuthMode::Bearer));
    let gateway = spec.gateway.expect("two hosts have a gateway");
    assert_eq!((gateway.port.value, gateway.bind.value.as_str()), (4443, "0.0.0.0"));
}

#[test]
fn everything_that_is_written_is_read_with_its_place() {
    let text = EVERYTHING;
    let (spec, found, sources) = decoded(text);
    // `::1` is the collector's own container: said, but not refused.
    assert_eq!(found.len(), 1, "{found:?}");
    let spec = spec.expect("no errors");
    assert_eq!(spec.services.len(), 2);
    assert_eq!(sources.slice(spec.services[1].name.span), "\"b\"");
    assert_eq!(spec.versions[0].1.value.to_string(), "3.14.0");
    assert!(!spec.collector.span_metrics && spec.collector.service_graph && !spec.signals.profiles);
    assert!(matches!(&spec.tls.mode.value, TlsMode::Files { ca: Some(ca), .. } if ca.value == "ca.pem"));
    assert_eq!(spec.auth, AuthMode::Basic);
    let scrape = &spec.scrapes[0];
    assert!(scrape.https && scrape.interval.as_ref().is_some_and(|i| i.value == 30));
    assert_eq!(scrape.bearer.as_ref().map(|b| b.value.as_str()), Some("T"));
    assert_eq!(sources.slice(scrape.targets[1].span), "\"[::1]:2\"");
    assert_eq!(
        spec.resources.iter().map(|(n, m)| (n.as_str(), m.value)).collect::<Vec<_>>(),
        [("agent", 256 << 20), ("tempo", 1 << 30)]
    );
    assert_eq!(spec.limits.scrape_samples.map(|s| s.value), Some(5000));
}

#[test]
fn the_table_of_declarations_is_sound() {
    for (i, section) in SECTIONS.iter().enumerate() {
        assert!(SECTIONS[..i].iter().all(|s| s.name != section.name), "{} twice", section.name);
        for (j, key) in section.keys.iter().enumerate() {
            let name = format!("{} {}", section.header(), key.name);
            assert!(section.keys[..j].iter().all(|k| k.name != key.name), "{name} twice");
            assert!(!section.later.contains(&key.name), "{name} is here and comes later");
            assert!(key.doc.ends_with('.'), "{name}: {}", key.doc);
            let Fallback::Value(default) = key.fallback else { continue };
            let quoted = format!("\"{default}\"");
            let value = if matches!(key.form, Form::Flag | Form::Port | Form::Count) { default } else { &quoted };
            // A conflict is fine here: only the form of the value is in question.
            let text = format!("[stack]\nname = \"a\"\n{}\n{} = {value}", section.header(), key.name);
            let text = if section.name == "stack" { text.replacen("[stack]\nname = \"a\"\n", "", 1) } else { text };
            let (_, found, _) = decoded(&text);
            assert!(found.iter().all(|d| d.rule.id != "spec-invalid-value"), "{name}: {found:?}");
        }
    }
    let Some(Form::Choice(languages, _)) = section("services").and_then(|s| s.key("language")).map(|k| k.form) else {
        panic!("`language` is a choice")
    };
    assert!(Language::ALL.iter().map(|(n, _)| n).eq(languages));
}

#[test]
fn an_empty_file_says_what_is_missing() {
    let expected = [": `[stack] name` is missing | add `[stack]` with `name`, such as `name = \"shop\"`"];
    assert_eq!(findings(""), expected);
    assert_eq!(findings("# nothing\n"), expected);
}

#[test]
fn unknown_names_are_answered_with_the_nearest() {
    assert_eq!(of("nmae = 1"), ["nmae: `[stack]` has no key `nmae` | did you mean `name`"]);
    assert_eq!(
        of("profiles_rte = 1"),
        ["profiles_rte: `[stack]` has no key `profiles_rte` | did you mean `[limits] profiles_rate`"]
    );
    assert_eq!(of("[service]"), ["service: there is no `service` at the top level | did you mean `[[services]]`"]);
    assert_eq!(
        findings("name = \"x\"\n[stack]\nname = \"shop\""),
        ["name: there is no `name` at the top level | did you mean `[stack] name`"]
    );
    assert_eq!(of("[resources.temp]\n"), ["temp: `[resources]` knows no service `temp` | did you mean `tempo`"]);
    assert_eq!(of("[auth]\nxyzzy = 1"), ["xyzzy: `[auth]` has no key `xyzzy` | it takes `mode`"]);
    assert_eq!(
        of("[grafana]\nlayuot = 1"),
        ["layuot: `[grafana]` has no key `layuot` | did you mean `[stack] layout`"]
    );
    assert_eq!(
        of("[[scrape]]\nname = \"a\"\ntargets = [\"a:1\"]\nbearer = { evn = \"X\" }"),
        [
            "evn: `bearer` has no key `evn` | use `env`",
            "{ evn = \"X\" }: `bearer` needs `env` | write `bearer = { env = \"TOKEN\" }`"
        ]
        .into_iter()
        .rev()
        .collect::<Vec<_>>()
    );
}

#[test]
fn what_comes_later_is_not_called_unknown() {
    let not = "is not available in this version of vispyr";
    assert_eq!(of("[target]\n[scale]\n"), [format!("target: `[target]` {not}"), format!("scale: `[scale]` {not}")]);
    assert_eq!(
        of("[signals]\ntraces = \"jaeger\""),
        [format!("\"jaeger\": `[signals] traces = \"jaeger\"` {not} | use `\"tempo\"` or `\"off\"`")]
    );
    assert_eq!(of("[collector]\nsampling = 1"), [format!("sampling: `[collector] sampling` {not}")]);
    assert_eq!(
        of("[[scrape]]\nname = \"a\"\ntargets = [\"a:1\"]\nbearer = { file = \"x\" }"),
        [format!("file: `[[scrape]] bearer = {{ file = … }}` {not} | use `env`")]
    );
}

#[test]
fn a_value_of_another_type_is_told_what_is_expected() {
    assert_eq!(
        of("[grafana]\nport = \"3000\""),
        ["\"3000\": `port` must be a port between 1 and 65535, not a string | write `port = 3000`"]
    );
    assert_eq!(of("[grafana]\nport = 0"), ["0: `port` must be a port between 1 and 65535: `0` is out of range"]);
    assert_eq!(
        of("[grafana]\nport = 99999999999999999999999999"),
        [
            "99999999999999999999999999: `port` must be a port between 1 and 65535: `99999999999999999999999999` is out of range"
        ]
    );
    assert_eq!(
        of("[collector]\nhost_metrics = \"true\""),
        ["\"true\": `host_metrics` must be `true` or `false`, not a string | write `host_metrics = true`"]
    );
    assert_eq!(
        of("[retention]\ntraces = 7"),
        [
            "7: `traces` must be a duration such as `\"7d\"`, not a whole number | write a text with a unit, such as `traces = \"7d\"`"
        ]
    );
    assert_eq!(
        of("[signals]\ntraces = false"),
        ["false: `traces` must be `\"tempo\"` or `\"off\"`, not a boolean | write `traces = \"off\"`"]
    );
    assert_eq!(
        of("[versions]\ntempo = 2.9"),
        [
            "2.9: `tempo` must be an exact version such as `\"3.14.0\"`, not a fraction | write major, minor and patch in quotes"
        ]
    );
    assert_eq!(
        of("[services]\nname = \"a\""),
        ["services: `services` must be a list of tables, not one table | write `[[services]]`"]
    );
    assert_eq!(of("[[grafana]]\n"), ["grafana: `grafana` must be one table, not a list | write `[grafana]` once"]);
    assert_eq!(findings("stack = \"shop\""), ["\"shop\": `stack` must be a table, not a string | write `[stack]`"]);
    assert_eq!(
        of("[[scrape]]\nname = \"a\"\ntargets = \"a:1\""),
        [
            "\"a:1\": `targets` must be a list of texts, each a `host:port` such as `\"checkout:8080\"`, not a string | write `targets = [\"a:1\"]`"
        ]
    );
    assert_eq!(
        of("[[scrape]]\nname = \"a\"\ntargets = [1, \"b\"]"),
        [
            "1: `targets` must be a `host:port` such as `\"checkout:8080\"`, not a whole number",
            "\"b\": `targets` must be a `host:port` such as `\"checkout:8080\"`: `b` has no port | write `b:9090` with the right port",
        ]
    );
}

#[test]
fn secrets_are_not_repeated() {
    let all = of(
        "[[scrape]]\nname = \"a\"\ntargets = [\"a:1\"]\nbearer = \"s3cr3t\"\n[grafana]\nroot_url = \"http://u:p4ss@h/\"",
    );
    assert_eq!(all.len(), 2);
    assert!(all[0].contains("must name where the secret is kept, not hold it | write `bearer = { env = \"TOKEN\" }`"));
    assert!(all.iter().all(|f| !f.split_once(": `").is_some_and(|(_, m)| m.contains("s3cr3t") || m.contains("p4ss"))));
}

#[test]
fn versions_are_exact_and_new_enough() {
    let of = |line: &str| of(&format!("[versions]\n{line}"));
    assert!(of("prometheus = \"3.14\"")[0].contains("`3.14` leaves the patch open, so it moves | use `3.14."));
    assert!(
        of("prometheus = \"2.54.1\"")[0]
            .starts_with("\"2.54.1\": `prometheus` cannot be 2.54.1: it is older than 2.55.0")
    );
    assert!(of("prometheus = \"3.14.0-distroless\"")[0].contains("it has the suffix `-distroless`"));
    assert_eq!(of("prometheus = \"3.14.0\""), Vec::<String>::new());
    assert_eq!(of("prometheus = \"99.1.0\""), ["\"99.1.0\": `prometheus` 99.1.0 is not known to vispyr"]);
}

#[test]
fn names_that_stand_twice_are_shown_twice() {
    assert_eq!(
        of("[[scrape]]\nname = \"a-b\"\ntargets = [\"a:1\", \"a:1\"]\n[[scrape]]\nname = \"a_b\"\ntargets = [\"a:1\"]"),
        [
            "\"a:1\": target `a:1` is listed twice | remove one",
            "+ \"a:1\": first listed here",
            "\"a_b\": scrapes `a-b` and `a_b` differ only in `-` and `_` | give one another name",
            "+ \"a-b\": first named here",
            "\"a:1\": target `a:1` is scraped twice | remove it from one of the scrapes",
            "+ \"a:1\": first listed here",
        ]
    );
    assert!(of("[[scrape]]\nname = \"a\"\ntargets = [\"a:1\"]\n[[scrape]]\nname = \"b\"\npath = \"/x\"\ntargets = [\"a:1\"]").is_empty());
    assert_eq!(of("[collector]\ndimensions = [\"a\", \"a\"]").len(), 2);
}

#[test]
fn ports_of_one_host_are_published_once() {
    assert_eq!(
        of("[agent]\notlp_grpc_port = 4000\notlp_http_port = 4000"),
        [
            "4000: `[agent] otlp_http_port` and `[agent] otlp_grpc_port` are both 4000 | choose another port for one of them",
            "+ 4000: taken here"
        ]
    );
    assert!(of("[grafana]\nport = 4317\nbind = \"10.0.0.7\"").is_empty());
    assert_eq!(of("[grafana]\nport = 4317\nbind = \"0.0.0.0\"").len(), 1);
    // Not published at all without profiles; on two hosts Grafana is not beside the agent.
    assert!(of("[signals]\nprofiles = \"off\"\n[grafana]\nport = 4040").is_empty());
    assert!(of_pair("[grafana]\nport = 4317").is_empty());
    assert_eq!(of_pair("[grafana]\nport = 4443").len(), 1);
}

#[test]
fn the_layout_decides_what_may_stand() {
    assert_eq!(
        findings("[stack]\nname = \"shop\"\nlayout = \"agent-gateway\""),
        [
            "\"agent-gateway\": `layout = \"agent-gateway\"` needs `[gateway] address` | add `[gateway]` with `address`, the name by which agents reach it"
        ]
    );
    assert!(of("[gateway]\naddress = \"obs\"")[0].starts_with("gateway: `[gateway]` needs a second host"));
    assert!(
        of("[tls]\nmode = \"private\"")[0].starts_with("\"private\": `[tls] mode = \"private\"` needs a second host")
    );
    assert!(
        of("[auth]\nmode = \"bearer\"")[0].starts_with("\"bearer\": `[auth] mode = \"bearer\"` needs a second host")
    );
    assert!(of("[tls]\nmode = \"off\"\n[auth]\nmode = \"none\"").is_empty());
    assert!(
        of_pair("[tls]\nmode = \"off\"")[0]
            .starts_with("\"off\": `mode = \"off\"` between two hosts needs `allow_plaintext = true`")
    );
    assert!(of_pair("[tls]\nmode = \"off\"\nallow_plaintext = true").is_empty());
    assert_eq!(of_pair("[auth]\nmode = \"none\"").len(), 2);
    assert_eq!(
        of_pair("[resources.alloy]\nmemory = \"1GB\""),
        [
            "alloy: layout `agent-gateway` has no service `alloy` | remove `[resources.alloy]`: its collectors are `agent` and `gateway`",
            "+ \"agent-gateway\": chosen here",
        ]
    );
    assert!(
        of("[resources.proxy]\nmemory = \"1GB\"")[0].starts_with("proxy: layout `single-host` has no service `proxy`")
    );
    assert_eq!(of("[resources.tempo]\nmemory = \"65GB\""), ["\"65GB\": the memory limits add up to 65GiB"]);
}

#[test]
fn a_broken_layout_condemns_nothing_else() {
    let all =
        findings("[stack]\nname = \"shop\"\nlayout = \"two\"\n[gateway]\naddress = \"obs\"\n[tls]\nmode = \"private\"");
    assert_eq!(all, ["\"two\": `layout` must be `\"single-host\"` or `\"agent-gateway\"`, not `\"two\"`"]);
}

#[test]
fn certificates_belong_to_files() {
    assert_eq!(
        of_pair("[tls]\nmode = \"files\"\ncert = \"c.pem\""),
        ["\"files\": `mode = \"files\"` needs `key` | add `key`, the path of a PEM file"]
    );
    assert_eq!(
        of_pair("[tls]\nmode = \"private\"\nca = \"c.pem\""),
        ["ca: `ca` needs `mode = \"files\"` | set `mode = \"files\"`, or remove `ca`", "+ \"private\": another mode"]
    );
    assert_eq!(of_pair("[tls]\ncert = \"c.pem\"").len(), 1);
}

#[test]
fn what_is_off_cannot_be_set() {
    assert_eq!(
        of(
            "[signals]\ntraces = \"off\"\n[collector]\nservice_graph = true\ndimensions = [\"a\"]\n[limits]\ntrace_size = \"5MB\""
        ),
        [
            "true: `service_graph` needs traces | remove `service_graph`, or set `[signals] traces = \"tempo\"`",
            "+ \"off\": traces are off",
            "dimensions: `[collector] dimensions` has no effect | remove `dimensions`",
            "+ \"off\": traces are off",
            "trace_size: `[limits] trace_size` has no effect | remove `trace_size`",
            "+ \"off\": traces are off",
        ]
    );
    assert!(of("[signals]\ntraces = \"off\"\n[collector]\nspan_metrics = false").is_empty());
    let spec = spec("[stack]\nname = \"shop\"\n[signals]\ntraces = \"off\"");
    assert!(!spec.collector.span_metrics && !spec.collector.service_graph);
    assert_eq!(of("[collector]\nspan_metrics = false\ndimensions = [\"a\"]").len(), 2);
    assert_eq!(of("[signals]\nprofiles = \"off\"\n[retention]\nprofiles = \"7d\"").len(), 2);
}

#[test]
fn times_fit_each_other_and_the_stores() {
    assert_eq!(of("[retention]\nmetrics = \"1h\""), ["\"1h\": `metrics` must be at least `2h`"]);
    assert_eq!(
        of("[collector]\nscrape_interval = \"10m\""),
        ["\"10m\": `scrape_interval` is longer than 5 minutes, so panels show gaps | choose at most `5m`"]
    );
    assert_eq!(
        of("[retention]\nmetrics = \"3h\"\n[collector]\nscrape_interval = \"3h\""),
        [
            "\"3h\": `scrape_interval` is not shorter than the retention of metrics | choose a shorter interval",
            "+ \"3h\": metrics are deleted at this age"
        ]
    );
    assert_eq!(
        of("[[scrape]]\nname = \"a\"\ntargets = [\"a:1\"]\ninterval = \"0s\""),
        ["\"0s\": `interval` must be at least `1s`"]
    );
}

#[test]
fn addresses_that_mean_the_container_itself_are_said() {
    assert!(
        of("[[scrape]]\nname = \"a\"\ntargets = [\"localhost:1\"]")[0].contains("is the collector's own container")
    );
    assert!(
        findings("[stack]\nname = \"shop\"\nlayout = \"agent-gateway\"\n[gateway]\naddress = \"127.0.0.1\"")[0]
            .contains("is the agent's own container")
    );
}

#[test]
fn every_error_comes_at_once_and_in_order() {
    let (_, found, _) = decoded(
        "[stack]\nname = \"A B\"\nx = 1\n[grafana]\nport = 0\nbind = \"x\"\n[[services]]\n[tsl]\n[gateway]\nport = true",
    );
    let ids: Vec<&str> = found.iter().map(|d| d.rule.id).collect();
    assert_eq!(
        ids,
        [
            "spec-invalid-value",
            "spec-unknown-key",
            "spec-invalid-value",
            "spec-invalid-value",
            "spec-missing-key",
            "spec-unknown-key",
            "spec-conflict",
            "spec-missing-key",
            "spec-invalid-value",
        ]
    );
}

#[test]
fn errors_of_syntax_come_at_once_and_condemn_only_their_lines() {
    let (spec, found, _) =
        decoded("[stack]\nname = = \"shop\"\nlayuot = 1\n[grafana]\nport = 0800\nbind = \"127.0.0.1\n[grafana]\n");
    assert!(spec.is_none());
    let syntax = found.iter().filter(|d| d.rule.id == "spec-syntax").count();
    assert!(syntax >= 4, "{found:#?}");
    assert!(found.iter().any(|d| d.message == "`[stack]` has no key `layuot`"), "{found:#?}");
    assert!(found.iter().all(|d| d.rule.id != "spec-missing-key"), "{found:#?}");
}

#[test]
fn hostile_files_are_answered_in_bounded_time_and_space() {
    let many = (0..200_000).fold(String::from("[stack]\nname = \"shop\"\n"), |t, i| t + &format!("k{i} = 1\n"));
    let hostile = [
        "\0\0\0".to_owned(),
        "\u{feff}".to_owned(),
        "[".repeat(100_000),
        "a = ".to_owned() + &"[".repeat(100_000),
        "a = ".to_owned() + &"{a=".repeat(100_000),
        "a.".repeat(100_000) + "a = 1",
        "=\n".repeat(200_000),
        "= ".repeat(100_000),
        "[stack]\nname = \"".to_owned() + &"x".repeat(2_000_000) + "\"",
        many,
    ];
    for text in &hostile {
        let (spec, found, _) = decoded(text);
        assert!(spec.is_none() && !found.is_empty() && found.len() <= 200, "{} findings", found.len());
        assert!(found.iter().all(|d| d.message.len() < 500));
    }
    assert!(decoded(&hostile[9]).1.iter().any(|d| d.notes.iter().any(|n| n == "199800 more findings are not shown")));
}

/// A piece of text that a slip of the hand puts somewhere.
const PIECES: &[&str] = &[
    "\"",
    "'",
    "=",
    "[",
    "]",
    "{",
    "}",
    "\n",
    "#",
    ".",
    ",",
    "true",
    "0",
    "-1",
    "\"off\"",
    "\"\"",
    "ü",
    "\u{202e}",
    "\0",
    "\r",
    "[[services]]\n",
    "[resources]\n",
    "name = \"x\"\n",
    "layout = \"agent-gateway\"\n",
    "99999999999999999999",
    "1e9",
    "\"\"\"",
    "\\u0000",
    "1979-05-27",
    "latest",
    "[stack]\n",
    "[versions]\nalloy = \"1.2\"\n",
    "bearer = \"x\"\n",
    "targets = [\"::1\"]\n",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn mutated_presets_never_panic_and_spans_lie_inside(
        preset in 0..2_usize,
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0..40_usize, 0..PIECES.len()), 1..12),
    ) {
        let mut text = presets()[preset].1.to_owned();
        for (at, cut, piece) in &edits {
            let boundary = |mut i: usize| { while !text.is_char_boundary(i) { i -= 1; } i };
            let start = boundary(at.index(text.len() + 1));
            let end = boundary((start + cut).min(text.len()));
            text.replace_range(start..end.max(start), PIECES[*piece]);
        }
        let (spec, found) = decode(SourceId(7), &text);
        prop_assert_eq!(spec.is_none(), found.iter().any(|d| d.severity == Severity::Error));
        for span in found.iter().flat_map(|d| d.labels.iter().map(|l| l.span).chain([d.primary.span])) {
            prop_assert_eq!(span.source, SourceId(7));
            prop_assert!(text.get(span.range()).is_some(), "{:?} in {:?}", span, text);
        }
        prop_assert!(found.is_sorted_by_key(|d| (d.primary.span.start, d.primary.span.end)));
    }
}
