//! What pages cannot hold: input made to be deep, long or in rings, and what findings help with.

use std::time::{Duration, Instant};

use crate::check::{Options, check};
use crate::diagnostic::Severity;
use crate::engines;
use crate::tree::{RawTree, Settings};

/// Ids and weights of what is found.
fn found(files: &[(&str, &str)]) -> Vec<(&'static str, Severity)> {
    let tree = engines::tree(RawTree::from_texts(files.iter().copied()), &Settings::default());
    check(&tree, &Options::default()).diagnostics.iter().map(|d| (d.rule.id, d.severity)).collect()
}

#[test]
fn nesting_costs_neither_stack_nor_patience() {
    let start = Instant::now();
    let n = 20_000;
    let texts = [
        format!("loki.process \"a\" {{\n{}{}}}\n", "stage.match {\n".repeat(n), "}\n".repeat(n)),
        format!("loki.echo \"a\" {{\n x = {}{}\n}}\n", "[".repeat(n), "]".repeat(n)),
        format!("loki.echo \"a\" {{\n x = {}1{}\n}}\n", "(".repeat(n), ")".repeat(n)),
        format!("loki.echo \"a\" {{\n x = {}1{}\n}}\n", "a.b(c[".repeat(n), "])".repeat(n)),
        format!("loki.echo \"a\" {{\n x = f(){}\n}}\n", ".b".repeat(n)),
        format!("{}{}", "declare \"a\" {\n".repeat(n), "}\n".repeat(n)),
        format!("{}{}", "foreach \"a\" {\n template {\n".repeat(n), "}\n}\n".repeat(n)),
    ];
    for text in &texts {
        found(&[("config.alloy", text)]);
    }
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
}

#[test]
fn a_file_that_is_wrong_all_over_is_told_a_thousand_times() {
    let text: String = (0..20_000).map(|i| format!("x.y{i} \"a\" {{ z = q.r.s{i} }}\n")).collect();
    let errors = found(&[("config.alloy", &text)]).into_iter().filter(|f| f.1 == Severity::Error).count();
    assert_eq!(errors, 1_000);
}

#[test]
fn imports_in_a_ring_end() {
    let import = |label: &str, path: &str| format!("import.file \"{label}\" {{\n\tfilename = \"{path}\"\n}}\n");
    let a = import("b", "b.alloy") + "declare \"x\" {\n\texport \"e\" {\n\t\tvalue = 1\n\t}\n}\n";
    let b = import("a", "a.alloy") + "declare \"y\" {\n\ta.x \"z\" { }\n}\n";
    assert_eq!(found(&[("a.alloy", &a), ("b.alloy", &b)]), []);
}

#[test]
fn what_a_service_does_not_run_is_a_config_of_its_own() {
    let compose = "services:\n  alloy:\n    image: grafana/alloy:v1.11.3\n    command: [run, /etc/alloy/a.alloy]\n    volumes: ['./conf:/etc/alloy']\n";
    let one = "loki.echo \"a\" { }\n";
    let ids = |files: &[(&str, &str)]| -> Vec<&'static str> {
        found(files).into_iter().map(|f| f.0).filter(|id| *id == "alloy-duplicate-component").collect()
    };
    assert_eq!(ids(&[("compose.yaml", compose), ("conf/a.alloy", one), ("conf/b.alloy", one)]), [""; 0]);
    let folder = compose.replace("/etc/alloy/a.alloy", "/etc/alloy");
    assert_eq!(ids(&[("compose.yaml", &folder), ("conf/a.alloy", one), ("conf/b.alloy", one)]).len(), 1);
    assert_eq!(ids(&[("compose.yaml", &folder), ("conf/a.alloy", one), ("conf/deeper/b.alloy", one)]), [""; 0]);
}

/// The help of what is found at 1.11.3.
fn help(text: &str) -> String {
    let text = format!("// vispyr: alloy@1.11.3\n{text}");
    let tree = engines::tree(RawTree::from_texts([("config.alloy", text.as_str())]), &Settings::default());
    let found = check(&tree, &Options::default()).diagnostics;
    found.into_iter().filter_map(|d| d.help).collect::<Vec<_>>().join("\n")
}

#[test]
fn what_is_gone_is_told_with_what_took_its_place() {
    let field = "otelcol.exporter.otlp \"a\" {\n client { endpoint = \"a:1\" }\n sending_queue { blocking = true }\n}";
    assert!(help(field).contains("`block_on_overflow`"), "{}", help(field));
    assert!(help("otelcol.exporter.logging \"a\" { }").contains("`otelcol.exporter.debug`"));
    assert!(help("logging {\n level = env(\"X\")\n}").contains("`sys.env`"));
    assert!(help("logging {\n levell = \"info\"\n}").contains("did you mean `level`?"));
}
