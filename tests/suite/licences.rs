//! Every dependency is under a permissive licence.

use std::process::Command;

use serde_json::Value;

use crate::adapter::ROOT;

/// Licences that ask for no more than their text to be kept.
const PERMISSIVE: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Whether an SPDX expression can be met by permissive licences alone.
fn permissive(expression: &str) -> bool {
    // `/` is the old spelling of `OR`. Brackets hold alternatives in the expressions that occur; every part of an `AND`
    // must have one that fits.
    let fits = |text: &str| PERMISSIVE.contains(&text.trim().trim_matches(['(', ')']).trim());
    let any = |text: &str| text.replace('/', " OR ").split(" OR ").any(fits);
    let mut parts: Vec<String> = vec![String::new()];
    let mut depth = 0_usize;
    for word in expression.split_inclusive(' ') {
        depth += word.matches('(').count();
        depth -= word.matches(')').count().min(depth);
        match word.trim() {
            "AND" if depth == 0 => parts.push(String::new()),
            _ => parts.last_mut().unwrap().push_str(word),
        }
    }
    parts.iter().all(|p| any(p))
}

#[test]
fn every_dependency_is_permissive() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked"])
        .current_dir(ROOT)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() > 20);
    let mut faults = Vec::new();
    for package in packages {
        let licence = package["license"].as_str().unwrap_or_default();
        if !permissive(licence) {
            faults.push(format!("{} {}: `{licence}`", package["name"], package["version"]));
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn expressions_are_read() {
    for yes in ["MIT", "MIT OR Apache-2.0", "MIT/Apache-2.0", "(MIT OR GPL-3.0) AND Unicode-3.0", "GPL-2.0 OR ISC"] {
        assert!(permissive(yes), "{yes}");
    }
    for no in ["", "GPL-3.0", "MIT AND GPL-3.0", "MPL-2.0", "(MIT OR Apache-2.0) AND LGPL-3.0"] {
        assert!(!permissive(no), "{no}");
    }
}
