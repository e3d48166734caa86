//! Any text is checked as each kind of file that Prometheus reads, beside a config that names it, at old and new versions,
//! without a panic, and every span lies in its file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vispyr::catalogue::Version;
use vispyr::tree::{RawTree, Settings};
use vispyr::{check, engines};

/// A config that names the file of targets.
const CONFIG: &str =
    "global: {scrape_interval: 15s}\nscrape_configs: [{job_name: a, file_sd_configs: [{files: [file.yml]}]}]\n";

fuzz_target!(|text: &str| {
    let kinds = engines::kinds().into_iter().filter(|k| k.engine == "prometheus");
    for kind in kinds {
        for version in [Version::new(2, 40, 7), Version::new(2, 55, 1), Version::new(3, 14, 0)] {
            let mut raw = RawTree::from_texts([("prometheus.yml", CONFIG), ("file.yml", text)]);
            raw.named.insert("file.yml".to_owned());
            let settings = Settings { kind: Some(kind), engines: [("prometheus".to_owned(), version)].into() };
            let tree = engines::tree(raw, &settings);
            for finding in check::check(&tree, &check::Options::default()).diagnostics {
                for span in finding.labels.iter().map(|l| l.span).chain([finding.primary.span]) {
                    assert!(tree.sources.text(span.source).get(span.range()).is_some());
                }
            }
        }
    }
});
