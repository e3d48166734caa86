//! Who may import whom: walls without crates.

use std::fs;
use std::path::{Path, PathBuf};

use crate::adapter::ROOT;

/// Rooms of `src/` by level, lowest first. A room imports rooms of lower levels, and of its own level those named before it.
const LEVELS: &[&[&str]] = &[
    &["source", "near"],
    &["diagnostic"],
    &["parse", "lang", "catalogue"],
    &["tree", "labels", "symbol", "address"],
    &["spec", "stack", "vsym", "learn"],
    &["engine", "emitter", "conform", "dskit"],
    &["engines", "targets"],
    &["emit", "link", "check", "output", "mend", "upgrade", "topology", "diff"],
    &["report", "docs"],
    &["command", "main"],
];

/// Exceptions, each with its reason.
const ALLOWED: &[(&str, &str)] = &[
    // Names of protocols are the vocabulary of links; that facts speak it too is what a test of facts holds.
    ("catalogue", "symbol"),
    // A plug carries its emitter.
    ("engine", "emitter"),
];

/// Rust files below a folder, tests left out: they may look everywhere.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        let name = entry.file_name();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|e| e == "rs") && name != "tests.rs" {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Paths `crate::…` of a file's code, each with its line: comments and test modules left out.
fn imports(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut lines = text.lines().enumerate().peekable();
    while let Some((number, line)) = lines.next() {
        let next = lines.peek().map_or("", |(_, l)| l.trim_start());
        if line.trim() == "#[cfg(test)]" {
            if next.starts_with("mod ") && next.ends_with('{') {
                break;
            }
            lines.next();
            continue;
        }
        let code = line.split("//").next().unwrap_or_default();
        for (at, _) in code.match_indices("crate::") {
            let whole = !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
            let path = &code[at + "crate::".len()..];
            let path: String = path.chars().take_while(|c| c.is_alphanumeric() || matches!(c, '_' | ':')).collect();
            // `use crate::{a, b}` names several rooms at once.
            let group = code[at + "crate::".len()..].strip_prefix('{').map(|g| g.trim_end_matches([';', '}']));
            match group {
                Some(group) if whole => {
                    found.extend(group.split(", ").map(|name| (number + 1, name.trim().to_owned())));
                }
                _ if whole => found.push((number + 1, path)),
                _ => {}
            }
        }
    }
    found
}

/// Level and place within it.
fn rank(room: &str) -> Option<(usize, usize)> {
    LEVELS.iter().enumerate().find_map(|(level, rooms)| Some((level, rooms.iter().position(|r| *r == room)?)))
}

#[test]
fn rooms_import_only_what_lies_below_them() {
    let source = Path::new(ROOT).join("src");
    let mut faults = Vec::new();
    for path in files(&source) {
        let relative = path.strip_prefix(&source).unwrap().to_str().unwrap().replace('\\', "/");
        let mut parts = relative.split('/');
        let room = parts.next().unwrap_or_default().trim_end_matches(".rs");
        let plug = parts.next().unwrap_or_default().trim_end_matches(".rs");
        // The façade declares every room.
        if room == "lib" {
            continue;
        }
        let Some(own) = rank(room) else {
            faults.push(format!("src/{relative}: room `{room}` stands in no level"));
            continue;
        };
        for (line, import) in imports(&fs::read_to_string(&path).unwrap()) {
            let mut parts = import.split("::");
            let to = parts.next().unwrap_or_default();
            let other = parts.next().unwrap_or_default();
            let at = format!("src/{relative}:{line}: `{room}` imports `crate::{import}`");
            if to == room {
                if matches!(room, "engines" | "targets") && plug != "mod" && other != plug {
                    faults.push(format!("{at}: plugs never import each other"));
                }
                continue;
            }
            match rank(to) {
                None => faults.push(format!("{at}: room `{to}` stands in no level")),
                Some(to_rank) if to_rank > own && !ALLOWED.contains(&(room, to)) => faults.push(at),
                Some(_) => {}
            }
        }
    }
    let table: Vec<String> = LEVELS.iter().enumerate().map(|(n, rooms)| format!("{n}: {}", rooms.join(", "))).collect();
    assert!(
        faults.is_empty(),
        "\n{}\na room imports lower levels, and of its own those named before it:\n{}",
        faults.join("\n"),
        table.join("\n")
    );
}

#[test]
fn imports_are_found_where_they_stand() {
    let text = "use crate::source::Span;\n// crate::no\nuse crate::{check, link};\nfn f() { g(crate::tree::path::x) }\n#[cfg(test)]\nmod tests {\n    use crate::report;\n}\n";
    let found: Vec<String> = imports(text).into_iter().map(|(n, i)| format!("{n} {i}")).collect();
    assert_eq!(found, ["1 source::Span", "3 check", "3 link", "4 tree::path::x"]);
}
