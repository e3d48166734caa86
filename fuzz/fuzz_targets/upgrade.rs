//! Any files under the names of a stack are carried to another version without a panic, and no text loses a character that
//! no edit touches.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vispyr::engines;
use vispyr::tree::{RawTree, Settings};
use vispyr::upgrade::plan;

const NAMES: [&str; 6] =
    ["compose.yaml", "prometheus/prometheus.yml", "prometheus/rules.yml", "tempo/tempo.yaml", "loki/loki.yaml", "x.json"];

fuzz_target!(|texts: Vec<String>| {
    let raw = RawTree::from_texts(NAMES.iter().copied().zip(texts.iter().map(String::as_str)));
    for engine in engines::ALL {
        let (Some(upgrade), Some(facts)) = (engine.upgrade, engine.facts()) else { continue };
        let (tree, plan) = plan(&raw, &Settings::default(), engine, upgrade, facts.newest(), true);
        for file in plan.files.iter().filter(|f| f.text.is_some()) {
            for edit in file.steps.iter().flat_map(|s| &s.edits) {
                assert!(tree.sources.text(edit.span.source).get(edit.span.range()).is_some());
            }
        }
    }
});
