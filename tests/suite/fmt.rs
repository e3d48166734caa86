//! `vispyr fmt`.

use std::fs;
use std::path::Path;

use crate::harness::{run, run_with, tree};

const UGLY: &str = "logging {\nlevel=\"info\"\n}\n";
const NEAT: &str = "logging {\n\tlevel = \"info\"\n}\n";

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    dir
}

fn read(dir: &Path, name: &str) -> String {
    fs::read_to_string(dir.join(name)).unwrap()
}

#[test]
fn a_folder_is_formatted_in_place_and_only_alloy_in_it() {
    let dir = folder(&[
        ("a.alloy", UGLY),
        ("sub/b.river", UGLY),
        ("c.alloy", NEAT),
        ("not.river", "The Thames is a river.\n"),
        ("pod.alloy", "apiVersion: v1\nkind: Pod\n"),
        ("compose.yaml", "services:   {}\n"),
        ("ignored/d.alloy", UGLY),
        ("e.gen.alloy", UGLY),
        (".git/HEAD", ""),
        (".gitignore", "ignored/\n*.gen.alloy\n"),
    ]);
    let formatted = run(dir.path(), &["fmt"]);
    assert_eq!((formatted.code, formatted.out.as_str()), (Some(0), ""), "{}", formatted.err);
    assert_eq!(formatted.err, "formatted `a.alloy`\nformatted `sub/b.river`\n");
    assert_eq!(read(dir.path(), "a.alloy"), NEAT);
    assert_eq!(read(dir.path(), "sub/b.river"), NEAT);
    assert_eq!(read(dir.path(), "not.river"), "The Thames is a river.\n");
    assert_eq!(read(dir.path(), "ignored/d.alloy"), UGLY);
    assert_eq!(read(dir.path(), "e.gen.alloy"), UGLY);
    let again = run(dir.path(), &["fmt", "."]);
    assert_eq!((again.code, again.out.as_str(), again.err.as_str()), (Some(0), "", ""));
    // Who names a file means it.
    assert_eq!(run(dir.path(), &["fmt", "e.gen.alloy"]).code, Some(0));
    assert_eq!(read(dir.path(), "e.gen.alloy"), NEAT);
}

#[test]
fn a_named_file_is_alloy_whatever_its_name() {
    let dir = folder(&[("config.txt", UGLY), ("Dockerfile.alloy", UGLY)]);
    assert_eq!(run(dir.path(), &["fmt", "config.txt", "Dockerfile.alloy"]).code, Some(0));
    assert_eq!((read(dir.path(), "config.txt"), read(dir.path(), "Dockerfile.alloy")), (NEAT.into(), NEAT.into()));
}

#[test]
fn check_lists_and_diff_shows_and_neither_writes() {
    let dir = folder(&[("a.alloy", UGLY), ("b.alloy", NEAT)]);
    let before = tree(dir.path());
    let check = run(dir.path(), &["fmt", "--check", "."]);
    assert_eq!((check.code, check.out.as_str(), check.err.as_str()), (Some(1), "a.alloy\n", ""));
    let diff = run(dir.path(), &["fmt", "--diff", "."]);
    assert_eq!(diff.code, Some(1));
    let expected =
        "--- a/a.alloy\n+++ b/a.alloy\n@@ -1,3 +1,3 @@\n logging {\n-level=\"info\"\n+\tlevel = \"info\"\n }\n";
    assert_eq!(diff.out, expected);
    assert_eq!(tree(dir.path()), before);
    for flag in ["--check", "--diff"] {
        let clean = run(dir.path(), &["fmt", flag, "b.alloy"]);
        assert_eq!((clean.code, clean.out.as_str()), (Some(0), ""));
    }
}

#[test]
fn standard_input_goes_to_standard_output() {
    let dir = folder(&[]);
    let formatted = run_with(dir.path(), &["fmt", "-"], UGLY.as_bytes());
    assert_eq!((formatted.code, formatted.out.as_str(), formatted.err.as_str()), (Some(0), NEAT, ""));
    let neat = run_with(dir.path(), &["fmt", "-"], NEAT.as_bytes());
    assert_eq!((neat.code, neat.out.as_str()), (Some(0), NEAT));
    let empty = run_with(dir.path(), &["fmt", "-"], b"");
    assert_eq!((empty.code, empty.out.as_str()), (Some(0), "\n"), "as `alloy fmt` does");
    let marked = run_with(dir.path(), &["fmt", "-"], format!("\u{feff}{NEAT}").as_bytes());
    assert_eq!((marked.code, marked.out.as_str()), (Some(0), NEAT));
    let check = run_with(dir.path(), &["fmt", "--check", "-"], UGLY.as_bytes());
    assert_eq!((check.code, check.out.as_str()), (Some(1), "<stdin>\n"));
    let broken = run_with(dir.path(), &["fmt", "-"], b"a = [1 2]\nb = true,\nc = 'x'\n");
    assert_eq!((broken.code, broken.out.as_str()), (Some(1), ""));
    for said in ["<stdin>:1:8", "<stdin>:2:9", "<stdin>:3:5", "help: write `\"x\"`", "3 errors"] {
        assert!(broken.err.contains(said), "{said}: {}", broken.err);
    }
    for bytes in [&b"a = \xff\n"[..], b"a = 1\0\n", b"\xff\xfea\0", b"\xff\xfea\0 \0=\0 \x001\0"] {
        let refused = run_with(dir.path(), &["fmt", "-"], bytes);
        assert_eq!((refused.code, refused.out.as_str()), (Some(1), ""), "{}", refused.err);
        assert!(refused.err.contains("<stdin>"), "{}", refused.err);
    }
    assert_eq!(run(dir.path(), &["fmt", "-", "."]).code, Some(2));
}

#[test]
fn broken_files_stay_and_the_others_are_formatted() {
    let dir = folder(&[("a.alloy", "logging {\nlevel=\"info\"\n"), ("b.alloy", UGLY)]);
    let refused = run(dir.path(), &["fmt", "."]);
    assert_eq!((refused.code, refused.out.as_str()), (Some(1), ""));
    assert!(refused.err.contains("this `{` is never closed") && refused.err.contains("a.alloy:1:9"), "{}", refused.err);
    assert_eq!(read(dir.path(), "a.alloy"), "logging {\nlevel=\"info\"\n");
    assert_eq!(read(dir.path(), "b.alloy"), NEAT);
    assert_eq!(run(dir.path(), &["fmt", "missing.alloy"]).code, Some(2));
}

/// Upstream's printer has faults that change more than the layout.
#[test]
fn what_the_form_would_spoil_is_said() {
    let call = "a = f(\n)\n";
    // The name grows by its escapes, and the comment is thought to stand before the `=`.
    let grown = format!("a = {{\n\t\"{}x\" = 1,\n\n}}\n// y\nb = 2\n", "\u{b}".repeat(20));
    let grown = grown.as_str();
    let feed = "// x\x0cy\na = 1\n";
    let dir = folder(&[
        ("call.alloy", call),
        ("feed.alloy", feed),
        ("grown.alloy", grown),
        ("raw.alloy", "a = `x\ty`\n"),
        ("name.alloy", "a = {\"x\\ty\" = 1}\n"),
    ]);
    for (name, text) in [("call.alloy", call), ("feed.alloy", feed), ("grown.alloy", grown)] {
        let refused = run(dir.path(), &["fmt", name]);
        assert_eq!(refused.code, Some(1));
        assert!(refused.err.contains("says something else"), "{}", refused.err);
        assert_eq!(read(dir.path(), name), text);
    }
    for name in ["raw.alloy", "name.alloy"] {
        let warned = run(dir.path(), &["fmt", name]);
        assert_eq!(warned.code, Some(0));
        assert!(warned.err.contains("warning") && warned.err.contains(name), "{}", warned.err);
    }
    assert_eq!(read(dir.path(), "raw.alloy"), "a = `x y`\n");
    // On standard output stands what `alloy fmt` prints.
    let printed = run_with(dir.path(), &["fmt", "-"], call.as_bytes());
    assert_eq!((printed.code, printed.out.as_str()), (Some(0), "a = f(,\n)\n"));
    assert!(printed.err.contains("says something else"), "{}", printed.err);
}

#[cfg(unix)]
#[test]
fn permissions_links_and_untouched_files_stay() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
    let dir = folder(&[("a.alloy", UGLY), ("b.alloy", NEAT)]);
    let path = |name: &str| dir.path().join(name);
    fs::set_permissions(path("a.alloy"), fs::Permissions::from_mode(0o600)).unwrap();
    symlink("a.alloy", path("link.alloy")).unwrap();
    let before = fs::metadata(path("b.alloy")).unwrap();
    let formatted = run(dir.path(), &["fmt", "."]);
    assert_eq!(formatted.code, Some(0), "{}", formatted.err);
    assert_eq!(formatted.err.matches("formatted").count(), 1, "{}", formatted.err);
    assert!(fs::symlink_metadata(path("link.alloy")).unwrap().is_symlink());
    assert_eq!(fs::metadata(path("a.alloy")).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(read(dir.path(), "a.alloy"), NEAT);
    let after = fs::metadata(path("b.alloy")).unwrap();
    assert_eq!((before.ino(), before.mtime_nsec()), (after.ino(), after.mtime_nsec()));
    assert_eq!(tree(dir.path()).len(), 3, "nothing is left behind");
}
