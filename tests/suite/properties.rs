//! What holds for every spec that can be written.

use std::collections::BTreeSet;

use proptest::prelude::*;
use vispyr::emitter::Emitted;
use vispyr::source::SourceId;
use vispyr::spec::{SECTIONS, decode};
use vispyr::tree::{RawTree, Settings};
use vispyr::{check, engines, link};

use crate::adapter;
use crate::specs::{spec, specs};

/// How many specs each property is tried on.
const CASES: u32 = 64;

fn config() -> ProptestConfig {
    ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() }
}

fn texts(files: &[Emitted]) -> Vec<(&str, &str)> {
    files.iter().map(|f| (f.path.as_str(), f.content.as_str())).collect()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_generated_spec_decodes_without_complaint(text in specs()) {
        let (spec, mut found) = decode(SourceId(0), &text);
        // Opening a port is legal and rightly said.
        found.retain(|d| d.rule.id != "spec-exposed");
        prop_assert!(found.is_empty(), "{found:?}\n{text}");
        prop_assert!(spec.is_some());
    }

    #[test]
    fn the_same_spec_gives_the_same_bytes(text in specs()) {
        prop_assert_eq!(adapter::generate(&text).1, adapter::generate(&text).1);
    }

    #[test]
    fn what_is_emitted_is_clean_under_check(text in specs()) {
        let files = adapter::generate(&text).1;
        let mut outcome = adapter::run(&texts(&files), "", None);
        // A receiver on all interfaces is what such a spec asks for, and it is said of the spec as well.
        if decode(SourceId(0), &text).1.iter().any(|d| d.rule.id == "spec-exposed") {
            outcome.found.retain(|d| d.rule.id != "sec-otlp-public");
        }
        prop_assert_eq!(adapter::findings(&outcome), "", "{}", text);
    }

    #[test]
    fn planned_routes_are_found_again(text in specs()) {
        let (stack, files) = adapter::generate(&text);
        let tree = engines::tree(RawTree::from_texts(texts(&files)), &Settings::default());
        let symbols = check::symbols(&tree);
        let found: BTreeSet<_> = link::link(&tree, &symbols).routes.into_iter().collect();
        let planned: BTreeSet<_> = stack.routes.iter().map(|r| r.route.clone()).collect();
        prop_assert_eq!(found, planned, "{}", text);
    }
}

/// A key that the generator never writes is a key that no property covers.
#[test]
fn generated_specs_use_every_key() {
    let mut state = 1_u64;
    let mut draw = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as u16
    };
    let mut seen = BTreeSet::new();
    for _ in 0..400 {
        let tape: Vec<u16> = (0..220).map(|_| draw()).collect();
        let mut section = String::new();
        for line in spec(&tape).lines() {
            match line.strip_prefix('[') {
                Some(header) => {
                    let name = header.trim_matches(['[', ']']).split('.').next().unwrap_or_default();
                    name.clone_into(&mut section);
                }
                None => {
                    let key = line.split(" =").next().unwrap_or_default();
                    seen.insert((section.clone(), key.to_owned()));
                }
            }
        }
    }
    let keys = SECTIONS.iter().flat_map(|s| s.keys.iter().map(move |k| (s.name.to_owned(), k.name.to_owned())));
    // Engines of which nothing is recorded cannot be pinned to anything.
    let known = |(section, key): &(String, String)| section != "versions" || vispyr::catalogue::engine(key).is_some();
    let missing: Vec<_> = keys.filter(known).filter(|k| !seen.contains(k)).collect();
    assert!(missing.is_empty(), "no generated spec has {missing:?}");
}
