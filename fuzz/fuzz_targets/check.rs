//! Any files under the names of a stack are checked without a panic, and every span lies in its file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vispyr::tree::{RawTree, Settings};
use vispyr::{check, engines};

const NAMES: [&str; 8] = [
    "compose.yaml",
    ".env",
    "prometheus/prometheus.yml",
    "tempo/tempo.yaml",
    "alloy/config.alloy",
    "grafana/provisioning/datasources/x.yaml",
    "grafana/dashboards/x.json",
    "proxy/Caddyfile",
];

fuzz_target!(|texts: Vec<String>| {
    let raw = RawTree::from_texts(NAMES.iter().copied().zip(texts.iter().map(String::as_str)));
    let tree = engines::tree(raw, &Settings::default());
    for finding in check::check(&tree, &check::Options::default()).diagnostics {
        let text = tree.sources.text(finding.primary.span.source);
        assert!(text.get(finding.primary.span.range()).is_some());
    }
});
