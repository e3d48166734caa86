//! Any text is checked as a config of Alloy, alone and beside a module that it may import, at old and new versions, without
//! a panic, and every span lies in its file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vispyr::catalogue::Version;
use vispyr::tree::{RawTree, Settings};
use vispyr::{check, engines};

/// The first lies beside the others; a form feed between texts parts them.
const NAMES: [&str; 3] = ["a/config.alloy", "a/module.alloy", "a/lib/x.alloy"];

fuzz_target!(|text: &str| {
    for version in [Version::new(1, 5, 1), Version::new(1, 11, 3), Version::new(1, 18, 1)] {
        let raw = RawTree::from_texts(NAMES.iter().copied().zip(text.split('\u{c}')));
        let mut settings = Settings::default();
        settings.engines.insert("alloy".to_owned(), version);
        let tree = engines::tree(raw, &settings);
        for finding in check::check(&tree, &check::Options::default()).diagnostics {
            let source = tree.sources.text(finding.primary.span.source);
            assert!(source.get(finding.primary.span.range()).is_some());
        }
    }
});
