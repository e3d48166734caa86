//! What stands under `examples/` is what `vispyr gen` makes of it today.

use std::path::Path;

use crate::adapter::{ROOT, generate};

#[test]
fn every_example_is_fresh() {
    let mut seen = 0;
    for folder in std::fs::read_dir(Path::new(ROOT).join("examples")).unwrap() {
        let folder = folder.unwrap().path();
        let Ok(text) = std::fs::read_to_string(folder.join("vispyr.toml")) else { continue };
        for file in generate(&text).1 {
            let there = std::fs::read_to_string(folder.join(&file.path)).unwrap_or_default();
            let stale = "is stale: run `cargo run -- gen --force -c` with the `vispyr.toml` of its folder";
            assert!(there == file.content, "{} {stale}", folder.join(&file.path).display());
            seen += 1;
        }
    }
    assert!(seen > 20, "only {seen} files were looked at");
}
