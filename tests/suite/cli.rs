//! The command line: exit codes, inputs, streams.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use crate::harness::{AFTER, BEFORE, command, run, run_with, tree};

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn the_way_of_the_readme_works() {
    let dir = folder();
    let init = run(dir.path(), &["init"]);
    assert_eq!(init.code, Some(0), "{}", init.err);
    let generated = run(dir.path(), &["gen"]);
    assert_eq!((generated.code, generated.out.as_str()), (Some(0), ""), "{}", generated.err);
    for said in ["compose.yaml", "docker compose up -d", "memory limits add up to", "GRAFANA_ADMIN_PASSWORD", "outage"]
    {
        assert!(generated.err.contains(said), "{said}: {}", generated.err);
    }
    let checked = run(dir.path(), &["check", "."]);
    assert_eq!(checked.code, Some(0), "{}", checked.out);
}

#[test]
fn a_preset_needs_no_spec_and_leaves_one() {
    for preset in ["single-host", "agent-gateway"] {
        let dir = folder();
        let made = run(dir.path(), &["gen", "--preset", preset, "-o", "a/b"]);
        assert_eq!(made.code, Some(0), "{}", made.err);
        assert!(dir.path().join("a/b/vispyr.toml").exists());
        let again = run(dir.path(), &["gen", "--preset", preset, "-o", "a/b"]);
        assert_eq!(again.code, Some(0), "{}", again.err);
        assert_eq!(run(dir.path(), &["gen", "-c", "a/b/vispyr.toml", "--check"]).code, Some(0));
        // A spec of the user is not ours to overwrite.
        fs::write(dir.path().join("a/b/vispyr.toml"), BEFORE).unwrap();
        let refused = run(dir.path(), &["gen", "--preset", preset, "-o", "a/b"]);
        assert_eq!(refused.code, Some(1));
        assert_eq!(fs::read_to_string(dir.path().join("a/b/vispyr.toml")).unwrap(), BEFORE);
    }
    let dir = folder();
    let json = run(dir.path(), &["gen", "--preset", "single-host", "--format", "json"]);
    assert_eq!(json.code, Some(0));
    assert_eq!(run(dir.path(), &["gen", "--preset", "single-host", "--dry-run"]).code, Some(0));
    assert_eq!(run(dir.path(), &["gen", "--preset", "single-host", "--check"]).code, Some(1));
    assert!(tree(dir.path()).is_empty(), "nothing is written");
}

#[test]
fn init_overwrites_only_when_forced() {
    let dir = folder();
    fs::write(dir.path().join("vispyr.toml"), "mine").unwrap();
    let refused = run(dir.path(), &["init"]);
    assert_eq!(refused.code, Some(1));
    assert_eq!(fs::read_to_string(dir.path().join("vispyr.toml")).unwrap(), "mine");
    assert_eq!(run(dir.path(), &["init", "--force", "--preset", "agent-gateway"]).code, Some(0));
    assert!(fs::read_to_string(dir.path().join("vispyr.toml")).unwrap().contains("agent-gateway"));
    assert_eq!(tree(dir.path()).len(), 1);
    let unknown = run(dir.path(), &["init", "--preset", "single-hots", "elsewhere"]);
    assert_eq!(unknown.code, Some(2));
    assert!(unknown.err.contains("did you mean `single-host`?"), "{}", unknown.err);
    assert!(!dir.path().join("elsewhere").exists());
}

/// One clear message, the right exit code, and nothing written, whatever stands where `vispyr.toml` should.
#[test]
fn bad_specs_are_one_message_and_nothing_is_written() {
    let big = vec![b'#'; 100 << 20];
    let deep = format!("{BEFORE}x = {}1{}\n", "[".repeat(50_000), "]".repeat(50_000));
    let bad: [(&str, &[u8], i32, &str); 8] = [
        ("empty", b"", 1, "is empty"),
        ("blank", b" \n\t\n", 1, "is empty"),
        ("large", &big, 1, "larger than"),
        ("utf-16", b"\xFF\xFE[\0s\0", 1, "not UTF-8"),
        ("latin-1", b"[stack]\nname = \"caf\xE9\"\n", 1, "not UTF-8 text: see byte 19"),
        ("no toml", b"name: shop\n", 1, "error"),
        ("a nul", b"[stack]\nname = \"a\0\"\n", 1, "error"),
        ("deep", deep.as_bytes(), 1, "error"),
    ];
    for (what, bytes, code, said) in bad {
        let dir = folder();
        fs::write(dir.path().join("vispyr.toml"), bytes).unwrap();
        let run = run(dir.path(), &["gen"]);
        assert_eq!(run.code, Some(code), "{what}: {}", run.err);
        assert!(run.err.contains(said), "{what}: {}", run.err);
        assert!(run.err.len() < 4000 && run.out.is_empty(), "{what}: {}", run.err.len());
        assert_eq!(tree(dir.path()).len(), 1, "{what}");
    }
}

#[test]
fn paths_that_hold_no_file_are_said_without_waiting() {
    let dir = folder();
    fs::create_dir(dir.path().join("folder")).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(dir.path().join("pipe")).status().unwrap().success());
    for (path, said) in [("missing", "does not exist"), ("folder", "is a folder"), ("pipe", "no regular file")] {
        let run = run(dir.path(), &["gen", "-c", path]);
        assert_eq!(run.code, Some(2), "{path}: {}", run.err);
        assert!(run.err.contains(&format!("`{path}`")) && run.err.contains(said), "{path}: {}", run.err);
    }
    for path in ["missing", "pipe"] {
        let run = run(dir.path(), &["check", path]);
        assert_eq!(run.code, Some(2), "{path}: {}", run.err);
        assert!(run.err.contains(path), "{}", run.err);
    }
    assert_eq!(run(dir.path(), &["gen"]).code, Some(2));
}

#[test]
fn all_errors_of_a_spec_come_at_once_with_their_place() {
    let dir = folder();
    let text = "[stack]\nnmae = \"shop\"\n\n[retention]\ntraces = 7\n\n[versions]\ntempo = \"latest\"\n";
    fs::write(dir.path().join("vispyr.toml"), text).unwrap();
    let run = run(dir.path(), &["gen"]);
    assert_eq!(run.code, Some(1));
    for said in ["vispyr.toml:2:1", "vispyr.toml:5:", "vispyr.toml:8:", "`name`"] {
        assert!(run.err.contains(said), "{said}: {}", run.err);
    }
    assert_eq!(tree(dir.path()).len(), 1);
}

#[test]
fn usage_is_two_and_help_is_zero() {
    let dir = folder();
    let cases: [(&[&str], i32); 14] = [
        (&[], 2),
        (&["--help"], 0),
        (&["--version"], 0),
        (&["gen", "--help"], 0),
        (&["gne"], 2),
        (&["check"], 2),
        (&["check", ".", "--format", "yaml"], 2),
        (&["check", ".", "--kind", "tempo-confg"], 2),
        (&["check", ".", "--select", "no-such-rule"], 2),
        (&["check", ".", "--engine", "tmepo=3.0"], 2),
        (&["check", ".", "--engine", "tempo=new"], 2),
        (&["explain", "no-such-rule"], 2),
        (&["gen", "--only"], 2),
        (&["gen", "--check", "--format", "json"], 2),
    ];
    for (args, code) in cases {
        let run = run(dir.path(), args);
        assert_eq!(run.code, Some(code), "{args:?}: {}", run.err);
        assert_eq!(run.out.is_empty(), code == 2, "{args:?}: data on the wrong stream");
    }
    let near = run(dir.path(), &["check", ".", "--engine", "tmepo=3.0"]);
    assert!(near.err.contains("did you mean `tempo`?"), "{}", near.err);
}

#[test]
fn findings_make_a_check_fail_by_their_weight() {
    let dir = folder();
    let compose = "services:\n  tempo:\n    image: grafana/tempo\n";
    fs::write(dir.path().join("compose.yaml"), compose).unwrap();
    let warned = run(dir.path(), &["check", "."]);
    assert_eq!(warned.code, Some(0), "{}", warned.out);
    assert!(warned.out.contains("warning[compose-floating-tag]") && warned.err.is_empty(), "{}", warned.out);
    assert_eq!(run(dir.path(), &["check", ".", "--deny", "warnings"]).code, Some(1));
    let ignored = run(dir.path(), &["check", ".", "--deny", "warnings", "--ignore", "compose-floating-tag"]);
    assert_eq!(ignored.code, Some(0), "{}", ignored.out);
    fs::write(dir.path().join("compose.yaml"), "services: [\n").unwrap();
    assert_eq!(run(dir.path(), &["check", "compose.yaml"]).code, Some(1));
}

#[test]
fn a_file_named_alone_is_not_blamed_for_its_neighbours() {
    let dir = folder();
    let source = "apiVersion: 1\ndatasources:\n  - name: Tempo\n    type: tempo\n    jsonData:\n      serviceMap:\n        datasourceUid: prometheus\n";
    fs::create_dir(dir.path().join("datasources")).unwrap();
    fs::write(dir.path().join("datasources/tempo.yaml"), source).unwrap();
    let compose = "services:\n  shop:\n    image: example/shop:1.0.0\n    environment:\n      OTEL_EXPORTER_OTLP_ENDPOINT: http://alloy:4318\n";
    fs::write(dir.path().join("compose.yaml"), compose).unwrap();
    let alone = run(dir.path(), &["check", "datasources/tempo.yaml", "compose.yaml"]);
    assert!(alone.out.starts_with("0 errors, 0 warnings"), "{}", alone.out);
    let all = run(dir.path(), &["check", "."]);
    for rule in ["gf-ds-ref-unresolved", "link-host-unknown"] {
        assert!(all.out.contains(&format!("warning[{rule}]")), "{}", all.out);
    }
}

#[test]
fn json_is_for_programs() {
    let dir = folder();
    // A byte order mark is three bytes of the file.
    fs::write(dir.path().join("compose.yaml"), "\u{feff}services:\n  ü:\n    image: grafana/tempo\n").unwrap();
    let run = run(dir.path(), &["check", ".", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!((&json["version"], &json["summary"]["files"]), (&1.into(), &1.into()));
    assert!(json["summary"]["suppressed"].is_u64() && json["skipped"].is_array());
    let found = json["diagnostics"].as_array().unwrap();
    let found = found.iter().find(|d| d["rule"] == "compose-floating-tag").unwrap();
    let span = &found["spans"][0];
    let bytes = fs::read(dir.path().join("compose.yaml")).unwrap();
    let at = |key: &str| usize::try_from(span[key].as_u64().unwrap()).unwrap();
    assert_eq!(&bytes[at("start")..at("end")], b"grafana/tempo");
    assert_eq!((at("line"), at("column"), at("end_column")), (3, 12, 25));
    assert!(found["url"].is_null() && span["primary"] == true);
}

#[test]
fn standard_input_is_a_file_of_the_kind_that_is_named() {
    let dir = folder();
    let bad = b"server: [\n";
    let named = run_with(dir.path(), &["check", "-", "--stdin-filename", "tempo.yaml", "--kind", "tempo-config"], bad);
    assert_eq!(named.code, Some(1), "{}", named.err);
    assert!(named.out.contains("tempo.yaml:"), "{}", named.out);
    let kind = run_with(dir.path(), &["check", "--kind", "tempo-config", "-"], bad);
    assert_eq!(kind.code, Some(1), "{}", kind.err);
    let unknown = run_with(dir.path(), &["check", "-"], bad);
    assert_eq!(unknown.code, Some(2), "{}", unknown.out);
    let huge = vec![b' '; 17 << 20];
    assert_eq!(run_with(dir.path(), &["check", "--kind", "tempo-config", "-"], &huge).code, Some(2));
}

#[test]
fn every_rule_is_listed_and_has_its_page() {
    let dir = folder();
    let listed = run(dir.path(), &["rules"]);
    let json = run(dir.path(), &["rules", "--format", "json"]);
    let rules: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    let rules = rules.as_array().unwrap();
    assert_eq!(listed.out.lines().count(), rules.len());
    for rule in rules {
        for key in ["id", "aliases", "tier", "severity", "kinds", "since", "fix", "summary"] {
            assert!(!rule[key].is_null(), "{key}: {rule}");
        }
        let id = rule["id"].as_str().unwrap();
        let page = run(dir.path(), &["explain", id]);
        assert_eq!(page.code, Some(0), "{id}");
        assert!(page.out.lines().count() > 3, "{id}: {}", page.out);
    }
    let near = run(dir.path(), &["explain", "compose-floating-tga"]);
    assert!(near.err.contains("did you mean `compose-floating-tag`?"), "{}", near.err);
}

#[test]
fn the_schema_takes_what_gen_takes() {
    let dir = folder();
    let schema = run(dir.path(), &["schema"]);
    let schema: serde_json::Value = serde_json::from_str(&schema.out).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let value = |text: &str| serde_json::to_value(toml::from_str::<toml::Table>(text).unwrap()).unwrap();
    assert!(validator.is_valid(&value(BEFORE)) && validator.is_valid(&value(AFTER)));
    assert!(!validator.is_valid(&value("[stack]\nnmae = \"shop\"\n")));
}

#[test]
fn a_commit_on_the_way_to_a_release_refuses_no_key() {
    let schema = |engine: &str, file: &str| {
        let run = run(Path::new("/"), &["schema", engine]);
        let schema: serde_json::Value = serde_json::from_str(&run.out).unwrap();
        let value = serde_json::json!({file: {"no_such_key": 1}});
        (jsonschema::validator_for(&schema).unwrap().is_valid(&value), run.err)
    };
    let (taken, said) = schema("mimir@3.1.0", "server");
    assert!(taken);
    assert_eq!(said, "info: of `mimir` 3.1.0 a commit on the way to it was read\n");
    assert_eq!(schema("mimir@2.14", "server"), (false, String::new()));
    assert_eq!(schema("tempo@3.0.3", "server"), (false, String::new()));
}

#[test]
fn completions_name_the_commands() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = run(Path::new("/"), &["completions", shell]);
        assert_eq!(script.code, Some(0));
        assert!(script.out.contains("explain") && script.out.contains("check"), "{shell}");
    }
}

#[test]
fn a_reader_that_had_enough_is_no_failure() {
    let dir = folder();
    for args in [&["schema"][..], &["rules"], &["--help"], &["gen", "--preset", "single-host", "--format", "json"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = command(dir.path()).args(args).stdout(writer).stderr(Stdio::piped()).output().unwrap();
        assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]), "{args:?}");
    }
    // What cannot be said does not change how a run ends.
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let status = command(dir.path()).args(["explain", "no-such-rule"]).stderr(writer).status().unwrap();
    assert_eq!(status.code(), Some(2));
}

#[test]
fn output_that_cannot_be_written_is_trouble() {
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let status = command(Path::new("/")).arg("schema").stdout(full).stderr(Stdio::null()).status().unwrap();
    assert_eq!(status.code(), Some(2));
}

#[test]
fn an_interrupt_ends_it_as_shells_expect() {
    use std::os::unix::process::ExitStatusExt;
    use std::process::{Command, Stdio};

    // Whoever runs the tests may let its jobs ignore the signal, and they would inherit that: `env` gives it back.
    let mut command = Command::new("env");
    command.args(["--default-signal=INT", env!("CARGO_BIN_EXE_vispyr"), "check", "-", "--kind", "compose"]);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let name = format!("/proc/{}/comm", child.id());
    // It waits for its input, so it is there until it is told to go.
    while fs::read_to_string(&name).unwrap().trim() != "vispyr" {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    // Death by the signal: shells report 128 + 2.
    assert_eq!(child.wait().unwrap().signal(), Some(2));
}

#[test]
fn no_colour_is_written_into_a_pipe() {
    let dir = folder();
    fs::write(dir.path().join("vispyr.toml"), "[stack]\nnmae = 1\n").unwrap();
    assert!(!run(dir.path(), &["gen"]).err.contains('\u{1b}'));
    assert!(!run(dir.path(), &["--help"]).out.contains('\u{1b}'));
}

#[test]
fn the_help_is_the_contract() {
    let run = run(Path::new("/"), &["gen", "--help"]);
    insta::assert_snapshot!(run.out, @r##"
Write the stack of a `vispyr.toml`

Usage: vispyr gen [OPTIONS]

Options:
  -c, --config <FILE>    The `vispyr.toml` to read
  -o, --output <DIR>     The folder to write into [default: that of `vispyr.toml`]
      --preset <PRESET>  Start from a preset: its `vispyr.toml` is written into the folder first
      --check            Write nothing; exit 1 if a file is not as it would be written
      --diff             Write nothing; print what would change, and exit 1 if anything would
      --dry-run          Write nothing; list what would be written and removed
      --only <KIND>      Only files of this kind; removes nothing
      --format <FORMAT>  `json`: write nothing; print all files with their content, secrets left out [possible values: json]
      --force            Overwrite files that were edited or that vispyr did not write
      --rotate-secrets   Make new secrets where that is safe
  -h, --help             Print help
"##);
}
