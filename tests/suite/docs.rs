//! Generated pages are what the code says. `cargo xtask docs` writes them.

use std::fs;
use std::path::Path;

use vispyr::docs;

use crate::adapter::{self, ROOT};

/// Path and content of every generated page.
fn pages() -> Vec<(&'static str, String)> {
    vec![
        ("docs/cli.md", vispyr::command::reference()),
        ("docs/rules.md", docs::rules(&adapter::rules())),
        ("docs/spec.md", vispyr::spec::reference()),
    ]
}

#[test]
fn committed_pages_are_the_generated_ones() {
    for (path, content) in pages() {
        let full = Path::new(ROOT).join(path);
        if adapter::blessing() {
            fs::write(&full, &content).unwrap();
        }
        let committed = fs::read_to_string(&full).unwrap_or_default();
        assert!(committed == content, "{path} is stale: run `cargo xtask docs`");
    }
}
