//! What `vispyr check` prints for programs, and what it does to files: formats, fixes, baselines.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use proptest::prelude::*;
use serde_json::Value;

use crate::adapter::ROOT;
use crate::harness::{mode, run, tree};

const COMPOSE: &str = "\u{feff}services:\r\n  # 😀\r\n  tempo: {image: grafana/tempo} # ü <&\"'> %, :\r\n  # vispyr: ignore[compose-floating-tag] for now\r\n  web:\r\n    image: web:1\r\n";

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    dir
}

fn sarif(dir: &Path) -> Value {
    let run = run(dir, &["check", ".", "--format", "sarif"]);
    serde_json::from_str(&run.out).unwrap_or_else(|e| panic!("{e}: {}{}", run.out, run.err))
}

#[test]
fn sarif_is_what_its_schema_says() {
    let schema = fs::read_to_string(Path::new(ROOT).join("tests/schemas/sarif-2.1.0.json")).unwrap();
    let schema = serde_json::from_str(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let broken = "logging {\n\tlevel = \"loud\"\n}\nprometheus.scrape \"a\" {\n\ttargets = nothing.x.y\n}\n";
    let template = "global: {}\nscrape_configs:\n  {% for x in y %}\n  - job_name: a\n  {% endfor %}\n";
    let dir = folder(&[("a b/compose.yaml", COMPOSE), ("config.alloy", broken), ("prometheus.yml", template)]);
    let empty = folder(&[]);
    for log in [sarif(dir.path()), sarif(empty.path())] {
        let faults: Vec<_> = validator.iter_errors(&log).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }
    // The schema does refuse.
    let mut log = sarif(dir.path());
    log["runs"][0]["results"][0]["level"] = "fatal".into();
    assert!(!validator.is_valid(&log));

    let log = sarif(dir.path());
    let run = &log["runs"][0];
    let results = run["results"].as_array().unwrap();
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert!(results.len() > 3, "{log}");
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(rules[index]["help"]["text"].as_str().unwrap().len() > 20);
    }
    let tag = results.iter().find(|r| r["ruleId"] == "compose-floating-tag").unwrap();
    let place = &tag["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "a%20b/compose.yaml");
    assert_eq!((&place["region"]["startLine"], &place["region"]["startColumn"]), (&3.into(), &18.into()));
    let unused = results.iter().find(|r| r["ruleId"] == "gen-unused-suppression").unwrap();
    let replaced = &unused["fixes"][0]["artifactChanges"][0]["replacements"][0];
    assert_eq!(replaced["deletedRegion"]["startLine"], 4);
    assert_eq!(run["invocations"][0]["toolExecutionNotifications"].as_array().unwrap().len(), 1);
}

#[test]
fn every_format_is_deterministic_and_fails_as_text_does() {
    let dir = folder(&[("compose.yaml", "services: [\n")]);
    for format in ["text", "json", "sarif", "github", "junit"] {
        let once = run(dir.path(), &["check", ".", "--format", format]);
        assert_eq!(once.code, Some(1), "{format}: {}", once.err);
        assert!(once.out.contains("gen-yaml-unreadable"), "{format}: {}", once.out);
        assert_eq!(once.out, run(dir.path(), &["check", ".", "--format", format]).out);
    }
}

#[test]
fn a_fix_is_written_shown_and_made_once() {
    let dir = folder(&[("compose.yaml", COMPOSE), ("other.txt", "# vispyr: ignore[compose-floating-tag]\n")]);
    let path = dir.path().join("compose.yaml");
    #[cfg(unix)]
    fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o640)).unwrap();
    let shown = run(dir.path(), &["check", ".", "--diff"]);
    assert_eq!(shown.code, Some(1), "{}", shown.err);
    assert!(shown.out.contains("\n-  # vispyr: ignore[compose-floating-tag] for now"), "{}", shown.out);
    assert_eq!(fs::read_to_string(&path).unwrap(), COMPOSE);
    let fixed = run(dir.path(), &["check", ".", "--fix"]);
    assert_eq!(fixed.err, "mended 1 finding in 1 file\n");
    assert_eq!(fixed.code, Some(0), "{}", fixed.out);
    assert!(!fixed.out.contains("gen-unused-suppression") && fixed.out.contains("compose-floating-tag"));
    let after = fs::read_to_string(&path).unwrap();
    assert_eq!(after, COMPOSE.replace("  # vispyr: ignore[compose-floating-tag] for now\r\n", ""));
    #[cfg(unix)]
    assert_eq!(mode(&path), 0o640);
    let again = run(dir.path(), &["check", ".", "--fix"]);
    assert_eq!((again.err.as_str(), &again.out), ("", &fixed.out));
    assert_eq!(tree(dir.path()).len(), 2, "nothing is left beside them");
    let none = run(dir.path(), &["check", ".", "--diff"]);
    assert_eq!((none.code, none.out.as_str()), (Some(0), ""));
}

#[test]
fn what_is_not_ours_to_change_stays() {
    let idle = "services: {} # vispyr: ignore[compose-floating-tag]\n";
    let utf16: Vec<u8> = [0xFF, 0xFE].into_iter().chain(idle.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let dir = folder(&[("in/.gitignore", "ignored/\n"), ("in/ignored/compose.yaml", idle), ("out/compose.yaml", idle)]);
    fs::create_dir(dir.path().join("in/wide")).unwrap();
    fs::write(dir.path().join("in/wide/compose.yaml"), utf16).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("../out", dir.path().join("in/link")).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("../out/compose.yaml", dir.path().join("in/compose.yaml")).unwrap();
    let before = tree(dir.path());
    assert_eq!(run(dir.path(), &["check", "in", "--fix"]).err, "");
    assert_eq!(tree(dir.path()), before);
    let stdin = run(dir.path(), &["check", "-", "--kind", "compose", "--fix"]);
    assert_eq!(stdin.code, Some(2), "{}", stdin.out);
}

#[test]
fn a_file_that_was_named_alone_keeps_its_comments_on_others() {
    let source = "apiVersion: 1\ndatasources:\n  - name: Tempo\n    type: tempo\n    jsonData:\n      serviceMap:\n        datasourceUid: p # vispyr: ignore[gf-ds-ref-unresolved]\n";
    let dir = folder(&[("datasources/tempo.yaml", source)]);
    let alone = run(dir.path(), &["check", "datasources/tempo.yaml", "--fix"]);
    assert!(alone.out.starts_with("0 errors, 0 warnings"), "{}", alone.out);
    assert_eq!(fs::read_to_string(dir.path().join("datasources/tempo.yaml")).unwrap(), source);
}

#[test]
fn a_baseline_is_silent_about_what_it_knows_and_nothing_else() {
    let service = |name: &str| format!("  {name}:\n    image: web:1 # vispyr: ignore[compose-floating-tag]\n");
    let dir = folder(&[("compose.yaml", &format!("services:\n{}{}", service("a"), service("b")))]);
    let path = dir.path().join("compose.yaml");
    let check = ["check", ".", "--deny", "warnings", "--baseline", "known.json"];
    assert_eq!(run(dir.path(), &check).code, Some(2), "there is none yet");
    let written = run(dir.path(), &["check", ".", "--write-baseline", "known.json"]);
    assert_eq!((written.code, written.out.as_str()), (Some(0), ""), "{}", written.err);
    let bytes = fs::read(dir.path().join("known.json")).unwrap();
    let silent = run(dir.path(), &check);
    assert_eq!((silent.code, silent.err.as_str()), (Some(0), ""), "{}", silent.out);
    assert!(silent.out.contains("2 suppressed"), "{}", silent.out);
    // Moved lines are known, a third of the same is not.
    fs::write(&path, format!("# moved\nservices:\n\n{}{}{}", service("a"), service("b"), service("c"))).unwrap();
    let new = run(dir.path(), &check);
    assert_eq!(new.code, Some(1));
    assert!(new.out.contains("0 errors, 1 warning"), "{}", new.out);
    fs::write(&path, format!("services:\n{}", service("a"))).unwrap();
    let stale = run(dir.path(), &check);
    assert_eq!(stale.code, Some(0));
    assert!(
        stale.err.starts_with("info: the baseline knows 1 `gen-unused-suppression` too many in `compose.yaml`"),
        "{}",
        stale.err
    );
    fs::write(&path, format!("services:\n{}{}", service("a"), service("b"))).unwrap();
    run(dir.path(), &["check", ".", "--write-baseline", "known.json"]);
    assert_eq!(fs::read(dir.path().join("known.json")).unwrap(), bytes);
    fs::write(dir.path().join("known.json"), "[]").unwrap();
    assert_eq!(run(dir.path(), &check).code, Some(2));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn fixing_is_idempotent_and_touches_only_what_has_a_finding(lines in prop::collection::vec(0usize..7, 0..14)) {
        const LINES: [&str; 7] = [
            "  # vispyr: ignore[compose-floating-tag]",
            "  # vispyr: ignore[compose-floating-tag, sec-default-password] why",
            "  # vispyr: ignore[no-such-rule]",
            "  # words",
            "image: web:1",
            "image: grafana/tempo",
            "image: grafana/tempo # vispyr: ignore[compose-mount-missing]",
        ];
        let mut text = String::from("services:\n");
        for (at, n) in lines.iter().enumerate() {
            let line = LINES[*n];
            text += &if line.starts_with(' ') { format!("{line}\n") } else { format!("  s{at}:\n    {line}\n") };
        }
        let dir = folder(&[("compose.yaml", &text), ("clean/compose.yaml", "services: {a: {image: 'a:1'}}\n")]);
        let fixable = |dir: &Path| {
            let json: Value = serde_json::from_str(&run(dir, &["check", ".", "--format", "json"]).out).unwrap();
            json["diagnostics"].as_array().unwrap().iter().filter(|d| d["fix"]["safe"] == true).count()
        };
        let (before, count) = (tree(dir.path()), fixable(dir.path()));
        run(dir.path(), &["check", ".", "--fix"]);
        let once: BTreeMap<_, _> = tree(dir.path());
        prop_assert_eq!(count == 0, before == once, "{}", text);
        prop_assert_eq!(fixable(dir.path()), 0);
        prop_assert_eq!(&once["clean/compose.yaml"], &before["clean/compose.yaml"]);
        run(dir.path(), &["check", ".", "--fix"]);
        prop_assert_eq!(&tree(dir.path()), &once);
    }
}
