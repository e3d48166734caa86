//! What `gen` does to a folder: ownership, modes, links, secrets.

use std::fs;
use std::path::Path;

use crate::harness::{AFTER, BEFORE, Run, TWO_HOSTS, mode, run, tree};

fn spec(dir: &Path, text: &str) {
    fs::write(dir.join("vispyr.toml"), text).unwrap();
}

fn generated(text: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    spec(dir.path(), text);
    ok(&run(dir.path(), &["gen"]));
    dir
}

fn ok(run: &Run) {
    assert_eq!(run.code, Some(0), "{}", run.err);
}

fn env(dir: &Path, key: &str) -> String {
    let text = fs::read_to_string(dir.join(".env")).unwrap();
    let value = text.lines().find_map(|l| l.strip_prefix(key)?.strip_prefix('='));
    value.unwrap_or_else(|| panic!("no {key}")).to_owned()
}

#[test]
fn a_second_run_changes_nothing() {
    let dir = generated(BEFORE);
    let before = tree(dir.path());
    let again = run(dir.path(), &["gen"]);
    ok(&again);
    assert!(again.err.contains("nothing to do"), "{}", again.err);
    assert_eq!(tree(dir.path()), before);
    assert!(!dir.path().join(".vispyr/lock").exists());
}

#[test]
fn an_edited_file_is_named_and_kept_until_forced() {
    let dir = generated(BEFORE);
    let file = dir.path().join("tempo/tempo.yaml");
    let original = fs::read_to_string(&file).unwrap();
    fs::write(&file, "# mine\n").unwrap();
    spec(dir.path(), AFTER);
    // Edited and no longer generated: kept, and the rest is written.
    let kept = run(dir.path(), &["gen"]);
    ok(&kept);
    assert!(kept.err.contains("kept `tempo/tempo.yaml`"), "{}", kept.err);
    assert_eq!(fs::read_to_string(&file).unwrap(), "# mine\n");
    // Generated again, it is in the way.
    spec(dir.path(), BEFORE);
    let before = tree(dir.path());
    let refused = run(dir.path(), &["gen"]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.err.contains("`tempo/tempo.yaml` was not written by vispyr"), "{}", refused.err);
    assert_eq!(tree(dir.path()), before);
    ok(&run(dir.path(), &["gen", "--force"]));
    assert_eq!(fs::read_to_string(&file).unwrap(), original);
}

#[test]
fn every_file_in_the_way_is_named_at_once() {
    let dir = generated(BEFORE);
    for path in ["compose.yaml", "alloy/config.alloy"] {
        fs::write(dir.path().join(path), "mine").unwrap();
    }
    let refused = run(dir.path(), &["gen"]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.err.contains("`compose.yaml` was edited"), "{}", refused.err);
    assert!(refused.err.contains("`alloy/config.alloy` was edited"), "{}", refused.err);
}

#[test]
fn identical_files_without_a_manifest_are_adopted() {
    let dir = generated(BEFORE);
    let before = tree(dir.path());
    fs::remove_dir_all(dir.path().join(".vispyr")).unwrap();
    ok(&run(dir.path(), &["gen"]));
    assert_eq!(tree(dir.path()), before);
    // A manifest with conflict markers counts as none.
    fs::write(dir.path().join(".vispyr/manifest.json"), "<<<<<<<").unwrap();
    ok(&run(dir.path(), &["gen"]));
    assert_eq!(tree(dir.path()), before);
}

#[test]
fn untouched_files_that_are_no_longer_generated_go_with_their_folders() {
    let dir = generated(BEFORE);
    spec(dir.path(), AFTER);
    let moved = run(dir.path(), &["gen"]);
    ok(&moved);
    assert!(moved.err.contains("removed `tempo/tempo.yaml`"), "{}", moved.err);
    assert!(!dir.path().join("tempo").exists());
    assert!(!dir.path().join("instrumentation/checkout").exists());
    assert!(dir.path().join("instrumentation/pay").exists());
}

#[test]
fn only_writes_one_kind_and_removes_nothing() {
    let dir = generated(BEFORE);
    let before = tree(dir.path());
    spec(dir.path(), AFTER);
    ok(&run(dir.path(), &["gen", "--only", "compose"]));
    let after = tree(dir.path());
    let changed: Vec<&String> = after.keys().filter(|k| before.get(*k) != after.get(*k)).collect();
    assert_eq!(changed, [".vispyr/manifest.json", "compose.yaml", "vispyr.toml"]);
    assert!(before.keys().all(|k| after.contains_key(k)));
    // The manifest still knows the others as ours: a whole run may remove and overwrite them.
    ok(&run(dir.path(), &["gen"]));
    assert!(!dir.path().join("tempo").exists());
    let unknown = run(dir.path(), &["gen", "--only", "compos"]);
    assert_eq!(unknown.code, Some(2));
    assert!(unknown.err.contains("did you mean `compose`?"), "{}", unknown.err);
}

#[test]
fn check_passes_in_a_clone_without_secrets_and_writes_nothing() {
    let dir = generated(TWO_HOSTS);
    for path in ["agent/.env", "gateway/.env", "gateway/tls/server.key", "gateway/tls/server.crt", "agent/tls/ca.crt"] {
        fs::remove_file(dir.path().join(path)).unwrap();
    }
    let before = tree(dir.path());
    ok(&run(dir.path(), &["gen", "--check"]));
    ok(&run(dir.path(), &["gen", "--diff"]));
    fs::remove_file(dir.path().join("gateway/compose.yaml")).unwrap();
    let drift = run(dir.path(), &["gen", "--check"]);
    assert_eq!((drift.code, drift.out.as_str()), (Some(1), "new      gateway/compose.yaml\n"));
    assert_eq!(tree(dir.path()).len(), before.len() - 1);
}

#[test]
fn the_difference_is_printed_as_a_patch() {
    let dir = generated(BEFORE);
    spec(dir.path(), &BEFORE.replace("name = \"shop\"", "name = \"shop\"\nenvironment = \"test\""));
    let before = tree(dir.path());
    let diff = run(dir.path(), &["gen", "--diff"]);
    assert_eq!(diff.code, Some(1));
    assert!(diff.out.contains("--- a/") && diff.out.contains("\n+"), "{}", diff.out);
    let dry = run(dir.path(), &["gen", "--dry-run"]);
    ok(&dry);
    assert!(dry.out.starts_with("changed "), "{}", dry.out);
    assert_eq!(tree(dir.path()), before);
}

#[test]
fn json_carries_contents_and_no_secret() {
    let dir = tempfile::tempdir().unwrap();
    spec(dir.path(), TWO_HOSTS);
    let json = run(dir.path(), &["gen", "--format", "json"]);
    ok(&json);
    assert_eq!(tree(dir.path()).len(), 1, "nothing is written");
    ok(&run(dir.path(), &["gen"]));
    let value: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    let mut secrets = 0;
    for file in value["files"].as_array().unwrap() {
        let path = dir.path().join(file["path"].as_str().unwrap());
        if file["secret"] == true {
            assert!(file["content"].is_null() && file["sha256"].is_null() && file["mode"] == "0600", "{file}");
            secrets += 1;
        } else {
            assert_eq!(file["content"].as_str().unwrap(), fs::read_to_string(path).unwrap());
        }
    }
    assert_eq!(secrets, 5);
}

#[test]
fn bytes_depend_on_the_spec_alone() {
    let one = generated(TWO_HOSTS);
    let other = tempfile::tempdir().unwrap();
    spec(other.path(), TWO_HOSTS);
    let mut command = crate::harness::command(Path::new("/"));
    command.envs([("HOME", "/nowhere"), ("TZ", "Asia/Tokyo"), ("LANG", "tr_TR.UTF-8"), ("RAYON_NUM_THREADS", "1")]);
    let output = command.arg("gen").arg("-c").arg(other.path().join("vispyr.toml")).output().unwrap();
    assert!(output.status.success());
    let public = |dir: &Path| {
        let mut files = tree(dir);
        files.retain(|path, _| mode(&dir.join(path)) == 0o644);
        files
    };
    assert_eq!(public(one.path()), public(other.path()));
}

#[test]
fn modes_are_set_whatever_the_umask() {
    for umask in ["000", "077"] {
        let dir = tempfile::tempdir().unwrap();
        spec(dir.path(), TWO_HOSTS);
        let status = std::process::Command::new("sh")
            .args(["-c", &format!("umask {umask} && exec \"$0\" gen"), env!("CARGO_BIN_EXE_vispyr")])
            .current_dir(dir.path())
            .stderr(std::process::Stdio::null())
            .status()
            .unwrap();
        assert!(status.success());
        for path in tree(dir.path()).keys().filter(|p| *p != "vispyr.toml") {
            let secret = path.ends_with("/.env") || path.contains("/tls/");
            assert_eq!(mode(&dir.path().join(path)), if secret { 0o600 } else { 0o644 }, "{umask} {path}");
        }
        assert_eq!(mode(&dir.path().join("gateway/prometheus")), 0o755);
    }
}

#[test]
fn secrets_are_kept_and_the_users_lines_with_them() {
    let dir = generated(BEFORE);
    let file = dir.path().join(".env");
    let old = fs::read_to_string(&file).unwrap();
    let password = env(dir.path(), "GRAFANA_ADMIN_PASSWORD");
    assert!(password.len() == 40 && password.chars().all(|c| c.is_ascii_alphanumeric()));
    let key = env(dir.path(), "GRAFANA_SECRET_KEY");
    // The user adds lines, and a secret goes missing.
    fs::write(&file, format!("# mine\nMINE='a b'\n{}", old.replace(&format!("={key}"), "="))).unwrap();
    ok(&run(dir.path(), &["gen"]));
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.starts_with("# mine\nMINE='a b'\n"), "user lines");
    assert_eq!(env(dir.path(), "GRAFANA_ADMIN_PASSWORD"), password);
    let key = env(dir.path(), "GRAFANA_SECRET_KEY");
    assert_eq!(key.len(), 40);
    let rotated = run(dir.path(), &["gen", "--rotate-secrets"]);
    ok(&rotated);
    assert_ne!(env(dir.path(), "GRAFANA_ADMIN_PASSWORD"), password);
    assert_eq!(env(dir.path(), "GRAFANA_SECRET_KEY"), key);
    assert!(rotated.err.contains("grafana cli admin reset-admin-password --password-from-stdin"), "{}", rotated.err);
    for secret in [&password, &key, &env(dir.path(), "GRAFANA_ADMIN_PASSWORD")] {
        assert!(!rotated.err.contains(secret.as_str()), "a secret was printed");
        let holders =
            tree(dir.path()).into_iter().filter(|(_, c)| String::from_utf8_lossy(c).contains(secret.as_str()));
        assert!(holders.map(|(p, _)| p).all(|p| p == ".env"), "a secret is outside of `.env`");
    }
}

#[test]
fn an_open_env_is_closed_and_said_so() {
    use std::os::unix::fs::PermissionsExt;
    let dir = generated(BEFORE);
    let file = dir.path().join(".env");
    let text = fs::read_to_string(&file).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let closed = run(dir.path(), &["gen"]);
    ok(&closed);
    assert!(closed.err.contains("note: `.env` could be read by others (mode 0644) and is 0600 now"), "{}", closed.err);
    assert_eq!((mode(&file), fs::read_to_string(&file).unwrap()), (0o600, text));
}

#[test]
fn both_hosts_hold_the_same_token() {
    let dir = tempfile::tempdir().unwrap();
    spec(dir.path(), TWO_HOSTS);
    fs::create_dir(dir.path().join("gateway")).unwrap();
    fs::write(dir.path().join("gateway/.env"), "VISPYR_GATEWAY_TOKEN=given\n").unwrap();
    ok(&run(dir.path(), &["gen"]));
    let (agent, gateway) = (dir.path().join("agent"), dir.path().join("gateway"));
    let key = "VISPYR_GATEWAY_TOKEN";
    assert_eq!((env(&agent, key), env(&gateway, key)), ("given".into(), "given".into()));
    // printf %s vispyr:given | base64
    assert_eq!(env(&gateway, "VISPYR_GATEWAY_BASIC"), "dmlzcHlyOmdpdmVu");
    let agent_env = fs::read_to_string(agent.join(".env")).unwrap();
    assert!(!agent_env.contains("GRAFANA") && !agent_env.contains("BASIC"), "{agent_env}");
    // Two values cannot both be right.
    fs::write(agent.join(".env"), "VISPYR_GATEWAY_TOKEN=other\n").unwrap();
    let refused = run(dir.path(), &["gen"]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.err.contains("VISPYR_GATEWAY_TOKEN") && !refused.err.contains("other`"), "{}", refused.err);
    ok(&run(dir.path(), &["gen", "--rotate-secrets"]));
    assert_eq!(env(&agent, key), env(&gateway, key));
    assert_eq!(env(&agent, key).len(), 40);
}

#[test]
fn a_secret_that_only_the_user_knows_is_asked_for() {
    let dir = generated(AFTER);
    let text = fs::read_to_string(dir.path().join(".env")).unwrap();
    assert!(text.contains("\n# OLD_TOKEN=\n"), "{text}");
    let again = run(dir.path(), &["gen"]);
    assert!(again.err.contains("`.env` wants `OLD_TOKEN` from you"), "{}", again.err);
    fs::write(dir.path().join(".env"), text.replace("# OLD_TOKEN=", "OLD_TOKEN=x")).unwrap();
    let given = run(dir.path(), &["gen", "--rotate-secrets"]);
    ok(&given);
    assert!(!given.err.contains("wants"), "{}", given.err);
    assert_eq!(env(dir.path(), "OLD_TOKEN"), "x");
}

#[test]
fn certificates_are_kept_until_the_address_changes() {
    let dir = generated(TWO_HOSTS);
    let cert = || fs::read_to_string(dir.path().join("gateway/tls/server.crt")).unwrap();
    let ca = || fs::read_to_string(dir.path().join("agent/tls/ca.crt")).unwrap();
    let first = (cert(), ca());
    ok(&run(dir.path(), &["gen"]));
    assert_eq!((cert(), ca()), first);
    spec(dir.path(), &TWO_HOSTS.replace("obs.example.org", "10.1.2.3"));
    let moved = run(dir.path(), &["gen"]);
    ok(&moved);
    assert!(moved.err.contains("the certificate there is not for `10.1.2.3`"), "{}", moved.err);
    assert!(cert() != first.0 && ca() != first.1);
    let second = cert();
    ok(&run(dir.path(), &["gen", "--rotate-secrets"]));
    assert_ne!(cert(), second);
}

#[test]
fn the_users_own_certificate_is_copied_and_a_missing_one_named() {
    let dir = tempfile::tempdir().unwrap();
    let files = "\n[tls]\nmode = \"files\"\ncert = \"mine/c.pem\"\nkey = \"mine/k.pem\"\n";
    spec(dir.path(), &format!("{TWO_HOSTS}{files}"));
    let missing = run(dir.path(), &["gen"]);
    assert_eq!(missing.code, Some(2), "{}", missing.err);
    assert!(missing.err.contains("`mine/c.pem`"), "{}", missing.err);
    assert_eq!(tree(dir.path()).len(), 1, "nothing is written");
    fs::create_dir(dir.path().join("mine")).unwrap();
    fs::write(dir.path().join("mine/c.pem"), "CERT").unwrap();
    fs::write(dir.path().join("mine/k.pem"), "KEY").unwrap();
    ok(&run(dir.path(), &["gen"]));
    let key = dir.path().join("gateway/tls/server.key");
    assert_eq!((fs::read_to_string(&key).unwrap().as_str(), mode(&key)), ("KEY", 0o600));
    fs::write(dir.path().join("mine/k.pem"), "KEY2").unwrap();
    ok(&run(dir.path(), &["gen"]));
    assert_eq!(fs::read_to_string(&key).unwrap(), "KEY2");
}

#[test]
fn nothing_is_written_through_a_link_that_leaves_the_folder() {
    use std::os::unix::fs::symlink;
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("env"), "A=1\n").unwrap();
    for (link, target) in [("tempo", ""), (".env", "env"), ("compose.yaml", "env"), (".vispyr", "")] {
        let dir = tempfile::tempdir().unwrap();
        spec(dir.path(), BEFORE);
        symlink(outside.path().join(target), dir.path().join(link)).unwrap();
        let before = (tree(outside.path()), tree(dir.path()));
        for args in [&["gen"][..], &["gen", "--force"]] {
            let refused = run(dir.path(), args);
            assert!(matches!(refused.code, Some(1 | 2)), "{link}: {}", refused.err);
            assert!(refused.err.contains(link), "{link}: {}", refused.err);
            assert_eq!((tree(outside.path()), tree(dir.path())), before, "{link}");
        }
    }
    // One that stays inside is the user's way of laying out a folder.
    let dir = tempfile::tempdir().unwrap();
    spec(dir.path(), BEFORE);
    fs::create_dir(dir.path().join("real")).unwrap();
    symlink("real", dir.path().join("tempo")).unwrap();
    ok(&run(dir.path(), &["gen"]));
    assert!(dir.path().join("real/tempo.yaml").exists());
}

#[test]
fn special_files_and_folders_in_the_way_are_refused_without_waiting() {
    for path in ["compose.yaml", ".env", ".vispyr/lock", ".vispyr/manifest.json"] {
        let dir = tempfile::tempdir().unwrap();
        spec(dir.path(), BEFORE);
        fs::create_dir(dir.path().join(".vispyr")).unwrap();
        let made = std::process::Command::new("mkfifo").arg(dir.path().join(path)).status().unwrap();
        assert!(made.success());
        let refused = run(dir.path(), &["gen", "--force"]);
        assert!(matches!(refused.code, Some(1 | 2)) && refused.err.contains("no regular file"), "{}", refused.err);
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_said_and_left() {
    let dir = tempfile::tempdir().unwrap();
    spec(dir.path(), BEFORE);
    // Even root cannot write there.
    let refused = run(dir.path(), &["gen", "-o", "/proc/vispyr"]);
    assert_eq!(refused.code, Some(2), "{}", refused.err);
    assert!(refused.err.contains("/proc/vispyr"), "{}", refused.err);
    assert_eq!(tree(dir.path()).len(), 1);
    let file = run(dir.path(), &["gen", "-o", "vispyr.toml"]);
    assert_eq!(file.code, Some(2), "{}", file.err);
}

#[test]
fn runs_side_by_side_do_not_mix() {
    let dir = tempfile::tempdir().unwrap();
    spec(dir.path(), TWO_HOSTS);
    let start = || crate::harness::command(dir.path()).arg("gen").stderr(std::process::Stdio::null()).spawn().unwrap();
    let children: Vec<_> = (0..4).map(|_| start()).collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let key = "VISPYR_GATEWAY_TOKEN";
    assert_eq!(env(&dir.path().join("agent"), key), env(&dir.path().join("gateway"), key));
    ok(&run(dir.path(), &["gen", "--check"]));
    assert!(
        !tree(dir.path()).keys().any(|p| p.contains("vispyr-new") || p.ends_with("lock") || p.ends_with("journal"))
    );
}

#[test]
fn a_manifest_cannot_name_files_outside() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("out");
    fs::create_dir_all(root.join(".vispyr")).unwrap();
    fs::write(dir.path().join("victim"), "").unwrap();
    let sha = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let entry = format!(
        r#"{{"path":"../victim","kind":"x","engine":null,"engine_version":null,"mode":"0644","sha256":"{sha}","secret":false}}"#
    );
    let manifest = format!(r#"{{"version":1,"vispyr":"0.1.0","files":[{entry}]}}"#);
    let journal = format!(
        r#"{{"version":1,"state":"commit","folders":[],"writes":[],"removes":[{{"path":"../victim","old":"{sha}"}}]}}"#
    );
    spec(&root, BEFORE);
    fs::write(root.join(".vispyr/manifest.json"), manifest).unwrap();
    ok(&run(&root, &["gen"]));
    fs::write(root.join(".vispyr/journal"), journal).unwrap();
    assert_eq!(run(&root, &["gen"]).code, Some(2));
    assert!(dir.path().join("victim").exists());
}
