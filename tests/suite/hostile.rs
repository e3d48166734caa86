//! Trees made to be slow, deep or misleading. Nothing is timed: each is so large that a search for every part of it among
//! all others would take minutes.

use std::fmt::Write as _;

use tempfile::tempdir;
use vispyr::check::{self, Options, Report};
use vispyr::engines;
use vispyr::report;
use vispyr::tree::{RawTree, Settings, Tree};

use crate::harness::run;

fn tree<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Tree {
    engines::tree(RawTree::from_texts(files), &Settings::default())
}

/// Checks a tree and prints what was found in every format.
fn checked(tree: &Tree) -> (Report, String) {
    let report = check::check(tree, &Options::default());
    let mut text = String::new();
    for format in report::FORMATS {
        let view = report::View::of_tree(tree, &report.diagnostics, report.suppressed.len());
        let mut out = Vec::new();
        (format.render)(&view, &report::Style::default(), &mut out).unwrap();
        text.push_str(std::str::from_utf8(&out).unwrap());
    }
    (report, text)
}

fn count(report: &Report, rule: &str) -> usize {
    report.diagnostics.iter().filter(|d| d.rule.id == rule).count()
}

/// One line for each of many.
fn lines(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(line).collect()
}

const GRAFANA: &str = "services:\n  grafana:\n    image: grafana/grafana:12.0.0\n    volumes: [\"./p:/etc/grafana/provisioning\", \"./d:/d\"]\n";
const PROVIDER: &str = "apiVersion: 1\nproviders: [{name: a, options: {path: /d}}]\n";

#[test]
fn many_urls_meet_many_services_and_listeners() {
    let all = 6_000;
    let services = lines(all, |n| format!("  s{n}:\n    image: grafana/tempo:2.7.0\n"));
    let proxies = lines(all, |n| format!("h{n}.example.com:443 {{\n reverse_proxy s{n}:1 t{n}x:80\n}}\n"));
    let compose = format!(
        "services:\n{services}  caddy:\n    image: caddy:2\n    volumes: [\"./Caddyfile:/etc/caddy/Caddyfile\"]\n"
    );
    let tree = tree([("compose.yaml", compose.as_str()), ("Caddyfile", &proxies)]);
    let (report, _) = checked(&tree);
    assert_eq!(count(&report, "link-port-unserved"), all);
    assert_eq!(count(&report, "link-host-unknown"), all);
}

#[test]
fn a_service_opens_more_ports_than_a_message_lists() {
    let all = 6_000;
    let exporters = lines(all, |n| {
        format!("otelcol.exporter.otlphttp \"e{n}\" {{\n client {{\n  endpoint = \"http://alloy:65000\"\n }}\n}}\n")
    });
    let receivers = lines(all, |n| {
        format!(
            "otelcol.receiver.otlp \"r{n}\" {{\n grpc {{\n  endpoint = \"0.0.0.0:{}\"\n }}\n output {{\n  traces = [otelcol.exporter.otlphttp.e{n}.input]\n }}\n}}\n",
            20_000 + n
        )
    });
    let compose = "services:\n  alloy:\n    image: grafana/alloy:v1.8.0\n    volumes: [\"./config.alloy:/etc/alloy/config.alloy\"]\n";
    let config = exporters + &receivers;
    let tree = tree([("compose.yaml", compose), ("config.alloy", &config)]);
    let (report, _) = checked(&tree);
    let found: Vec<_> = report.diagnostics.iter().filter(|d| d.rule.id == "link-port-unserved").collect();
    assert_eq!(found.len(), all);
    assert!(found.iter().all(|d| d.help.as_ref().is_some_and(|h| h.len() < 200)));
}

#[test]
fn many_references_meet_many_data_sources_and_series() {
    let all = 10_000;
    let sources =
        lines(all, |n| format!("- {{name: Source{n:05}, uid: source-{n:05}, type: prometheus, access: direct}}\n"));
    let sources = format!("apiVersion: 1\ndatasources:\n{sources}");
    let panels = (0..all).map(|n| {
        format!(
            "{{\"type\":\"timeseries\",\"title\":\"p\",\"datasource\":{{\"type\":\"prometheus\",\"uid\":\"sourcf-{n:05}\"}},\"targets\":[{{\"expr\":\"traces_spanmetrics_{n}\"}}]}}"
        )
    });
    let dashboard = format!(
        "{{\"title\":\"x\",\"uid\":\"x\",\"schemaVersion\":39,\"panels\":[{}]}}",
        panels.collect::<Vec<_>>().join(",")
    );
    let processors = vec!["span-metrics"; 500].join(", ");
    let tempo = format!(
        "metrics_generator: {{storage: {{path: /x, remote_write: [{{url: \"http://h/x\"}}]}}}}\noverrides: {{defaults: {{metrics_generator: {{processors: [{processors}]}}}}}}\n"
    );
    let compose = format!(
        "{GRAFANA}  tempo:\n    image: grafana/tempo:2.7.0\n    command: -config.file=/t.yaml\n    volumes: [\"./t.yaml:/t.yaml\"]\n"
    );
    let tree = tree([
        ("compose.yaml", compose.as_str()),
        ("t.yaml", &tempo),
        ("p/datasources/a.yaml", &sources),
        ("p/dashboards/a.yaml", PROVIDER),
        ("d/x.json", &dashboard),
    ]);
    let (report, _) = checked(&tree);
    assert_eq!(count(&report, "dash-ds-unresolved"), all);
    assert_eq!(count(&report, "dash-metric-unknown"), all);
    // The first still gets the name that was meant.
    let first = report.diagnostics.iter().find(|d| d.rule.id == "dash-ds-unresolved").unwrap();
    assert_eq!(first.help.as_deref(), Some("write `source-00000`, the uid of `Source00000`"));
}

#[test]
fn an_or_of_many_metrics_is_not_multiplied_out() {
    let sum = |letter: &str| (0..15_000).map(|n| format!("{letter}{n}")).collect::<Vec<_>>().join(" + ");
    let query = format!("({}) or ({})", sum("a"), sum("b"));
    let dashboard = format!(
        "{{\"title\":\"x\",\"uid\":\"x\",\"schemaVersion\":39,\"panels\":[{{\"type\":\"timeseries\",\"title\":\"p\",\"datasource\":{{\"type\":\"prometheus\",\"uid\":\"u\"}},\"targets\":[{{\"expr\":\"{query}\"}}]}}]}}"
    );
    let tree = tree([
        ("compose.yaml", GRAFANA),
        ("p/datasources/a.yaml", "apiVersion: 1\ndatasources: [{name: a, uid: u, type: prometheus, access: direct}]\n"),
        ("p/dashboards/a.yaml", PROVIDER),
        ("d/x.json", &dashboard),
    ]);
    let symbols = check::symbols(&tree);
    let named: usize = symbols
        .imports
        .iter()
        .filter_map(|(_, i)| if let vispyr::symbol::Import::Metric(m) = i { Some(m.alternatives.len()) } else { None })
        .sum();
    assert!(named < 100_000, "{named}");
}

#[test]
fn findings_on_one_long_line_are_placed_and_shown() {
    let all = 10_000;
    let services: Vec<String> =
        (0..all).map(|n| format!("s{n}: {{image: 'grafana/grafana:latest', ports: ['{n}:3000']}}")).collect();
    let compose = format!("services: {{{}}}\n", services.join(", "));
    let tree = tree([("compose.yaml", compose.as_str())]);
    let (report, text) = checked(&tree);
    assert_eq!(count(&report, "sec-default-password"), all);
    let column = compose.rfind("'grafana/grafana").unwrap() + 1;
    assert!(text.contains(&format!("compose.yaml:1:{column}\n")) && text.contains(&format!("\"column\": {column},")));
}

#[test]
fn a_wall_of_ignore_comments_is_heard() {
    let all = 9_000;
    let services: Vec<String> =
        (0..all).map(|n| format!("s{n}: {{image: 'grafana/grafana:12.0.0', ports: ['{n}:3000']}}")).collect();
    let comments = "# vispyr: ignore[sec-default-password]\n".repeat(all);
    let compose = format!("{comments}services: {{{}}}\n", services.join(", "));
    let tree = tree([("compose.yaml", compose.as_str())]);
    let report = check::check(&tree, &Options::default());
    assert_eq!((report.diagnostics.len(), report.suppressed.len()), (0, all));
    let unknown = format!("# vispyr: ignore[{}]\nservices: {{}}\n", "compose-floating-tap,".repeat(500_000));
    let tree = self::tree([("compose.yaml", unknown.as_str())]);
    assert!(check::check(&tree, &Options::default()).diagnostics.len() <= 10_000);
}

#[test]
fn what_services_borrow_is_bounded() {
    let values = lines(20_000, |n| format!("      V{n}: x\n"));
    let heirs = lines(9_000, |n| format!("  s{n}:\n    extends: base\n    env_file: big.env\n"));
    let compose = format!("services:\n  base:\n    image: x\n    environment:\n{values}{heirs}");
    let big = lines(100_000, |n| format!("V{n}=x\n"));
    let tree = tree([("compose.yaml", compose.as_str()), ("big.env", &big)]);
    let held: usize = tree.services.iter().map(|s| s.environment.len()).sum();
    assert!(tree.services.len() > 9_000 && held < 3_000_000, "{held}");
    // What was not taken may be anything.
    assert!(tree.services.last().unwrap().environment_open && tree.services.last().unwrap().mounts_open);
}

#[test]
fn a_variable_named_a_million_times_stays_one() {
    let env = format!("BIG={}\n", "x".repeat(1 << 20));
    let command = format!("{}{}", "$BIG".repeat(100_000), "${NO:-$BIG$BIG}".repeat(50_000));
    let compose = format!("services:\n  a:\n    image: x\n    command: [\"{command}\"]\n");
    let tree = tree([("compose.yaml", compose.as_str()), (".env", &env)]);
    let word = &tree.services[0].command.as_ref().unwrap()[0];
    assert!(word.open && word.text.len() < 64 << 20, "{}", word.text.len());
}

#[test]
fn opening_braces_without_an_end_are_no_template() {
    for text in ["{{a ".repeat(1_000_000), format!("{}}}}}", "{{ a b ".repeat(1_000_000))] {
        let compose = format!("services:\n  a:\n    image: x\n    command: '{text}'\n");
        let tree = tree([("compose.yaml", compose.as_str())]);
        assert_eq!((tree.artifacts.len(), tree.skipped.len()), (1, 0));
    }
}

#[test]
fn a_site_of_many_addresses_and_paths_is_not_multiplied_out() {
    let addresses = (0..1_900).map(|n| format!("x{n}.example.com:443")).collect::<Vec<_>>().join(" ");
    let paths = (0..20_000).map(|n| format!("/p{n}")).collect::<Vec<_>>().join(" ");
    let matchers = lines(600, |n| format!("@m{n} path /a{n}\nhandle @m{n} {{\n respond 200\n}}\n"));
    let mut caddy = format!("{addresses} {{\n@b path {paths}\nhandle @b {{\n}}\n{matchers}}}\n");
    for site in 0..200 {
        write!(caddy, "y{site}.example.com:443 {{\n{matchers}}}\n").unwrap();
    }
    let compose = "services:\n  caddy:\n    image: caddy:2\n    volumes: [\"./Caddyfile:/etc/caddy/Caddyfile\"]\n";
    let tree = tree([("compose.yaml", compose), ("Caddyfile", &caddy)]);
    let symbols = check::symbols(&tree);
    let paths: usize = symbols.listeners().flat_map(|(_, l)| l.accepts.iter().flatten()).map(|a| a.paths.len()).sum();
    // One for each address, and that of the admin API.
    assert_eq!(symbols.listeners().count(), 2_101);
    assert!(paths < 2_000_000, "{paths}");
}

#[test]
fn targets_and_attributes_of_one_component_do_not_multiply() {
    let targets = (0..20_000).map(|n| format!("{{__address__ = \"h{n}:1\"}}")).collect::<Vec<_>>().join(", ");
    let attributes = lines(20_000, |n| format!("  a{n} = 1\n"));
    let config = format!("prometheus.scrape \"x\" {{\n  targets = [{targets}]\n{attributes}}}\n");
    let compose = "services:\n  alloy:\n    image: grafana/alloy:v1.8.0\n    volumes: [\"./config.alloy:/etc/alloy/config.alloy\"]\n";
    let tree = tree([("compose.yaml", compose), ("config.alloy", &config)]);
    assert_eq!(check::symbols(&tree).urls().count(), 20_000);
}

#[test]
fn a_name_of_many_parts_is_not_cut_into_all_its_beginnings() {
    let text = format!("local.file \"x\" {{\n filename = a{}\n}}\n", ".b".repeat(100_000));
    let (report, _) = checked(&tree([("config.alloy", text.as_str())]));
    assert_eq!(count(&report, "alloy-unknown-reference"), 1);
}

#[test]
fn what_custom_components_take_and_offer_is_not_searched_for_each_use() {
    let all = 10_000;
    let exports = lines(all, |n| format!(" export \"e{n}\" {{\n  value = 1\n }}\n"));
    let arguments = lines(all, |n| format!(" argument \"a{n}\" {{ }}\n"));
    let uses = lines(all, |n| format!("d \"i{n}\" {{ }}\nlocal.file \"f{n}\" {{\n filename = d.i{n}.e{n}\n}}\n"));
    let text = format!("declare \"d\" {{\n{exports}{arguments}}}\n{uses}");
    let (report, _) = checked(&tree([("config.alloy", text.as_str())]));
    assert_eq!(count(&report, "alloy-unknown-export"), 0);
    // Of ten thousand arguments that each of ten thousand calls lacks, some are told.
    assert!((100..all).contains(&count(&report, "alloy-module-argument")));
}

#[test]
fn names_that_must_differ_are_not_compared_pair_by_pair() {
    let endpoints = lines(20_000, |n| format!(" endpoint {{\n  name = \"n{n}\"\n  url = \"http://a{n}\"\n }}\n"));
    let text = format!("loki.write \"x\" {{\n{endpoints}}}\n");
    let (report, _) = checked(&tree([("config.alloy", text.as_str())]));
    assert_eq!(count(&report, "alloy-validate-cross-field"), 0);
    let twice = text.replace("\"n19999\"", "\"n0\"");
    let (report, _) = checked(&tree([("config.alloy", twice.as_str())]));
    assert_eq!(count(&report, "alloy-validate-cross-field"), 1);
}

#[test]
fn who_names_a_file_that_cannot_be_read_is_told() {
    let dir = tempdir().unwrap();
    std::fs::write(dir.path().join("a.alloy"), b"\0\xff\0\xff").unwrap();
    let file = std::fs::File::create(dir.path().join("b.alloy")).unwrap();
    file.set_len(200_000_000).unwrap();
    for (name, why) in [("a.alloy", "not text"), ("b.alloy", "too large")] {
        let named = run(dir.path(), &["check", name]);
        assert_eq!(named.code, Some(2));
        assert!(named.err.contains(why), "{}", named.err);
    }
    let folder = run(dir.path(), &["check", "."]);
    assert_eq!(folder.code, Some(0));
    assert!(folder.out.contains("not text") && folder.out.contains("too large"), "{}", folder.out);
}

#[test]
fn depth_is_refused_in_every_language() {
    let deep = 100_000;
    let files = [
        ("compose.yaml", format!("services: {}", "[".repeat(deep))),
        ("docker-compose.flow.yaml", format!("services: {}", "{a: ".repeat(deep))),
        ("d.json", format!("{{\"panels\":{}{}}}", "[".repeat(deep), "]".repeat(deep))),
        ("a.alloy", "a \"b\" {\n".repeat(deep)),
        ("b.alloy", format!("a = {}1{}", "(".repeat(deep), ")".repeat(deep))),
        ("c.alloy", format!("a = {}1", "-".repeat(deep))),
        ("vispyr.toml", format!("a = {}", "[".repeat(deep))),
        ("Caddyfile", "a {\n".repeat(deep)),
    ];
    let tree = tree(files.iter().map(|(name, text)| (*name, text.as_str())));
    checked(&tree);
    let dir = tempdir().unwrap();
    std::fs::write(dir.path().join("vispyr.toml"), &files[6].1).unwrap();
    assert_eq!(run(dir.path(), &["gen"]).code, Some(1));
}

#[test]
fn escape_codes_of_files_never_reach_a_terminal() {
    let compose = "services:\n  \"a\\u001b[31m\\u202e\":\n    image: grafana/grafana:12.0.0\n  b:\n    image: grafana/grafana:12.0.0 # \u{202e}\n    volumes: [\"./p:/etc/grafana/provisioning\", \"./\\e[2J.yml:/z.yml\"]\n    ports: [\"3000:3000\"]\n";
    let source =
        "apiVersion: 1\ndatasources:\n- name: \"x\\e[31m\\r\\nY\"\n  type: prometheus\n  url: \"http://nobody:1\"\n";
    let broken = "services:\n  a:\n    image: x # \u{9b}31m\n";
    let odd = "p/datasources/\u{1b}]0;x\u{7}\n.yaml";
    let tree = tree([("compose.yaml", compose), (odd, source), ("docker-compose.b.yaml", broken)]);
    let (report, text) = checked(&tree);
    assert!(report.diagnostics.len() > 2, "{text}");
    let shown = |c: char| c == '\n' || !(c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c));
    let view = report::View::of_tree(&tree, &report.diagnostics, 0);
    let rendered = |format: &str| {
        let mut out = Vec::new();
        (report::format(format).unwrap().render)(&view, &report::Style::default(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    let out = rendered("text");
    assert!(out.chars().all(shown), "{out:?}");
    for format in report::FORMATS {
        let out = rendered(format.name);
        assert!(!out.contains(['\u{1b}', '\u{7}']), "{}: {out:?}", format.name);
    }
    // In JSON they are escaped, and come back as they were.
    let json = &rendered("json");
    let json: serde_json::Value = serde_json::from_str(json).unwrap();
    let paths: Vec<&str> = json["files"].as_array().unwrap().iter().filter_map(|f| f["path"].as_str()).collect();
    assert!(paths.contains(&odd), "{paths:?}");
}

#[cfg(unix)]
#[test]
fn names_on_the_command_line_are_cleaned_too() {
    let dir = tempdir().unwrap();
    for args in [["check", "no\u{1b}[31m"], ["check", "--kind=\u{1b}[31m"], ["gen", "--spec=\u{1b}[31m"]] {
        let run = run(dir.path(), &args);
        assert_eq!(run.code, Some(2), "{args:?} {}", run.err);
        assert!(!run.err.contains('\u{1b}') && !run.out.contains('\u{1b}'), "{args:?} {:?}", run.err);
    }
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_never_waited_for() {
    use std::os::unix::fs::symlink;
    let dir = tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    std::fs::create_dir(at("folder.env")).unwrap();
    for name in ["pipe.env", "pipe.yaml"] {
        assert!(std::process::Command::new("mkfifo").arg(at(name)).status().unwrap().success());
    }
    symlink(".env", at(".env")).unwrap();
    symlink("b.yaml", at("a.yaml")).unwrap();
    symlink("a.yaml", at("b.yaml")).unwrap();
    symlink(".", at("here")).unwrap();
    let compose = "include: [compose.yaml, a.yaml]\nservices:\n  a: {extends: b}\n  b: {extends: {service: a}}\n  c:\n    image: grafana/grafana:12.0.0\n    ports: [\"0:0\", \"1-65535:1-65535\", \"65536:1\", \"99999999999999999999:1\", \"1-:2\"]\n    env_file: [folder.env, pipe.env, .env, here/here/compose.yaml]\n";
    std::fs::write(at("compose.yaml"), compose).unwrap();
    let run = run(dir.path(), &["check", "."]);
    // A file that includes itself is refused by compose; nothing after that is looked at.
    assert_eq!(run.code, Some(1), "{}{}", run.out, run.err);
    assert!(run.out.contains("files include each other in a circle"), "{}", run.out);
}

#[test]
fn attributes_without_number_are_not_each_held_to_all_conventions() {
    let queries = lines(30_000, |n| format!("span.http.request.metho{n} = 1 || "));
    let board = format!(
        "{{\"title\":\"a\",\"uid\":\"a\",\"schemaVersion\":39,\"panels\":[{{\"type\":\"table\",\"title\":\"t\",\"datasource\":\
         {{\"type\":\"tempo\",\"uid\":\"t\"}},\"targets\":[{{\"refId\":\"A\",\"queryType\":\"traceql\",\"query\":\"{{ {queries}true }}\"}}]}}]}}"
    );
    let tree = tree([("compose.yaml", GRAFANA), ("p/dashboards/p.yaml", PROVIDER), ("d/a.json", board.as_str())]);
    let (report, _) = checked(&tree);
    assert!(count(&report, "link-attribute-unknown") > 0, "{:?}", report.diagnostics.len());
}
