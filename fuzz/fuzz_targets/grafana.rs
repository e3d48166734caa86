//! Any ini file, dashboard and alert rules of a Grafana that loads them are checked without a panic, and every span lies in its
//! file.
#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use vispyr::parse::ini;
use vispyr::source::SourceId;
use vispyr::tree::{RawTree, Settings};
use vispyr::{check, engines};

const COMPOSE: &str = "services:\n  grafana:\n    image: grafana/grafana:12.3.0\n    volumes:\n      - ./grafana.ini:/etc/grafana/grafana.ini\n      - ./provisioning:/etc/grafana/provisioning\n      - ./dashboards:/dashboards\n";

const PROVIDER: &str =
    "apiVersion: 1\nproviders:\n  - name: all\n    type: file\n    options:\n      path: /dashboards\n";

fuzz_target!(|texts: (&str, &str, &str)| {
    let (settings, board, rules) = texts;
    let (doc, errors) = ini(SourceId(0), &Arc::from(settings));
    for node in doc.nodes() {
        assert!(settings.get(node.span().range()).is_some());
    }
    assert!(errors.iter().all(|e| settings.get(e.span.range()).is_some()));
    let files = [
        ("compose.yaml", COMPOSE),
        ("grafana.ini", settings),
        ("provisioning/dashboards/p.yaml", PROVIDER),
        ("provisioning/alerting/a.yaml", rules),
        ("dashboards/a.json", board),
    ];
    let tree = engines::tree(RawTree::from_texts(files), &Settings::default());
    for finding in check::check(&tree, &check::Options::default()).diagnostics {
        let text = tree.sources.text(finding.primary.span.source);
        assert!(text.get(finding.primary.span.range()).is_some());
    }
});
