//! Symbol files: what one repository tells another.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::{TempDir, tempdir};

use crate::harness::{Run, copy, run, run_with};

fn write(dir: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        let path = dir.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

fn generated() -> TempDir {
    let dir = tempdir().unwrap();
    let made = run(dir.path(), &["gen", "--preset", "single-host", "-o", "stack"]);
    assert_eq!(made.code, Some(0), "{}", made.err);
    dir
}

fn symbols(dir: &Path, of: &str) -> String {
    let told = run(dir, &["symbols", of]);
    assert_eq!((told.code, told.err.as_str()), (Some(0), ""));
    told.out
}

/// A run with the findings of a rule that it must have.
fn finds(found: &Run, rule: &str, said: &[&str]) {
    assert!(found.out.contains(rule), "{}{}", found.out, found.err);
    for said in said {
        assert!(found.out.contains(said), "`{said}` is missing: {}", found.out);
    }
}

#[test]
fn the_same_tree_gives_the_same_bytes_wherever_it_lies_and_they_fit_the_schema() {
    let dir = generated();
    let there = symbols(dir.path(), "stack");
    assert_eq!(there, symbols(&dir.path().join("stack"), "."));
    let moved = dir.path().join("a/b");
    copy(&dir.path().join("stack"), &moved);
    assert_eq!(there, symbols(dir.path(), "a/../a/b"));
    let value: Value = serde_json::from_str(&there).unwrap();
    let schema = run(dir.path(), &["schema", "symbols"]);
    let schema: Value = serde_json::from_str(&schema.out).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let faults: Vec<String> = validator.iter_errors(&value).map(|e| e.to_string()).collect();
    assert_eq!(faults, Vec::<String>::new());
    for list in ["services", "listeners", "datasources", "metrics", "calls", "asks", "reads"] {
        let symbols = value[list].as_array().unwrap_or_else(|| panic!("no {list}"));
        assert!(symbols.iter().all(|s| s["at"].as_str().is_some_and(|at| at.contains(':'))), "{list}");
        // One on each line.
        assert!(
            symbols.iter().all(|s| there.lines().any(|l| l.starts_with('{') && l.contains(s["at"].as_str().unwrap())))
        );
    }
}

#[test]
fn no_secret_of_a_tree_stands_in_its_symbols() {
    let dir = generated();
    let env = fs::read_to_string(dir.path().join("stack/.env")).unwrap();
    let text = symbols(dir.path(), "stack");
    let secrets = env.lines().filter_map(|l| l.split_once('=')).filter(|(_, v)| v.len() > 12);
    let mut count = 0;
    for (name, value) in secrets {
        assert!(!text.contains(value), "the value of {name}");
        count += 1;
    }
    assert!(count > 0);
    let dir = tempdir().unwrap();
    write(
        dir.path(),
        &[
            (
                "prometheus.yml",
                "remote_write:\n  - url: https://ann:hunter2-a@mimir:8080/tenant/S3CR3T9a/api/v1/push?token=hunter2-b\n    basic_auth: {username: ann, password: hunter2-c}\n\
                 scrape_configs:\n  - job_name: a\n    authorization: {credentials: hunter2-d}\n    params: {key: [hunter2-e]}\n    static_configs: [{targets: ['app:80']}]\n",
            ),
            (
                "compose.yaml",
                "services:\n  prometheus:\n    image: prom/prometheus:v3.5.0\n    command: [--config.file=/p.yml]\n    environment: {TOKEN: hunter2-f}\n    volumes: ['./prometheus.yml:/p.yml']\n\
                 \x20 alloy:\n    image: grafana/alloy:v1.18.1\n    command: [run, /c.alloy]\n    volumes: ['./c.alloy:/c.alloy']\n",
            ),
            (
                "c.alloy",
                "prometheus.remote_write \"a\" {\n\tendpoint {\n\t\turl = \"http://prometheus:9090/api/v1/write\"\n\t\tbearer_token = \"hunter2-g\"\n\t\theaders = {\"X-Key\" = \"hunter2-h\"}\n\t}\n}\n",
            ),
        ],
    );
    let text = symbols(dir.path(), ".");
    assert!(text.contains("\"auth\":\"bearer\"") && text.contains("\"host\":\"mimir\""), "{text}");
    for secret in ["hunter2", "S3CR3T9a", "ann"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
}

#[test]
fn a_tree_is_at_peace_with_its_own_symbols() {
    let dir = generated();
    fs::write(dir.path().join("infra.vsym"), symbols(dir.path(), "stack")).unwrap();
    for path in ["stack", "stack/grafana", "stack/alloy", "stack/prometheus"] {
        let found = run(dir.path(), &["check", path, "--with", "infra.vsym", "--deny", "warnings"]);
        assert_eq!(found.code, Some(0), "{path}: {}{}", found.out, found.err);
    }
}

#[test]
fn what_a_program_shows_decides_whether_a_panel_is_empty() {
    let dir = tempdir().unwrap();
    let panel = |title: &str, expr: &str| {
        format!(
            r#"{{"type": "timeseries", "title": "{title}", "datasource": {{"type": "prometheus", "uid": "p"}}, "targets": [{{"expr": "{expr}"}}]}}"#
        )
    };
    let panels = [
        panel("Right", "rate(shop_orders_total[5m])"),
        panel("Wrong", "rate(shop_order_total[5m])"),
        panel("Other", "go_goroutines"),
    ];
    let board = format!(
        "{{\"title\": \"Shop\", \"uid\": \"shop\", \"schemaVersion\": 39, \"timezone\": \"browser\", \"panels\": [\n{}\n]}}\n",
        panels.join(",\n")
    );
    write(dir.path(), &[("d/shop.json", &board)]);
    let page = b"# TYPE shop_orders_total counter\nshop_orders_total{state=\"new\"} 3\n# TYPE up gauge\nup 1\n";
    let learnt = |args: &[&str]| {
        let learnt = run_with(dir.path(), &[&["learn", "--name", "the shop"], args].concat(), page);
        assert_eq!(learnt.code, Some(0), "{}", learnt.err);
        fs::write(dir.path().join("shop.vsym"), learnt.out).unwrap();
        run(dir.path(), &["check", "d", "--with", "shop.vsym", "--select", "dash-metric-unknown"])
    };
    // What was seen once is not all that there is, unless somebody says so.
    let open = learnt(&[]);
    assert!(!open.out.contains("dash-metric-unknown"), "{}", open.out);
    let prefix = learnt(&["--complete=shop_"]);
    finds(
        &prefix,
        "dash-metric-unknown",
        &["`shop_order_total`", "did you mean `shop_orders_total`, which the shop makes?", "shop.vsym", "1 warning"],
    );
    let whole = learnt(&["--complete"]);
    finds(&whole, "dash-metric-unknown", &["`go_goroutines`", "every metric is told here", "2 warnings"]);
}

#[test]
fn what_is_no_symbol_file_is_one_message() {
    let dir = tempdir().unwrap();
    let deep = format!("{{\"vsym\": 1, \"services\": {}", "[".repeat(200_000));
    write(
        dir.path(),
        &[
            ("a/b.yaml", "a: 1\n"),
            ("empty.vsym", ""),
            ("deep.vsym", &deep),
            ("later.vsym", "{\"vsym\": 2}"),
            ("none.vsym", "{}"),
            ("list.vsym", "[]"),
            ("port.vsym", "{\"vsym\": 1, \"listeners\": [{\"name\": \"x\", \"port\": 70000}]}"),
            ("twice.vsym", "{\"vsym\": 1, \"open\": [], \"open\": []}"),
        ],
    );
    fs::write(dir.path().join("bytes.vsym"), [0xff, 0xfe, 0, 1]).unwrap();
    for file in [
        "empty.vsym",
        "deep.vsym",
        "later.vsym",
        "none.vsym",
        "list.vsym",
        "port.vsym",
        "twice.vsym",
        "bytes.vsym",
        "a",
        "nothing.vsym",
    ] {
        let refused = run(dir.path(), &["check", "a", "--with", file]);
        assert_eq!((refused.code, refused.out.as_str()), (Some(2), ""), "{file}");
        assert_eq!(refused.err.lines().count(), 1, "{file}: {}", refused.err);
        assert!(refused.err.contains(file), "{file}: {}", refused.err);
    }
    // Keys of a later release are no reason to stop, and a file of any name is taken.
    write(dir.path(), &[("x.json", "{\"vsym\": 1, \"later\": [{}], \"services\": [{\"name\": \"a\", \"later\": 1}]}")]);
    assert_eq!(run(dir.path(), &["check", "a", "--with", "x.json"]).code, Some(0));
}

#[test]
fn a_vispyr_toml_names_symbol_files_and_counts_for_the_folders_below_it() {
    let dir = tempdir().unwrap();
    let board = r#"{"title": "Shop", "uid": "shop", "schemaVersion": 39, "panels": [
{"type": "timeseries", "title": "A", "datasource": {"type": "prometheus", "uid": "p"}, "targets": [{"expr": "shop_order_total"}]}
]}
"#;
    let config = "[versions]\ntempo = \"2.9.1\"\n[check]\nsymbols = [\"../shop.vsym\"]\n";
    let tempo = "server:\n  http_listen_port: 3200\ncompactor: {}\n";
    write(
        dir.path(),
        &[
            ("shop.vsym", "{\"vsym\": 1, \"complete\": [\"shop_\"], \"metrics\": [{\"name\": \"shop_orders_total\"}]}"),
            ("repo/vispyr.toml", config),
            ("repo/d/shop.json", board),
            ("repo/d/tempo.yaml", tempo),
        ],
    );
    let select = ["--select", "dash-metric-unknown,tempo-removed-key,spec-invalid-value"];
    let check = |folder: &str, path: &str| {
        let found = run(&dir.path().join(folder), &[&["check", path][..], &select].concat());
        (found.out.contains("dash-metric-unknown"), found.out.contains("tempo-removed-key"), found.out)
    };
    let all = [("repo", "."), ("repo", "d"), ("repo/d", "."), ("repo/d", "../d"), ("", "repo/d")];
    // Outside of a git work tree nothing above a folder speaks of it.
    assert_eq!(all.map(|(folder, path)| check(folder, path).0), [true, false, false, false, false]);
    fs::create_dir(dir.path().join("repo/.git")).unwrap();
    for (folder, path) in all {
        let (linked, removed, out) = check(folder, path);
        assert!(linked && !removed, "{folder} {path}: {out}");
    }
    assert!(check("repo/d", "shop.json").0);
    // Globs are seen from the folder of the file.
    write(
        dir.path(),
        &[("repo/vispyr.toml", &format!("{config}[check.ignore]\n\"d/*.json\" = [\"dash-metric-unknown\"]\n"))],
    );
    for (folder, path) in all {
        let (linked, removed, out) = check(folder, path);
        assert!(!linked && !removed, "{folder} {path}: {out}");
    }
    // What cannot be linked with is told at its name.
    for (text, said) in [("[]", "is no symbol file"), ("", "is no symbol file")] {
        write(dir.path(), &[("shop.vsym", text)]);
        let out = check("repo/d", ".").2;
        assert!(out.contains("`../shop.vsym`") && out.contains(said) && out.contains("vispyr.toml:4:12"), "{out}");
    }
    fs::remove_file(dir.path().join("shop.vsym")).unwrap();
    let out = check("repo", ".").2;
    assert!(out.contains("`../shop.vsym` does not exist") && out.contains("vispyr.toml:4:12"), "{out}");
}

#[test]
fn what_teaches_nothing_is_one_message() {
    let dir = tempdir().unwrap();
    for (args, text, said) in [
        (&[][..], "", "is empty"),
        (&[], "<html>\n", "line 1"),
        (&["--format", "otpl"], "a 1\n", "did you mean `otlp`?"),
        (&["--format", "otlp"], "{\"resourceLogs\": []}\n", "of logs nothing is learnt"),
        (&[], "# HELP a b\n", "holds no metrics"),
        (&["nothing.txt"], "", "`nothing.txt` cannot be read"),
        (&["."], "", "is a folder"),
    ] {
        let refused = run_with(dir.path(), &[&["learn"], args].concat(), text.as_bytes());
        assert_eq!((refused.code, refused.out.as_str()), (Some(2), ""), "{text}");
        assert!(refused.err.contains(said) && refused.err.lines().count() == 1, "{text}: {}", refused.err);
    }
}

#[test]
fn many_symbols_are_linked_in_one_go() {
    let dir = tempdir().unwrap();
    let many = 30_000;
    let metrics: Vec<String> = (0..many).map(|n| format!("{{\"name\":\"m_{n}\"}}")).collect();
    let services: Vec<String> = (0..many).map(|n| format!("{{\"name\":\"s{n}\",\"aliases\":[\"same\"]}}")).collect();
    let calls: Vec<String> = (0..many)
        .map(|n| format!("{{\"service\":\"s{n}\",\"by\":\"x\",\"protocol\":\"http\",\"host\":\"t{n}\",\"port\":1}}"))
        .collect();
    let reads: Vec<String> = (0..many).map(|n| format!("{{\"metric\":\"n_{n}\",\"by\":\"x\"}}")).collect();
    let text = format!(
        "{{\"vsym\":1,\"complete\":[\"n_\"],\"services\":[{}],\"metrics\":[{}],\"calls\":[{}],\"reads\":[{}]}}",
        services.join(","),
        metrics.join(","),
        calls.join(","),
        reads.join(",")
    );
    write(dir.path(), &[("a/compose.yaml", "services:\n  t1:\n    image: caddy:2\n"), ("big.vsym", &text)]);
    let found =
        run(dir.path(), &["check", "a", "--with", "big.vsym", "--format", "json", "--select", "dash-metric-unknown"]);
    assert_eq!(found.code, Some(0), "{}", found.err);
    let value: Value = serde_json::from_str(&found.out).unwrap();
    assert_eq!(value["summary"]["warnings"].as_u64(), Some(many as u64));
}
