//! Any text is accepted or refused at every version, with ranges inside it, alone and in a group.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vispyr::lang::ottl::{Component, Kind, Release, Signal, check, check_group};

fuzz_target!(|text: &str| {
    for minor in [96, 112, 119, 134, 142, 158] {
        let Some(release) = Release::contrib((0, minor, 0)) else { continue };
        for kind in [Kind::Statement, Kind::Condition] {
            for context in ["span", "metric"] {
                for error in check(text, release, Component::Transform, context, kind) {
                    assert!(text.get(error.range).is_some());
                }
            }
        }
        let texts: Vec<&str> = text.split('\n').collect();
        for (number, error) in check_group(&texts, release, Component::Transform, Signal::Traces, Kind::Statement) {
            assert!(texts[number].get(error.range).is_some());
        }
        for error in check(text, release, Component::SignalToMetrics, "log", Kind::Value) {
            assert!(text.get(error.range).is_some());
        }
    }
});
