//! `vispyr diff` on folders and on revisions of git.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::tempdir;

use crate::harness::{copy, run, tree};

const OLD: &str = "services:\n  prometheus:\n    image: prom/prometheus:v3.5.0\n    command: [--config.file=/p.yml]\n    volumes: ['./prometheus.yml:/p.yml']\n  app:\n    image: example/app:1\n";

fn git(dir: &Path, args: &[&str]) {
    let mut git = Command::new("git");
    git.current_dir(dir).env("HOME", dir).env("GIT_CONFIG_NOSYSTEM", "1");
    let made = git.args(["-c", "user.name=a", "-c", "user.email=a@example.org"]).args(args).output().unwrap();
    assert!(made.status.success(), "{args:?}: {}", String::from_utf8_lossy(&made.stderr));
}

/// The command as a person runs it who has git.
fn diff(dir: &Path, args: &[&str]) -> (Option<i32>, String, String) {
    let mut command = crate::harness::command(dir);
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("HOME", dir);
    let out = command.arg("diff").args(args).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (out.status.code(), text(out.stdout), text(out.stderr))
}

fn stack(dir: &Path, target: &str) {
    fs::create_dir_all(dir).unwrap();
    fs::write(dir.join("compose.yaml"), OLD).unwrap();
    let scrape = format!("scrape_configs:\n  - job_name: app\n    static_configs: [{{targets: ['{target}']}}]\n");
    fs::write(dir.join("prometheus.yml"), scrape).unwrap();
}

#[test]
fn folders_and_revisions_give_the_same_answer() {
    let dir = tempdir().unwrap();
    let repository = dir.path().join("repository");
    stack(&repository.join("infra"), "app:80");
    git(&repository, &["init", "-q", "-b", "main"]);
    git(&repository, &["add", "-A"]);
    git(&repository, &["commit", "-q", "-m", "old"]);
    copy(&repository.join("infra"), &dir.path().join("old"));
    git(&repository, &["checkout", "-q", "-b", "new"]);
    stack(&repository.join("infra"), "ap:80");
    copy(&repository.join("infra"), &dir.path().join("new"));
    let (code, said, err) = diff(dir.path(), &["old", "new"]);
    assert_eq!((code, err.as_str()), (Some(1), ""), "{said}");
    assert!(said.contains("arrives no more") && said.contains("[link-host-unknown]"), "{said}");
    // What is not committed yet, then what is.
    assert_eq!(diff(&repository.join("infra"), &["main"]).1, said);
    git(&repository, &["commit", "-q", "-a", "-m", "new"]);
    let before = tree(&repository.join("infra"));
    for args in [
        &["main", "new", "infra"][..],
        &["main..new", "infra"],
        &["main...new", "infra"],
        &["main..", "infra"],
        &["HEAD~1", "HEAD", "infra"],
    ] {
        let (code, out, err) = diff(&repository, args);
        assert_eq!((code, out.as_str(), err.as_str()), (Some(1), said.as_str(), ""), "{args:?}");
    }
    assert_eq!(diff(&repository.join("infra"), &["main", "new"]).1, said);
    let (code, out, _) = diff(&repository, &["new", "main", "infra"]);
    assert_eq!(code, Some(0), "{out}");
    assert!(out.contains("gained"), "{out}");
    assert_eq!(diff(&repository, &["main", "main", "infra"]).1, "nothing differs in effect\n");
    assert_eq!(tree(&repository.join("infra")), before, "nothing is checked out");
    let (_, json, _) = diff(dir.path(), &["old", "new", "--format", "json"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["version"], &json["loses"]), (&Value::from(1), &Value::from(true)));
    assert!(json["changes"].as_array().unwrap().iter().all(|c| c["text"].is_string() && c["weight"].is_string()));
    let (_, markdown, _) = diff(dir.path(), &["old", "new", "--format", "markdown"]);
    assert!(markdown.starts_with("### vispyr: ") && markdown.contains("**Lost**"), "{markdown}");
}

#[test]
fn nothing_of_a_repository_runs_and_its_odd_entries_are_passed_over() {
    let dir = tempdir().unwrap();
    let repository = dir.path();
    stack(repository, "app:80");
    fs::create_dir_all(repository.join("node_modules/x")).unwrap();
    fs::write(repository.join("node_modules/x/compose.yaml"), "services: {bad: {image: 'grafana/tempo:latest'}}\n")
        .unwrap();
    fs::write(repository.join(".gitattributes"), "* filter=evil diff=evil\n").unwrap();
    fs::write(repository.join("big.yaml"), vec![b'#'; 17 << 20]).unwrap();
    git(repository, &["init", "-q", "-b", "main"]);
    #[cfg(unix)]
    std::os::unix::fs::symlink("/etc/passwd", repository.join("link.yaml")).unwrap();
    git(repository, &["add", "-A"]);
    git(repository, &["commit", "-q", "-m", "a"]);
    let ran = repository.join("ran");
    let touch = format!("touch {}", ran.display());
    for key in [
        "core.fsmonitor",
        "filter.evil.smudge",
        "filter.evil.clean",
        "diff.evil.textconv",
        "core.pager",
        "core.sshCommand",
    ] {
        git(repository, &["config", key, &touch]);
    }
    let _ = fs::remove_file(&ran);
    let (code, out, err) = diff(repository, &["main", "main"]);
    assert_eq!((code, out.as_str(), err.as_str()), (Some(0), "nothing differs in effect\n", ""));
    assert!(!ran.exists());
}

#[test]
fn what_cannot_be_read_is_one_message() {
    let dir = tempdir().unwrap();
    stack(&dir.path().join("a"), "app:80");
    for args in [
        &["a", "nothing"][..],
        &["nothing"],
        &["--", "-x", "a"],
        &["a", "a", "a", "a"],
        &["a..b"],
        &["a", "a", "nowhere"],
    ] {
        let (code, out, err) = diff(dir.path(), args);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{args:?}: {err}");
        assert!(!err.is_empty(), "{args:?}");
    }
    // Without git folders can be compared all the same.
    let found = run(dir.path(), &["diff", "a", "a"]);
    assert_eq!((found.code, found.out.as_str()), (Some(0), "nothing differs in effect\n"), "{}", found.err);
}
